import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SyncDocument } from '../../../agent/cli/documents.ts';
import { configSchema } from '../../../agent/config/schema.ts';
import { plainNetwork } from '../../../agent/http/network.ts';
import { readCollectors } from '../../../agent/hub/administration/read-collectors.ts';
import { openInbox } from '../../../agent/hub/inbox/open-inbox.ts';
import { pagesOf } from '../../../agent/hub/inbox/read-pages.ts';
import { registryFile } from '../../../agent/hub/places.ts';
import { companyContext } from '../../../agent/pipeline/company/company-context.ts';
import { CompanyLists } from '../../../agent/pipeline/company/company-lists.ts';
import type { RunContext } from '../../../agent/pipeline/run-context.ts';
import type { Services } from '../../../agent/pipeline/services.ts';
import { syncOrganization } from '../../../agent/pipeline/sync-organization.ts';
import { openStore } from '../../../agent/store/open-store.ts';
import { readRegistry } from '../../../agent/store/registry/read-registry.ts';
import { silentLogger } from '../../../agent/telemetry/logger.ts';
import type { DirectoryEntry } from '../../../core/model/directory-user.ts';
import type { RunId } from '../../../core/model/ids.ts';
import type { OrganizationSettings } from '../../../core/model/settings.ts';
import type { JournalEntry, Store } from '../../../core/ports/store.ts';
import { directoryEntry, organizationSettings, readProof, testMoment, testOrganization } from '../../fixtures/build.ts';
import { createFakeDocumentation, type FakeDocumentation } from '../../fixtures/fake-documentation.ts';
import { createFakePsa, type FakePsa } from '../../fixtures/fake-psa.ts';

/** The stages over fakes of IT Glue and the PSA and a real store; the clock is the test's. */
export interface PipelineSite extends AsyncDisposable {
  readonly store: Store;
  readonly itGlue: FakeDocumentation;
  readonly psa: FakePsa;
  readonly services: Services;
  /** What the directory holds. */
  entries: readonly DirectoryEntry[];
  settings: OrganizationSettings;
  /** Milliseconds since 1970; moves on by a minute with each run. */
  now: number;
  readonly stop: AbortController;
  sync(): Promise<SyncDocument>;
  /** A run of its own, for stages that are called directly. */
  context(): Promise<RunContext>;
  /** The journal of the newest run. */
  journal(): Promise<readonly JournalEntry[]>;
}

/** A person of the directory, by a short name. */
export function entry(name: string, more: Partial<DirectoryEntry['person']> = {}): DirectoryEntry {
  const firstName = name.charAt(0).toUpperCase() + name.slice(1);
  const phone = { raw: '+14155550101', e164: '+14155550101', extension: null };
  const person = { firstName, lastName: 'Kesten', displayName: null, email: `${name}@acme.test`, samAccountName: name, phone, ...more };
  return directoryEntry({ immutableId: name, person });
}

const minuteMs = 60_000;

export async function openPipelineSite(entries: readonly DirectoryEntry[]): Promise<PipelineSite> {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-pipeline-'));
  const itGlue = createFakeDocumentation();
  itGlue.addOrganization({ id: testOrganization, name: 'Acme' });
  itGlue.locations.set('501', { id: '501', name: 'Head Office', primary: true, adapters: [], organizationId: testOrganization });
  const psa = createFakePsa();
  const stop = new AbortController();
  const store = await openStore({ path: join(folder, 'rollcall.db'), mode: 'write', now: () => testMoment, version: '0.0.0' });
  const progress = { start: () => ({ update: () => undefined, done: () => undefined, fail: () => undefined }) };
  const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);

  const services: Services = {
    collector: 'hq',
    configFile: 'config.json',
    config: configSchema.parse({
      collector: { name: 'hq', organization: testOrganization },
      directories: [{ name: 'corp', type: 'ldif', file: 'users.ldif' }],
      itglue: { apiKey: 'env:KEY' },
    }),
    refused: null,
    inbox: async () => Object.assign(await openInbox(join(folder, 'hub', 'inbox')), { pagesOf }),
    collectors: () => readCollectors(folder, site.now, (read) => readRegistry(registryFile(folder), read)),
    trigger: 'by hand',
    attended: true,
    leases: [],
    surroundings: {
      platform: 'linux',
      environment: {},
      stateDirectory: folder,
      store: { kind: 'embedded', words: join(folder, 'rollcall.db'), path: join(folder, 'rollcall.db') },
      endpoints: [],
      network: plainNetwork,
    },
    organizations: [testOrganization],
    notices: [],
    logger: silentLogger(),
    progress,
    signal: stop.signal,
    now: () => site.now,
    hash,
    redact: (text) => text,
    settings: () => site.settings,
    writableStore: () => Promise.resolve(store),
    readableStore: () => Promise.resolve(store),
    directories: () => [{ name: 'corp', type: 'ldif', source: directory }],
    documentation: () => itGlue,
    psa: () => psa,
    hub: null,
    companyLists: new CompanyLists(),
    service: () => Promise.resolve({ state: 'none' }),
    refusedRelease: () => Promise.resolve(null),
    disk: () => Promise.resolve(null),
    checkSecrets: () => [],
    testNotifications: () => Promise.resolve([]),
    close: () => store.close(),
  };
  const directory = {
    name: 'corp',
    type: 'ldif' as const,
    check: () => Promise.resolve({ server: 'memory', facts: {} }),
    async read(sink: { onPage(page: readonly DirectoryEntry[]): void | Promise<void> }) {
      await sink.onPage(site.entries);
      return { proof: readProof({ users: site.entries.length }), checkpoint: null, evidence: [] };
    },
  };
  async function newestRun(): Promise<RunId | null> {
    return (await store.listRuns({ limit: 1 }))[0]?.id ?? null;
  }

  const site: PipelineSite = {
    store,
    itGlue,
    psa,
    services,
    entries,
    stop,
    now: testMoment,
    settings: organizationSettings({
      contacts: { create: 'auto', locationFallback: 'primary' },
      psa: { twoWay: true, settleMinutes: 0 },
    }),
    sync() {
      site.now += minuteMs;
      itGlue.now = site.now;
      return syncOrganization(services, store, testOrganization, { scan: true, full: false });
    },
    async context() {
      site.now += minuteMs;
      const run = await store.startRun({ organization: testOrganization, command: 'test', at: site.now });
      const { logger, signal } = services;
      const base = {
        organization: testOrganization,
        settings: site.settings,
        run,
        store,
        documentation: itGlue,
        psa,
        companies: companyContext(services, store, testOrganization),
        logger,
        progress,
        signal,
      };
      return { ...base, now: () => site.now, hash, redact: (text) => text };
    },
    async journal() {
      const run = await newestRun();
      return run === null ? [] : store.journal(run);
    },
    async [Symbol.asyncDispose]() {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return site;
}

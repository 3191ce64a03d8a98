import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CollectedDocument } from '../../../../agent/cli/documents-collector.ts';
import { hubStatusOf, sentOf } from '../../../../agent/cli/documents-collector.ts';
import { exitOfScan, exitOfStatus, exitOfSync } from '../../../../agent/cli/exit-codes.ts';
import type { Operations } from '../../../../agent/cli/operations.ts';
import { plainNetwork } from '../../../../agent/http/network.ts';
import { createHubLink } from '../../../../agent/hub/client/hub-link.ts';
import type { HubIdentity } from '../../../../agent/hub/client/identity.ts';
import type { LinkState } from '../../../../agent/hub/client/link-state.ts';
import { createOperations } from '../../../../agent/pipeline/create-operations.ts';
import { judgeLink } from '../../../../agent/pipeline/hub/hub-status.ts';
import type { Services } from '../../../../agent/pipeline/services.ts';
import { Redacted } from '../../../../agent/secrets/redacted.ts';
import { RollcallError } from '../../../../core/errors.ts';
import { testOrganization } from '../../../fixtures/build.ts';
import { TestHub, testCollector, testKey } from '../../../sandbox/hub/test-hub.ts';
import { createFakeClock } from '../../http/fake-clock.ts';
import { entry, openPipelineSite, type PipelineSite } from '../pipeline-site.ts';

const minuteMs = 60_000;

describe('a collector of a hub', () => {
  let site: PipelineSite;
  let hub: TestHub;
  let operations: Operations;
  let isJoined: boolean;
  let organization: string;
  let known: LinkState | null;
  /** Of each read, whether it had to be one of everything. */
  let fullReads: boolean[];
  let close: () => Promise<void>;

  beforeEach(async () => {
    site = await openPipelineSite([entry('ann'), entry('bob')]);
    hub = await TestHub.start();
    isJoined = true;
    organization = testOrganization;
    known = null;
    fullReads = [];
    const clock = createFakeClock();
    const link = createHubLink({
      url: hub.url,
      network: plainNetwork(),
      keys: () => [new Redacted(testKey('a'))],
      version: '0.3.0',
      clock,
    });
    close = () => link.close();
    const services: Services = {
      ...site.services,
      now: () => site.now,
      directories: (id) =>
        site.services.directories(id).map(({ source, ...directory }) => ({
          ...directory,
          source:
            source === null
              ? null
              : {
                  ...source,
                  read: (handler, request) => {
                    fullReads.push(request.full);
                    return source.read(handler, request);
                  },
                },
        })),
      documentation: () => {
        throw new Error('A collector knows no IT Glue.');
      },
      psa: () => {
        throw new Error('A collector knows no PSA.');
      },
      hub: {
        url: hub.url,
        trust: 'pinned key',
        identity: () => (isJoined ? Promise.resolve(identity()) : Promise.reject(new RollcallError('HUB_NOT_JOINED', 'Not joined.'))),
        link: () => Promise.resolve(link),
        lastKnown: () => Promise.resolve(known),
        clock,
      },
    };
    operations = createOperations(services);
  });

  afterEach(async () => {
    await close();
    await hub[Symbol.asyncDispose]();
    await site[Symbol.asyncDispose]();
    expect(hub.complaints).toEqual([]);
  });

  function identity(): HubIdentity {
    const keys = { keyName: 'hub-key', previousKeyName: null } as const;
    return {
      formatVersion: 1,
      url: hub.url,
      collector: testCollector,
      name: 'branch',
      organization,
      pinSha256: '',
      enrolledAt: 1,
      ...keys,
    };
  }

  async function sync(change: { readonly scan?: boolean } = {}): Promise<CollectedDocument> {
    site.now += minuteMs;
    const [document] = await operations.sync({ organization: null, scan: true, full: false, approve: null, ...change });
    return document as CollectedDocument;
  }

  it('H1 reads its directories and sends the hub what it read; the run is in its journal', async () => {
    const document = await sync();
    expect(document.directories).toMatchObject([{ directory: 'corp', outcome: 'complete', users: 2 }]);
    expect(document.sent).toMatchObject([{ directory: 'corp', state: 'landed', whole: true, records: 2, since: null }]);
    expect(exitOfSync([document])).toBe(0);
    expect((await site.store.listRuns({ limit: 1 }))[0]).toMatchObject({
      command: 'sync',
      outcome: 'done',
      counts: { users: 2, sent: 2, unsent: 0 },
    });
    const key = { organization: testOrganization, collector: 'hq', directory: 'corp' };
    expect(await hub.side('corp').differencesTo(site.store, key)).toEqual([]);
  });

  it('H2 keeps what it read while the hub is away, says so, and sends it when the hub is back', async () => {
    hub.fail(/uploads/u, { how: 'answer', status: 503 }, 1_000);
    const document = await sync();
    expect(document.sent).toMatchObject([{ state: 'unsent', error: { code: 'HUB_UNREACHABLE' } }]);
    expect(document.error).toBeNull();
    expect(exitOfSync([document])).toBe(0);
    const since = document.sent[0]?.since;
    expect(since).not.toBeNull();
    expect((await site.store.listRuns({ limit: 1 }))[0]).toMatchObject({ outcome: 'done', counts: { unsent: 1 } });

    expect((await sync()).sent[0]?.since).toBe(since);
    site.now += 30 * minuteMs;
    const status = await operations.status({ organization: null });
    expect(status.problems).toMatchObject([{ code: 'HUB_UNSENT', part: 'hub', severity: 'degraded', since }]);
    expect(hubStatusOf(status)).toMatchObject({ url: hub.url, joined: { name: 'branch' }, waiting: [{ directory: 'corp', since }] });
    expect(exitOfStatus(status)).toBe(6);

    hub.stopFailing();
    expect((await sync({ scan: false })).sent).toMatchObject([{ state: 'landed' }]);
    expect((await operations.status({ organization: null })).problems).toEqual([]);
  });

  it('H2 scans and sends as well, and a refusal that somebody must see to is a failure', async () => {
    hub.isRevoked = true;
    const [scan] = await operations.scan({ organization: null, full: false });
    if (scan === undefined) throw new Error('no document');
    expect(scan.directories).toMatchObject([{ outcome: 'complete' }]);
    expect(sentOf(scan)).toMatchObject([{ state: 'failed', error: { code: 'HUB_COLLECTOR_REVOKED' } }]);
    expect(exitOfScan([scan])).toBe(3);
    expect((await site.store.listRuns({ limit: 1 }))[0]).toMatchObject({ outcome: 'failed', error: { code: 'HUB_COLLECTOR_REVOKED' } });
  });

  it('C9 reads everything when it is told to, but not of a directory whose full reads another collector does', async () => {
    const all = { organization: null, scan: true, approve: null };
    await operations.sync({ ...all, full: true });
    await operations.sync({ ...all, full: true, sparedFullReads: ['corp'] });
    await operations.sync({ ...all, full: true, sparedFullReads: ['labs'] });
    await operations.sync({ ...all, full: false });
    expect(fullReads).toEqual([true, false, true, false]);
  });

  it('reads also when it never joined, and says that it has not', async () => {
    isJoined = false;
    const document = await sync();
    expect(document.directories).toMatchObject([{ outcome: 'complete' }]);
    expect(document.error?.code).toBe('HUB_NOT_JOINED');
    expect(exitOfSync([document])).toBe(2);
    const status = await operations.status({ organization: null });
    expect(status.problems).toContainEqual(expect.objectContaining({ code: 'HUB_NOT_JOINED', severity: 'failed' }));
    expect(hubStatusOf(status)?.joined).toBeNull();
    expect(hub.calls).toEqual([]);
  });

  it('H3 sends nothing when it was enrolled for another organization than the one that its file names', async () => {
    organization = '999';
    expect((await sync()).error?.code).toBe('CONFIG_INVALID');
    expect(hub.calls).toEqual([]);
  });

  it('H1 leaves to the hub what the hub decides', async () => {
    const all = { organization: null };
    const refused = [
      operations.plan({ ...all, scan: true, full: false }),
      operations.sync({ ...all, scan: true, full: false, approve: 'abc' }),
      operations.approve({ ...all, hash: 'abc' }),
      operations.reject({ ...all, hash: 'abc' }),
      operations.listContacts({ ...all, state: null, search: null, collector: null }),
      operations.matchContact({ ...all, user: 'ann', contact: '1' }),
      operations.ignoreContacts({ ...all, users: ['ann'] }),
      operations.explain({ ...all, user: 'ann' }),
      operations.push({ ...all, all: true, contacts: [], confirm: () => Promise.resolve(true) }),
      operations.undo({ run: '1', deleteCreated: false, confirm: () => Promise.resolve(true) }),
      operations.assess({ ...all, staleDays: 90 }),
    ];
    for (const answer of refused) await expect(answer).rejects.toMatchObject({ code: 'HUB_DECIDES', place: { hub: hub.url } });
  });

  it('proves the hub in validate, in place of IT Glue and the PSA', async () => {
    const document = await operations.validate({ offline: false });
    expect(document.checks.map(({ what, outcome }) => [what, outcome])).toEqual([
      ['configuration', 'passed'],
      ['store', 'passed'],
      ['directory', 'passed'],
      ['hub', 'passed'],
    ]);
    hub.protocol = { oldest: 2, newest: 2 };
    expect((await operations.validate({ offline: false })).checks.at(-1)?.error?.code).toBe('HUB_PROTOCOL_UNKNOWN');
  });

  it('tells in status what the service knows of the link', async () => {
    await sync();
    const failing = { code: 'HUB_UNREACHABLE', message: 'The hub does not answer.', since: site.now };
    known = { collector: testCollector, lastContactAt: site.now, clockDifferenceMs: 90_000, sparedFullReads: [], failing };
    expect((await operations.status({ organization: null })).problems).toEqual([]);
    site.now += 20 * minuteMs;
    const status = await operations.status({ organization: null });
    expect(status.problems).toMatchObject([{ code: 'HUB_UNREACHABLE', severity: 'degraded' }]);
    expect(hubStatusOf(status)).toMatchObject({ clockDifferenceMs: 90_000 });
    known = { ...known, collector: 'f'.repeat(32) };
    expect((await operations.status({ organization: null })).problems).toEqual([]);
  });
});

describe('the link to a hub in the status', () => {
  const state: LinkState = { collector: testCollector, lastContactAt: 0, clockDifferenceMs: 0, sparedFullReads: [], failing: null };
  const failing = (code: string) => ({ ...state, failing: { code, message: 'It is so.', since: 0 } });
  const told = (known: LinkState, now: number, waiting: { readonly directory: string; readonly since: number }[] = []) =>
    judgeLink(known, waiting, now).map(({ code, severity }) => `${code} ${severity}`);

  it.each([
    ['HUB_COLLECTOR_REVOKED', 0, ['HUB_COLLECTOR_REVOKED failed']],
    ['HUB_CERTIFICATE_REJECTED', 0, ['HUB_CERTIFICATE_REJECTED failed']],
    ['HUB_UNREACHABLE', 0, []],
    ['HUB_UNREACHABLE', 20 * minuteMs, ['HUB_UNREACHABLE degraded']],
    ['HUB_UNREACHABLE', 25 * 60 * minuteMs, ['HUB_UNREACHABLE failed']],
    ['OF_A_LATER_VERSION', 20 * minuteMs, ['HUB_UNREACHABLE degraded']],
  ] as const)('tells %s after %d ms', (code, now, findings) => {
    expect(told(failing(code), now)).toEqual(findings);
  });

  it('H2 tells what waits after a while, and as a failure after a day', () => {
    expect(told(state, 10 * minuteMs, [{ directory: 'corp', since: 0 }])).toEqual([]);
    expect(told(state, 20 * minuteMs, [{ directory: 'corp', since: 0 }])).toEqual(['HUB_UNSENT degraded']);
    expect(told(state, 25 * 60 * minuteMs, [{ directory: 'corp', since: 0 }])).toEqual(['HUB_UNSENT failed']);
    expect(told(failing('HUB_UNREACHABLE'), 20 * minuteMs, [{ directory: 'corp', since: 0 }])).toEqual(['HUB_UNREACHABLE degraded']);
  });
});

import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance, InjectOptions } from 'fastify';
import type { Inbox } from '../../../agent/hub/inbox/inbox.ts';
import { openInbox } from '../../../agent/hub/inbox/open-inbox.ts';
import { usualInboxLimits } from '../../../agent/hub/inbox/room.ts';
import type { Registry } from '../../../agent/hub/registry/registry.ts';
import { buildHub } from '../../../agent/hub/server/build-hub.ts';
import type { HubOptions } from '../../../agent/hub/server/hub-context.ts';
import { HubTally } from '../../../agent/hub/server/hub-tally.ts';
import { openRegistry } from '../../../agent/store/registry/open-registry.ts';
import { type Logger, silentLogger } from '../../../agent/telemetry/logger.ts';
import type { SampleUpload } from '../../fixtures/uploads.ts';

export const start = 1_800_000_000_000;

interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly facts: object;
}

/** An answer of the hub, as its client sees it. */
interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** A hub over a registry and an inbox on the disk, with a clock that tests set. */
export interface TestHub {
  readonly app: FastifyInstance;
  readonly registry: Registry;
  readonly inbox: Inbox;
  readonly tally: HubTally;
  readonly log: LogLine[];
  readonly folder: string;
  now: number;
  /** How often an upload was whole. */
  waited: number;
  ask(request: InjectOptions): Promise<Answer>;
  /** Invites a machine and lets it join; resolves with its key. */
  join(name: string, organization?: string): Promise<{ readonly key: string; readonly id: string }>;
  /** All files of the inbox. */
  files(): Promise<readonly string[]>;
  close(): Promise<void>;
}

export async function openTestHub(change: Partial<HubOptions> = {}): Promise<TestHub> {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-hub-'));
  const registry = await openRegistry({ path: join(folder, 'hub.sqlite'), now: () => start, command: 'rollcall run' });
  const inbox = await openInbox(join(folder, 'inbox'), { ...usualInboxLimits, keepFreeBytes: 0 });
  const tally = new HubTally();
  const log: LogLine[] = [];
  const app = await buildHub({
    name: 'hub',
    version: '0.1.0',
    registry,
    inbox,
    logger: listening(log),
    now: () => hub.now,
    onWaiting: () => {
      hub.waited += 1;
    },
    tally,
    ...change,
  });
  const hub: TestHub = {
    app,
    registry,
    inbox,
    tally,
    log,
    folder,
    now: start,
    waited: 0,
    async ask(request) {
      const answer = await app.inject(request);
      return { status: answer.statusCode, body: answer.body === '' ? null : answer.json(), headers: answer.headers };
    },
    async join(name, organization = '4711') {
      const invitation = { organization, subnets: ['10.20.0.0/16'], name: null, expiresAt: hub.now + 1 };
      const { secret } = await registry.invite(invitation, 'account root', hub.now);
      const machine = { secret, name, version: '0.1.0', platform: 'linux', subnets: [], location: '' };
      const { collector, key } = await registry.join(machine, hub.now);
      return { key, id: collector.id };
    },
    files: async () => (await readdir(join(folder, 'inbox'), { recursive: true })).sort(),
    async close() {
      await app.close();
      await registry.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return hub;
}

/** The headers of a collector. */
export function as(key: string, more: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { authorization: `Bearer ${key}`, 'rollcall-version': '0.1.0', 'rollcall-protocol': '1', ...more };
}

export function begin(upload: SampleUpload, key: string): InjectOptions {
  return { method: 'PUT', url: `/v1/uploads/${upload.id}`, headers: as(key), payload: upload.manifest };
}

export function page(upload: SampleUpload, number: number, key: string, more: Readonly<Record<string, string>> = {}): InjectOptions {
  const { body, sha256 } = upload.pages[number - 1] ?? { body: Buffer.alloc(0), sha256: '0'.repeat(64) };
  return {
    method: 'PUT',
    url: `/v1/uploads/${upload.id}/pages/${number}`,
    headers: as(key, { 'content-encoding': 'gzip', 'content-type': 'application/json', 'rollcall-page-sha256': sha256, ...more }),
    payload: body,
  };
}

export function complete(upload: SampleUpload, key: string): InjectOptions {
  return { method: 'POST', url: `/v1/uploads/${upload.id}/complete`, headers: as(key) };
}

export function statusOf(upload: SampleUpload, key: string): InjectOptions {
  return { method: 'GET', url: `/v1/uploads/${upload.id}`, headers: as(key) };
}

function listening(log: LogLine[]): Logger {
  const at =
    (level: string) =>
    (message: string, facts: object = {}): void => {
      log.push({ level, message, facts });
    };
  return { ...silentLogger(), error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') };
}

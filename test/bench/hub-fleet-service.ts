// The hub of a fleet as a process of its own: what the service has of a hub, its listener, its landings and its process of jobs.
import process from 'node:process';
import { registryPlace } from '../../agent/compose-hub.ts';
import { loadConfig } from '../../agent/config/load-config.ts';
import { HubHost } from '../../agent/service/hub-host.ts';
import type { Job } from '../../agent/service/job-protocol.ts';
import { type JobAnswer, JobRunner } from '../../agent/service/job-runner.ts';
import { type LoopDelay, measureLoopDelay } from '../../agent/service/loop-delay.ts';
import { silentLogger } from '../../agent/telemetry/logger.ts';
import { Redactor } from '../../agent/telemetry/redactor.ts';

/** What the bench asks of it, one question at a time. */
export type HubQuestion =
  /** Collectors join by the registry itself: the hub lets 30 a minute join by HTTP. */
  | { readonly kind: 'join'; readonly collectors: readonly { readonly organization: string; readonly name: string }[] }
  /** From now on peaks are counted anew. */
  | { readonly kind: 'reset' }
  | { readonly kind: 'facts' }
  /** Syncs one organization without a read, as the service does it after an upload. */
  | { readonly kind: 'sync'; readonly organization: string }
  | { readonly kind: 'close' };

export interface HubFacts {
  readonly landed: number;
  readonly refused: number;
  readonly requests: Readonly<Record<string, number>>;
  readonly pageBytes: number;
  /** Jobs that landed uploads, and syncs that would have followed. */
  readonly landJobs: number;
  readonly syncs: number;
  /** When the latest of these jobs ended. */
  readonly landedAt: number;
  readonly failures: readonly string[];
  /** Of the hub's main thread, in milliseconds. */
  readonly eventLoop: { readonly p99: number; readonly max: number };
}

export interface HubAnswer {
  readonly keys?: readonly string[];
  readonly facts?: HubFacts;
  readonly ms?: number;
  /** The outcome of a sync. */
  readonly result?: string;
}

const [configFile = '', stateDirectory = ''] = process.argv.slice(2);
const minuteMs = 60_000;
const machine = { stateDirectory, environment: process.env, platform: process.platform, redactor: new Redactor() };
const loaded = await loadConfig(configFile);
const failures: string[] = [];
const failed = (message: string, facts: object = {}): void => void failures.push(`${message} ${JSON.stringify(facts)}`);
const logger = { ...silentLogger(), warn: failed, error: failed };
const runner = new JobRunner({ stateDirectory, logger });
let loop: LoopDelay = measureLoopDelay();
let landJobs = 0;
let landedAt = 0;
let syncs = 0;

function run(name: Job['name'], options: Job['options'], trigger: string): Promise<JobAnswer> {
  return runner.run({ name, options, trigger, loaded, logLevel: 'warn' });
}

const host = new HubHost({
  stateDirectory,
  registryPlace: () => registryPlace({ ...machine, loaded }),
  logger,
  now: Date.now,
  isStopping: () => false,
  onSynced: () => Promise.resolve(),
  job(name, options, trigger) {
    if (name === 'land') {
      landJobs += 1;
      return run(name, options, trigger).finally(() => {
        landedAt = Date.now();
      });
    }
    // What a sync takes depends on IT Glue, and is measured by itself.
    syncs += 1;
    return Promise.resolve({ text: 'null', outcome: { result: 'success', code: null } });
  },
});

async function join(collectors: Extract<HubQuestion, { kind: 'join' }>['collectors']): Promise<HubAnswer> {
  const { registry } = host;
  if (registry === null) throw new Error(`The hub is not open: ${JSON.stringify(host.problems())}`);
  const keys: string[] = [];
  for (const { organization, name } of collectors) {
    const invitation = { organization, subnets: ['10.0.0.0/8'], name, expiresAt: Date.now() + minuteMs };
    const { secret } = await registry.invite(invitation, 'account bench', Date.now());
    const machine = { secret, name, version: '0', platform: 'bench', subnets: [], location: '' };
    keys.push((await registry.join(machine, Date.now())).key);
  }
  return { keys };
}

function facts(): HubFacts {
  const { landed, refused, requests, pageBytes } = host.tally;
  const { p99, max } = loop.read();
  const tally = { landed, refused, requests: Object.fromEntries(requests), pageBytes };
  return { ...tally, landJobs, syncs, landedAt, failures, eventLoop: { p99, max } };
}

async function answer(question: HubQuestion): Promise<HubAnswer> {
  switch (question.kind) {
    case 'join':
      return join(question.collectors);
    case 'reset':
      loop.close();
      loop = measureLoopDelay();
      return {};
    case 'facts':
      return { facts: facts() };
    case 'sync': {
      const begun = performance.now();
      const { organization } = question;
      const { outcome } = await run('sync', { organization, scan: false, full: false, approve: null }, 'upload');
      return { ms: performance.now() - begun, result: outcome.code ?? outcome.result };
    }
    case 'close':
      await host.close();
      await runner.close(10_000);
      setImmediate(() => process.disconnect?.());
      return {};
  }
}

function tell(told: HubAnswer): void {
  process.send?.(told);
}

process.on('message', (question: HubQuestion) => {
  answer(question).then(tell, (error: unknown) => {
    throw error;
  });
});
process.once('disconnect', () => process.exit());

await host.configure(loaded);
// As the service does each minute.
setInterval(() => void host.configure(loaded), minuteMs).unref();
while (host.address() === null) await new Promise((resolve) => setTimeout(resolve, 10));
tell({ facts: facts() });

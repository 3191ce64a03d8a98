import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { HttpClient } from '../../../agent/http/http-client.ts';
import { plainNetwork } from '../../../agent/http/network.ts';
import { createNotifier, type Notifier } from '../../../agent/notify/notifier.ts';
import type { NotifySettings } from '../../../agent/notify/notify-settings.ts';
import type { WebhookDocument } from '../../../agent/notify/outgoing.ts';
import { resolveSecret } from '../../../agent/secrets/resolve-secret.ts';
import { createLogger, type Logger } from '../../../agent/telemetry/logger.ts';
import { Redactor } from '../../../agent/telemetry/redactor.ts';
import { createManualClock, type ManualClock } from '../http/fake-clock.ts';
import { answer, type Step, stall, startScriptedServer } from '../http/scripted-server.ts';
import { day, hour, minute, problem } from './notify-world.ts';
import { impatientHttp, startMailbox, startTcp } from './receivers.ts';

const held = (hash: string) => problem({ code: 'PLAN_HELD', place: { hash } });
const { trust } = plainNetwork();

let http: HttpClient;
let folder: string;
let clock: ManualClock;
let lines: string[];
let logger: Logger;
const redactor = new Redactor();
const open: Notifier[] = [];

beforeAll(() => {
  http = impatientHttp();
});
afterAll(() => http.close());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-notify-'));
  clock = createManualClock();
  clock.advance(40 * day);
  lines = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  logger = createLogger({ level: 'debug', json: true, stream, redactor });
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((notifier) => notifier.close()));
  rmSync(folder, { recursive: true, force: true });
});

function start(settings: Partial<NotifySettings>, environment: Readonly<Record<string, string>> = {}): Notifier {
  const notifier = createNotifier({
    settings: {
      webhook: '',
      email: '',
      heartbeatUrl: '',
      ...settings,
      smtp: { server: '', userName: '', password: '', from: 'rollcall@msp.test', caFile: '', ...settings.smtp },
    },
    collector: 'acme-hq',
    http,
    resolveSecret: (reference, setting) => resolveSecret(reference, setting, { environment, vault: () => ({ get: () => unreachable() }) }),
    redactor,
    trust,
    stateFile: join(folder, 'notify.json'),
    logger,
    clock,
    random: () => 0,
  });
  open.push(notifier);
  return notifier;
}

/** Lets time pass in steps until it holds. */
async function passUntil(holds: () => boolean, step: number): Promise<void> {
  await vi.waitFor(
    () => {
      clock.advance(step);
      expect(holds()).toBe(true);
    },
    { interval: 15, timeout: 5_000 },
  );
}

function unreachable(): never {
  throw new Error('no vault here');
}

/** Takes the documents that come; answers by the function. */
function sink(documents: WebhookDocument[], reply: Step = answer(200)): Step {
  return (request, response, body) => {
    documents.push(JSON.parse(body) as WebhookDocument);
    reply(request, response, body);
  };
}

function said(documents: readonly WebhookDocument[]): readonly string[] {
  return documents.map(({ event, problems }) => `${event} ${problems.map(({ code }) => code).join('+')}`);
}

function stored(): {
  readonly channels: Readonly<Record<string, { readonly memory: { readonly episodes: readonly unknown[] }; readonly failure: unknown }>>;
} {
  return JSON.parse(readFileSync(join(folder, 'notify.json'), 'utf8')) as ReturnType<typeof stored>;
}

describe('the notifier', () => {
  it('tells, reminds, says that it is over, then stays quiet', async () => {
    const documents: WebhookDocument[] = [];
    await using server = await startScriptedServer(sink(documents));
    const notifier = start({ webhook: server.url });

    notifier.report([problem({ severity: 'failed' })]);
    await vi.waitFor(() => expect(stored().channels['webhook']?.memory.episodes).toHaveLength(1));
    clock.advance(5 * minute);
    await vi.waitFor(() => expect(said(documents)).toEqual(['problem X']));
    await vi.waitFor(() => expect(readFileSync(join(folder, 'notify.json'), 'utf8')).toContain('"times":1'));
    clock.advance(day);
    await vi.waitFor(() => expect(said(documents)).toEqual(['problem X', 'reminder X']));
    await vi.waitFor(() => expect(readFileSync(join(folder, 'notify.json'), 'utf8')).toContain('"times":2'));
    notifier.report([]);
    await vi.waitFor(() => expect(readFileSync(join(folder, 'notify.json'), 'utf8')).not.toContain('"goneAt":null'));
    clock.advance(5 * minute);
    await vi.waitFor(() => expect(said(documents)).toEqual(['problem X', 'reminder X', 'recovered X']));

    expect(documents.map(({ health }) => health)).toEqual(['failed', 'failed', 'healthy']);
    expect(notifier.problems()).toEqual([]);
    expect(statSync(join(folder, 'notify.json')).mode & 0o777).toBe(0o600);
  });

  it('repeats nothing after a restart', async () => {
    const documents: WebhookDocument[] = [];
    await using server = await startScriptedServer(sink(documents));
    const first = start({ webhook: server.url });
    first.report([held('a1')]);
    await vi.waitFor(() => expect(documents).toHaveLength(1));
    await first.close();

    const second = start({ webhook: server.url });
    second.report([held('a1'), problem()]);
    await vi.waitFor(() => expect(stored().channels['webhook']?.memory.episodes).toHaveLength(2));
    second.report([held('b2')]);
    await vi.waitFor(() => expect(documents).toHaveLength(2));

    expect(documents.map(({ problems }) => problems[0]?.hash)).toEqual(['a1', 'b2']);
  });

  it('sends after a restart what did not arrive before', async () => {
    const documents: WebhookDocument[] = [];
    await using server = await startScriptedServer(answer(500), sink(documents));
    const first = start({ webhook: server.url });
    first.report([held('a1')]);
    await vi.waitFor(() => expect(first.problems()).toHaveLength(1));
    await first.close();
    const second = start({ webhook: server.url });
    second.report([held('a1')]);

    await vi.waitFor(() => expect(said(documents)).toEqual(['held PLAN_HELD']));
    await vi.waitFor(() => expect(second.problems()).toEqual([]));
  });

  it.each<[string, string | Buffer]>([
    ['no JSON', '{"formatVersion":1,'],
    ['of a later version', '{"formatVersion":2,"channels":{}}'],
    ['something else', '[1,2,3]'],
    ['of impossible times', '{"formatVersion":1,"channels":{"webhook":{"memory":{"episodes":[],"sentAt":[-5]},"failure":null}}}'],
    ['bytes', Buffer.from([0, 255, 254, 1])],
  ])('starts afresh when its file is %s, and says so', async (_name, content) => {
    writeFileSync(join(folder, 'notify.json'), content);
    const documents: WebhookDocument[] = [];
    await using server = await startScriptedServer(sink(documents));
    start({ webhook: server.url }).report([held('a1')]);

    await vi.waitFor(() => expect(said(documents)).toEqual(['held PLAN_HELD']));
    await vi.waitFor(() => expect(stored().channels['webhook']?.memory.episodes).toHaveLength(1));
    expect(lines.join('')).toContain('What was notified before cannot be read');
  });

  it('goes on when its file cannot be written, and names that as a problem until it can', async () => {
    const documents: WebhookDocument[] = [];
    await using server = await startScriptedServer(sink(documents));
    const inTheWay = join(folder, 'notify.json.new');
    mkdirSync(inTheWay);
    const notifier = start({ webhook: server.url });
    notifier.report([held('a1')]);

    await vi.waitFor(() => expect(said(documents)).toEqual(['held PLAN_HELD']));
    await vi.waitFor(() => expect(notifier.problems()).toMatchObject([{ code: 'STORE_UNUSABLE', severity: 'degraded' }]));
    rmSync(inTheWay, { recursive: true, force: true });
    notifier.report([held('b2')]);
    await vi.waitFor(() => expect(notifier.problems()).toEqual([]));
    expect(existsSync(join(folder, 'notify.json'))).toBe(true);
  });
});

describe('a channel that fails', () => {
  it('is a problem, told by the other channel and never by itself, and tried with growing pauses until it works', async () => {
    let healed = false;
    const documents: WebhookDocument[] = [];
    const tries: number[] = [];
    await using mailbox = await startMailbox();
    await using server = await startScriptedServer((request, response, body) => {
      tries.push(clock.elapsed());
      (healed ? sink(documents) : answer(500, 'down'))(request, response, body);
    });
    const notifier = start({
      webhook: server.url,
      email: 'ops@msp.test',
      smtp: { server: `smtp://127.0.0.1:${mailbox.port}`, userName: '', password: '', from: 'rollcall@msp.test', caFile: '' },
    });
    notifier.report([held('a1')]);

    await vi.waitFor(() =>
      expect(notifier.problems()).toMatchObject([{ code: 'NOTIFY_FAILED', place: { channel: 'webhook' }, severity: 'degraded' }]),
    );
    await vi.waitFor(() => expect(mailbox.mails).toHaveLength(1));
    await passUntil(() => tries.length >= 4, 3_000);
    const pauses = tries.slice(1).map((at, index) => at - (tries[index] ?? 0));
    expect(pauses[1]).toBeGreaterThan(pauses[0] ?? Number.POSITIVE_INFINITY);
    expect(pauses[2]).toBeGreaterThan(pauses[1] ?? Number.POSITIVE_INFINITY);

    await passUntil(() => mailbox.mails.length === 2, minute);
    expect(mailbox.mails[1]?.raw.replaceAll('=\r\n', '')).toContain('NOTIFY_FAILED');

    // As the service does that reports what "status" says.
    const own = notifier.problems();
    notifier.report([held('a1'), ...own]);
    healed = true;
    await passUntil(() => documents.length > 0, minute);
    expect(said(documents)).toEqual(['held PLAN_HELD']);
    await vi.waitFor(() => expect(notifier.problems()).toEqual([]));
    clock.advance(hour);
    for (const hash of ['b2', 'c3']) {
      notifier.report([held(hash), ...own]);
      await vi.waitFor(() => expect(documents.at(-1)?.problems[0]?.hash).toBe(hash));
      clock.advance(hour);
    }
    expect(said(documents)).toEqual(['held PLAN_HELD', 'held PLAN_HELD', 'held PLAN_HELD']);
  });

  it('says that it works again when there is nothing else to say', async () => {
    const documents: WebhookDocument[] = [];
    await using server = await startScriptedServer(answer(500), sink(documents));
    const notifier = start({ webhook: server.url });
    notifier.report([held('a1')]);
    await vi.waitFor(() => expect(notifier.problems()).toHaveLength(1));
    notifier.report([]);
    await vi.waitFor(() => expect(readFileSync(join(folder, 'notify.json'), 'utf8')).toContain('"goneAt":345'));
    clock.advance(20 * minute);

    await vi.waitFor(() => expect(said(documents)).toEqual(['recovered NOTIFY_FAILED']));
    await vi.waitFor(() => expect(notifier.problems()).toEqual([]));
  });

  it('for want of its secret says which setting, and heals when the secret is there', async () => {
    const documents: WebhookDocument[] = [];
    await using server = await startScriptedServer(sink(documents));
    const environment: Record<string, string> = {};
    const notifier = start({ webhook: 'env:HOOK' }, environment);
    notifier.report([held('a1')]);
    await vi.waitFor(() =>
      expect(notifier.problems()[0]?.message).toContain('notify.webhook refers to the environment variable HOOK, which is not set'),
    );

    environment['HOOK'] = `${server.url}/services/canary-token-1234567890`;
    clock.advance(hour);
    await vi.waitFor(() => expect(said(documents)).toEqual(['held PLAN_HELD']));
    await vi.waitFor(() => expect(lines.join('')).toContain('Notification sent'));
    logger.info('canary-token-1234567890 and /services/canary-token-1234567890', { url: environment['HOOK'] });
    expect(readFileSync(join(folder, 'notify.json'), 'utf8')).not.toContain('canary-token');
    expect(lines.slice(0, -1).join('')).not.toContain('canary-token');
    expect(lines.at(-1)).not.toContain('/services/canary');
  });
});

describe('the heartbeat', () => {
  it('is asked after a success only', async () => {
    await using server = await startScriptedServer(answer(200, 'OK'));
    const notifier = start({ heartbeatUrl: `${server.url}/ping` });
    notifier.report([problem({ severity: 'failed' })]);
    clock.advance(hour);
    expect(server.seen).toEqual([]);

    notifier.succeeded();
    await vi.waitFor(() => expect(server.seen).toEqual(['GET /ping']));
  });

  it('is asked a second time at most, and a failure is a problem until the next success', async () => {
    await using server = await startScriptedServer(answer(500), answer(500), answer(200));
    const notifier = start({ heartbeatUrl: server.url });
    notifier.succeeded();
    await vi.waitFor(() => expect(server.seen).toHaveLength(1));
    await vi.waitFor(() => expect(clock.waiting()).toBeGreaterThan(0));
    clock.advance(minute / 2);
    await vi.waitFor(() => expect(notifier.problems()).toMatchObject([{ code: 'NOTIFY_FAILED', place: { channel: 'heartbeat' } }]));
    clock.advance(day);
    expect(server.seen).toHaveLength(2);

    notifier.succeeded();
    await vi.waitFor(() => expect(notifier.problems()).toEqual([]));
    expect(server.seen).toHaveLength(3);
  });
});

describe('nothing waits for a receiver', () => {
  it('that hangs: calls return at once, another channel goes on, and the end comes within a second', async () => {
    await using silent = await startTcp(() => undefined);
    await using server = await startScriptedServer(stall);
    await using mailbox = await startMailbox();
    const notifier = start({
      webhook: server.url,
      heartbeatUrl: server.url,
      email: 'ops@msp.test',
      smtp: { server: `smtp://127.0.0.1:${mailbox.port}`, userName: '', password: '', from: 'rollcall@msp.test', caFile: '' },
    });
    const other = start({
      email: 'ops@msp.test',
      smtp: { server: `smtp://127.0.0.1:${silent.port}`, userName: '', password: '', from: 'rollcall@msp.test', caFile: '' },
    });
    const calledAt = performance.now();
    for (let call = 0; call < 100; call += 1) {
      for (const each of [notifier, other]) {
        each.report([held('a1')]);
        each.succeeded();
        each.problems();
      }
    }
    expect(performance.now() - calledAt).toBeLessThan(50);

    await vi.waitFor(() => expect(mailbox.mails).toHaveLength(1));
    const closedAt = performance.now();
    await Promise.all([notifier.close(), other.close()]);
    expect(performance.now() - closedAt).toBeLessThan(1_000);
  });

  it('that does not exist: without channels all is quiet', async () => {
    const notifier = start({});
    notifier.report([held('a1')]);
    notifier.succeeded();

    expect(await notifier.test()).toEqual([]);
    expect(notifier.problems()).toEqual([]);
    await notifier.close();
    expect(existsSync(join(folder, 'notify.json'))).toBe(false);
  });
});

describe('the test', () => {
  it('tries each channel once and says what came of it', async () => {
    const documents: WebhookDocument[] = [];
    await using server = await startScriptedServer(sink(documents));
    await using beat = await startScriptedServer(answer(404));
    await using mailbox = await startMailbox();
    const notifier = start({
      webhook: server.url,
      heartbeatUrl: beat.url,
      email: 'ops@msp.test',
      smtp: { server: `smtp://127.0.0.1:${mailbox.port}`, userName: '', password: '', from: 'rollcall@msp.test', caFile: '' },
    });

    const results = await notifier.test();

    expect(results.map(({ channel, arrived }) => [channel, arrived])).toEqual([
      ['webhook', true],
      ['email', true],
      ['heartbeat', false],
    ]);
    expect(results[2]?.failure?.message).toContain('notify.heartbeatUrl: the receiver answered 404');
    expect(documents).toMatchObject([{ event: 'test', collector: 'acme-hq', problems: [] }]);
    expect(mailbox.mails[0]?.raw).toContain('Subject: [rollcall acme-hq] test');
    expect(notifier.problems()).toEqual([]);
  });
});

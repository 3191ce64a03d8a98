import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { Redacted } from '../../../agent/secrets/redacted.ts';
import { createEventLog } from '../../../agent/telemetry/event-log.ts';
import { isJournalStream } from '../../../agent/telemetry/journal.ts';
import { createLogger, type LogLevel, silentLogger } from '../../../agent/telemetry/logger.ts';
import { Redactor } from '../../../agent/telemetry/redactor.ts';
import { RollcallError } from '../../../core/errors.ts';

const canary = 'Canary-Pa55"wörd/+x';

function sink(): Writable & { readonly text: () => string; readonly lines: () => readonly string[] } {
  let written = '';
  const stream = new Writable({
    write(chunk, _encoding, done) {
      written += String(chunk);
      done();
    },
  });
  return Object.assign(stream, { text: () => written, lines: () => written.split('\n').filter((line) => line !== '') });
}

function logger(level: LogLevel = 'info', json = true) {
  const stream = sink();
  const redactor = new Redactor();
  redactor.register(new Redacted(canary));
  return { stream, redactor, log: createLogger({ level, json, stream, redactor, now: () => Date.UTC(2026, 10, 22, 8, 30) }) };
}

describe('log', () => {
  it('writes one JSON event a line: time, level, static message, data', async () => {
    const { log, stream } = logger();

    log.info('Contacts were read', { organization: '4711', count: 250 });
    log.child({ run: 'R1' }).warn('A guard was exceeded', { kind: 'create' });
    await log.close();

    expect(stream.lines().map((line) => JSON.parse(line) as unknown)).toEqual([
      { time: '2026-11-22T08:30:00.000Z', level: 'info', message: 'Contacts were read', organization: '4711', count: 250 },
      { time: '2026-11-22T08:30:00.000Z', level: 'warn', message: 'A guard was exceeded', run: 'R1', kind: 'create' },
    ]);
  });

  it('writes a line that a person can read', async () => {
    const { log, stream } = logger('info', false);

    log.warn('A guard was exceeded', { kind: 'create', count: 30, why: 'more than 20' });
    await log.close();

    expect(stream.text()).toMatch(/^\d\d:\d\d:00 WARN {2}A guard was exceeded kind=create count=30 why="more than 20"\n$/);
  });

  it('keeps an event on one line whatever it contains', async () => {
    const { log, stream } = logger('info', false);

    log.info('a\nb\r\nc\u2028d\u001B[31m', { text: 'x\ny' });
    await log.close();

    expect(stream.lines()).toHaveLength(1);
    expect(stream.text()).not.toContain('\u001B');
  });

  it('leaves out what is below its level', async () => {
    const { log, stream } = logger('warn');

    log.debug('d');
    log.info('i');
    log.warn('w');
    log.error('e');
    await log.close();

    expect(stream.lines().map((line) => (JSON.parse(line) as { message: string }).message)).toEqual(['w', 'e']);
  });

  it('does not let data take the place of time, level and message', async () => {
    const { log, stream } = logger();

    log.info('Said', { message: 'other', level: 'other', time: 'other' });
    await log.close();

    expect(JSON.parse(stream.text())).toMatchObject({ level: 'info', message: 'Said', message_: 'other', level_: 'other', time_: 'other' });
  });
});

describe('redaction', () => {
  it.each<[string, Record<string, unknown>]>([
    ['a text', { note: `before ${canary} after` }],
    ['a list', { list: [['x', canary]] }],
    ['an address', { url: `https://host/?key=${encodeURIComponent(canary)}` }],
    ['JSON text', { body_: JSON.stringify({ value: canary }) }],
    ['base64', { header: Buffer.from(canary).toString('base64') }],
    ['a key', { [canary]: 1 }],
    ['an error', { error: new Error(`bind with ${canary} failed`) }],
    ['the cause of an error', { error: new RollcallError('INTERNAL', 'x', { cause: new Error(canary) }) }],
    ['a map', { map: new Map([['a', canary]]) }],
    ['a set', { set: new Set([canary]) }],
    ['a wrapped secret', { secret_: new Redacted('another secret') }],
    ['a key that names a password', { bindPassword: 'another secret' }],
    ['a key that names a token', { access_token: 'another secret' }],
    ['a header', { headers: { 'x-api-key': 'another secret', Authorization: 'Bearer another secret', cookie: 'another secret' } }],
    ['an object that writes itself', { thing: { toJSON: () => canary, apiKey: 'another secret' } }],
  ])('masks a secret in %s', async (_where, data) => {
    for (const json of [true, false]) {
      const { log, stream } = logger('debug', json);

      log.debug('Event', data);
      log.error('Event', data);
      await log.close();

      expect(stream.lines().length).toBe(2);
      expect(stream.text()).not.toContain('Canary');
      expect(stream.text()).not.toContain('another secret');
      expect(stream.text()).not.toContain(Buffer.from(canary).toString('base64'));
    }
  });

  it('masks a secret in the message itself', async () => {
    const { log, stream } = logger();

    log.error(`bind with ${canary} failed`);
    await log.close();

    expect(stream.text()).toContain('bind with <redacted> failed');
  });

  it('masks the longer of two secrets that contain each other', () => {
    const redactor = new Redactor();
    redactor.register(new Redacted('abcd'));
    redactor.register(new Redacted('abcdefgh'));

    expect(redactor.text('1 abcdefgh 2 abcd 3')).toBe('1 <redacted> 2 <redacted> 3');
  });

  it('drops personal data above debug, and keeps it at debug', async () => {
    const { log, stream } = logger('debug');
    const data = { user: 'ad:corp/1', email: 'ann@example.test', nested: { name: 'Ann Example', phone: '+14155550100', count: 1 } };

    log.info('Event', data);
    log.debug('Event', data);
    await log.close();

    const [info, debug] = stream.lines().map((line) => JSON.parse(line) as unknown);
    expect(info).toEqual(expect.objectContaining({ user: 'ad:corp/1', nested: { count: 1 } }));
    expect(JSON.stringify(info)).not.toMatch(/ann|Ann|4155550100/);
    expect(debug).toMatchObject({ email: 'ann@example.test', nested: { name: 'Ann Example' } });
  });

  it('shows stacks at debug only', async () => {
    const quiet = logger('info');
    const loud = logger('debug');

    quiet.log.error('Failed', { error: new RollcallError('INTERNAL', 'x', { place: { file: 'f' } }) });
    loud.log.error('Failed', { error: new RollcallError('INTERNAL', 'x') });
    await Promise.all([quiet.log.close(), loud.log.close()]);

    expect(JSON.parse(quiet.stream.text())).toMatchObject({
      error: { name: 'RollcallError', code: 'INTERNAL', message: 'x', place: { file: 'f' } },
    });
    expect(quiet.stream.text()).not.toContain('.ts:');
    expect(loud.stream.text()).toContain('.ts:');
  });
});

describe('logging never throws', () => {
  const circular: Record<string, unknown> = { a: 1 };
  circular['self'] = circular;
  let deep: unknown = 'end';
  for (let level = 0; level < 5_000; level += 1) {
    deep = { deep };
  }
  const hostile = Object.defineProperty({}, 'trap', {
    enumerable: true,
    get() {
      throw new Error('trap');
    },
  });

  it.each<[string, Record<string, unknown>]>([
    ['a circle', circular],
    ['depth', { deep }],
    ['length', { list: Array.from({ length: 100_000 }, (_, index) => index), text: 'x'.repeat(1_000_000) }],
    ['a number without JSON', { big: 2n ** 70n, nan: Number.NaN }],
    ['a getter that throws', { hostile }],
    ['functions and symbols', { f: () => 1, s: Symbol('s'), list: [() => 1] }],
    ['dates that are none', { date: new Date(Number.NaN) }],
    ['bytes', { bytes: Buffer.from('secret bytes') }],
    ['no prototype', { bare: Object.create(null) as unknown }],
    ['undefined and null', { none: undefined, nothing: null }],
  ])('at %s, and still writes the event, bounded', async (_what, data) => {
    const { log, stream } = logger();

    log.info('Event', data);
    await log.close();

    expect(stream.lines()).toHaveLength(1);
    expect(JSON.parse(stream.text())).toMatchObject({ message: 'Event' });
    expect(stream.text().length).toBeLessThan(10_000);
  });

  it('at a stream that fails', async () => {
    const stream = new Writable({
      write(_chunk, _encoding, done) {
        done(new Error('disk full'));
      },
    });
    const log = createLogger({ level: 'info', json: true, stream, redactor: new Redactor() });

    log.info('Event');
    log.info('Event');

    await expect(log.close()).resolves.toBeUndefined();
  });

  it('after it was closed', async () => {
    const { log } = logger();
    await log.close();

    expect(() => log.info('Event')).not.toThrow();
  });

  it('when it is silent', async () => {
    const log = silentLogger();

    log.child({ a: 1 }).error('Event');

    await expect(log.close()).resolves.toBeUndefined();
  });
});

describe('log files', () => {
  it('hold JSON lines beside what the stream shows, and the level changes for all of them', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'rollcall-logger-'));
    try {
      const stream = sink();
      const log = createLogger({
        level: 'warn',
        json: false,
        stream,
        redactor: new Redactor(),
        files: { directory, maxBytes: 1_000_000, count: 2 },
      });
      const child = log.child({ run: 'R1' });
      child.info('Not yet');
      log.setLevel('info');
      child.info('Now', { count: 1 });
      await log.close();

      const lines = readFileSync(join(directory, 'rollcall.log'), 'utf8').trimEnd().split('\n');
      expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
        { time: expect.any(String) as string, level: 'info', message: 'Now', run: 'R1', count: 1 },
      ]);
      expect(stream.text()).toMatch(/INFO {2}Now run=R1 count=1\n$/);
      expect(log.problems()).toEqual([]);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('that cannot be written are a problem for the status, with its reason, and nothing else stops', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'rollcall-logger-'));
    try {
      writeFileSync(join(directory, 'taken'), '');
      const stream = sink();
      const log = createLogger({
        level: 'info',
        json: true,
        stream,
        redactor: new Redactor(),
        files: { directory: join(directory, 'taken'), maxBytes: 1_000_000, count: 2 },
      });
      log.info('Event');
      await vi.waitFor(() => expect(log.problems()).toHaveLength(1));

      expect(log.problems()[0]).toMatchObject({
        code: 'LOG_UNWRITABLE',
        severity: 'degraded',
        since: expect.stringMatching(/^\d{4}-/) as string,
        place: { file: join(directory, 'taken', 'rollcall.log'), lost: 0 },
      });
      expect(stream.lines()).toHaveLength(1);
      await log.close();
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

describe("systemd's journal", () => {
  it('is told how grave each line is', async () => {
    const stream = sink();
    const log = createLogger({ level: 'debug', json: true, stream, redactor: new Redactor(), journal: true });
    for (const level of ['error', 'warn', 'info', 'debug'] as const) log[level]('Event');
    await log.close();

    expect(stream.lines().map((line) => line.slice(0, 4))).toEqual(['<3>{', '<4>{', '<6>{', '<7>{']);
  });

  it('is known by the device and inode of the stream', () => {
    const stderr = Object.assign(sink(), { fd: 2 });
    const identify = (): { dev: bigint; ino: bigint } => ({ dev: 8n, ino: 1234n });

    expect(isJournalStream(stderr, { JOURNAL_STREAM: '8:1234' }, identify)).toBe(true);
    expect(isJournalStream(stderr, { JOURNAL_STREAM: '8:1235' }, identify)).toBe(false);
    expect(isJournalStream(stderr, {}, identify)).toBe(false);
    expect(isJournalStream(sink(), { JOURNAL_STREAM: '8:1234' }, identify)).toBe(false);
    const failing = (): never => {
      throw new Error('EBADF');
    };
    expect(isJournalStream(stderr, { JOURNAL_STREAM: '8:1234' }, failing)).toBe(false);
  });
});

describe('every way into the log', () => {
  const secret = 'Geheim&9"x/+z=';
  const person = { name: 'Zora Quill', email: 'zora.quill@corp.example.test', dn: 'CN=Zora Quill,OU=Staff,DC=corp,DC=example,DC=test' };
  const thrown = new RollcallError('DIRECTORY_BASE_NOT_FOUND', `The base ${person.dn} is not there; ask ${person.email}.`, {
    place: { base: person.dn },
    cause: new SyntaxError(`Unexpected token in {"displayName":"${person.name}","password":"${secret}"}`),
  });
  const everywhere = {
    ...person,
    error: thrown,
    text: `bind as ${person.dn} or ${person.email} with ${secret}`,
    list: [person.email, { displayName: person.name }, new Map([[person.email, secret]])],
    headers: { authorization: secret, cookie: secret },
    url: `https://host/hook/${encodeURIComponent(secret)}`,
    basic: Buffer.from(secret).toString('base64'),
  };

  it.each(['info', 'debug'] as const)('at %s carries no secret, and above debug nobody', async (level) => {
    const directory = mkdtempSync(join(tmpdir(), 'rollcall-logger-'));
    try {
      const stream = sink();
      const redactor = new Redactor();
      redactor.register(new Redacted(secret));
      const told: string[] = [];
      const eventLog = createEventLog({
        environment: {},
        run: (_file, words) => {
          told.push(words.join(' '));
          return Promise.resolve();
        },
      });
      const log = createLogger({ level, json: false, stream, redactor, files: { directory, maxBytes: 1_000_000, count: 2 }, eventLog });
      for (const name of ['error', 'warn', 'info'] as const) log.child(everywhere)[name](`Failed with ${secret}`, everywhere);
      await log.close();
      await eventLog.close();

      const all = [stream.text(), readFileSync(join(directory, 'rollcall.log'), 'utf8'), ...told].join('\n');
      for (const form of [
        secret,
        encodeURIComponent(secret),
        Buffer.from(secret).toString('base64'),
        JSON.stringify(secret).slice(1, -1),
      ]) {
        expect(all).not.toContain(form);
      }
      expect(all).not.toMatch(/zora|quill/i);
      expect(told).toHaveLength(1);
      expect(all).toContain('DIRECTORY_BASE_NOT_FOUND');
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

describe("Windows' event log", () => {
  function eventLogOver(failing = false, environment: Readonly<Record<string, string>> = {}) {
    const calls: (readonly string[])[] = [];
    const clock = { now: 0 };
    const log = createEventLog({
      environment: { SystemRoot: String.raw`D:\Windows`, ...environment },
      now: () => clock.now,
      run: (file, words) => {
        calls.push([file, ...words]);
        return failing ? Promise.reject(new Error('no rights')) : Promise.resolve();
      },
    });
    return { log, calls, clock };
  }

  it('leaves start and stop to the service host that started it, and tells errors', async () => {
    const { log, calls } = eventLogOver(false, { ROLLCALL_HOST: '1' });

    log.started('0.1.0');
    log.error('The service ended', {});
    log.stopped();
    await log.close();

    expect(calls.map((call) => call[call.indexOf('/ID') + 1])).toEqual(['200']);
  });

  it('is told of start, stop and errors by fixed ids, with static texts and codes only', async () => {
    const { log, calls } = eventLogOver();
    log.started('1.2.3');
    log.error('A directory could not be read', { error: new RollcallError('DIRECTORY_TIMEOUT', 'dc1 of Zora'), server: 'dc1' });
    log.error('Zora Quill was not found', { code: 'Zora' });
    log.stopped();
    await log.close();

    const program = String.raw`D:\Windows\System32\eventcreate.exe`;
    const start = ['/L', 'APPLICATION', '/T'];
    const see = 'See "rollcall status" and the log of rollcall.';
    expect(calls).toEqual([
      [program, ...start, 'INFORMATION', '/SO', 'rollcall', '/ID', '100', '/D', 'rollcall 1.2.3 started.'],
      [program, ...start, 'ERROR', '/SO', 'rollcall', '/ID', '200', '/D', `A directory could not be read (DIRECTORY_TIMEOUT). ${see}`],
      [program, ...start, 'ERROR', '/SO', 'rollcall', '/ID', '200', '/D', `An error occurred. ${see}`],
      [program, ...start, 'INFORMATION', '/SO', 'rollcall', '/ID', '101', '/D', 'rollcall stopped.'],
    ]);
  });

  it('is not flooded: each text once an hour, and what was left out is counted', async () => {
    const { log, calls, clock } = eventLogOver();
    for (let time = 0; time < 50; time += 1) log.error('HTTP exchange', {});
    clock.now += 3_600_000;
    log.error('HTTP exchange', {});
    await log.close();

    expect(calls.map((call) => call.at(-1))).toEqual([
      'HTTP exchange. See "rollcall status" and the log of rollcall.',
      'HTTP exchange. 49 further events were left out here since the last one. See "rollcall status" and the log of rollcall.',
    ]);
  });

  it('may fail without anybody noticing', async () => {
    const { log, calls } = eventLogOver(true);
    log.started('1');
    log.stopped();

    await expect(log.close()).resolves.toBeUndefined();
    expect(calls).toHaveLength(2);
  });
});

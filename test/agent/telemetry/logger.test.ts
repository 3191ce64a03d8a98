import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { Redacted } from '../../../agent/secrets/redacted.ts';
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

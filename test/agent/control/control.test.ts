import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectToService } from '../../../agent/control/control-client.ts';
import { longestLine, tokenFile } from '../../../agent/control/control-protocol.ts';
import { type Call, type ControlServer, startControlServer } from '../../../agent/control/control-server.ts';
import { socketPath } from '../../../agent/control/socket-path.ts';
import { RollcallError } from '../../../core/errors.ts';

let folder: string;
let server: ControlServer | null;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-control-'));
  server = null;
});

afterEach(async () => {
  await server?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function serve(handle: (call: Call) => Promise<string>, stateDirectory = folder): Promise<void> {
  server = await startControlServer({
    stateDirectory,
    platform: process.platform,
    version: '1.2.3',
    configFile: '/etc/rollcall/config.json',
    configuration: () => 'a mark',
    handle,
    clean: (text) => text.replaceAll('hunter2', '<redacted>'),
  });
}

async function channel() {
  const found = await connectToService(folder, process.platform);
  if (found === null) throw new Error('nobody listens');
  return found;
}

/** Sends lines as they are, and resolves with what came back when the connection ends. */
function sendRaw(...lines: string[]): Promise<string> {
  return new Promise((resolve) => {
    let heard = '';
    const socket = connect(socketPath(folder, process.platform));
    socket.setEncoding('utf8').on('data', (text: string) => {
      heard += text;
      for (const line of lines.splice(0)) socket.write(line);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(heard));
  });
}

describe('the control channel', () => {
  it('S4 carries a call, its news and its answer', async () => {
    await serve(async (call) => {
      call.waiting('sync');
      call.news({ kind: 'task', task: 1, label: 'Reading corp' });
      return JSON.stringify({ call: call.name, options: call.options });
    });
    const heard: unknown[] = [];

    const open = await channel();
    const answer = await open.call('scan', { full: true }, { reply: (reply) => heard.push(reply) });

    expect(open).toMatchObject({ version: '1.2.3', configFile: '/etc/rollcall/config.json' });
    expect(answer).toEqual({ call: 'scan', options: { full: true } });
    expect(heard).toEqual([{ waiting: 'sync' }, { news: { kind: 'task', task: 1, label: 'Reading corp' } }]);
  });

  it.each([true, false])('asks the person at the command, whose answer is %s', async (yes) => {
    await serve(async (call) => JSON.stringify(await call.ask({ kind: 'push', plans: [] })));
    expect(await (await channel()).call('push', {}, { question: () => Promise.resolve(yes) })).toBe(yes);
  });

  it('takes a command that goes away for a no, and goes on', async () => {
    const answered = Promise.withResolvers<boolean>();
    await serve(async (call) => {
      const yes = await call.ask({ kind: 'push', plans: [] });
      answered.resolve(yes);
      return 'null';
    });
    const open = await channel();
    open.call('push', {}, { question: () => new Promise(() => open.close()) }).catch(() => undefined);
    expect(await answered.promise).toBe(false);
  });

  it('tells a failure with its code and place, without secrets', async () => {
    await serve(() => Promise.reject(new RollcallError('ITGLUE_REFUSED', 'said hunter2', { place: { contact: '7' } })));
    await expect((await channel()).call('sync', {})).rejects.toMatchObject({
      code: 'ITGLUE_REFUSED',
      message: 'said <redacted>',
      place: { contact: '7' },
    });
  });

  it('stops a call when its command is interrupted', async () => {
    await serve(
      (call) =>
        new Promise((_resolve, reject) => {
          call.signal.addEventListener('abort', () => reject(new RollcallError('INTERRUPTED', 'stopped')));
        }),
    );
    const stop = new AbortController();
    const open = await channel();
    const ended = expect(open.call('sync', {}, { signal: stop.signal })).rejects.toMatchObject({ code: 'INTERRUPTED' });
    stop.abort();
    await ended;
  });

  it('says SERVICE_CHANNEL when the service goes away in the middle', async () => {
    const begun = Promise.withResolvers<void>();
    await serve(() => {
      begun.resolve();
      return new Promise(() => undefined);
    });
    const open = await channel();
    const ended = expect(open.call('sync', {})).rejects.toMatchObject({ code: 'SERVICE_CHANNEL' });
    await begun.promise;
    await server?.close();
    server = null;
    await ended;
  });

  it('is nobody when none listens, also when a crash left the socket behind', async () => {
    expect(await connectToService(folder, process.platform)).toBeNull();
    await serve(() => Promise.resolve('null'));
    await server?.close();
    writeFileSync(socketPath(folder, process.platform), '');
    expect(await connectToService(folder, process.platform)).toBeNull();
    await serve(() => Promise.resolve('1'));
    expect(await (await channel()).call('facts', {})).toBe(1);
  });

  it('is for the account of the service alone', async () => {
    await serve(() => Promise.resolve('null'));
    expect(statSync(socketPath(folder, process.platform)).mode & 0o777).toBe(0o600);
    expect(statSync(tokenFile(folder)).mode & 0o777).toBe(0o600);
  });

  it('works in a state directory whose path is longer than a socket may have', async () => {
    const deep = join(folder, 'd'.repeat(120));
    const { mkdirSync } = await import('node:fs');
    mkdirSync(deep);
    await serve(() => Promise.resolve('1'), deep);
    const open = await connectToService(`${deep}/`, process.platform);
    expect(await open?.call('facts', {})).toBe(1);
    expect(statSync(socketPath(deep, process.platform)).mode & 0o777).toBe(0o600);
    await server?.close();
    server = null;
    expect(existsSync(socketPath(deep, process.platform))).toBe(false);
  });

  it.each([
    ['no proof', '{"call":"sync","options":{}}\n'],
    ['a forged proof', `{"nonce":"${'n'.repeat(32)}","proof":"${'p'.repeat(43)}"}\n{"call":"sync","options":{}}\n`],
    ['no JSON', 'sync\n'],
    ['a line without an end', 'x'.repeat(longestLine + 10)],
  ])('ends the talk at %s, and calls nothing', async (_what, line) => {
    let called = 0;
    await serve(() => {
      called += 1;
      return Promise.resolve('null');
    });
    const heard = await sendRaw(line);
    expect(heard.split('\n').filter((part) => part !== '')).toHaveLength(1);
    expect(called).toBe(0);
  });

  it('does not believe a service that does not know the token', async () => {
    await serve(() => Promise.resolve('null'));
    writeFileSync(tokenFile(folder), 'another token');
    await expect(connectToService(folder, process.platform)).rejects.toMatchObject({ code: 'SERVICE_CHANNEL' });
  });
});

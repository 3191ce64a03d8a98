import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isOnPath } from './samba-directory.ts';

export interface Squid extends AsyncDisposable {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** The access log so far: method, address, status, user. */
  log(): readonly string[];
  stop(): Promise<void>;
}

const helper = '/usr/lib/squid/basic_ncsa_auth';
const readyWithinMs = 30_000;

/** Why no squid can be started here, in words, or `null` when one can. */
export function squidMissing(): string | null {
  const commands = ['squid', 'openssl'].filter((command) => !isOnPath(command) && !existsSync(`/usr/sbin/${command}`));
  if (commands.length > 0) return `not installed: ${commands.join(', ')} (apt-get install squid openssl)`;
  return existsSync(helper) ? null : `not installed: ${helper}`;
}

/**
 * Starts squid on 127.0.0.1. It resolves only `names` (to 127.0.0.1), refuses CONNECT to those of `denied`, and asks for the
 * credentials, if any, by Basic.
 */
export async function startSquid(options: {
  readonly names: readonly string[];
  readonly denied?: readonly string[];
  readonly credentials?: { readonly userName: string; readonly password: string };
}): Promise<Squid> {
  const place = mkdtempSync(join(tmpdir(), 'rollcall-squid-'));
  // As root, squid works as an account of its own.
  chmodSync(place, 0o777);
  const accessLog = join(place, 'access.log');
  const port = await freePort();
  writeFileSync(join(place, 'hosts'), options.names.map((name) => `127.0.0.1 ${name}\n`).join(''));
  if (options.credentials !== undefined) {
    const { userName, password } = options.credentials;
    const hash = execFileSync('openssl', ['passwd', '-apr1', '-stdin'], { input: `${password}\n`, encoding: 'utf8' }).trim();
    writeFileSync(join(place, 'passwords'), `${userName}:${hash}\n`, { mode: 0o644 });
  }
  writeFileSync(join(place, 'squid.conf'), configuration(place, port, options));
  const server: ChildProcess = spawn('/usr/sbin/squid', ['-N', '-f', join(place, 'squid.conf')], { stdio: 'ignore' });
  // It has no tie to its parent: it must not outlive it.
  const kill = (): void => void server.kill('SIGKILL');
  process.once('exit', kill);
  let stopped: Promise<void> | null = null;
  async function end(): Promise<void> {
    process.removeListener('exit', kill);
    if (server.exitCode === null && server.signalCode === null) {
      const ended = once(server, 'exit');
      server.kill('SIGTERM');
      if ((await Promise.race([ended, pause(5000, 'late' as const, { ref: false })])) === 'late') {
        kill();
        await ended;
      }
    }
    rmSync(place, { recursive: true, force: true });
  }
  function stop(): Promise<void> {
    stopped ??= end();
    return stopped;
  }
  try {
    await answers(port, server);
  } catch (error) {
    const told = existsSync(join(place, 'cache.log')) ? readFileSync(join(place, 'cache.log'), 'utf8') : '';
    await stop();
    throw new Error(`squid does not start: ${told.slice(-2000)}`, { cause: error });
  }
  return {
    url: `http://127.0.0.1:${port}`,
    log: () => (existsSync(accessLog) ? readFileSync(accessLog, 'utf8').split('\n').filter(isRequest) : []),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function configuration(place: string, port: number, options: Parameters<typeof startSquid>[0]): string {
  const needsSignIn = options.credentials !== undefined;
  const denied = options.denied ?? [];
  return [
    `http_port 127.0.0.1:${port}`,
    'visible_hostname proxy.example.test',
    `hosts_file ${join(place, 'hosts')}`,
    'dns_nameservers 127.0.0.1',
    'dns_timeout 1 second',
    'connect_timeout 2 seconds',
    'shutdown_lifetime 0 seconds',
    'pid_filename none',
    'cache deny all',
    'cache_mem 8 MB',
    'logformat short %rm %ru %>Hs %un',
    `access_log stdio:${join(place, 'access.log')} short`,
    'buffered_logs off',
    `cache_log ${join(place, 'cache.log')}`,
    `coredump_dir ${place}`,
    ...(needsSignIn
      ? [
          `auth_param basic program ${helper} ${join(place, 'passwords')}`,
          'auth_param basic children 1',
          'auth_param basic realm example',
          'acl signed_in proxy_auth REQUIRED',
        ]
      : []),
    ...(denied.length === 0 ? [] : [`acl denied dstdomain ${denied.join(' ')}`, 'http_access deny denied']),
    `http_access allow ${needsSignIn ? 'signed_in' : 'all'}`,
    'http_access deny all',
    '',
  ].join('\n');
}

/** The look whether it listens leaves a line of its own. */
function isRequest(line: string): boolean {
  return line !== '' && !line.startsWith('- error:transaction-end-before-headers');
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function answers(port: number, server: ChildProcess): Promise<void> {
  const until = Date.now() + readyWithinMs;
  while (Date.now() < until && server.exitCode === null) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect({ host: '127.0.0.1', port });
      socket.once('connect', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
    if (isOpen) return;
    await pause(40);
  }
  throw new Error(`it did not listen on port ${port} (exit ${server.exitCode})`);
}

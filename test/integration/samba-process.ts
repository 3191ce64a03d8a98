import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { TestCertificate } from '../fixtures/tls.ts';
import { sambaPlace } from './samba-directory.ts';

/** A certificate with the CA that signed it. */
export type ServerCertificate = TestCertificate & { readonly caFile: string };

/** What a domain controller is started with. */
export interface SambaSettings {
  /** Its directory's copy, which it may write to. */
  readonly place: string;
  readonly host: string;
  readonly netbiosName: string;
  readonly workgroup: string;
  readonly realm: string;
  /** Samba's names: `ldap`, `dns`, `rpc`, … */
  readonly services: string;
  /** The RPC interfaces of `rpc`; empty: none. */
  readonly endpoints: string;
  readonly certificate: ServerCertificate;
  /** Accepts simple binds without TLS. */
  readonly clearTextBinds: boolean;
  /** Where its name server sends questions about other domains; empty: nowhere. */
  readonly dnsForwarder?: string;
}

const readyWithinMs = 30_000;
const stopWithinMs = 3_000;
const ldapPorts = [389, 636, 3268, 3269];

/** Finds a loopback address that no other test uses, with its LDAP ports and `morePorts` free; `claim` keeps it until it is closed. */
export async function claimAddress(morePorts: readonly number[] = []): Promise<{ readonly host: string; readonly claim: Server }> {
  const claimPort = 38_900;
  for (let last = 10; last <= 60; last += 1) {
    const host = `127.0.0.${last}`;
    const claim = await tryListen(host, claimPort);
    if (claim === null) continue;
    const busy = (await Promise.all([...ldapPorts, ...morePorts].map((port) => isBusy(host, port)))).includes(true);
    if (!busy) return { host, claim };
    claim.close();
  }
  throw new Error('no loopback address from 127.0.0.10 to 127.0.0.60 is free for a domain controller');
}

async function isBusy(host: string, port: number): Promise<boolean> {
  const server = await tryListen(host, port);
  if (server === null) return true;
  await new Promise((resolve) => server.close(resolve));
  return false;
}

function tryListen(host: string, port: number): Promise<Server | null> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', () => resolve(null));
    server.listen({ host, port, exclusive: true }, () => {
      server.unref();
      resolve(server);
    });
  });
}

/** The configuration file of a domain controller; Samba's own commands take it too, to work on its directory. */
export function configurationFile(place: string): string {
  return join(place, 'run.conf');
}

function configuration({ place, host, certificate, clearTextBinds, dnsForwarder = '', ...names }: SambaSettings): string {
  const { privateDirectory } = sambaPlace(place);
  const settings = {
    'netbios name': names.netbiosName,
    workgroup: names.workgroup,
    realm: names.realm,
    'server role': 'active directory domain controller',
    'server services': names.services,
    'dcerpc endpoint servers': names.endpoints,
    'dns forwarder': dnsForwarder,
    interfaces: `${host}/8`,
    'bind interfaces only': 'yes',
    'private dir': privateDirectory,
    'state directory': join(place, 'state'),
    'cache directory': join(place, 'cache'),
    'lock directory': place,
    'pid directory': place,
    'ncalrpc dir': join(place, 'ncalrpc'),
    'log file': join(place, 'log'),
    logging: 'file',
    'ldap server require strong auth': clearTextBinds ? 'no' : 'yes',
    'tls enabled': 'yes',
    'tls keyfile': certificate.keyFile,
    'tls certfile': certificate.certFile,
    'tls cafile': certificate.caFile,
  };
  const lines = Object.entries(settings).map(([name, value]) => `  ${name} = ${value}`);
  return ['[global]', ...lines, ''].join('\n');
}

/** Starts a domain controller, and waits until it answers on both LDAP ports. */
export async function runSamba(settings: SambaSettings): Promise<ChildProcess> {
  const { place, host } = settings;
  const file = configurationFile(place);
  writeFileSync(file, configuration(settings));
  // With -i Samba ends by itself when its standard input closes: nothing stays behind when the tests are killed.
  const server = spawn('samba', ['-s', file, '-i', '-M', 'single'], { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  const output: string[] = [];
  server.stdout.on('data', (text) => output.push(String(text)));
  server.stderr.on('data', (text) => output.push(String(text)));
  const failed = new Promise<never>((_, reject) => {
    server.once('error', reject);
    server.once('exit', (code) =>
      reject(new Error(`samba ended with code ${code}: ${output.join('').slice(-2000)}${tail(join(place, 'log'))}`)),
    );
  });
  failed.catch(() => undefined);
  const awaited = [389, 636, ...(settings.services.split(' ').includes('dns') ? [53] : [])];
  try {
    await Promise.race([failed, Promise.all(awaited.map((port) => answers(host, port)))]);
  } catch (error) {
    await endSamba(server);
    throw error;
  }
  return server;
}

async function answers(host: string, port: number): Promise<void> {
  const until = Date.now() + readyWithinMs;
  while (Date.now() < until) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect({ host, port });
      socket.once('connect', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
    if (isOpen) return;
    await pause(40);
  }
  throw new Error(`samba did not listen on ${host}:${port} within ${readyWithinMs} ms`);
}

function tail(file: string): string {
  try {
    return readFileSync(file, 'utf8').slice(-2000);
  } catch {
    return '';
  }
}

/** Ends a domain controller and waits until it is gone. */
export async function endSamba(server: ChildProcess): Promise<void> {
  const { pid } = server;
  if (pid === undefined || server.exitCode !== null || server.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => {
    server.once('exit', () => resolve());
  });
  process.kill(-pid, 'SIGTERM');
  const late = pause(stopWithinMs, 'late' as const, { ref: false });
  if ((await Promise.race([ended, late])) === 'late') {
    process.kill(-pid, 'SIGKILL');
    await ended;
  }
}

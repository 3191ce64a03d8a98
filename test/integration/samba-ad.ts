import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { makeTestCertificates, type TestCertificate } from '../fixtures/tls.ts';
import { changeDirectory, type DirectoryStep, prepareDirectory, sambaBase, sambaPlace, serviceAccount } from './samba-directory.ts';

export interface SambaAdOptions {
  /** What is put into the fresh domain, in order. The prepared directory is kept and copied the next time. */
  readonly steps?: readonly DirectoryStep[];
  /** The server's certificate; default: one of a new test CA with the right names. */
  readonly certificate?: TestCertificate & { readonly caFile: string };
  /** Accepts simple binds without TLS. Default true. */
  readonly clearTextBinds?: boolean;
}

/** A running domain controller of the domain corp.example.test, on an address of its own in 127.0.0.0/8. */
export interface SambaAd {
  /** `ldap://127.0.0.x` */
  readonly url: string;
  /** `ldaps://127.0.0.x` */
  readonly ldapsUrl: string;
  readonly caFile: string;
  /** SHA-256 of its certificate. */
  readonly certificateSha256: string;
  /** An ordinary account without any special right. */
  readonly bindDn: string;
  readonly password: string;
  readonly baseDn: string;
  /** Adds or changes entries of the running directory (LDIF; without changetype: added). Timestamps are kept as written. */
  addUsers(ldif: string): Promise<void>;
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const readyWithinMs = 30_000;
const stopWithinMs = 3_000;
const ports = [389, 636, 3268, 3269];

/** Starts a Samba AD domain controller; see `sambaMissing` for what it needs. A fresh one takes about 4 s, a prepared one 1 s. */
export async function startSambaAd(options: SambaAdOptions = {}): Promise<SambaAd> {
  const prepared = await prepareDirectory(options.steps ?? []);
  const place = mkdtempSync(join(tmpdir(), 'rollcall-samba-'));
  const address = await claimAddress();
  const made = options.certificate === undefined ? makeTestCertificates() : null;
  const certificate = options.certificate ?? { ...made!.good, caFile: made!.caFile };

  function clean(): void {
    address.claim.close();
    made?.remove();
    rmSync(place, { recursive: true, force: true });
  }
  let server: ChildProcess;
  try {
    await cp(prepared, place, { recursive: true });
    server = await run(place, configuration(place, address.host, certificate, options.clearTextBinds ?? true), address.host);
  } catch (error) {
    clean();
    throw error;
  }

  let stopped: Promise<void> | null = null;
  function stop(): Promise<void> {
    stopped ??= end(server).finally(clean);
    return stopped;
  }
  return {
    url: `ldap://${address.host}`,
    ldapsUrl: `ldaps://${address.host}`,
    caFile: certificate.caFile,
    certificateSha256: certificate.sha256,
    bindDn: serviceAccount.userPrincipalName,
    password: serviceAccount.password,
    baseDn: sambaBase,
    addUsers: (ldif) => changeDirectory(place, { ldif }),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Finds a loopback address that no other test uses; `claim` keeps it until it is closed. */
async function claimAddress(): Promise<{ readonly host: string; readonly claim: Server }> {
  const claimPort = 38_900;
  for (let last = 10; last <= 60; last += 1) {
    const host = `127.0.0.${last}`;
    const claim = await tryListen(host, claimPort);
    if (claim === null) continue;
    const busy = (await Promise.all(ports.map((port) => isBusy(host, port)))).includes(true);
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

function configuration(
  place: string,
  host: string,
  certificate: TestCertificate & { readonly caFile: string },
  clearText: boolean,
): string {
  const { privateDirectory } = sambaPlace(place);
  const settings = {
    'netbios name': 'DC1',
    workgroup: 'CORP',
    realm: 'CORP.EXAMPLE.TEST',
    'server role': 'active directory domain controller',
    'server services': 'ldap',
    'dcerpc endpoint servers': '',
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
    'ldap server require strong auth': clearText ? 'no' : 'yes',
    'tls enabled': 'yes',
    'tls keyfile': certificate.keyFile,
    'tls certfile': certificate.certFile,
    'tls cafile': certificate.caFile,
  };
  const lines = Object.entries(settings).map(([name, value]) => `  ${name} = ${value}`);
  return ['[global]', ...lines, ''].join('\n');
}

async function run(place: string, settings: string, host: string): Promise<ChildProcess> {
  const file = join(place, 'run.conf');
  writeFileSync(file, settings);
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
  try {
    await Promise.race([failed, Promise.all([answers(host, 389), answers(host, 636)])]);
  } catch (error) {
    await end(server);
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

async function end(server: ChildProcess): Promise<void> {
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

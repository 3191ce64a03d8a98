import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { makeTestCertificates, type TestCertificate } from '../fixtures/tls.ts';
import { isOnPath } from './samba-directory.ts';
import { fictionalPhone } from './sample-domain.ts';

export interface Slapd {
  /** `ldap://127.0.0.1:PORT` */
  readonly url: string;
  /** `ldaps://127.0.0.1:PORT` */
  readonly ldapsUrl: string;
  readonly caFile: string;
  readonly bindDn: string;
  readonly password: string;
  readonly baseDn: string;
  /** Of clients: of the CA and mapped to `bindDn`, of the CA and mapped to nobody that there is, and of no CA. */
  readonly clients: { readonly reader: TestCertificate; readonly stranger: TestCertificate; readonly selfSigned: TestCertificate };
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const baseDn = 'dc=plain,dc=example,dc=test';
const bindDn = `cn=reader,${baseDn}`;
const password = 'Sample-Reader-1';
const schemaDirectory = '/etc/ldap/schema';
const readyWithinMs = 30_000;

/** Why no slapd can be started here, in words, or `null` when one can. */
export function slapdMissing(): string | null {
  const commands = ['slapd', 'slapadd', 'openssl'].filter((command) => !isOnPath(command));
  if (commands.length > 0) return `not installed: ${commands.join(', ')} (apt-get install slapd ldap-utils openssl)`;
  return existsSync(join(schemaDirectory, 'core.schema')) ? null : `not installed: the schema files in ${schemaDirectory}`;
}

/**
 * Active Directory's attributes, as far as they are read, in a schema of our own: object identifiers are from an arc for
 * examples, syntaxes are the nearest that slapd has. Entries carry objectGUID, so the reader takes it for what it is used for.
 */
function adSchema(): string {
  const texts = [
    'sAMAccountName',
    'userPrincipalName',
    'department',
    'company',
    'ipPhone',
    'objectCategory',
    'sAMAccountType',
    'userAccountControl',
    'msDS-User-Account-Control-Computed',
    'msDS-UserPasswordExpiryTimeComputed',
    'accountExpires',
    'pwdLastSet',
    'lastLogonTimestamp',
    'lastLogon',
    'msExchRecipientTypeDetails',
    'isCriticalSystemObject',
    'whenChanged',
    'uSNChanged',
  ];
  const lists = ['proxyAddresses'];
  const bytes = ['objectGUID', 'mS-DS-ConsistencyGuid', 'objectSid'];
  const lines: string[] = [];
  let number = 0;
  function attribute(name: string, syntax: string, isSingle: boolean): void {
    number += 1;
    lines.push(`attributetype ( 1.3.6.1.4.1.32473.1.${number} NAME '${name}' ${syntax}${isSingle ? ' SINGLE-VALUE' : ''} )`);
  }
  const text = 'EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15';
  for (const name of texts) attribute(name, text, true);
  for (const name of lists) attribute(name, text, false);
  for (const name of bytes) attribute(name, 'EQUALITY octetStringMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.40', true);
  lines.push(
    `objectclass ( 1.3.6.1.4.1.32473.2.1 NAME 'sampleAdUser' SUP top AUXILIARY MAY ( ${[...texts, ...lists, ...bytes].join(' $ ')} ) )`,
  );
  return `${lines.join('\n')}\n`;
}

/** Asks clients for a certificate: whoever shows one of the CA may sign in by it; `demand`: nobody else gets a connection. */
type ClientCertificates = 'try' | 'demand';

/** Starts slapd with `users` people below `ou=Staff`, loaded offline. It serves until it is stopped. */
export async function startSlapd(users: number, verifyClient: ClientCertificates = 'try'): Promise<Slapd> {
  const place = mkdtempSync(join(tmpdir(), 'rollcall-slapd-'));
  const certificates = makeTestCertificates();
  const data = join(place, 'data');
  mkdirSync(data);
  writeFileSync(join(place, 'sample-ad.schema'), adSchema());
  writeFileSync(join(place, 'slapd.conf'), configuration({ place, data, certificates, verifyClient }));
  function clean(): void {
    certificates.remove();
    rmSync(place, { recursive: true, force: true });
  }
  let server: ChildProcess;
  const [port, securePort] = [await freePort(), await freePort()];
  try {
    await writeUsers(join(place, 'users.ldif'), users);
    execFileSync('slapadd', ['-q', '-f', join(place, 'slapd.conf'), '-l', join(place, 'users.ldif')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    server = spawn(
      'slapd',
      ['-d', '0', '-f', join(place, 'slapd.conf'), '-h', `ldap://127.0.0.1:${port} ldaps://127.0.0.1:${securePort}`],
      {
        stdio: ['ignore', 'ignore', 'ignore'],
      },
    );
    await answers(port);
  } catch (error) {
    clean();
    throw error;
  }
  // slapd has no tie to its parent: it must not outlive it.
  const kill = (): void => void server.kill('SIGKILL');
  process.once('exit', kill);
  let stopped: Promise<void> | null = null;
  async function end(): Promise<void> {
    process.removeListener('exit', kill);
    if (server.exitCode === null && server.signalCode === null) {
      const ended = once(server, 'exit');
      server.kill('SIGTERM');
      const late = await Promise.race([ended, pause(5000, 'late' as const, { ref: false })]);
      if (late === 'late') {
        kill();
        await ended;
      }
    }
    clean();
  }
  function stop(): Promise<void> {
    stopped ??= end();
    return stopped;
  }
  return {
    url: `ldap://127.0.0.1:${port}`,
    ldapsUrl: `ldaps://127.0.0.1:${securePort}`,
    caFile: certificates.caFile,
    bindDn,
    password,
    baseDn,
    clients: {
      reader: certificates.issue('svc-rollcall', ['DNS:collector.example.test']),
      stranger: certificates.issue('stranger', ['DNS:stranger.example.test']),
      selfSigned: certificates.selfSigned,
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

interface Settings {
  readonly place: string;
  readonly data: string;
  readonly certificates: ReturnType<typeof makeTestCertificates>;
  readonly verifyClient: ClientCertificates;
}

function configuration({ place, data, certificates, verifyClient }: Settings): string {
  const includes = ['core', 'cosine', 'inetorgperson'].map((name) => `include ${join(schemaDirectory, `${name}.schema`)}`);
  return [
    ...includes,
    `include ${join(place, 'sample-ad.schema')}`,
    `pidfile ${join(place, 'slapd.pid')}`,
    'modulepath /usr/lib/ldap',
    'moduleload back_mdb',
    `TLSCertificateFile ${certificates.good.certFile}`,
    `TLSCertificateKeyFile ${certificates.good.keyFile}`,
    `TLSCACertificateFile ${certificates.caFile}`,
    `TLSVerifyClient ${verifyClient}`,
    `authz-regexp "^cn=svc-rollcall$" "${bindDn}"`,
    'sizelimit unlimited',
    'database mdb',
    'maxsize 2147483648',
    `suffix "${baseDn}"`,
    `rootdn "${bindDn}"`,
    `rootpw ${password}`,
    `directory ${data}`,
    'index objectClass eq',
    'index sAMAccountType eq',
    '',
  ].join('\n');
}

async function writeUsers(file: string, users: number): Promise<void> {
  const out = createWriteStream(file);
  out.write(`dn: ${baseDn}\nobjectClass: domain\ndc: plain\n\ndn: ou=Staff,${baseDn}\nobjectClass: organizationalUnit\nou: Staff\n\n`);
  const person = `CN=Person,CN=Schema,CN=Configuration,${baseDn}`;
  for (let number = 1; number <= users; number += 1) {
    const name = `person${number}`;
    const text =
      `dn: cn=Person ${number},ou=Staff,${baseDn}\nobjectClass: inetOrgPerson\nobjectClass: sampleAdUser\ncn: Person ${number}\n` +
      `sn: Person ${number}\ngivenName: Pat\ndisplayName: Pat Person ${number}\ntitle: Technician\nmail: ${name}@example.test\n` +
      `telephoneNumber: ${fictionalPhone(number)}\nmobile: +1 415 555 0111\nipPhone: 0${number % 1000}\nphysicalDeliveryOfficeName: Head Office\n` +
      `department: Operations\ncompany: Example Company\nmanager: cn=Person 1,ou=Staff,${baseDn}\nobjectCategory: ${person}\n` +
      `sAMAccountName: ${name}\nsAMAccountType: 805306368\nuserPrincipalName: ${name}@example.test\nuserAccountControl: 512\n` +
      `msDS-User-Account-Control-Computed: 0\nmsDS-UserPasswordExpiryTimeComputed: 9223372036854775807\naccountExpires: 9223372036854775807\n` +
      `pwdLastSet: 134379648000000000\nlastLogonTimestamp: 134379648000000000\nlastLogon: 134379648000000000\nmsExchRecipientTypeDetails: 1\n` +
      `proxyAddresses: SMTP:${name}@example.test\nproxyAddresses: smtp:${name}@alias.example.test\n` +
      `objectGUID:: ${numberedGuid(number, 0xb1)}\nmS-DS-ConsistencyGuid:: ${numberedGuid(number, 0xc2)}\n\n`;
    if (!out.write(text)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
}

function numberedGuid(number: number, fill: number): string {
  const bytes = Buffer.alloc(16, fill);
  bytes.writeUInt32BE(number, 12);
  return bytes.toString('base64');
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

async function answers(port: number): Promise<void> {
  const until = Date.now() + readyWithinMs;
  while (Date.now() < until) {
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
  throw new Error(`slapd did not listen on port ${port} within ${readyWithinMs} ms`);
}

import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { RollcallError } from '../../../../core/errors.ts';
import type { Look, ServerFacts, SignInFacts } from '../../../../core/ports/directory-examination.ts';
import type { ActiveDirectoryConfig, ServerAddress } from '../config.ts';
import { resolverOf } from '../discovery/find-domain-controllers.ts';
import { siteOfServer } from '../discovery/read-forest.ts';
import { firstText } from '../entry-decoder.ts';
import type { OpenOptions } from '../open-socket.ts';
import { readRootEntry } from '../root-entry.ts';
import { DirectorySession } from '../session.ts';
import type { SignInGate } from '../sign-in/sign-in-gate.ts';
import { vendorSchemas } from '../vendor-schema.ts';
import { look } from './look.ts';
import { probeCertificate } from './probe-certificate.ts';
import { probeClearText } from './probe-clear-text.ts';
import { probePort } from './probe-port.ts';

/** One server to look at; `open` carries trust and deadlines. */
export interface ServerToExamine {
  readonly config: ActiveDirectoryConfig;
  readonly address: ServerAddress;
  readonly open: Omit<OpenOptions, 'address'>;
  /** All sign-ins of the examination go through it. */
  readonly gate: Pick<SignInGate, 'signIn'>;
  readonly signIn: boolean;
}

const ldapPort = 389;
const ldapsPort = 636;
const mostAddresses = 4;

/** Looks at a server from outside to inside, and stops where the way ends: what lies behind is `null`. Throws `INTERRUPTED` only. */
export async function examineServer(server: ServerToExamine): Promise<ServerFacts> {
  const { address, open } = server;
  const outside = await lookFromOutside(server);
  const nothing = { certificate: null, clearText: null, signIn: null };
  const facts = { server: address.url, host: address.host, ...outside };
  const isOpen = (port: number): boolean => outside.ports.some((probe) => probe.port === port && probe.state === 'open');
  const clearPort = clearPortOf(address);
  const clearText =
    clearPort !== null && isOpen(clearPort) ? await look(() => probeClearText({ ...open, address, port: clearPort })) : null;
  if (!isOpen(address.port)) return { ...facts, ...nothing, clearText };
  const certificate = address.security === 'none' ? null : await look(() => probeCertificate({ ...open, address }));
  const isTrusted = certificate === null || (certificate.ok && certificate.value.objection === null);
  const signIn = server.signIn && isTrusted ? await look(() => lookFromInside(server)) : null;
  return { ...facts, certificate, clearText, signIn };
}

/** Where the server would take a sign-in in clear, if it does; `null`: its address does not tell. */
function clearPortOf({ port, security }: ServerAddress): number | null {
  if (security !== 'tls') return port;
  return port === ldapsPort ? ldapPort : null;
}

async function lookFromOutside({ config, address, open }: ServerToExamine): Promise<Pick<ServerFacts, 'addresses' | 'ports'>> {
  const addresses = await look(() => addressesOf(config, address.host, open.deadlines.connectMs));
  if (!addresses.ok) return { addresses, ports: [] };
  const others = [ldapsPort, ldapPort].includes(address.port) ? [ldapsPort, ldapPort].filter((port) => port !== address.port) : [];
  const ports = await Promise.all(
    [address.port, ...others].map(async (port) => {
      const tried = await probePort(addresses.value.slice(0, mostAddresses), port, open.deadlines.connectMs);
      return { port, needed: port === address.port, ...tried };
    }),
  );
  return { addresses, ports };
}

async function addressesOf(config: ActiveDirectoryConfig, host: string, limitMs: number): Promise<readonly string[]> {
  if (isIP(host) !== 0) return [host];
  // Found controllers are looked up where their names were found; configured ones as the machine does it.
  if (config.servers.length === 0 && (config.dnsServers ?? []).length > 0) return await resolverOf(config).lookUpAddresses(host);
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(unresolved(config, host, 'no answer in time')), limitMs);
  try {
    const found = await Promise.race([lookup(host, { all: true }), late.promise]);
    return found.map(({ address }) => address);
  } catch (cause) {
    throw cause instanceof RollcallError ? cause : unresolved(config, host, 'its name does not resolve');
  } finally {
    clearTimeout(timer);
  }
}

function unresolved({ name }: ActiveDirectoryConfig, host: string, words: string): RollcallError {
  const place = { directory: name, server: host };
  return new RollcallError('DIRECTORY_UNREACHABLE', `${host} (directory "${name}") cannot be reached: ${words}`, { place });
}

async function lookFromInside({ config, address, open, gate }: ServerToExamine): Promise<SignInFacts> {
  const began = performance.now();
  const options = { ...open, address, bindDn: config.bindDn, password: config.password };
  await using session = await gate.signIn(() => DirectorySession.open(options));
  const ms = Math.round(performance.now() - began);
  const schema = vendorSchemas[config.schema ?? 'active-directory'];
  const asked = Date.now();
  const root = await readRootEntry(session, schema, config.domain);
  const answered = Date.now();
  const more = await session.readOne('', ['serverName', 'domainControllerFunctionality'], 'the root entry');
  const level = firstText(more, 'domainControllerFunctionality');
  return {
    domain: root.domain,
    hostName: root.hostName,
    site: siteOfServer(firstText(more, 'serverName')),
    level: level === null || !/^\d{1,3}$/.test(level) ? null : Number(level),
    clock: root.currentTime === null ? null : clockOf(root.currentTime, asked, answered),
    ms,
  };
}

/** The server writes whole seconds, cut off: on the average half a second is missing. */
function clockOf(theirs: number, asked: number, answered: number): NonNullable<SignInFacts['clock']> {
  return { aheadMs: (asked + answered) / 2 - (theirs + 500), uncertainMs: 500 + (answered - asked) / 2 };
}

/** Whether the server can be asked for more. */
export function letsIn(facts: ServerFacts): facts is ServerFacts & { readonly signIn: Look<SignInFacts> & { readonly ok: true } } {
  return facts.signIn?.ok === true;
}

import { isIP } from 'node:net';
import { unsupportedPart } from '../directory/filter/match-filter.ts';
import { parseFilter } from '../directory/filter/parse-filter.ts';
import { readAddress } from './address.ts';
import { checkHub } from './check-hub.ts';
import { checkHubListener } from './check-hub-listener.ts';
import { checkNotify } from './check-notify.ts';
import { type ConfigProblem, problem, problemInWords, valueAt } from './problems.ts';
import { type ActiveDirectoryConfig, type Config, configSchema, directorySchema } from './schema.ts';

type Path = readonly PropertyKey[];

/**
 * What one setting cannot tell by itself. Works section by section on what was read, so that a fault in one section does not
 * hide the faults of another.
 */
export function crossCheck(raw: unknown): readonly ConfigProblem[] {
  const directories = valueAt(raw, ['directories']);
  const entries = Array.isArray(directories) ? directories : [];
  return [
    ...duplicateNames(entries, raw),
    ...entries.flatMap((entry, index) => checkDirectory(entry, ['directories', index], raw)),
    ...checkHub(raw),
    ...checkHubListener(raw),
    ...checkPsa(raw),
    ...checkStore(raw),
    ...checkProxy(raw),
    ...checkNotify(raw),
  ];
}

function duplicateNames(entries: readonly unknown[], raw: unknown): readonly ConfigProblem[] {
  const seen = new Map<string, number>();
  return entries.flatMap((entry, index) => {
    const name = valueAt(entry, ['name']);
    if (typeof name !== 'string') {
      return [];
    }
    const key = name.trim().toLowerCase();
    const first = seen.get(key);
    if (first === undefined) {
      seen.set(key, index);
      return [];
    }
    return [problem(['directories', index, 'name'], `a name that directories[${first}] does not have`, raw)];
  });
}

function checkDirectory(entry: unknown, path: Path, raw: unknown): readonly ConfigProblem[] {
  const parsed = directorySchema.safeParse(entry);
  if (!parsed.success) {
    return [];
  }
  if (parsed.data.type === 'ldif') {
    return checkLdifFilter(parsed.data.filter, [...path, 'filter']);
  }
  const directory = parsed.data;
  const problems: ConfigProblem[] = [];
  if (directory.domain === '' && directory.servers.length === 0) {
    problems.push(problemInWords(path, '"domain" or "servers"', 'neither', 'needs "servers" (ldaps://HOST), or "domain" to find them'));
  }
  if (directory.servers.length === 0 && isIP(directory.domain) !== 0) {
    const expected = 'the DNS name of the domain like "corp.example.com": its controllers are found by it';
    problems.push(problem([...path, 'domain'], `${expected} (or name them in "servers")`, raw));
  }
  if ((directory.bindDn === '') !== (directory.password === '')) {
    const missing = directory.bindDn === '' ? 'bindDn' : 'password';
    problems.push(
      problemInWords(
        [...path, missing],
        '"bindDn" and "password", both or neither',
        'only one of them',
        '"bindDn" and "password" go together: give both, or neither to sign in by tls.certFile, or to read nothing from this directory',
      ),
    );
  }
  return [...problems, ...checkCertificate(directory, path), ...checkServers(directory, path, raw)];
}

/** What only a server can judge would be found at the first read of the file. */
function checkLdifFilter(text: string, path: Path): readonly ConfigProblem[] {
  const filter = parseFilter(text);
  const part = text !== '' && filter.ok ? unsupportedPart(filter.value) : null;
  return part === null
    ? []
    : [
        problemInWords(
          path,
          'a filter that a file can be judged by',
          part,
          `${part} cannot be judged without a server; an LDIF file has none`,
        ),
      ];
}

/** Signing in by a certificate: cert and key, over TLS, in place of name and password. */
function checkCertificate(directory: ActiveDirectoryConfig, path: Path): readonly ConfigProblem[] {
  const { certFile, keyFile, mode } = directory.tls;
  if (certFile === '' && keyFile === '') {
    return [];
  }
  const tls = [...path, 'tls'];
  const problems: ConfigProblem[] = [];
  if (certFile === '' || keyFile === '') {
    const missing = certFile === '' ? 'certFile' : 'keyFile';
    const words = '"tls.certFile" and "tls.keyFile" go together: the certificate to sign in with, and its key';
    problems.push(problemInWords([...tls, missing], '"tls.certFile" and "tls.keyFile", both or neither', 'only one of them', words));
  }
  if (directory.bindDn !== '' || directory.password !== '') {
    const words = 'signs in by "bindDn" and "password", or by "tls.certFile" and "tls.keyFile": give one of the two';
    problems.push(problemInWords(path, 'one way to sign in', 'two', words));
  }
  if (mode === 'ldaps' && directory.servers.some((server) => readAddress(server)?.scheme === 'ldap')) {
    const words = 'a certificate signs in over TLS only: use ldaps:// servers, or tls.mode "starttls"';
    problems.push(problemInWords([...tls, 'certFile'], 'servers with TLS', 'one without', words));
  }
  return problems;
}

function checkServers(directory: ActiveDirectoryConfig, path: Path, raw: unknown): readonly ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const addresses = directory.servers.map((server) => readAddress(server));
  for (const [index, address] of addresses.entries()) {
    if (address?.scheme === 'ldap' && directory.tls.mode === 'ldaps' && !address.isLoopback) {
      problems.push(problem([...path, 'servers', index], 'ldaps:// (or tls.mode "starttls": a password does not travel unencrypted)', raw));
    }
    if (address?.scheme === 'ldaps' && directory.tls.mode === 'starttls') {
      problems.push(problem([...path, 'servers', index], 'ldap:// because tls.mode is "starttls"', raw));
    }
  }
  if (!directory.tls.verify && (addresses.length === 0 || !addresses.every((address) => address?.isLoopback === true))) {
    problems.push(
      problemInWords(
        [...path, 'tls', 'verify'],
        'true',
        'false',
        'false is accepted for loopback servers only; give the issuing CA as tls.caFile, or pin the certificate with tls.pinSha256',
      ),
    );
  }
  return problems;
}

const neededCredentials: Readonly<Record<Config['psa']['type'], readonly (keyof Config['psa']['credentials'])[]>> = {
  bms: ['userName', 'password', 'tenant'],
  vorex: ['userName', 'password', 'tenant'],
  pulseway: ['userName', 'password', 'tenant'],
  connectwise: ['company', 'publicKey', 'privateKey', 'clientId'],
  autotask: ['userName', 'secret', 'integrationCode'],
  none: [],
};

function checkPsa(raw: unknown): readonly ConfigProblem[] {
  const parsed = configSchema.shape.psa.safeParse(valueAt(raw, ['psa']));
  if (!parsed.success) {
    return [];
  }
  const { type, credentials } = parsed.data;
  const needed = neededCredentials[type];
  return Object.entries(credentials).flatMap(([name, value]) => {
    const path = ['psa', 'credentials', name];
    const isNeeded = needed.some((key) => key === name);
    if (isNeeded && value === '') {
      return [
        problemInWords(
          path,
          `a value, because psa.type is "${type}"`,
          'nothing',
          `is needed for psa.type "${type}" (${needed.join(', ')})`,
        ),
      ];
    }
    if (!isNeeded && value !== '' && type !== 'none') {
      return [
        problemInWords(
          path,
          `only ${needed.join(', ')}`,
          'a value (not shown)',
          `is not used with psa.type "${type}" (it takes ${needed.join(', ')})`,
        ),
      ];
    }
    return [];
  });
}

/** One store, and a password for the one that asks for it. */
function checkStore(raw: unknown): readonly ConfigProblem[] {
  const parsed = configSchema.shape.store.safeParse(valueAt(raw, ['store']));
  if (!parsed.success) return [];
  const { path, url, password } = parsed.data;
  if (path !== '' && url !== '') {
    return [
      problemInWords(['store'], '"path" or "url"', 'both', '"path" is a file of this machine and "url" a database: give one of the two'),
    ];
  }
  if (password !== '' && url === '') {
    return [problemInWords(['store', 'password'], '"url" with it', 'nothing', 'is the password of the role in "url", which is missing')];
  }
  return [];
}

function checkProxy(raw: unknown): readonly ConfigProblem[] {
  const parsed = configSchema.shape.proxy.safeParse(valueAt(raw, ['proxy']));
  if (parsed.success && parsed.data.url === '' && (parsed.data.userName !== '' || parsed.data.bypass.length > 0)) {
    return [
      problemInWords(['proxy', 'url'], 'the address of the proxy', 'nothing', 'is needed for the other settings of "proxy" (but caFile)'),
    ];
  }
  if (!parsed.success || (parsed.data.userName === '') === (parsed.data.password === '')) {
    return [];
  }
  const missing = parsed.data.userName === '' ? 'userName' : 'password';
  return [
    problemInWords(
      ['proxy', missing],
      '"userName" and "password", both or neither',
      'only one of them',
      '"userName" and "password" go together',
    ),
  ];
}

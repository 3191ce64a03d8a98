import { isIP } from 'node:net';
import { isLoopbackHost, readAddress } from './address.ts';
import { organizationsOf } from './organizations.ts';
import { pathText, valueAt } from './problems.ts';
import { isCollector } from './role.ts';
import type { ActiveDirectoryConfig, Config } from './schema.ts';
import { scopeNotices } from './scope-notices.ts';

type Path = readonly string[];

/**
 * Sentences about what the file asks for and this version does not do. Only what was set to something that asks for an effect is
 * named, so that a file with the defaults written out stays quiet.
 */
export function noticesOf(config: Config, raw: unknown): readonly string[] {
  return [
    ...(isCollector(config) ? unusedByCollectors(raw) : [...contactNotices(config, raw), ...strayOrganizations(config)]),
    ...config.directories.flatMap((directory, index) => [
      ...(directory.type === 'active-directory' ? serverNotices(directory, `directories[${index}]`) : []),
      ...scopeNotices(directory, `directories[${index}]`),
    ]),
  ];
}

/** What will hardly do what it was meant to: a certificate shows a name, and one pin or name is that of one server. */
function serverNotices({ servers, domain, tls }: ActiveDirectoryConfig, path: string): readonly string[] {
  const isFound = servers.length === 0;
  const byAddress = servers.map((server) => readAddress(server)?.host ?? '').filter((host) => isIP(host) !== 0 && !isLoopbackHost(host));
  const single = [tls.serverName === '' ? '' : 'tls.serverName', tls.pinSha256 === '' ? '' : 'tls.pinSha256'].filter((name) => name !== '');
  return [
    ...(byAddress.length > 0 && tls.serverName === '' && tls.pinSha256 === ''
      ? [`${path}.servers: ${byAddress.join(', ')}: certificates seldom name an address: give the host's name, or tls.serverName.`]
      : []),
    ...(isFound && single.length > 0
      ? [
          `${path}.${single.join(' and ')}: fits one server, but all of the domain's are found by DNS and may be tried: name it in "servers".`,
        ]
      : []),
    ...(isFound && domain !== '' && !domain.replace(/\.$/, '').includes('.')
      ? [`${path}.domain: "${domain}" has one part only: a DNS name like "corp.example.com" is needed to find the domain controllers.`]
      : []),
  ];
}

const hubDecidesOf = ['itglue', 'contacts', 'psa', 'limits', 'organizations'] as const;

/** An empty section asks for nothing. */
function unusedByCollectors(raw: unknown): readonly string[] {
  return hubDecidesOf
    .filter((section) => Object.keys(valueAt(raw, [section]) ?? {}).length > 0)
    .map((section) => `${section} has no effect here: this machine collects for a hub (hub.url), and the hub decides.`);
}

function contactNotices(config: Config, raw: unknown): readonly string[] {
  const organizations = valueAt(raw, ['organizations']);
  const names = typeof organizations === 'object' && organizations !== null ? Object.keys(organizations) : [];
  const sections: readonly Path[] = [['contacts'], ...names.map((name) => ['organizations', name, 'contacts'])];
  return sections.flatMap((section) =>
    (config.psa.type === 'none' ? leaverPaths(section) : [])
      .filter((path) => valueAt(raw, path) === true)
      .map((path) => `${pathText(path)} has no effect: no PSA is configured (psa.type).`),
  );
}

function leaverPaths(section: Path): readonly Path[] {
  return ['onDisabled', 'onGone', 'onMissing'].map((key) => [...section, key, 'psaInactive']);
}

function strayOrganizations(config: Config): readonly string[] {
  // Those of a hub have collectors elsewhere.
  if (config.hub.listen !== '') return [];
  const known: readonly string[] = organizationsOf(config);
  return Object.keys(config.organizations)
    .filter((organization) => !known.includes(organization))
    .map((organization) => `organizations.${organization} has no effect: it is not the organization of the collector or of a directory.`);
}

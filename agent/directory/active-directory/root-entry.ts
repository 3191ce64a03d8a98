import { dnsNameOf } from '../../../core/active-directory/distinguished-name.ts';
import { RollcallError } from '../../../core/errors.ts';
import { siteOfServer } from './discovery/read-forest.ts';
import { firstText, type LdapEntry } from './entry-decoder.ts';
import type { DirectorySession } from './session.ts';
import type { VendorSchema } from './vendor-schema.ts';

/** What a server says about itself (rootDSE). */
export interface RootEntry {
  /** Root of its domain; `null` when it names none. */
  readonly defaultBase: string | null;
  /** Family of D1. */
  readonly family: string;
  /** The domain's DNS name. */
  readonly domain: string | null;
  readonly hostName: string | null;
  /** The server's clock. */
  readonly currentTime: number | null;
  readonly functionality: string | null;
  /** DN of the object that stands for the server's copy of the directory; `null`: no Active Directory. */
  readonly dsServiceName: string | null;
  /** The site it stands in; `null` when it tells none. */
  readonly site: string | null;
  /** The number of the last write that this server has committed, in digits. */
  readonly highestUsn: string | null;
  readonly configurationBase: string | null;
  readonly supportedControls: ReadonlySet<string>;
}

const attributes = [
  'defaultNamingContext',
  'rootDomainNamingContext',
  'namingContexts',
  'dnsHostName',
  'currentTime',
  'domainFunctionality',
  'isSynchronized',
  'dsServiceName',
  'highestCommittedUSN',
  'configurationNamingContext',
  'supportedControl',
];

/**
 * Reads the root. Throws `DIRECTORY_PROTOCOL` when it is no Active Directory, and `DIRECTORY_INCOMPLETE` when the domain
 * controller has not yet received its first copy of the domain: what it lacks would look deleted.
 */
export async function readRootEntry(session: DirectorySession, schema: VendorSchema, configuredDomain: string): Promise<RootEntry> {
  const entry = await session.readOne('', attributes, 'the root entry');
  const place = { directory: session.directory, server: session.server };
  if (firstText(entry, 'isSynchronized')?.toUpperCase() === 'FALSE') {
    throw new RollcallError(
      'DIRECTORY_INCOMPLETE',
      `${session.server} (directory "${session.directory}") is not yet synchronized with its domain`,
      { place },
    );
  }
  const root = firstText(entry, 'rootDomainNamingContext');
  const forest = root === null ? null : dnsNameOf(root);
  if (schema.hasForest && forest === null) {
    throw new RollcallError(
      'DIRECTORY_PROTOCOL',
      `${session.server} (directory "${session.directory}") is no Active Directory domain controller`,
      { place },
    );
  }
  const defaultBase = firstText(entry, 'defaultNamingContext') ?? firstText(entry, 'namingContexts');
  return {
    defaultBase,
    family: forest === null ? `ldap:${configuredDomain.toLowerCase()}` : `ad:${forest}`,
    domain: defaultBase === null ? null : dnsNameOf(defaultBase),
    hostName: firstText(entry, 'dnsHostName'),
    currentTime: readTime(entry),
    functionality: firstText(entry, 'domainFunctionality'),
    dsServiceName: firstText(entry, 'dsServiceName'),
    site: siteOfServer(firstText(entry, 'dsServiceName')),
    highestUsn: firstText(entry, 'highestCommittedUSN'),
    configurationBase: firstText(entry, 'configurationNamingContext'),
    supportedControls: new Set((entry.attributes.get('supportedcontrol') ?? []).map((value) => value.toString('latin1'))),
  };
}

/** GeneralizedTime as Active Directory writes it: `20260131120000.0Z`. */
function readTime(entry: LdapEntry): number | null {
  const match = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(?:\.\d+)?Z$/.exec(firstText(entry, 'currentTime') ?? '');
  if (match === null) return null;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

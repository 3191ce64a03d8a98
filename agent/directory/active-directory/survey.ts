import { X509Certificate } from 'node:crypto';
import { parseDn } from '../../../core/active-directory/distinguished-name.ts';
import { RollcallError } from '../../../core/errors.ts';
import type { DirectoryCheck } from '../../../core/ports/directory-source.ts';
import { withDirectorySession } from './active-directory-source.ts';
import { checkServer } from './check-server.ts';
import type { ActiveDirectoryConfig } from './config.ts';
import { decodeEntry } from './entry-decoder.ts';
import { searchPages } from './paged-search.ts';
import { described, isIssuedBy, type PresentedCertificate } from './presented-chain.ts';
import { readRootEntry } from './root-entry.ts';
import type { DirectorySession } from './session.ts';
import { vendorSchemas } from './vendor-schema.ts';

/** A child of the domain's root, with the users anywhere below it. */
interface SurveyedUnit {
  readonly dn: string;
  readonly users: number;
}

/** What one sign-in shows of a domain before anything is configured. */
export interface DirectorySurvey {
  readonly check: DirectoryCheck;
  /** The domain's root; `null` when the server names none. */
  readonly base: string | null;
  readonly users: number;
  /** Those with users, most users first. */
  readonly units: readonly SurveyedUnit[];
  /** The CA that signed the server's certificate, as the forest publishes it; `null` when it publishes none. */
  readonly publishedCa: PresentedCertificate | null;
}

const pageSize = 1000;

/**
 * Signs in once and looks: the check of `validate`, users by top-level unit (DNs only, so 10,000 cost a second), and the forest's
 * published CA. Throws as the check does; a refused password is sent once.
 */
export async function surveyDirectory(config: ActiveDirectoryConfig, onUsers?: (count: number) => void): Promise<DirectorySurvey> {
  return await withDirectorySession(config, async (session) => {
    const check = await checkServer(session, config);
    const schema = vendorSchemas[config.schema ?? 'active-directory'];
    const { defaultBase } = await readRootEntry(session, schema, config.domain);
    const counted = defaultBase === null ? { users: 0, units: [] } : await countUsers(session, config, defaultBase, onUsers);
    return { check, base: defaultBase, ...counted, publishedCa: await findPublishedCa(session) };
  });
}

async function countUsers(
  session: DirectorySession,
  config: ActiveDirectoryConfig,
  base: string,
  onUsers?: (count: number) => void,
): Promise<Pick<DirectorySurvey, 'users' | 'units'>> {
  const schema = vendorSchemas[config.schema ?? 'active-directory'];
  const depth = partsOf(base).length;
  const units = new Map<string, number>();
  let users = 0;
  const words = { base, filter: schema.people, attributes: ['1.1'], pageSize, what: `the users below ${base}` };
  await searchPages(session, words, {
    onEntry(reader) {
      users += 1;
      const parts = partsOf(decodeEntry(reader).dn);
      const unit = parts.slice(-(depth + 1)).join(',');
      if (parts.length > depth + 1) units.set(unit, (units.get(unit) ?? 0) + 1);
      if (users % pageSize === 0) onUsers?.(users);
    },
  });
  const listed = [...units].map(([dn, count]) => ({ dn, users: count }));
  return { users, units: listed.toSorted((a, b) => b.users - a.users || a.dn.localeCompare(b.dn)) };
}

/** AD CS publishes its CAs in the configuration partition, where every account may read them. */
async function findPublishedCa(session: DirectorySession): Promise<PresentedCertificate | null> {
  const leaf = session.certificate;
  if (leaf === null) return null;
  try {
    const root = await session.readOne('', ['configurationNamingContext'], 'the root entry');
    const configuration = root.attributes.get('configurationnamingcontext')?.[0]?.toString('utf8');
    if (configuration === undefined) return null;
    const found: X509Certificate[] = [];
    await session.search(
      {
        base: `CN=Public Key Services,CN=Services,${configuration}`,
        scope: 'sub',
        filter: { kind: 'equal', attribute: 'objectClass', value: 'certificationAuthority' },
        attributes: ['cACertificate'],
      },
      {
        onEntry(reader) {
          const entry = decodeEntry(reader);
          const values = [...entry.attributes].flatMap(([name, bytes]) => (name.startsWith('cacertificate') ? bytes : []));
          found.push(...values.flatMap((bytes) => readCertificate(bytes)));
        },
      },
    );
    const issuer = found.find((candidate) => isIssuedBy(leaf, candidate));
    return issuer === undefined ? null : described(issuer);
  } catch (error) {
    // Without rights on that container the certificate itself can still be pinned.
    if (error instanceof RollcallError && error.code !== 'INTERRUPTED') return null;
    throw error;
  }
}

function readCertificate(bytes: Buffer): readonly X509Certificate[] {
  try {
    return [new X509Certificate(bytes)];
  } catch {
    return [];
  }
}

/** The DN's parts as they are written. */
function partsOf(dn: string): readonly string[] {
  return parseDn(dn).ok ? dn.split(/(?<!\\),/) : [dn];
}

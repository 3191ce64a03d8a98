import { canonicalDn } from '../../../../core/active-directory/distinguished-name.ts';
import type { ChangesFacts } from '../../../../core/ports/directory-examination.ts';
import type { ActiveDirectoryConfig } from '../config.ts';
import { controlNames, dirSync } from '../controls.ts';
import { describeResult, resultCodes } from '../ldap-error.ts';
import { searchBasesOf } from '../read-scope.ts';
import type { DirectorySession } from '../session.ts';

/**
 * Finds out how what changed can be read (C9): asks for changes once, by a filter that hardly anything meets. DirSync needs the
 * domain's root as its base; below it, and where it is refused, there is uSNChanged.
 */
export async function readChangesMethod(
  session: DirectorySession,
  config: ActiveDirectoryConfig,
  { base, supportedControls }: { readonly base: string; readonly supportedControls: ReadonlySet<string> },
): Promise<ChangesFacts> {
  if (config.delta !== true) return { method: 'none', because: '"delta" is off in the configuration' };
  const root = canonicalDn(base);
  const bases = searchBasesOf(config, base);
  if (bases.some((searchBase) => canonicalDn(searchBase) !== root)) {
    return { method: 'uSNChanged', because: 'a search base is below the root of the domain, where DirSync does not work' };
  }
  if (!supportedControls.has(controlNames.dirSync)) return { method: 'uSNChanged', because: 'the server does not know DirSync' };
  const result = await session.search(
    {
      base,
      scope: 'sub',
      filter: { kind: 'equal', attribute: 'objectClass', value: 'domainDNS' },
      attributes: ['objectGUID'],
      controls: [dirSync(Buffer.alloc(0))],
    },
    {},
  );
  if (result.code === resultCodes.success && result.dirSync !== null) return { method: 'DirSync', because: '' };
  return { method: 'uSNChanged', because: `DirSync was refused: ${describeResult(result)}` };
}

import { canonicalDn } from '../../../../core/active-directory/distinguished-name.ts';
import type { ChangesFacts } from '../../../../core/ports/directory-examination.ts';
import type { LdapFilter } from '../../filter/parse-filter.ts';
import { readInvocationId } from '../changes/starting-point.ts';
import type { ActiveDirectoryConfig } from '../config.ts';
import { controlNames, dirSync } from '../controls.ts';
import { describeResult, resultCodes } from '../ldap-error.ts';
import { searchBasesOf } from '../read-scope.ts';
import type { RootEntry } from '../root-entry.ts';
import type { DirectorySession } from '../session.ts';

/** Matches nothing: only whether the question is allowed matters. */
const nobody: LdapFilter = { kind: 'equal', attribute: 'objectGUID', value: Buffer.alloc(16) };

/**
 * Finds out how the next read can tell what changed (C9), by what a full read would note for it: DirSync where the whole domain is read
 * and the server grants it, else the numbers of one controller.
 */
export async function readChangesMethod(
  session: DirectorySession,
  config: ActiveDirectoryConfig,
  { base, root }: { readonly base: string; readonly root: RootEntry },
): Promise<ChangesFacts> {
  if (config.delta !== true) return { method: 'none', because: '"delta" is off in the configuration' };
  const { dsServiceName, highestUsn, supportedControls } = root;
  const invocationId = dsServiceName === null || highestUsn === null ? null : await readInvocationId(session, dsServiceName);
  if (invocationId === null)
    return { method: 'none', because: 'the controller does not tell which copy of the directory it has (invocationId)' };
  const top = canonicalDn(base);
  if (!searchBasesOf(config, base).some((searchBase) => canonicalDn(searchBase) === top)) {
    return { method: 'uSNChanged', because: 'the search bases are below the root of the domain, where DirSync does not work' };
  }
  if (!supportedControls.has(controlNames.dirSync)) return { method: 'uSNChanged', because: 'the controller does not know DirSync' };
  const words = { base, scope: 'sub', filter: nobody, attributes: ['objectGUID'], controls: [dirSync(Buffer.alloc(0))] } as const;
  const result = await session.search(words, {});
  if (result.code !== resultCodes.success) return { method: 'uSNChanged', because: `DirSync was refused: ${describeResult(result)}` };
  const isMarked = result.dirSync !== null && result.dirSync.cookie.length > 0;
  return isMarked
    ? { method: 'DirSync', because: '' }
    : { method: 'uSNChanged', because: 'the controller answers DirSync without its mark' };
}

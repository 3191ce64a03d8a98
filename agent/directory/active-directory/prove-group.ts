import { RollcallError } from '../../../core/errors.ts';
import { firstBytes, type LdapEntry } from './entry-decoder.ts';
import type { DirectorySession } from './session.ts';

/** The classes of an entry, in lower case. */
export function classesOf(entry: LdapEntry): readonly string[] {
  return (entry.attributes.get('objectclass') ?? []).map((value) => value.toString('latin1').toLowerCase());
}

/**
 * Makes sure that an entry is a group that shows enough of itself: its class, and in Active Directory the SID by which members of
 * whom it is the primary group are found. Throws `DIRECTORY_BASE_NOT_FOUND` and `DIRECTORY_RIGHTS`; `what` names it there.
 */
export function proveGroup(
  session: Pick<DirectorySession, 'directory' | 'server'>,
  entry: LdapEntry,
  { group, what }: { readonly group: string; readonly what: string },
): void {
  const classes = classesOf(entry);
  const place = { directory: session.directory, server: session.server, base: group };
  const server = `${session.server} (directory "${session.directory}")`;
  if (classes.length === 0) throw new RollcallError('DIRECTORY_RIGHTS', `${server}: ${what} cannot be read`, { place });
  if (!classes.some((name) => name.startsWith('group'))) {
    throw new RollcallError('DIRECTORY_BASE_NOT_FOUND', `${server}: ${what} is no group but a ${classes.at(-1)}`, { place });
  }
  if (classes.includes('group') && firstBytes(entry, 'objectSid') === null) {
    throw new RollcallError('DIRECTORY_RIGHTS', `${server}: the objectSid of ${what} cannot be read`, { place });
  }
}

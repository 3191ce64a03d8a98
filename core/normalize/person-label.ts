import type { DirectoryEntry } from '../model/directory-user.ts';

/** The name of a user for people; `otherwise` when nothing of it is known. */
export function personLabel(
  person: Pick<DirectoryEntry['person'], 'displayName' | 'firstName' | 'lastName' | 'samAccountName' | 'userPrincipalName'>,
  otherwise: string,
): string {
  const full = [person.firstName, person.lastName].filter((part) => part !== null).join(' ');
  return person.displayName ?? (full || (person.samAccountName ?? person.userPrincipalName ?? otherwise));
}

import { RollcallError } from '../../core/errors.ts';
import type { DirectoryUser } from '../../core/model/directory-user.ts';
import { emailKey } from '../../core/normalize/email.ts';
import { textKey } from '../../core/normalize/text.ts';

/**
 * Finds the user that the words mean: id or objectGUID, sAMAccountName, userPrincipalName or mail, if it is the only one. Throws
 * `USER_NOT_FOUND`, `USER_AMBIGUOUS`.
 */
export function findUser(users: readonly DirectoryUser[], words: string): DirectoryUser {
  const key = words.trim().toLowerCase();
  const email = emailKey(words);
  const byId = users.filter((user) => user.id === words || user.immutableId === key);
  const found =
    byId.length > 0
      ? byId
      : users.filter(({ person }) => {
          const names = [person.samAccountName, person.userPrincipalName].map((name) => textKey(name)?.toLowerCase());
          return names.includes(key) || (email !== null && emailKey(person.email) === email);
        });
  const [user] = found;
  if (user === undefined) throw new RollcallError('USER_NOT_FOUND', `No user answers to "${words}".`);
  if (found.length > 1) {
    throw new RollcallError(
      'USER_AMBIGUOUS',
      `${found.length} users answer to "${words}": ${found
        .map((item) => item.immutableId)
        .slice(0, 5)
        .join(', ')}.`,
    );
  }
  return user;
}

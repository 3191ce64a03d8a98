import { RollcallError } from '../../../core/errors.ts';

/** A path as the one value of a unit's setting (`ConditionPathExists=`): only `%` means something there. */
export function unitPath(path: string): string {
  return plain(path).replaceAll('%', '%%');
}

/** A word of a unit's list of paths (`ReadWritePaths=`). */
export function unitListWord(path: string): string {
  return `"${unitPath(path).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** A word of a unit's command line, where `$` means something too. Plain ones stay as they are. */
export function unitCommandWord(word: string): string {
  return /^[\w/.+=:@-]+$/.test(word) ? word : unitListWord(word).replaceAll('$', '$$$$');
}

/** A word for a POSIX shell. */
export function shellWord(word: string): string {
  return /^[\w/.+=:@-]+$/.test(word) ? word : `'${plain(word).replaceAll("'", String.raw`'\''`)}'`;
}

/** A line break would begin another setting. */
function plain(path: string): string {
  if (/\p{Cc}/u.test(path)) {
    throw new RollcallError('OS_SERVICE_PLACE', `${JSON.stringify(path)} has control characters in its name.`);
  }
  return path;
}

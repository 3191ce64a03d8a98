import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { Moment } from '../../../core/model/time.ts';
import { createPrivateFile } from './writer-lock.ts';

const backupsKept = 3;

/**
 * Copies the whole store beside it as `STORE.TIME.VERSION.backup` (`rollcall.db.20261122T081500Z.0.1.0.backup`), durable when it
 * resolves, and drops all but the newest three. `version` is that of the program that wrote the store.
 */
export async function backUp(
  database: DatabaseSync,
  path: string,
  written: { readonly version: string; readonly at: Moment },
): Promise<string> {
  const backup = await freeName(path, written);
  const draft = `${backup}.new`;
  await rm(draft, { force: true });
  await createPrivateFile(draft);
  try {
    database.prepare('vacuum into ?').run(draft);
    const copy = await open(draft, 'r+');
    await copy.sync();
    await copy.close();
    await rename(draft, backup);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  for (const old of (await listBackups(path)).slice(0, -backupsKept)) {
    await rm(old, { force: true });
  }
  return backup;
}

/** One that is not taken: a backup that was made a moment ago may be the only one of its layout. */
async function freeName(path: string, { version, at }: { readonly version: string; readonly at: Moment }): Promise<string> {
  for (let moment = at; ; moment += 1_000) {
    const time = new Date(moment).toISOString().replaceAll(/[-:]|\.\d+/g, '');
    const name = `${path}.${time}.${version.replaceAll(/[^\w.+-]/g, '_')}.backup`;
    if ((await stat(name).catch(() => null)) === null) return name;
  }
}

/** The newest backup of the store, or `null`. */
export async function newestBackup(path: string): Promise<string | null> {
  return (await listBackups(path)).at(-1) ?? null;
}

/** Deletes backups made before the moment, but never the newest; says how many. */
export async function pruneBackups(path: string, before: Moment): Promise<number> {
  const old = (await listBackups(path)).slice(0, -1).filter((backup) => madeAt(backup, path) < before);
  for (const backup of old) {
    await rm(backup, { force: true });
  }
  return old.length;
}

/** What is not named as this program names backups is taken for new: it is somebody's own. */
function madeAt(backup: string, path: string): Moment {
  const time = /^\.(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z\./.exec(backup.slice(path.length));
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = (time ?? []).slice(1).map(Number);
  return time === null ? Number.POSITIVE_INFINITY : Date.UTC(year, month - 1, day, hour, minute, second);
}

/** Oldest first: the names begin with the time. */
async function listBackups(path: string): Promise<readonly string[]> {
  const folder = dirname(path);
  const prefix = `${basename(path)}.`;
  const names = await readdir(folder).catch(() => []);
  return names
    .filter((name) => name.startsWith(prefix) && name.endsWith('.backup'))
    .sort()
    .map((name) => join(folder, name));
}

import { rm } from 'node:fs/promises';
import type { DatabaseSync } from 'node:sqlite';
import { createPrivateFile } from './writer-lock.ts';

/**
 * Attaches an empty database for what is about to land: entries of running reads, absences, last logons. It is a file of
 * its own so that they pass neither the log nor a flush to the disk, and leave no free pages in the store; what a crash left of it is thrown away.
 */
export async function attachStaging(database: DatabaseSync, path: string): Promise<void> {
  await removeStaging(path);
  await createPrivateFile(stagingFile(path));
  database.prepare('attach database ? as staging').run(stagingFile(path));
  database.exec(`
    pragma staging.journal_mode = memory;
    pragma staging.synchronous = off;
    pragma staging.cache_size = -16384;
    create table staging.entry (read_id integer not null, immutable_id text not null, entry text, primary key (read_id, immutable_id));
    create table staging.absence (read_id integer not null, immutable_id text not null, absence text not null, primary key (read_id, immutable_id));
    create table staging.logon (source_id integer not null, user_id text not null, at integer not null, primary key (source_id, user_id));
  `);
}

/** Deletes the file; nothing may have it open. */
export async function removeStaging(path: string): Promise<void> {
  await rm(stagingFile(path), { force: true });
}

function stagingFile(path: string): string {
  return `${path}.staging`;
}

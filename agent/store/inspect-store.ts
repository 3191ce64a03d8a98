import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { RollcallError } from '../../core/errors.ts';
import { openDatabase } from './sqlite/sqlite-engine.ts';
import { translateSqliteError } from './sqlite/translate-error.ts';

type Row = Readonly<Record<string, unknown>>;

/** Rows as they are in the table, JSON columns as text; or the code of why they cannot be read. */
type Inspected<Value> = { readonly value: Value; readonly code: null } | { readonly value: null; readonly code: string };

/** A look at a store as it lies there, for support: of any layout, damaged or not. Every question is answered or fails by itself. */
export interface StoreInspection {
  /** Sizes in bytes of what lies beside it too, by what it is. */
  readonly files: Readonly<Record<'store' | 'wal' | 'shm' | 'staging' | 'backup', { readonly count: number; readonly bytes: number }>>;
  readonly layout: Inspected<number>;
  /** The program that wrote it last. */
  readonly version: Inspected<string>;
  /** `damaged`: SQLite found something. */
  readonly integrity: Inspected<'ok' | 'damaged'>;
  readonly tables: Readonly<Record<string, Inspected<number>>>;
  /** Calls `visit` with each row of the statement; says why it could not go on. */
  each(sql: string, visit: (row: Row) => void): Inspected<number>;
  close(): void;
}

const tables = [
  'source',
  'read',
  'sighting',
  'logon',
  'organization_state',
  'user_state',
  'contact_base',
  'contact_state',
  'held_plan',
  'run',
  'journal',
  'decision',
] as const;

/** Opens the store for reading alone, without checks and without migrating it. Never throws. */
export async function inspectStore(path: string): Promise<StoreInspection> {
  const files = await filesOf(path);
  const database = await opened(path);
  const each = (sql: string, visit: (row: Row) => void): Inspected<number> => {
    if (database.value === null) return database;
    return attempt(path, () => {
      let rows = 0;
      for (const row of database.value.prepare(sql).iterate()) {
        visit(row);
        rows += 1;
      }
      return rows;
    });
  };
  const first = <Value>(sql: string, read: (row: Row) => Value): Inspected<Value> => {
    let found: { readonly value: Value } | null = null;
    const { code } = each(sql, (row) => {
      found ??= { value: read(row) };
    });
    return found === null
      ? { value: null, code: code ?? 'STORE_UNUSABLE' }
      : { value: (found as { readonly value: Value }).value, code: null };
  };
  return {
    files,
    layout: first('select max(id) as id from migration', ({ id }) => Number(id ?? 0)),
    version: first("select value from property where name = 'version'", ({ value }) => String(value)),
    integrity: first('pragma quick_check(1)', (row) => (Object.values(row)[0] === 'ok' ? 'ok' : 'damaged')),
    tables: Object.fromEntries(
      tables.map((table) => [table, first(`select count(*) as count from "${table}"`, ({ count }) => Number(count))]),
    ),
    each,
    close: () => {
      if (database.value?.isOpen === true) database.value.close();
    },
  };
}

async function opened(path: string): Promise<Inspected<DatabaseSync>> {
  try {
    await stat(path);
  } catch (error) {
    const isAbsent = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return { value: null, code: isAbsent ? 'STORE_NOT_FOUND' : 'STORE_UNUSABLE' };
  }
  return attempt(path, () => openDatabase(path, true));
}

function attempt<Value>(path: string, work: () => Value): Inspected<Value> {
  try {
    return { value: work(), code: null };
  } catch (error) {
    const known = translateSqliteError(error, path);
    return { value: null, code: known instanceof RollcallError ? known.code : 'STORE_UNUSABLE' };
  }
}

async function filesOf(path: string): Promise<StoreInspection['files']> {
  const found = { store: none(), wal: none(), shm: none(), staging: none(), backup: none() };
  const base = basename(path);
  for (const name of await readdir(dirname(path)).catch(() => [])) {
    if (!name.startsWith(base)) continue;
    const kind = kindOf(name.slice(base.length));
    const facts = kind === null ? null : await stat(join(dirname(path), name)).catch(() => null);
    if (kind === null || facts === null) continue;
    found[kind] = { count: found[kind].count + 1, bytes: found[kind].bytes + facts.size };
  }
  return found;
}

function none(): { readonly count: number; readonly bytes: number } {
  return { count: 0, bytes: 0 };
}

function kindOf(ending: string): keyof StoreInspection['files'] | null {
  if (ending === '') return 'store';
  if (ending === '-wal' || ending === '-shm') return ending === '-wal' ? 'wal' : 'shm';
  if (ending.startsWith('.staging')) return 'staging';
  return ending.endsWith('.backup') ? 'backup' : null;
}

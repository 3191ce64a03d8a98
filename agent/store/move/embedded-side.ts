import { mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import type { Moment } from '../../../core/model/time.ts';
import { migrate, prepareLayout, readLayout, rememberVersion } from '../migrate.ts';
import { migrations } from '../migrations/migrations.ts';
import { assertUsable, markAsOurs, openStore } from '../open-store.ts';
import { openDatabase, prepareForWriting, sqliteEngine } from '../sqlite/sqlite-engine.ts';
import { translateSqliteError } from '../sqlite/translate-error.ts';
import { createPrivateFile, takeWriterLock } from '../sqlite/writer-lock.ts';
import { sqliteLastIds } from './last-ids.ts';
import { identityOf, type StoreSide } from './store-side.ts';

/** Who moves, when, with which version of the program. */
export interface MoveSettings {
  readonly now: () => Moment;
  readonly version: string;
  readonly command: string;
}

/** The store that is moved; only its layout is brought up to date. Throws what opening it for reading throws, and `STORE_LOCKED`. */
export async function embeddedSource(path: string, settings: MoveSettings): Promise<StoreSide> {
  await (await openStore({ path, mode: 'read', ...settings })).close();
  return locked(path, settings, () => sideOf(path, true));
}

/** The store that is moved to; its tables are made. Throws `STORE_UNUSABLE`, `STORE_TOO_NEW`, `STORE_LOCKED`. */
export async function embeddedTarget(path: string, settings: MoveSettings): Promise<StoreSide> {
  return locked(path, settings, async () => {
    await createPrivateFile(path);
    return sideOf(path, false, settings);
  });
}

async function locked(path: string, { command, now }: MoveSettings, open: () => Promise<StoreSide>): Promise<StoreSide> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const lock = await takeWriterLock(path, { command, at: now() });
    try {
      const side = await open();
      return {
        ...side,
        async close() {
          await side.close();
          await lock.release();
        },
      };
    } catch (error) {
      await lock.release();
      throw error;
    }
  } catch (error) {
    throw translateSqliteError(error, path);
  }
}

/** `making`: makes the tables there. */
async function sideOf(path: string, readOnly: boolean, making: MoveSettings | null = null): Promise<StoreSide> {
  const database = openDatabase(path, readOnly);
  const engine = sqliteEngine(database, path);
  const { db } = engine;
  try {
    if (making !== null) {
      const layout = assertUsable(await readLayout(db), database, { path, version: making.version });
      prepareForWriting(database);
      if (layout === 'empty') {
        markAsOurs(database);
        await prepareLayout(db);
      }
      await migrate(db, migrations, layout === 'empty' ? 0 : layout, making.now());
      await rememberVersion(db, making.version);
    }
    const identity = await identityOf(db, `file ${path} on ${hostname()}`);
    return { db, kind: 'embedded', words: path, identity, lastIds: sqliteLastIds, close: () => engine.close() };
  } catch (error) {
    await engine.close();
    throw error;
  }
}

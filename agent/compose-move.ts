import { resolve } from 'node:path';
import { RollcallError } from '../core/errors.ts';
import type { LocalContext } from './cli/answer.ts';
import type { StoreMoveDocument } from './cli/documents-store.ts';
import { databasePlace, storePlace, storeSecret } from './compose-store.ts';
import { loadConfig } from './config/load-config.ts';
import { isSecretReference } from './config/value-types.ts';
import { registryFile } from './hub/places.ts';
import { reveal } from './secrets/redacted.ts';
import { takeServiceLock } from './service/service-lock.ts';
import { moveStore, type RegistryPlaces } from './store/move/move-store.ts';
import type { StorePlace } from './store/open-configured-store.ts';
import { placeInWords } from './store/postgres/database-place.ts';
import { confirmBeforeWriting } from './upgrade/confirm-before-writing.ts';
import { version } from './version.ts';

/** The words of the command. */
interface MoveWords {
  readonly to: string;
  /** Reference to the password of the role; empty: none is needed. */
  readonly password: string;
}

type Context = Pick<LocalContext, 'configFile' | 'stateDirectory' | 'environment' | 'redactor' | 'progress' | 'signal'>;

/**
 * Moves the configured store to the other kind, while no service runs for the state directory. Throws `USAGE`, `SERVICE_RUNNING`, what
 * loading the configuration throws, and what `moveStore` throws.
 */
export async function moveConfiguredStore(context: Context, words: MoveWords): Promise<Omit<StoreMoveDocument, 'formatVersion'>> {
  const from = storePlace({ ...context, loaded: await loadConfig(context.configFile) });
  const to = targetOf(context, words);
  if (from.kind === to.kind) throw new RollcallError('USAGE', sameKind[from.kind]);
  const command = 'rollcall store move';
  const lock = await takeServiceLock(context.stateDirectory, { command, now: Date.now });
  const task = context.progress.start('Moving the store');
  const begun = performance.now();
  try {
    await confirmBeforeWriting(context.stateDirectory);
    const watch = { signal: context.signal, onProgress: (done: number, total: number) => task.update(done, total) };
    const { tables, resumed } = await moveStore(from, to, { now: Date.now, version, command, ...watch }, registriesOf(context, from, to));
    task.done('Moved the store');
    const rows = tables.reduce((sum, table) => sum + table.rows, 0);
    const durationMs = Math.round(performance.now() - begun);
    return { from: placeOf(from), to: placeOf(to), resumed, tables, rows, durationMs, configuration: settingsOf(to, words) };
  } catch (error) {
    task.fail();
    throw error;
  } finally {
    await lock.release();
  }
}

/** In a database the registry is beside the store, else in a file of the state directory. */
function registriesOf({ stateDirectory }: Pick<Context, 'stateDirectory'>, from: StorePlace, to: StorePlace): RegistryPlaces {
  const file = { kind: 'embedded', path: registryFile(stateDirectory) } as const;
  return { from: from.kind === 'embedded' ? file : from, to: to.kind === 'embedded' ? file : to };
}

const sameKind = {
  embedded: 'The store is a file already: --to takes the address of a database. A file is moved by copying it while nothing runs.',
  postgresql: 'The store is in a database already: --to takes a file. From one database to another pg_dump moves it.',
} as const;

function targetOf(context: Context, { to, password }: MoveWords): StorePlace {
  if (!/^[a-z]+:\/\//i.test(to)) {
    if (password !== '') throw new RollcallError('USAGE', 'A file has no password: --password is for a database.');
    return { kind: 'embedded', path: resolve(to) };
  }
  const place = databasePlace(to);
  if (password === '') return { kind: 'postgresql', place, password };
  if (!isSecretReference(password)) {
    throw new RollcallError(
      'USAGE',
      '--password takes a reference: env:NAME, file:PATH or vault:NAME. If the password itself stood there, change it: words of a command are seen by others.',
    );
  }
  return { kind: 'postgresql', place, password: reveal(storeSecret(context, password, '--password')) };
}

function placeOf(place: StorePlace): StoreMoveDocument['from'] {
  return { kind: place.kind, place: place.kind === 'embedded' ? place.path : placeInWords(place.place) };
}

function settingsOf(to: StorePlace, words: MoveWords): StoreMoveDocument['configuration'] {
  if (to.kind === 'embedded') return { path: to.path };
  return { url: words.to, ...(words.password === '' ? {} : { password: words.password }) };
}

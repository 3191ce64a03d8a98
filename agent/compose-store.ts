import { join } from 'node:path';
import { RollcallError } from '../core/errors.ts';
import type { Store } from '../core/ports/store.ts';
import type { OperationsContext } from './cli/operations.ts';
import { readDatabaseAddress } from './config/database-address.ts';
import type { StoreWhereabouts } from './doctor/surroundings.ts';
import type { Redacted } from './secrets/redacted.ts';
import { reveal } from './secrets/redacted.ts';
import { resolveSecret, type SecretSources } from './secrets/resolve-secret.ts';
import { createSecretSources, type SecretPlaces } from './secrets/secret-sources.ts';
import { openConfiguredStore, type StorePlace } from './store/open-configured-store.ts';
import { type DatabasePlace, placeInWords } from './store/postgres/database-place.ts';
import { confirmBeforeWriting } from './upgrade/confirm-before-writing.ts';
import { openPutBack } from './upgrade/put-back.ts';
import { version } from './version.ts';

type StoreContext = Pick<OperationsContext, 'loaded' | 'stateDirectory' | 'environment' | 'redactor'>;
type OpeningContext = StoreContext & Pick<OperationsContext, 'logger'>;

type OpeningOptions = Parameters<typeof openConfiguredStore>[1] & { readonly command: string };

/** The store that the configuration names. Throws when its password is a secret that is not set. */
export function storePlace(context: StoreContext, sources?: SecretSources): StorePlace {
  const { url, password } = context.loaded.config.store;
  if (url === '') return { kind: 'embedded', path: embeddedPath(context) };
  return {
    kind: 'postgresql',
    place: databasePlace(url),
    password: password === '' ? '' : reveal(storeSecret(context, password, 'store.password', sources)),
  };
}

/** The same for the service, whose thread must not stand still while the vault is unlocked. */
export async function unlockedStorePlace(context: Omit<StoreContext, 'environment'> & SecretPlaces): Promise<StorePlace> {
  const sources = createSecretSources(context);
  if (context.loaded.config.store.password.startsWith('vault:')) await sources.unlock();
  return storePlace(context, sources);
}

/** Opens it; a store that is to be read and was never made is `null`. */
export async function openForReading(context: OpeningContext): Promise<Store | null> {
  try {
    return await openUsable(context, { mode: 'read', now: Date.now, version, command: 'rollcall' });
  } catch (error) {
    if (error instanceof RollcallError && error.code === 'STORE_NOT_FOUND') return null;
    throw error;
  }
}

/** `command`: told to others who meet it. */
export function openForWriting(context: OpeningContext, command: string): Promise<Store> {
  return openUsable(context, { mode: 'write', now: Date.now, version, command: `rollcall ${command}` });
}

/** As it is, or as it was before a release migrated it that was refused since. */
async function openUsable(context: OpeningContext, options: OpeningOptions): Promise<Store> {
  const place = storePlace(context);
  const open = (): Promise<Store> => openConfiguredStore(place, options);
  if (place.kind !== 'embedded') return open();
  const { stateDirectory, logger } = context;
  return openPutBack({ path: place.path, stateDirectory, logger, command: options.command, now: options.now }, open);
}

/** Opens it for a command, whose release is confirmed before it can write anything. */
export async function openForCommand(context: OpeningContext, command: string): Promise<Store> {
  const store = await openForWriting(context, command);
  try {
    await confirmBeforeWriting(context.stateDirectory);
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** Where it is, for messages and for whoever examines it; opens nothing. */
export function storeWhereabouts(context: StoreContext): StoreWhereabouts {
  const { url } = context.loaded.config.store;
  if (url === '') {
    const path = embeddedPath(context);
    return { kind: 'embedded', words: path, path };
  }
  const place = databasePlace(url);
  return {
    kind: 'postgresql',
    words: placeInWords(place),
    async examine() {
      const opened = storePlace(context);
      if (opened.kind === 'embedded') throw new RollcallError('INTERNAL', 'The store is no database.');
      const { examineDatabase } = await import('./store/postgres/examine-database.ts');
      return examineDatabase(opened.place, opened.password);
    },
  };
}

/** A secret of the store; it is kept out of every log from now on. */
export function storeSecret(
  context: Omit<StoreContext, 'loaded'>,
  reference: string,
  setting: string,
  sources: SecretSources = createSecretSources({ ...context, platform: process.platform }),
): Redacted {
  const secret = resolveSecret(reference, setting, sources);
  context.redactor.register(secret);
  return secret;
}

/** Of an address that the check of the configuration has let through, or of the words of a command. Throws `USAGE`. */
export function databasePlace(url: string): DatabasePlace {
  const read = readDatabaseAddress(url);
  if (read.ok) return read.value;
  throw new RollcallError('USAGE', `The address of the database is not right; expected ${read.error.expected}.`);
}

function embeddedPath({ loaded, stateDirectory }: Pick<StoreContext, 'loaded' | 'stateDirectory'>): string {
  const { path } = loaded.config.store;
  return path === '' ? join(stateDirectory, 'rollcall.db') : path;
}

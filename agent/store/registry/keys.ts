import { RollcallError } from '../../../core/errors.ts';
import type { Moment } from '../../../core/model/time.ts';
import { hashOf, isHashOf, keyOf, makeSecret, readKey } from '../../hub/registry/keys.ts';
import type { KeyHolder } from '../../hub/registry/registry.ts';
import { note } from './audit.ts';
import { unknownCollector } from './names.ts';
import type { Registering } from './tables.ts';

/** The last contact is written no more often: an upload has thousands of requests, and a heartbeat each minute tells it besides. */
const contactEveryMs = 90_000;

/** Keys of a collector that are not valid any more. */
const retiredKept = 10;

export async function makeKey(db: Registering, collectorId: string, at: Moment): Promise<string> {
  const secret = makeSecret();
  await db
    .insertInto('collector_key')
    .values({ collector_id: collectorId, secret_hash: hashOf(secret), made_at: at, first_used_at: null, retired_at: null })
    .execute();
  return keyOf(collectorId, secret);
}

export async function retireKeys(db: Registering, collectorId: string, at: Moment): Promise<void> {
  await db
    .updateTable('collector_key')
    .set({ retired_at: at })
    .where('collector_id', '=', collectorId)
    .where('retired_at', 'is', null)
    .execute();
}

/** Whose key it is; `null`: that is to be found out by `authenticate`, which has something to write. Throws as that does. */
export async function knownHolder(db: Registering, key: string, at: Moment): Promise<KeyHolder | null> {
  const { shown } = await lookUp(db, given(key));
  return shown.first_used_at === null || isContactDue(shown, at) ? null : holderOf(shown);
}

export async function authenticate(db: Registering, key: string, at: Moment): Promise<KeyHolder> {
  const asked = given(key);
  const { shown } = await lookUp(db, asked);
  if (shown.first_used_at === null) await useFirst(db, asked, at);
  else if (isContactDue(shown, at)) await hold(db, asked.collectorId, at);
  return holderOf(shown);
}

function isContactDue({ last_contact_at: last }: ShownKey, at: Moment): boolean {
  return last === null || at - last >= contactEveryMs || at < last;
}

function holderOf({ collector_id: id, organization, name, made_at: keyMadeAt }: ShownKey): KeyHolder {
  return { id, organization, name, keyMadeAt };
}

type GivenKey = NonNullable<ReturnType<typeof readKey>>;
type ShownKey = Awaited<ReturnType<typeof keysOf>>[number];

function given(key: string): GivenKey {
  const read = readKey(key);
  if (read === null) throw rejected();
  return read;
}

/** All keys of the collector, newest first, each with whose it is. */
function keysOf(db: Registering, collectorId: string) {
  return db
    .selectFrom('collector_key as key')
    .innerJoin('collector', 'collector.id', 'key.collector_id')
    .select(['key.id', 'key.collector_id', 'key.secret_hash', 'key.made_at', 'key.first_used_at', 'key.retired_at'])
    .select(['collector.organization', 'collector.name', 'collector.last_contact_at', 'collector.revoked_at', 'collector.deleted_at'])
    .where('key.collector_id', '=', collectorId)
    .orderBy('key.id', 'desc')
    .execute();
}

/** All keys of the collector, and the one that is shown. Throws when that is not valid. */
async function lookUp(db: Registering, { collectorId, secret }: GivenKey) {
  const keys = await keysOf(db, collectorId);
  const shown = keys.find(({ secret_hash }) => isHashOf(secret, secret_hash));
  if (shown === undefined || shown.deleted_at !== null) throw rejected();
  if (shown.revoked_at !== null) throw new RollcallError('HUB_COLLECTOR_REVOKED', 'This collector was revoked.');
  if (shown.retired_at !== null) throw rejected();
  return { keys, shown };
}

/** The first use of a key retires those before it. */
async function useFirst(db: Registering, asked: GivenKey, at: Moment): Promise<void> {
  const { collectorId } = asked;
  await hold(db, collectorId, at);
  // What another hub has done with the keys meanwhile is seen from here on.
  const { keys, shown } = await lookUp(db, asked);
  if (shown.first_used_at !== null) return;
  await db.updateTable('collector_key').set({ first_used_at: at }).where('id', '=', shown.id).execute();
  const before = keys.filter(({ id, retired_at }) => id < shown.id && retired_at === null).map(({ id }) => id);
  if (before.length === 0) return;
  await db.updateTable('collector_key').set({ retired_at: at }).where('id', 'in', before).execute();
  const { organization } = shown;
  await note(db, { at, who: `collector ${collectorId}`, what: 'key retired', organization, collectorId, detail: {} });
}

/**
 * Writes the last contact, and with that holds the collector until the transaction ends: two hubs that change its keys, or revoke it,
 * do so one after the other. Tells its organization; `null`: it may have no keys.
 */
async function hold(db: Registering, collectorId: string, at: Moment): Promise<string | null> {
  const held = await db
    .updateTable('collector')
    .set({ last_contact_at: at })
    .where('id', '=', collectorId)
    .where('revoked_at', 'is', null)
    .where('deleted_at', 'is', null)
    .returning('organization')
    .executeTakeFirst();
  return held?.organization ?? null;
}

export async function rotateKey(db: Registering, collectorId: string, at: Moment): Promise<string> {
  const organization = await hold(db, collectorId, at);
  if (organization === null) throw unknownCollector();
  // A key whose answer never came would stay valid for ever.
  await db.deleteFrom('collector_key').where('collector_id', '=', collectorId).where('first_used_at', 'is', null).execute();
  const key = await makeKey(db, collectorId, at);
  await forgetOldKeys(db, collectorId);
  await note(db, { at, who: `collector ${collectorId}`, what: 'key made', organization, collectorId, detail: {} });
  return key;
}

/** Each request looks at all keys of its collector: whoever asks for new ones all the time must not make that long for everybody. */
async function forgetOldKeys(db: Registering, collectorId: string): Promise<void> {
  const retired = db.selectFrom('collector_key').select('id').where('collector_id', '=', collectorId).where('retired_at', 'is not', null);
  const newest = await retired.orderBy('id', 'desc').offset(retiredKept).limit(1).executeTakeFirst();
  if (newest === undefined) return;
  await db
    .deleteFrom('collector_key')
    .where('collector_id', '=', collectorId)
    .where('retired_at', 'is not', null)
    .where('id', '<=', newest.id)
    .execute();
}

function rejected(): RollcallError {
  return new RollcallError('HUB_KEY_REJECTED', 'The hub does not know the key.');
}

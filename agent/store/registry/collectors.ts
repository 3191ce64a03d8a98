import { RollcallError } from '../../../core/errors.ts';
import type { Moment } from '../../../core/model/time.ts';
import { type HeartbeatRequest, heartbeatRequest } from '../../hub/protocol/messages.ts';
import { nameKey } from '../../hub/registry/collector-name.ts';
import { makeId } from '../../hub/registry/keys.ts';
import type { Actor, EnrolledCollector, Joining, KeyHolder } from '../../hub/registry/registry.ts';
import { note } from './audit.ts';
import { useInvitation } from './invitations.ts';
import { makeKey, retireKeys } from './keys.ts';
import { assertNameFree, nameBefore, nameTaken, takeNameOver, unknownCollector } from './names.ts';
import type { Registering } from './tables.ts';

export async function join(
  db: Registering,
  machine: Joining,
  at: Moment,
  isReserved: (organization: string, name: string) => boolean,
): Promise<{ readonly collector: KeyHolder; readonly key: string }> {
  const id = makeId();
  const invitation = await useInvitation(db, machine, id, at);
  const { organization } = invitation;
  const wanted = (invitation.name ?? machine.name).toWellFormed().trim();
  // Nobody could tell it apart or name it, and the answer with its key would be none.
  if (wanted === '') throw new RollcallError('HUB_MESSAGE_INVALID', 'The name of the collector is blank.');
  if (isReserved(organization, wanted)) throw nameTaken(organization, wanted);
  await assertNameFree(db, organization, wanted);
  const name = (await takeNameOver(db, organization, wanted, at)) ?? (await nameBefore(db, organization, wanted)) ?? wanted;
  // Another hub may have let one in under this name since it was found free.
  const added = await db
    .insertInto('collector')
    .values({
      id,
      organization,
      name,
      name_key: nameKey(name),
      subnets: JSON.stringify(machine.subnets.length === 0 ? invitation.subnets : machine.subnets),
      ...toldBy(machine),
      added_at: at,
      revoked_at: null,
      deleted_at: null,
      last_contact_at: null,
      clock_ahead_ms: null,
      heartbeat_at: null,
      heartbeat: null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (added.numInsertedOrUpdatedRows !== 1n) throw nameTaken(organization, name);
  await note(db, { at, who: `collector ${id}`, what: 'join', organization, collectorId: id, detail: { name, invitation: invitation.id } });
  const key = await makeKey(db, id, at);
  return { collector: { id, organization, name, keyMadeAt: at }, key };
}

/** SQLite keeps no half of a character, so PostgreSQL is given none either: what is moved from one to the other stays the same. */
function toldBy({ version, platform, location }: Pick<Joining, 'version' | 'platform' | 'location'>) {
  return { version: version.toWellFormed(), platform: platform.toWellFormed(), location: location.toWellFormed() };
}

export async function heartbeat(db: Registering, collectorId: string, facts: HeartbeatRequest, at: Moment): Promise<void> {
  const changed = await db
    .updateTable('collector')
    .set({
      ...toldBy(facts),
      clock_ahead_ms: facts.clock - at,
      heartbeat_at: at,
      heartbeat: JSON.stringify(facts),
      last_contact_at: at,
    })
    .where('id', '=', collectorId)
    .executeTakeFirst();
  if (changed.numUpdatedRows !== 1n) throw unknownCollector();
}

export async function listCollectors(db: Registering, organization: string | null): Promise<readonly EnrolledCollector[]> {
  let query = db.selectFrom('collector').selectAll().where('deleted_at', 'is', null);
  // Each heartbeat asks for its organization: what it costs must not grow with the collectors of others.
  if (organization !== null) query = query.where('organization', '=', organization);
  const rows = await query
    .select((eb) =>
      eb
        .selectFrom('collector_key as key')
        .select(({ fn }) => fn.max('key.made_at').as('made_at'))
        .whereRef('key.collector_id', '=', 'collector.id')
        .where('key.retired_at', 'is', null)
        .as('key_made_at'),
    )
    .orderBy('organization')
    .orderBy('name_key')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    organization: row.organization,
    name: row.name,
    subnets: JSON.parse(row.subnets) as readonly string[],
    location: row.location,
    version: row.version,
    platform: row.platform,
    addedAt: row.added_at,
    revokedAt: row.revoked_at,
    lastContactAt: row.last_contact_at,
    clockAheadMs: row.clock_ahead_ms,
    heartbeat: heartbeatOf(row.heartbeat_at, row.heartbeat),
    keyMadeAt: row.key_made_at,
  }));
}

/** What an earlier version kept in another form is not told. */
function heartbeatOf(at: number | null, text: string | null): EnrolledCollector['heartbeat'] {
  if (at === null || text === null) return null;
  const parsed = heartbeatRequest.safeParse(JSON.parse(text));
  return parsed.success ? { at, facts: parsed.data } : null;
}

export async function revoke(db: Registering, collectorId: string, who: Actor, at: Moment): Promise<void> {
  const revoked = await db
    .updateTable('collector')
    .set({ revoked_at: at })
    .where('id', '=', collectorId)
    .where('revoked_at', 'is', null)
    .where('deleted_at', 'is', null)
    .returning(['organization', 'name'])
    .executeTakeFirst();
  if (revoked === undefined) return assertKnown(db, collectorId);
  const { organization, name } = revoked;
  await retireKeys(db, collectorId, at);
  await note(db, { at, who, what: 'revoke', organization, collectorId, detail: { name } });
}

async function assertKnown(db: Registering, collectorId: string): Promise<void> {
  const row = await db
    .selectFrom('collector')
    .select('id')
    .where('id', '=', collectorId)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  if (row === undefined) throw unknownCollector();
}

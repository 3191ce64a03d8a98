import { RollcallError } from '../../../core/errors.ts';
import type { Moment } from '../../../core/model/time.ts';
import { nameKey } from '../../hub/registry/collector-name.ts';
import type { Registering } from './tables.ts';

/**
 * A revoked collector gives up its name to the machine that joins in its place, which goes on with what it saw; `null`: there is none. The
 * name as it was: what was seen is kept under it.
 */
export async function takeNameOver(db: Registering, organization: string, name: string, at: Moment): Promise<string | null> {
  const old = await db
    .updateTable('collector')
    .set({ deleted_at: at })
    .where('organization', '=', organization)
    .where('name_key', '=', nameKey(name))
    .where('deleted_at', 'is', null)
    .where('revoked_at', 'is not', null)
    .returning('name')
    .executeTakeFirst();
  return old?.name ?? null;
}

/** As the collector of this name that was deleted last wrote it; `null`: there was none. */
export async function nameBefore(db: Registering, organization: string, name: string): Promise<string | null> {
  return (await lastDeleted(db, organization, name))?.name ?? null;
}

export function lastDeleted(db: Registering, organization: string, name: string) {
  return db
    .selectFrom('collector')
    .select(['id', 'name'])
    .where('organization', '=', organization)
    .where('name_key', '=', nameKey(name))
    .where('deleted_at', 'is not', null)
    .orderBy('deleted_at', 'desc')
    .orderBy('added_at', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** Throws `HUB_NAME_TAKEN` when a collector that was not revoked has the name. */
export async function assertNameFree(db: Registering, organization: string, name: string): Promise<void> {
  const other = await db
    .selectFrom('collector')
    .select('id')
    .where('organization', '=', organization)
    .where('name_key', '=', nameKey(name))
    .where('deleted_at', 'is', null)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  if (other !== undefined) throw nameTaken(organization, name);
}

export function nameTaken(organization: string, name: string): RollcallError {
  return new RollcallError('HUB_NAME_TAKEN', `Organization ${organization} has a collector "${name}" already.`, {
    place: { organization },
  });
}

export function unknownCollector(): RollcallError {
  return new RollcallError('HUB_COLLECTOR_UNKNOWN', 'The hub has no such collector.');
}

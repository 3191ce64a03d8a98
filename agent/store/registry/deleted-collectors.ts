import type { Moment } from '../../../core/model/time.ts';
import { nameKey } from '../../hub/registry/collector-name.ts';
import type { Actor } from '../../hub/registry/registry.ts';
import { note } from './audit.ts';
import { revoke } from './collectors.ts';
import { lastDeleted, unknownCollector } from './names.ts';
import type { Registering } from './tables.ts';

export async function remove(db: Registering, collectorId: string, who: Actor, at: Moment): Promise<void> {
  await revoke(db, collectorId, who, at);
  const removed = await db
    .updateTable('collector')
    .set({ deleted_at: at })
    .where('id', '=', collectorId)
    .where('deleted_at', 'is', null)
    .returning(['organization', 'name'])
    .executeTakeFirst();
  // Another hub has done it since it was revoked here.
  if (removed === undefined) throw unknownCollector();
  const { organization, name } = removed;
  await note(db, { at, who, what: 'delete', organization, collectorId, detail: { name } });
}

export async function bringBack(
  db: Registering,
  { organization, name }: { readonly organization: string; readonly name: string },
  who: Actor,
  at: Moment,
): Promise<boolean> {
  const last = await lastDeleted(db, organization, name);
  if (last === undefined) return false;
  const back = await db
    .updateTable('collector')
    .set({ deleted_at: null })
    .where('id', '=', last.id)
    .where('deleted_at', 'is not', null)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('collector as living')
            .select('living.id')
            .where('living.organization', '=', organization)
            .where('living.name_key', '=', nameKey(name))
            .where('living.deleted_at', 'is', null),
        ),
      ),
    )
    .executeTakeFirst();
  if (back.numUpdatedRows !== 1n) return false;
  await note(db, { at, who, what: 'restore', organization, collectorId: last.id, detail: { name: last.name } });
  return true;
}

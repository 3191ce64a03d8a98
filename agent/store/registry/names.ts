import { RollcallError } from '../../../core/errors.ts';
import { nameKey } from '../../hub/registry/collector-name.ts';
import type { Registering } from './tables.ts';

export async function assertNameFree(db: Registering, organization: string, name: string): Promise<void> {
  const other = await db
    .selectFrom('collector')
    .select('id')
    .where('organization', '=', organization)
    .where('name_key', '=', nameKey(name))
    .where('deleted_at', 'is', null)
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

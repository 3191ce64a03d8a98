import { holds, parseNetwork } from '../../../core/active-directory/sites.ts';
import { RollcallError } from '../../../core/errors.ts';
import type { Moment } from '../../../core/model/time.ts';
import { hashOf, makeId, makeSecret } from '../../hub/registry/keys.ts';
import type { Actor, Joining, NewInvitation, OpenInvitation } from '../../hub/registry/registry.ts';
import { note } from './audit.ts';
import { assertNameFree } from './names.ts';
import type { Registering } from './tables.ts';

export async function invite(
  db: Registering,
  invitation: NewInvitation,
  who: Actor,
  at: Moment,
): Promise<{ readonly id: string; readonly secret: string }> {
  const { organization, subnets, name, expiresAt } = invitation;
  if (name !== null) await assertNameFree(db, organization, name);
  const id = makeId();
  const secret = makeSecret();
  await db
    .insertInto('invitation')
    .values({
      id,
      secret_hash: hashOf(secret),
      organization,
      subnets: JSON.stringify(subnets),
      name,
      created_by: who,
      created_at: at,
      expires_at: expiresAt,
      used_at: null,
      used_by: null,
    })
    .execute();
  const detail = { invitation: id, subnets, ...(name === null ? {} : { name }), expires: new Date(expiresAt).toISOString() };
  await note(db, { at, who, what: 'invite', organization, collectorId: null, detail });
  return { id, secret };
}

/** Marks the invitation as used by the collector and tells what it is for. */
export async function useInvitation(
  db: Registering,
  machine: Pick<Joining, 'secret' | 'subnets'>,
  collectorId: string,
  at: Moment,
): Promise<NewInvitation & { readonly id: string }> {
  // One statement finds and takes it: whoever comes second, at the same time too, finds none that was not used.
  const taken = await db
    .updateTable('invitation')
    .set({ used_at: at, used_by: collectorId })
    .where('secret_hash', '=', hashOf(machine.secret))
    .where('used_at', 'is', null)
    .where('expires_at', '>', at)
    .executeTakeFirst();
  if (taken.numUpdatedRows !== 1n) throw await whyInvalid(db, machine.secret);
  const row = await db.selectFrom('invitation').selectAll().where('used_by', '=', collectorId).executeTakeFirstOrThrow();
  const subnets = JSON.parse(row.subnets) as readonly string[];
  const outside = machine.subnets.filter((subnet) => !subnets.some((invited) => isWithin(subnet, invited)));
  if (outside.length > 0) {
    throw new RollcallError(
      'HUB_INVITATION_INVALID',
      `The invitation is for ${subnets.join(', ')}; the collector stands for ${outside.slice(0, 5).join(', ')}.`,
    );
  }
  return { id: row.id, organization: row.organization, subnets, name: row.name, expiresAt: row.expires_at };
}

/** Whoever does not know the secret learns nothing; whoever does is told what became of it. */
async function whyInvalid(db: Registering, secret: string): Promise<RollcallError> {
  const known = await db.selectFrom('invitation').select('used_at').where('secret_hash', '=', hashOf(secret)).executeTakeFirst();
  if (known === undefined) return new RollcallError('HUB_INVITATION_INVALID', 'The hub knows no such invitation.');
  const why = known.used_at === null ? 'has expired' : 'was used already';
  return new RollcallError('HUB_INVITATION_INVALID', `The invitation ${why}.`);
}

function isWithin(inner: string, outer: string): boolean {
  const [small, large] = [parseNetwork(inner), parseNetwork(outer)];
  return small !== null && large !== null && holds(large, small);
}

export async function openInvitations(db: Registering, organization: string | null, at: Moment): Promise<readonly OpenInvitation[]> {
  let query = db.selectFrom('invitation').selectAll().where('used_at', 'is', null).where('expires_at', '>', at);
  if (organization !== null) query = query.where('organization', '=', organization);
  const rows = await query.orderBy('created_at').orderBy('id').execute();
  return rows.map((row) => ({
    id: row.id,
    organization: row.organization,
    subnets: JSON.parse(row.subnets) as readonly string[],
    name: row.name,
    expiresAt: row.expires_at,
    createdBy: row.created_by as Actor,
    createdAt: row.created_at,
  }));
}

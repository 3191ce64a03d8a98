import type { Kysely, Selectable, Transaction } from 'kysely';
import type { AdStatus } from '../../core/model/directory-user.ts';
import { contactId, type OrganizationId, type UserId } from '../../core/model/ids.ts';
import type {
  ContactBase,
  ContactState,
  LeaverSince,
  OrganizationState,
  PsaLink,
  PushWant,
  SyncedValues,
  UserState,
} from '../../core/model/state.ts';
import { chunks } from './chunks.ts';
import { fromJson, fromNullableJson, toJson } from './json.ts';
import { usersGoneWithTheirCollector } from './living-sources.ts';
import type { StoreTables } from './tables.ts';

type Database = Kysely<StoreTables>;

/** What is known of an organization before its first run. */
const newOrganization: OrganizationState = { onboarded: false, twoWaySince: null, canary: null, lastPlanAt: null, lastAppliedAt: null };

export async function organizationState(db: Database, organization: OrganizationId): Promise<OrganizationState> {
  const row = await db.selectFrom('organization_state').select('body').where('organization', '=', organization).executeTakeFirst();
  return row === undefined
    ? newOrganization
    : { ...newOrganization, ...(fromJson(row.body, 'organization_state.body') as OrganizationState) };
}

export async function saveOrganizationState(db: Database, organization: OrganizationId, state: OrganizationState): Promise<void> {
  await db
    .insertInto('organization_state')
    .values({ organization, body: toJson(state) })
    .onConflict((conflict) => conflict.column('organization').doUpdateSet((eb) => ({ body: eb.ref('excluded.body') })))
    .execute();
}

export async function userStates(db: Database, organization: OrganizationId): Promise<readonly UserState[]> {
  const rows = await db
    .selectFrom('user_state')
    .selectAll()
    .where('organization', '=', organization)
    .where('user_id', 'not in', usersGoneWithTheirCollector(db, organization))
    .orderBy('user_id')
    .execute();
  return rows.map(toUserState);
}

/** `Required`: a member that is added to the model, optional too, must get its column. */
function toUserState(row: Selectable<StoreTables['user_state']>): Required<UserState> {
  return {
    userId: row.user_id as UserId,
    state: row.state,
    contactId: row.contact_id === null ? null : contactId(row.contact_id),
    rule: row.rule,
    decidedAt: row.decided_at,
    appliedContactId: row.applied_contact_id === null ? null : contactId(row.applied_contact_id),
    returned: row.returned === 1,
    rejectedContactIds: fromJson(row.rejected_contact_ids, 'user_state.rejected_contact_ids') as UserState['rejectedContactIds'],
    createRequested: row.create_requested === 1,
    createdContact: row.created_contact === 1,
    appliedStatus: row.applied_status as AdStatus | null,
    leaver: fromNullableJson(row.leaver, 'user_state.leaver') as LeaverSince | null,
  };
}

export async function saveUserStates(
  tx: Transaction<StoreTables>,
  organization: OrganizationId,
  states: readonly UserState[],
): Promise<void> {
  for (const chunk of chunks(lastOfEach(states, ({ userId }) => userId))) {
    await tx
      .insertInto('user_state')
      .values(
        chunk.map((state) => ({
          organization,
          user_id: state.userId,
          state: state.state,
          contact_id: state.contactId,
          rule: state.rule,
          decided_at: state.decidedAt,
          applied_contact_id: state.appliedContactId,
          returned: state.returned ? 1 : 0,
          rejected_contact_ids: toJson(state.rejectedContactIds),
          create_requested: state.createRequested ? 1 : 0,
          created_contact: state.createdContact ? 1 : 0,
          applied_status: state.appliedStatus,
          leaver: nullableJson(state.leaver),
        })),
      )
      .onConflict((conflict) =>
        conflict.columns(['organization', 'user_id']).doUpdateSet((eb) => ({
          state: eb.ref('excluded.state'),
          contact_id: eb.ref('excluded.contact_id'),
          rule: eb.ref('excluded.rule'),
          decided_at: eb.ref('excluded.decided_at'),
          applied_contact_id: eb.ref('excluded.applied_contact_id'),
          returned: eb.ref('excluded.returned'),
          rejected_contact_ids: eb.ref('excluded.rejected_contact_ids'),
          create_requested: eb.ref('excluded.create_requested'),
          created_contact: eb.ref('excluded.created_contact'),
          applied_status: eb.ref('excluded.applied_status'),
          leaver: eb.ref('excluded.leaver'),
        })),
      )
      .execute();
  }
}

export async function contactBases(db: Database, organization: OrganizationId): Promise<readonly ContactBase[]> {
  const rows = await db
    .selectFrom('contact_base')
    .selectAll()
    .where('organization', '=', organization)
    .orderBy('user_id')
    .orderBy('contact_id')
    .execute();
  return rows.map(toContactBase);
}

function toContactBase(row: Selectable<StoreTables['contact_base']>): ContactBase {
  return {
    userId: row.user_id as UserId,
    contactId: contactId(row.contact_id),
    fields: fromJson(row.fields, 'contact_base.fields') as ContactBase['fields'],
  };
}

export async function saveContactBases(
  tx: Transaction<StoreTables>,
  organization: OrganizationId,
  bases: readonly ContactBase[],
): Promise<void> {
  for (const chunk of chunks(bases)) {
    const stored = await tx
      .selectFrom('contact_base')
      .selectAll()
      .where('organization', '=', organization)
      .where(
        'user_id',
        'in',
        chunk.map((base) => base.userId),
      )
      .execute();
    const merged = new Map(stored.map((row) => [baseKey(toContactBase(row)), toContactBase(row)]));
    for (const base of chunk) {
      merged.set(baseKey(base), { ...base, fields: { ...merged.get(baseKey(base))?.fields, ...base.fields } });
    }
    const written = new Set(chunk.map(baseKey));
    for (const rows of chunks([...merged.values()].filter((base) => written.has(baseKey(base))))) {
      await tx
        .insertInto('contact_base')
        .values(
          rows.map(({ userId, contactId, fields }) => ({ organization, user_id: userId, contact_id: contactId, fields: toJson(fields) })),
        )
        .onConflict((conflict) =>
          conflict.columns(['organization', 'user_id', 'contact_id']).doUpdateSet((eb) => ({ fields: eb.ref('excluded.fields') })),
        )
        .execute();
    }
  }
}

function baseKey(base: ContactBase): string {
  return toJson([base.userId, base.contactId]);
}

export async function contactStates(db: Database, organization: OrganizationId): Promise<readonly ContactState[]> {
  const rows = await db.selectFrom('contact_state').selectAll().where('organization', '=', organization).orderBy('contact_id').execute();
  return rows.map(
    (row): Required<ContactState> => ({
      contactId: contactId(row.contact_id),
      fingerprint: row.fingerprint,
      pushWant: fromNullableJson(row.push_want, 'contact_state.push_want') as PushWant | null,
      psaLink: fromNullableJson(row.psa_link, 'contact_state.psa_link') as PsaLink | null,
      refusedAtUpdate: fromNullableJson(row.refused_at_update, 'contact_state.refused_at_update') as number | 'unknown' | null,
      psaInactiveAt: row.psa_inactive_at,
      synced: fromNullableJson(row.synced, 'contact_state.synced') as SyncedValues | null,
      awaitedSince: row.awaited_since,
    }),
  );
}

export async function saveContactStates(
  tx: Transaction<StoreTables>,
  organization: OrganizationId,
  states: readonly ContactState[],
): Promise<void> {
  for (const chunk of chunks(lastOfEach(states, (state) => state.contactId))) {
    await tx
      .insertInto('contact_state')
      .values(
        chunk.map((state) => ({
          organization,
          contact_id: state.contactId,
          fingerprint: state.fingerprint,
          push_want: nullableJson(state.pushWant),
          psa_link: nullableJson(state.psaLink),
          refused_at_update: nullableJson(state.refusedAtUpdate),
          psa_inactive_at: state.psaInactiveAt,
          synced: nullableJson(state.synced),
          awaited_since: state.awaitedSince,
        })),
      )
      .onConflict((conflict) =>
        conflict.columns(['organization', 'contact_id']).doUpdateSet((eb) => ({
          fingerprint: eb.ref('excluded.fingerprint'),
          push_want: eb.ref('excluded.push_want'),
          psa_link: eb.ref('excluded.psa_link'),
          refused_at_update: eb.ref('excluded.refused_at_update'),
          psa_inactive_at: eb.ref('excluded.psa_inactive_at'),
          synced: eb.ref('excluded.synced'),
          awaited_since: eb.ref('excluded.awaited_since'),
        })),
      )
      .execute();
  }
}

function nullableJson(value: unknown): string | null {
  return value === null ? null : toJson(value);
}

/** One statement must not meet the same key twice (PostgreSQL refuses it); the last word on a key counts. */
function lastOfEach<Row>(rows: readonly Row[], key: (row: Row) => string): readonly Row[] {
  return [...new Map(rows.map((row) => [key(row), row])).values()];
}

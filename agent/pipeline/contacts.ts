import { RollcallError } from '../../core/errors.ts';
import type { DirectoryUser } from '../../core/model/directory-user.ts';
import { type ContactId, contactId, type OrganizationId, type UserId } from '../../core/model/ids.ts';
import type { ContactState, MatchState, UserState } from '../../core/model/state.ts';
import type { SourceReads, Store } from '../../core/ports/store.ts';
import type { ContactRow, ContactsDocument, ExplainDocument } from '../cli/documents.ts';
import { formatVersion } from '../cli/documents.ts';
import type { ContactsListOptions } from '../cli/operations.ts';
import { contactRow } from './contact-rows.ts';
import { decideByHand, type HandDecision } from './decide-by-hand.ts';
import { explainSteps } from './explain-steps.ts';
import { findUser } from './find-user.ts';
import { directoryUsers, type StoredDecision } from './reconcile-organization.ts';
import type { Services } from './services.ts';
import { whyNoUsers } from './users-missing.ts';

/** The contact-matching table of one organization, from the store alone. */
interface Table {
  readonly users: readonly DirectoryUser[];
  readonly states: ReadonlyMap<UserId, UserState>;
  readonly decisions: ReadonlyMap<string, StoredDecision>;
  readonly contactStates: ReadonlyMap<ContactId, ContactState>;
  readonly organizationName: string | null;
  /** Why nothing goes to the PSA (P7, P8). */
  readonly psaNotice: string | null;
  readonly reads: readonly SourceReads[];
}

async function loadTable(store: Store | null, organization: OrganizationId): Promise<Table> {
  if (store === null) {
    const nothing = { users: [], states: new Map(), decisions: new Map(), contactStates: new Map(), reads: [] };
    return { ...nothing, organizationName: null, psaNotice: null };
  }
  const users = await directoryUsers({ store, organization });
  const state = await store.organizationState(organization);
  const states = await store.userStates(organization);
  const decisions = await store.decisions(organization);
  const contactStates = await store.contactStates(organization);
  return {
    users,
    states: new Map(states.map((state) => [state.userId, state])),
    decisions: new Map(decisions.map((record) => [record.key, record.body as StoredDecision])),
    organizationName: state.name ?? null,
    psaNotice: state.psaMapping?.held === true ? state.psaMapping.why : null,
    contactStates: new Map(contactStates.map((state) => [state.contactId, state])),
    reads: await store.listReads(organization),
  };
}

function rowOf(table: Table, user: DirectoryUser, now: number): ContactRow {
  const facts = { decision: table.decisions.get(user.id) ?? null, state: table.states.get(user.id), contactStates: table.contactStates };
  return contactRow(user, facts, now);
}

function documentOf(
  services: Services,
  organization: OrganizationId,
  table: Pick<Table, 'organizationName' | 'psaNotice' | 'reads'>,
  { rows, shown }: { readonly rows: readonly ContactRow[]; readonly shown: readonly ContactRow[] },
): ContactsDocument {
  const counts: Record<MatchState, number> = { unmatched: 0, matched: 0, ignored: 0 };
  for (const row of rows) counts[row.state] += 1;
  return {
    formatVersion,
    organization,
    organizationName: table.organizationName,
    message: rows.length === 0 ? whyNoUsers(services.config, organization, table.reads) : null,
    counts,
    contacts: shown,
    notices: table.psaNotice === null ? [] : [table.psaNotice],
  };
}

/** The rows that answer to the options. */
export async function listContacts(
  services: Services,
  store: Store | null,
  organization: OrganizationId,
  options: ContactsListOptions,
): Promise<ContactsDocument> {
  const table = await loadTable(store, organization);
  const samAccountNames = new Map(table.users.map((user) => [user.id as string, user.person]));
  const rows = table.users.map((user) => rowOf(table, user, services.now()));
  const text = options.search?.toLocaleLowerCase() ?? null;
  const shown = rows.filter((row) => {
    if (options.state !== null && row.state !== options.state) return false;
    if (options.collector !== null && !row.collectors.includes(options.collector)) return false;
    if (text === null) return true;
    const person = samAccountNames.get(row.id);
    return [row.name, row.email, person?.samAccountName, person?.userPrincipalName].some(
      (value) => value?.toLocaleLowerCase().includes(text) === true,
    );
  });
  const byName = shown.toSorted((left, right) => left.name.localeCompare(right.name));
  return documentOf(services, organization, table, { rows, shown: byName });
}

export async function showContact(
  services: Services,
  store: Store | null,
  organization: OrganizationId,
  words: string,
): Promise<ContactsDocument> {
  const table = await loadTable(store, organization);
  const user = findUser(table.users, words);
  const rows = table.users.map((item) => rowOf(table, item, services.now()));
  return documentOf(services, organization, table, { rows, shown: rows.filter((row) => row.id === user.id) });
}

/** Records a person's decision about users, all or none; carried out by the next sync. */
export async function decideContacts(
  services: Services,
  store: Store,
  organization: OrganizationId,
  decision: { readonly users: readonly string[]; readonly of: HandDecision },
): Promise<ContactsDocument> {
  const table = await loadTable(store, organization);
  const users = decision.users.map((words) => findUser(table.users, words));
  const states = new Map(table.states);
  for (const user of users) states.set(user.id, decideByHand(states, user.id, decision.of, services.now()));
  await store.saveUserStates(
    organization,
    users.flatMap((user) => states.get(user.id) ?? []),
  );
  const after: Table = { ...table, states };
  const rows = table.users.map((user) => rowOf(after, user, services.now()));
  const chosen = new Set<string>(users.map((user) => user.id));
  return documentOf(services, organization, after, { rows, shown: rows.filter((row) => chosen.has(row.id)) });
}

/** Proves that the contact is one of the organization's (a match by hand is not recorded for a contact that is not there). */
export async function proveContact(services: Services, organization: OrganizationId, id: string): Promise<ContactId> {
  if (!/^\d{1,30}$/.test(id)) throw new RollcallError('CONTACT_NOT_FOUND', `"${id}" is no id of an IT Glue contact.`);
  const lookup = await services.documentation(organization).lookUpContact(organization, contactId(id));
  if (lookup.kind === 'found') return lookup.contact.id;
  const where = lookup.kind === 'moved' ? 'belongs to another organization' : 'does not exist';
  throw new RollcallError('CONTACT_NOT_FOUND', `Contact ${id} ${where}.`, { place: { contact: id, organization } });
}

/** Why a user is, or is not, synced; from the store alone (M11). */
export async function explainUser(
  services: Services,
  store: Store | null,
  organization: OrganizationId,
  words: string,
): Promise<ExplainDocument> {
  const table = await loadTable(store, organization);
  const user = findUser(table.users, words);
  const decision = table.decisions.get(user.id) ?? null;
  const record = store === null ? null : await store.decision(organization, user.id);
  return {
    formatVersion,
    organization,
    organizationName: table.organizationName,
    user: rowOf(table, user, services.now()),
    decidedAt: record === null ? null : new Date(record.decidedAt).toISOString(),
    steps: explainSteps(user, decision, { state: table.states.get(user.id), now: services.now() }),
    changes: decision?.planned ?? [],
    notices: table.psaNotice === null ? [] : [table.psaNotice],
  };
}

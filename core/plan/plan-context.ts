import { accountStatus } from '../active-directory/account-status.ts';
import { makePsaContext, type PsaContext } from '../eligibility/psa-context.ts';
import type { FieldBases } from '../enrich/enrich-contact.ts';
import { indexLocations, type LocationIndex } from '../enrich/location.ts';
import type { Contact, Location } from '../model/contact.ts';
import type { AdStatus, DirectoryUser } from '../model/directory-user.ts';
import type { ContactId, UserId } from '../model/ids.ts';
import type { Change } from '../model/plan.ts';
import type { ContactBase, ContactState, UserState } from '../model/state.ts';
import type { ReconcileInput } from '../reconcile-input.ts';
import { Namesakes } from './create-rule.ts';
import { changeMark } from './plan-hash.ts';

/** The input with its look-ups, built once per plan. */
export interface PlanContext extends ReconcileInput {
  readonly usersById: ReadonlyMap<UserId, DirectoryUser>;
  readonly contactsById: ReadonlyMap<ContactId, Contact>;
  readonly userStatesById: ReadonlyMap<UserId, UserState>;
  readonly contactStatesById: ReadonlyMap<ContactId, ContactState>;
  readonly locationsById: ReadonlyMap<string, Location>;
  readonly locationIndex: LocationIndex;
  readonly namesakes: Namesakes;
  readonly statuses: ReadonlyMap<UserId, AdStatus>;
  readonly psaContext: PsaContext | null;
  basesOf(user: UserId, contact: ContactId): FieldBases;
  /** A plan with this very change was let through before, and it was not carried out yet. */
  wasApproved(change: Change): boolean;
}

export function makePlanContext(unordered: ReconcileInput): PlanContext {
  // Whose turn it is, and who comes first of two, must not depend on the order of a list (A1).
  const input = {
    ...unordered,
    users: unordered.users.toSorted((left, right) => compareIds(left.id, right.id)),
    contacts: unordered.contacts.toSorted((left, right) => left.id.length - right.id.length || compareIds(left.id, right.id)),
  };
  const bases = basesByUser(input.contactBases);
  const approved = new Set(input.organizationState.approvedMarks ?? []);
  return {
    ...input,
    usersById: new Map(input.users.map((user) => [user.id, user])),
    contactsById: new Map(input.contacts.map((contact) => [contact.id, contact])),
    userStatesById: new Map(input.userStates.map((state) => [state.userId, state])),
    contactStatesById: new Map(input.contactStates.map((state) => [state.contactId, state])),
    locationsById: new Map(input.locations.map((location) => [location.id, location])),
    locationIndex: indexLocations(input.locations),
    namesakes: new Namesakes(input.users),
    statuses: new Map(input.users.map((user) => [user.id, accountStatus(user.account, input.now)])),
    psaContext: input.psa === null || input.settings.psa.type === 'none' ? null : makePsaContext(input.psa, input.settings.psa),
    wasApproved: approved.size === 0 ? () => false : (change) => approved.has(changeMark(change, input.hash)),
    basesOf: (user, contact) => bases.get(user)?.get(contact) ?? noBases,
  };
}

const noBases: FieldBases = {};

function basesByUser(contactBases: readonly ContactBase[]): ReadonlyMap<UserId, ReadonlyMap<ContactId, FieldBases>> {
  const byUser = new Map<UserId, Map<ContactId, FieldBases>>();
  for (const { userId, contactId, fields } of contactBases) {
    const known = byUser.get(userId);
    if (known === undefined) byUser.set(userId, new Map([[contactId, fields]]));
    else known.set(contactId, fields);
  }
  return byUser;
}

function compareIds(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** The user's name as people know it. */
export function labelOf(user: DirectoryUser): string {
  const { person } = user;
  const full = [person.firstName, person.lastName].filter((part) => part !== null).join(' ');
  return person.displayName ?? (full || (person.samAccountName ?? person.userPrincipalName ?? user.immutableId));
}

import { userStatus } from '../active-directory/account-status.ts';
import { makePsaContext, type PsaContext } from '../eligibility/psa-context.ts';
import { makeTypeRules, type TypeRules } from '../enrich/contact-type.ts';
import type { FieldBases } from '../enrich/enrich-contact.ts';
import { indexLocations, type LocationIndex } from '../enrich/location.ts';
import type { Contact, Location } from '../model/contact.ts';
import type { AdStatus, DirectoryUser } from '../model/directory-user.ts';
import type { ContactId, UserId } from '../model/ids.ts';
import type { Change } from '../model/plan.ts';
import type { ContactBase, ContactState, UserState } from '../model/state.ts';
import { personLabel } from '../normalize/person-label.ts';
import type { ReconcileInput } from '../reconcile-input.ts';
import { Namesakes } from './create-rule.ts';
import { changeMark } from './plan-hash.ts';

/** The input with its look-ups, built once per plan. */
export interface PlanContext extends ReconcileInput {
  readonly contactsById: ReadonlyMap<ContactId, Contact>;
  readonly userStatesById: ReadonlyMap<UserId, UserState>;
  readonly contactStatesById: ReadonlyMap<ContactId, ContactState>;
  readonly locationsById: ReadonlyMap<string, Location>;
  readonly locationIndex: LocationIndex;
  readonly namesakes: Namesakes;
  readonly psaContext: PsaContext | null;
  readonly typeRules: TypeRules;
  /** C3, at the moment of the plan. */
  statusOf(user: DirectoryUser): AdStatus;
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
    contactsById: new Map(input.contacts.map((contact) => [contact.id, contact])),
    userStatesById: new Map(input.userStates.map((state) => [state.userId, state])),
    contactStatesById: new Map(input.contactStates.map((state) => [state.contactId, state])),
    locationsById: new Map(input.locations.map((location) => [location.id, location])),
    locationIndex: indexLocations(input.locations),
    namesakes: new Namesakes(input.users),
    statusOf: (user) => userStatus(user, input.now),
    typeRules: makeTypeRules(input.settings, input.contactTypes),
    psaContext: input.psa === null || input.settings.psa.type === 'none' ? null : makePsaContext(input.psa, input.settings.psa),
    wasApproved: approved.size === 0 ? () => false : (change) => approved.has(changeMark(change, input.hash)),
    basesOf: (user, contact) => basesAt(bases.get(user), contact),
  };
}

const noBases: FieldBases = {};

/** Most users have bases with one contact only, which are kept without a list. */
type UserBases = ContactBase | readonly ContactBase[];

function basesByUser(contactBases: readonly ContactBase[]): ReadonlyMap<UserId, UserBases> {
  const byUser = new Map<UserId, UserBases>();
  for (const base of contactBases) {
    const known = byUser.get(base.userId);
    byUser.set(base.userId, known === undefined ? base : [known, base].flat());
  }
  return byUser;
}

function basesAt(bases: UserBases | undefined, contact: ContactId): FieldBases {
  if (bases === undefined) return noBases;
  const found = 'userId' in bases ? [bases] : bases;
  return found.findLast((base) => base.contactId === contact)?.fields ?? noBases;
}

function compareIds(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** The user's name as people know it. */
export function labelOf(user: DirectoryUser): string {
  return personLabel(user.person, user.immutableId);
}

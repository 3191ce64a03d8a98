import { makePsaContext, type PsaContext } from '../eligibility/psa-context.ts';
import { psaAdapter } from '../enrich/ownership.ts';
import type { Contact, Location } from '../model/contact.ts';
import type { AdStatus, DirectoryUser } from '../model/directory-user.ts';
import { type ContactId, type PsaContactId, psaContactId } from '../model/ids.ts';
import type { ContactState } from '../model/state.ts';
import type { Moment } from '../model/time.ts';
import type { UserDecision } from '../plan/decision.ts';
import { labelOf } from '../plan/plan-context.ts';
import type { ContactView, Reconciled, ReconcileInput } from '../reconcile-input.ts';
import { byName } from './make-finding.ts';

/** What an assessment is worked out from: a plan that was worked out purely, and what it was worked out from. */
export interface AssessInput {
  readonly input: ReconcileInput;
  readonly reconciled: Reconciled;
  /** Days without logon after which an account is stale. */
  readonly staleDays: number;
}

/** One account of the latest complete read, with what was decided about it. */
export interface Account {
  readonly user: DirectoryUser;
  readonly label: string;
  readonly decision: UserDecision;
  readonly status: AdStatus;
  /** Neither disabled nor expired nor gone. */
  readonly isActive: boolean;
  /** A shared, room, equipment or system mailbox. */
  readonly isShared: boolean;
}

/** The input with its look-ups; lists are in the order of names. */
export interface AssessContext {
  readonly now: Moment;
  readonly staleDays: number;
  readonly settings: ReconcileInput['settings'];
  /** In the latest complete read. */
  readonly accounts: readonly Account[];
  /** Users that the latest complete read did not bring, or that are out of scope. */
  readonly notSeen: number;
  readonly contacts: readonly Contact[];
  readonly contactsById: ReadonlyMap<ContactId, Contact>;
  readonly locations: readonly Location[];
  readonly locationsById: ReadonlyMap<string, Location>;
  readonly contactStates: ReadonlyMap<ContactId, ContactState>;
  /** The user that a contact is, or would be, matched with; users that are not seen any more count too. */
  readonly userOf: ReadonlyMap<ContactId, UserDecision>;
  /** Names of unmatched users that a contact could be. */
  readonly couldBe: ReadonlyMap<ContactId, readonly string[]>;
  readonly views: ReadonlyMap<ContactId, ContactView['psa']>;
  readonly psa: PsaContext | null;
  readonly plan: Reconciled['plan'];
  readonly onboarded: boolean;
  /** The PSA contact that a contact is linked with, by IT Glue's link or rollcall's. */
  psaLinkOf(contact: Contact): PsaContactId | null;
}

const leavers: ReadonlySet<AdStatus> = new Set<AdStatus>(['Disabled', 'Expired', 'Gone']);
const sharedMailboxes: ReadonlySet<string> = new Set(['shared', 'room', 'equipment', 'system']);
/** So many names of users that a contact could be are kept: an address that all have must not cost user × contact. */
const maxCouldBe = 3;

export function makeAssessContext({ input, reconciled, staleDays }: AssessInput): AssessContext {
  const contacts = byName(input.contacts, ({ name, id }) => ({ name, id }));
  const contactStates = new Map(input.contactStates.map((state) => [state.contactId, state]));
  const adapterNames = input.psa?.adapterNames ?? [];
  const accounts = accountsOf(reconciled.decisions);
  return {
    now: input.now,
    staleDays,
    settings: input.settings,
    accounts,
    notSeen: reconciled.decisions.length - accounts.length,
    contacts,
    contactsById: new Map(contacts.map((contact) => [contact.id, contact])),
    locations: input.locations,
    locationsById: new Map(input.locations.map((location) => [location.id, location])),
    contactStates,
    userOf: usersByContact(reconciled.decisions),
    couldBe: candidacies(reconciled.decisions),
    views: new Map(reconciled.contactViews.map(({ contactId, psa }) => [contactId, psa])),
    psa: input.psa === null ? null : makePsaContext(input.psa, input.settings.psa),
    plan: reconciled.plan,
    onboarded: input.organizationState.onboarded,
    psaLinkOf(contact) {
      const remoteId = psaAdapter(contact.adapters, adapterNames)?.remoteId ?? null;
      return remoteId === null ? (contactStates.get(contact.id)?.psaLink?.psaContactId ?? null) : psaContactId(remoteId);
    },
  };
}

function accountsOf(decisions: readonly UserDecision[]): readonly Account[] {
  const present = decisions.flatMap((decision): Account[] => {
    const { user, status } = decision;
    if (user.presence !== 'present') return [];
    const isShared = sharedMailboxes.has(user.person.mailbox ?? 'user');
    return [{ user, label: labelOf(user), decision, status, isActive: !leavers.has(status), isShared }];
  });
  return byName(present, ({ label, user }) => ({ name: label, id: user.id }));
}

function usersByContact(decisions: readonly UserDecision[]): ReadonlyMap<ContactId, UserDecision> {
  const users = new Map<ContactId, UserDecision>();
  for (const decision of decisions) if (decision.match.contactId !== null) users.set(decision.match.contactId, decision);
  return users;
}

function candidacies(decisions: readonly UserDecision[]): ReadonlyMap<ContactId, readonly string[]> {
  const names = new Map<ContactId, string[]>();
  for (const { user, match } of decisions) {
    if (match.state !== 'unmatched') continue;
    for (const { contactId } of match.candidates) {
      const known = names.get(contactId);
      if (known === undefined) names.set(contactId, [labelOf(user)]);
      else if (known.length < maxCouldBe) known.push(labelOf(user));
    }
  }
  return names;
}

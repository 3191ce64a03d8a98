import type { AwaitedPush } from '../eligibility/awaited-push.ts';
import { decidePush, PlannedPushes, type PsaView } from '../eligibility/decide-push.ts';
import { externalKeyOf, type PsaContext, type PushCandidate } from '../eligibility/psa-context.ts';
import { leaverWords } from '../enrich/leaver.ts';
import { ownedElsewhere } from '../enrich/ownership.ts';
import type { Contact, ContactEmail, ContactPhone, Location } from '../model/contact.ts';
import type { ContactId } from '../model/ids.ts';
import type { Change, CompleteChange, Conflict, LinkChange, PsaUpdateChange, PushChange, UpdateChange } from '../model/plan.ts';
import type { PsaContact } from '../model/psa-contact.ts';
import type { PushWant, SyncedValues } from '../model/state.ts';
import { emailKey } from '../normalize/email.ts';
import { personNameKey } from '../normalize/person-name.ts';
import type { ContactPatch } from '../ports/documentation.ts';
import type { UserPlan } from './contact-changes.ts';
import { holdContestedLinks } from './contested-links.ts';
import { contactFingerprint } from './fingerprint.ts';
import type { PlanContext } from './plan-context.ts';
import { changeMark } from './plan-hash.ts';
import { type FirstLink, firstLink } from './psa-changes.ts';
import { type Filling, psaUpdateOf } from './psa-updates.ts';

export type PsaChange = PushChange | LinkChange | CompleteChange | PsaUpdateChange;

/** The changes of a plan that go to the PSA, in their order. */
export function psaChangesOf(changes: readonly Change[]): readonly PsaChange[] {
  return changes.filter(
    (change) => change.kind === 'push' || change.kind === 'link' || change.kind === 'complete' || change.kind === 'psa-update',
  );
}

/** What the plan does with one contact in the PSA. */
export interface PushPlan {
  /** `null`: the contact is created by this plan, for `userPlan`. */
  readonly contact: Contact | null;
  readonly userPlan: UserPlan | null;
  readonly view: PsaView;
  readonly want: PushWant | null;
  readonly change: PsaChange | null;
  /** What the IT Glue contact gets from the PSA: blanks at a first link (P8), changes later (P9). */
  readonly filled: Filling | null;
  /** The base of two-way sync as it is to be remembered whatever becomes of the plan; `null`: as it was. */
  readonly observed: SyncedValues | null;
  readonly conflicts: readonly Conflict[];
  /** Mark of a push that was let through before and waits for the canary (A3, P10). */
  readonly stillApproved: string | null;
  /** Of the contact as the plan leaves it. */
  readonly location: Location | null;
  /** `null`: IT Glue is not to push it by itself (P10). */
  readonly awaited: AwaitedPush | null;
}

/** The PSA's side of the plan, contact by contact (P): matched ones, new ones, and those without a user. */
export function pushChanges(context: PlanContext, userPlans: readonly UserPlan[]): readonly PushPlan[] {
  const psa = context.psaContext;
  if (psa === null) return [];
  const claimed = new PlannedPushes();
  const byContact = new Map<ContactId, UserPlan>();
  for (const plan of userPlans) if (plan.contact !== null) byContact.set(plan.contact.id, plan);

  const plans = context.contacts.map((contact) =>
    planContact(context, psa, { contact, userPlan: byContact.get(contact.id) ?? null, claimed }),
  );
  for (const userPlan of userPlans) {
    if (userPlan.create !== null) plans.push(planContact(context, psa, { contact: null, userPlan, claimed }));
  }
  return inTurn(context, holdContestedLinks(plans));
}

interface Subject {
  readonly contact: Contact | null;
  readonly userPlan: UserPlan | null;
  readonly claimed: PlannedPushes;
}

function planContact(context: PlanContext, psa: PsaContext, subject: Subject): PushPlan {
  const { contact, userPlan, claimed } = subject;
  const candidate = candidateOf(context, contact, userPlan);
  const state = contact === null ? undefined : context.contactStatesById.get(contact.id);
  const want = wantOf(context, contact, userPlan);
  const byName = contact !== null && context.pushRequest?.contactIds.includes(contact.id) === true;
  const { canary } = context.organizationState;
  const decision = decidePush({ candidate, contact, state, want, psa, canary, now: context.now, byName });
  const result = {
    contact,
    userPlan,
    want,
    view: decision.view,
    change: null,
    filled: null,
    observed: null,
    conflicts: [],
    stillApproved: null,
    location: candidate.location,
    awaited: decision.awaited ?? null,
  };
  const { action } = decision;

  const keptOut = context.pushRequest === null ? keptOutBecause(userPlan) : null;
  if (action.kind === 'push' && keptOut !== null) {
    const message = `Not pushed to ${psa.snapshot.displayName}: ${keptOut}`;
    return { ...result, view: { ...decision.view, badge: false, state: 'off', message } };
  }
  if (action.kind === 'push') {
    const keys = candidate.emails.map((email) => emailKey(email.value)).filter((key) => key !== null);
    const twin = claimed.claim(candidate, keys, personNameKey(candidate.firstName, candidate.lastName));
    if (twin !== null) return { ...result, view: { ...decision.view, state: 'held', message: twin } };
    return {
      ...result,
      change: {
        ...changeBase(subject, candidate),
        id: `push:${idOf(subject)}`,
        kind: 'push',
        rule: action.want.rule,
        fields: pushFields(action.input, candidate),
        reason: reasonOf(action.want),
        contactId: contact?.id ?? null,
        input: action.input,
        turn: 'go',
        pushWant: action.want,
        ...(ownedPatch(context, userPlan) === null ? {} : { bases: userPlan?.enrichment?.writtenBases ?? {} }),
      },
    };
  }
  // A one-time push touches only what was asked for (P5).
  if (action.kind === 'link' && (want !== null || context.pushRequest === null)) {
    const link = firstLink(candidate, action.twin, action.input, locationOfTwin(context, psa, action.twin));
    const owned = contact === null ? null : ownedElsewhere(contact, state);
    const fillable = owned === null && Object.keys(link.contactPatch).length > 0;
    return {
      ...result,
      change: {
        ...changeBase(subject, candidate),
        id: `link:${idOf(subject)}`,
        kind: 'link',
        record: action.twin.id,
        rule: 'P8',
        fields: link.fields,
        reason: action.why,
        contactId: contact?.id ?? null,
        psaContactId: action.twin.id,
        companyId: action.input.companyId,
        externalKey: candidate.externalKey,
        patch: link.psaPatch,
      },
      filled: fillable ? atFirstLink(link) : null,
      conflicts: link.conflicts.map((conflict) => ({
        ...conflict,
        ...(conflict.field === 'location' ? locationNames(psa, candidate, action.twin) : {}),
        user: userPlan?.user.id ?? null,
        contactId: contact?.id ?? null,
        with: 'psa' as const,
      })),
    };
  }
  if (contact === null) return result;
  if (action.kind === 'complete') {
    return {
      ...result,
      change: {
        ...changeBase(subject, candidate),
        id: `complete:${contact.id}`,
        kind: 'complete',
        record: action.psaContactId,
        rule: 'A2',
        fields: { title: { from: null, to: action.input.title } },
        reason: 'its creation was cut off before the second call',
        contactId: contact.id,
        psaContactId: action.psaContactId,
        input: action.input,
      },
    };
  }
  return { ...result, ...psaUpdateOf(context, psa, contact, userPlan) };
}

function atFirstLink({ contactPatch, contactFields }: FirstLink): Filling {
  return { contactPatch, contactFields, rule: 'P8', reason: 'blank in IT Glue, filled from the PSA at the first link', blanks: 0 };
}

function changeBase({ contact, userPlan }: Subject, candidate: PushCandidate) {
  return {
    system: 'psa' as const,
    user: userPlan?.user.id ?? null,
    label: userPlan?.label ?? contact?.name ?? candidate.label,
    record: null as string | null,
  };
}

function idOf({ contact, userPlan }: Subject): string {
  return contact?.id ?? userPlan?.user.id ?? '';
}

/** E8: a contact that would be made inactive at once is not created in the PSA; else `null`. */
function keptOutBecause(userPlan: UserPlan | null): string | null {
  const leaver = userPlan?.leaver ?? null;
  return leaver !== null && leaver.acts && leaver.rule.psaInactive ? leaverWords(leaver) : null;
}

function locationNames(psa: PsaContext, candidate: PushCandidate, twin: PsaContact) {
  const theirs = psa.snapshot.locations.find((location) => location.id === twin.locationId)?.name ?? twin.locationId;
  return { ours: candidate.location?.name ?? null, theirs };
}

/** IT Glue's location that is the PSA contact's one; `null` when it has none or several locations answer. */
function locationOfTwin(context: PlanContext, psa: PsaContext, twin: PsaContact): Location | null {
  if (twin.locationId === null) return null;
  const found = context.locations.filter((location) => psa.location(location)?.id === twin.locationId);
  return found.length === 1 ? (found[0] ?? null) : null;
}

/** The contact as the plan leaves it. */
function candidateOf(
  context: PlanContext,
  contact: Contact | null,
  userPlan: UserPlan | null,
): PushCandidate & { readonly emails: readonly ContactEmail[]; readonly phones: readonly ContactPhone[] } {
  const patch: ContactPatch = userPlan?.create?.contact ?? userPlan?.update?.patch ?? ownedPatch(context, userPlan) ?? {};
  const locationId = patch.locationId === undefined ? (contact?.locationId ?? null) : patch.locationId;
  return {
    contactId: contact?.id ?? null,
    label: userPlan?.label ?? contact?.name ?? '',
    firstName: patch.firstName === undefined ? (contact?.firstName ?? null) : patch.firstName,
    lastName: patch.lastName === undefined ? (contact?.lastName ?? null) : patch.lastName,
    title: patch.title === undefined ? (contact?.title ?? null) : patch.title,
    emails: patch.emails ?? contact?.emails ?? [],
    phones: patch.phones ?? contact?.phones ?? [],
    location: locationId === null ? null : (context.locationsById.get(locationId) ?? null),
    contactTypeName: contactTypeName(
      context,
      patch.contactTypeId === undefined ? (contact?.contactTypeId ?? null) : patch.contactTypeId,
      contact,
    ),
    externalKey: externalKeyOf(userPlan?.user.immutableId ?? null, contact?.id ?? null),
  };
}

function contactTypeName(context: PlanContext, id: string | null, contact: Contact | null): string | null {
  if (id === null) return null;
  return id === contact?.contactTypeId ? contact.contactTypeName : (context.contactTypes.find((type) => type.id === id)?.name ?? null);
}

/** E9: what would be written to a contact that IT Glue does not let be written goes to the PSA with the push; else `null`. */
function ownedPatch(context: PlanContext, userPlan: UserPlan | null): ContactPatch | null {
  if (context.pushRequest !== null || !context.settings.psa.twoWay) return null;
  if (userPlan === null || userPlan.owned === null || userPlan.user.presence !== 'present') return null;
  return userPlan.enrichment?.patch ?? null;
}

const mappedMembers: readonly (keyof ContactPatch)[] = ['firstName', 'lastName', 'title', 'emails', 'phones', 'locationId'];

function wantOf(context: PlanContext, contact: Contact | null, userPlan: UserPlan | null): PushWant | null {
  const state = contact === null ? undefined : context.contactStatesById.get(contact.id);
  const { pushRequest, now } = context;
  if (pushRequest !== null) {
    const asked = contact !== null && (pushRequest.all || pushRequest.contactIds.includes(contact.id));
    return asked ? { rule: 'P5', since: now } : null;
  }
  if (state?.pushWant != null) return state.pushWant;
  if (userPlan?.want != null) return userPlan.want;
  if (contact === null || !context.settings.psa.twoWay || context.settings.psa.push === 'off') return null;
  return wasUpdated(context, contact, userPlan?.update ?? null) ? { rule: 'P4', since: now } : null;
}

/** P4: somebody changed a mapped field since two-way was switched on, or this plan does. */
function wasUpdated(context: PlanContext, contact: Contact, update: UpdateChange | null): boolean {
  if (update !== null && mappedMembers.some((member) => update.patch[member] !== undefined)) return true;
  const seen = context.contactStatesById.get(contact.id)?.fingerprint ?? null;
  return context.organizationState.twoWaySince !== null && seen !== null && seen !== contactFingerprint(contact);
}

function pushFields(input: PushChange['input'], candidate: PushCandidate) {
  const to = (value: string | null) => ({ from: null, to: value });
  return {
    name: to([input.firstName, input.lastName].filter((part) => part !== null).join(' ')),
    ...(input.title === null ? {} : { title: to(input.title) }),
    email: to(input.emails.map((item) => item.value).join(', ') || null),
    phone: to(input.phones.map((item) => item.phone.e164 ?? item.phone.raw).join(', ') || null),
    location: to(candidate.location?.name ?? null),
  };
}

function reasonOf(want: PushWant): string {
  switch (want.rule) {
    case 'P3':
      return 'the contact is new, or newly matched';
    case 'P4':
      return 'a mapped field of the contact was updated';
    case 'P5':
      return 'a one-time push was asked for';
  }
}

/** P10: the first create of an organization is the canary; the others wait until it is judged. */
function inTurn(context: PlanContext, plans: readonly PushPlan[]): readonly PushPlan[] {
  const { canary } = context.organizationState;
  const { settleMinutes } = context.settings.psa;
  let canaryTaken = settleMinutes === 0 || canary?.state === 'clear' || canary?.state === 'waiting';
  return plans.map((plan) => {
    if (plan.change?.kind !== 'push') return plan;
    if (canary?.state === 'waiting' && settleMinutes > 0) return wait(context, plan, plan.change);
    if (canaryTaken) return settleMinutes === 0 || canary?.state === 'clear' ? plan : wait(context, plan, plan.change);
    canaryTaken = true;
    return { ...plan, change: { ...plan.change, turn: 'canary' } };
  });
}

function wait(context: PlanContext, plan: PushPlan, change: PushChange): PushPlan {
  const view: PsaView = { ...plan.view, state: 'waiting', message: 'waiting for the canary' };
  // What a person let through already is not shown as new work again.
  if (context.wasApproved(change)) return { ...plan, view, change: null, stillApproved: changeMark(change, context.hash) };
  return { ...plan, view, change: { ...change, turn: 'wait' } };
}

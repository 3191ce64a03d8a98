import { lostOf } from '../eligibility/decide-push.ts';
import { companyProblemText } from '../eligibility/psa-context.ts';
import type { AdStatus } from '../model/directory-user.ts';
import type { ContactId, UserId } from '../model/ids.ts';
import type { Change, Conflict, CreateChange, Guard, Held, OverlayChange, Plan, PlanObservations, UpdateChange } from '../model/plan.ts';
import type { PushWant } from '../model/state.ts';
import type { ContactPatch } from '../ports/documentation.ts';
import { awaitedNotices, observeAwaited } from './awaited.ts';
import type { UserPlan } from './contact-changes.ts';
import { deactivations } from './deactivations.ts';
import { contactFingerprint } from './fingerprint.ts';
import { countGuards } from './guards.ts';
import { leaverNotices, typeNotices } from './leaver-notices.ts';
import { isMisplaced, locationNotices } from './location-notices.ts';
import { labelOf, type PlanContext } from './plan-context.ts';
import { planHash } from './plan-hash.ts';
import type { PushPlan } from './push-changes.ts';

/** How many names a sentence holds. */
const namesShown = 5;

interface Parts {
  readonly contacts: readonly UserPlan[];
  readonly pushes: readonly PushPlan[];
  readonly overlays: readonly OverlayChange[];
}

/** Puts the changes in the order in which they are applied, counts the guards, and says whether the plan is held (A1, A3). */
export function finishPlan(context: PlanContext, parts: Parts): Plan {
  const changes = context.pushRequest === null ? allChanges(parts) : parts.pushes.flatMap((push) => push.change ?? []);
  const fresh = changes.filter((change) => !context.wasApproved(change));
  const deactivated =
    context.pushRequest === null && context.watch === undefined ? deactivations(context, { contacts: parts.contacts, changes: fresh }) : [];
  const guards = countGuards({
    changes: fresh,
    limits: context.settings.limits,
    usersInScope: context.watch?.usersInScope ?? context.users.filter((user) => user.presence === 'present').length,
    deactivated: deactivated.map(labelOf),
  });
  const deactivatedIds = guards.some((guard) => guard.kind === 'deactivate' && guard.exceeded) ? deactivated.map((user) => user.id) : [];
  const hash = planHash(context.settings.organization, { changes, deactivated: deactivatedIds }, context.hash);
  return {
    organization: context.settings.organization,
    madeAt: context.now,
    hash,
    changes,
    guards,
    held: heldBecause(context, { changes, guards, hash }),
    conflicts: conflictsOf(parts).filter(({ contactId }) => isAsked(context, contactId)),
    notices: noticesOf(context, parts),
    observations: observationsOf(context, parts),
  };
}

function allChanges({ contacts, pushes, overlays }: Parts): readonly Change[] {
  const fillings = new Map<string, PushPlan>();
  for (const push of pushes) if (push.filled !== null) fillings.set(push.contact?.id ?? push.userPlan?.user.id ?? '', push);

  const matches = contacts.flatMap((plan) => plan.match ?? []);
  const creates = contacts.flatMap((plan) => (plan.create === null ? [] : [filledCreate(plan.create, fillings.get(plan.user.id))]));
  const updates = contacts.flatMap((plan) => (plan.update === null ? [] : filledUpdate(plan.update, fillings.get(plan.update.contactId))));
  const updated = new Set(contacts.flatMap((plan) => plan.update?.contactId ?? []));
  const onlyFilled = [...fillings.values()].flatMap((push) =>
    push.contact === null || updated.has(push.contact.id) ? [] : [fillingUpdate(push)],
  );
  const pushed = pushes.flatMap((push) => push.change ?? []);
  return [...matches, ...creates, ...updates, ...onlyFilled.filter((update) => update !== null), ...pushed, ...overlays];
}

/** P8: at a first link, blanks of IT Glue are filled with what the PSA has. */
function filledCreate(create: CreateChange, push: PushPlan | undefined): CreateChange {
  if (push?.filled == null) return create;
  return {
    ...create,
    contact: { ...create.contact, ...push.filled.contactPatch },
    fields: { ...create.fields, ...push.filled.contactFields },
  };
}

function filledUpdate(update: UpdateChange, push: PushPlan | undefined): readonly UpdateChange[] {
  if (push?.filled == null || push.contact === null) return [update];
  const filling = fillingUpdate(push);
  if (filling === null) return [update];
  const merged = {
    ...update,
    patch: { ...update.patch, ...filling.patch },
    before: { ...update.before, ...filling.before },
    fields: { ...update.fields, ...filling.fields },
    reason: `${update.reason}; ${filling.reason}`,
    bases: withoutOverruled(update.bases, filling.patch),
    blanks: update.blanks + filling.blanks,
    ...(filling.settles === undefined ? {} : { settles: filling.settles }),
  };
  return withoutNoOps(merged);
}

/** A value of the directory that the PSA's takes the place of was not written (P9). */
function withoutOverruled(bases: UpdateChange['bases'], patch: ContactPatch): UpdateChange['bases'] {
  const overruled = new Set(['firstName', 'lastName', 'title'].filter((field) => field in patch));
  if (patch.locationId !== undefined) overruled.add('location');
  return Object.fromEntries(Object.entries(bases).filter(([field]) => !overruled.has(field)));
}

/** What the PSA puts back to what the contact has already is no change. */
function withoutNoOps(update: UpdateChange): readonly UpdateChange[] {
  const members = Object.keys(update.patch) as (keyof ContactPatch)[];
  const real = members.filter((member) => JSON.stringify(update.patch[member]) !== JSON.stringify(update.before[member] ?? null));
  if (real.length === members.length) return [update];
  if (real.length === 0) return [];
  const names: Readonly<Record<string, string>> = {
    emails: 'email',
    phones: 'phone',
    locationId: 'location',
    contactTypeId: 'contactType',
  };
  const fieldNames = new Set(real.map((member) => names[member] ?? member));
  const pick = (patch: ContactPatch): ContactPatch => Object.fromEntries(real.map((member) => [member, patch[member]]));
  const fields = Object.fromEntries(Object.entries(update.fields).filter(([name]) => fieldNames.has(name)));
  return [{ ...update, patch: pick(update.patch), before: pick(update.before), fields }];
}

function fillingUpdate({ contact, userPlan, filled }: PushPlan): UpdateChange | null {
  if (contact === null || filled === null) return null;
  const members = Object.keys(filled.contactPatch) as (keyof typeof filled.contactPatch)[];
  return {
    id: `update:${contact.id}`,
    kind: 'update',
    system: 'it-glue',
    user: userPlan?.user.id ?? null,
    label: userPlan?.label ?? contact.name,
    record: contact.id,
    rule: filled.rule,
    fields: filled.contactFields,
    reason: filled.reason,
    contactId: contact.id,
    patch: filled.contactPatch,
    before: Object.fromEntries(members.map((member) => [member, contact[member as keyof typeof contact] ?? null])),
    bases: {},
    blanks: filled.blanks,
    ...(filled.settles === undefined ? {} : { settles: filled.settles }),
  };
}

function heldBecause(
  context: PlanContext,
  { changes, guards, hash }: { readonly changes: readonly Change[]; readonly guards: readonly Guard[]; readonly hash: string },
): Held | null {
  const reasons: string[] = [];
  const { organizationState, settings, psa } = context;
  if (context.pushRequest === null) {
    if (!organizationState.onboarded && settings.limits.firstRun === 'hold' && changes.length > 0) reasons.push('onboarding');
    reasons.push(...guards.filter((guard) => guard.exceeded).map((guard) => guard.kind));
  }
  if (psa !== null && settings.psa.push === 'direct' && organizationState.canary?.state === 'tripped') reasons.push('PSA_DOUBLE_PUSH');
  return reasons.length === 0 ? null : { reason: reasons.join(', '), hash };
}

/** Who pushes chosen contacts is told of them alone (P5). */
function isAsked({ pushRequest }: PlanContext, contact: ContactId | null): boolean {
  return pushRequest === null || pushRequest.all || (contact !== null && pushRequest.contactIds.includes(contact));
}

function conflictsOf({ contacts, pushes }: Parts): readonly Conflict[] {
  // What goes to the PSA by this plan comes back to IT Glue from there (E9).
  const onTheWay = new Map<ContactId, ReadonlySet<string> | 'all'>();
  for (const { contact, change } of pushes) {
    if (contact === null || change === null) continue;
    if (change.kind === 'psa-update') onTheWay.set(contact.id, new Set(Object.keys(change.fields)));
    else if (change.kind === 'push' && change.bases !== undefined) onTheWay.set(contact.id, 'all');
  }
  const ofContacts = contacts.flatMap((plan) => {
    const fields = plan.contact === null ? undefined : onTheWay.get(plan.contact.id);
    if (fields === undefined) return contactConflicts(plan);
    return contactConflicts(plan).filter(
      ({ field }) => plan.enrichment?.fields[field] === undefined || (fields !== 'all' && !fields.has(field)),
    );
  });
  return [...ofContacts, ...pushes.flatMap((push) => push.conflicts)];
}

/** Differences that are left alone: conflicts of the merge, and all that would be written to a contact that others own (E4, E9). */
function contactConflicts({ user, contact, enrichment, owned, update }: UserPlan): readonly Conflict[] {
  if (contact === null || enrichment === null) return [];
  const where = { user: user.id, contactId: contact.id, with: 'it-glue' as const };
  const kept = enrichment.conflicts.map((conflict) => ({ ...where, ...conflict }));
  if (owned === null || update !== null) return kept;
  return [
    ...kept,
    ...Object.entries(enrichment.fields).map(([field, change]) => ({ ...where, field, ours: change.to, theirs: change.from })),
  ];
}

function noticesOf(context: PlanContext, { contacts, pushes }: Parts): readonly string[] {
  const { settings, psa, organizationState } = context;
  const notices: string[] = [];
  const returned = contacts.filter(({ user, outcome }) => outcome.returned && context.userStatesById.get(user.id)?.returned !== true);
  if (returned.length > 0) {
    const names = returned.slice(0, namesShown).map((plan) => plan.label);
    notices.push(
      `The contacts of ${counted(returned.length, 'user')} were deleted in IT Glue (${names.join(', ')}): none is created again by itself (M7)`,
    );
  }
  if (context.watch === undefined && !context.users.some((user) => user.presence === 'present')) {
    notices.push('No directory user is visible: check the search bases, the filter and the rights of the service account');
  }
  notices.push(...typeNotices(context));
  if (psa === null) return notices;
  notices.push(...leaverNotices(pushes, psa.displayName));
  const { emailType, phoneType } = settings.psa;
  if (psa.company !== null && settings.psa.push !== 'off') {
    if (emailType !== '' && context.psaContext?.emailType(emailType) === null) notices.push(lacking(psa.displayName, 'e-mail', emailType));
    if (phoneType !== '' && context.psaContext?.phoneType(phoneType) === null) notices.push(lacking(psa.displayName, 'phone', phoneType));
  }
  const waiting = pushes.filter((push) => push.view.message === 'waiting for the canary').length;
  if (waiting > 0) {
    notices.push(
      `${counted(waiting, 'contact')} wait for the canary, the first contact pushed: it is watched for ${settings.psa.settleMinutes} minutes in case IT Glue pushes too; the next sync after that goes on`,
    );
  }
  if (psa.excluded !== null) notices.push(psa.excluded);
  const problem = companyProblemText(psa);
  if (problem !== null) notices.push(problem);
  if (psa.companyNotice !== null) notices.push(psa.companyNotice);
  notices.push(...locationNotices(context.psaContext, pushes), ...awaitedNotices(context, pushes));
  if (organizationState.canary?.state === 'tripped') {
    notices.push(
      `PSA_DOUBLE_PUSH: IT Glue pushed the canary to ${psa.displayName} too. Set psa.push to "it-glue", or switch off its two-way sync and approve`,
    );
  }
  const notYet = pushes.filter((push) => push.view.state === 'not-yet-pushed').length;
  if (notYet > 0 && context.pushRequest === null)
    notices.push(
      `${counted(notYet, 'contact')} not yet pushed to ${psa.displayName}; that happens when they are updated, or by "rollcall push"`,
    );
  notices.push(...lostNotices(context, pushes));
  const held = pushes.filter(
    (push) => push.view.state === 'held' && !isMisplaced(context.psaContext, push) && lostLinkOf(context, push) === null,
  ).length;
  if (held > 0)
    notices.push(
      `${counted(held, 'contact')} held: ${held === 1 ? 'it' : 'they'} may be in ${psa.displayName} already ("rollcall explain USER" names the candidates). Merge who is there twice, else make name and e-mail equal on both sides, or different, and the next sync goes on`,
    );
  notices.push(...tooLongNotices(psa.displayName, pushes));
  return notices;
}

/** P1: a value that is too long is never shortened, so somebody has to; whom something else is missing as well is left out. */
function tooLongNotices(displayName: string, pushes: readonly PushPlan[]): readonly string[] {
  const tooLong = pushes.filter(({ view }) => view.state === 'not-eligible' && view.missing.length === 0);
  if (tooLong.length === 0) return [];
  const names = tooLong.slice(0, namesShown).map(({ contact, userPlan }) => contact?.name ?? userPlan?.label ?? '');
  return [
    `${counted(tooLong.length, 'contact')} not pushed: ${displayName} has no room for a value of ${tooLong.length === 1 ? 'it' : 'theirs'} (${names.join(', ')}), and rollcall shortens none; "rollcall contacts show USER" says which`,
  ];
}

function lostLinkOf({ psaContext, contactStatesById }: PlanContext, { contact }: PushPlan): 'deleted' | 'moved' | null {
  return psaContext === null || contact === null ? null : lostOf(contactStatesById.get(contact.id), psaContext);
}

/** Contacts whose PSA contact is not there any more, when it is first seen (P9). */
function lostNotices(context: PlanContext, pushes: readonly PushPlan[]): readonly string[] {
  const fresh = pushes.filter((push) => {
    const lost = lostLinkOf(context, push);
    return lost !== null && push.contact !== null && context.contactStatesById.get(push.contact.id)?.psaLink?.lost !== lost;
  });
  if (fresh.length === 0 || context.psa === null) return [];
  const names = fresh.slice(0, namesShown).map(({ contact }) => contact?.name ?? '');
  return [
    `${counted(fresh.length, 'contact')} of ${context.psa.displayName} were deleted, merged or moved to another company (${names.join(', ')}): none is created again by itself; "rollcall push CONTACT" links or creates one`,
  ];
}

function lacking(displayName: string, kind: string, type: string): string {
  return `PSA_TYPE_NOT_FOUND: ${displayName} has no ${kind} type "${type}", so nothing new is pushed`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function observationsOf(context: PlanContext, { contacts, pushes }: Parts): PlanObservations {
  const statuses: Record<UserId, AdStatus> = {};
  for (const { user, status } of contacts) {
    if (context.userStatesById.get(user.id)?.appliedStatus !== status) statuses[user.id] = status;
  }
  const fingerprints: Record<ContactId, string> = {};
  const wants: Record<ContactId, PushWant> = {};
  // A one-time push that waits for the canary goes with the next run after it (P10).
  for (const { contact, change } of context.pushRequest === null ? [] : pushes) {
    if (contact !== null && change?.kind === 'push' && change.turn === 'wait') wants[contact.id] = change.pushWant;
  }
  if (context.pushRequest === null && context.settings.psa.push !== 'off') {
    for (const { contact, view, want } of pushes) {
      if (contact === null || view.state === 'pushed' || view.state === 'linked' || view.state === 'off') continue;
      const fingerprint = contactFingerprint(contact);
      if (context.contactStatesById.get(contact.id)?.fingerprint !== fingerprint) fingerprints[contact.id] = fingerprint;
      if (want !== null && context.contactStatesById.get(contact.id)?.pushWant == null) wants[contact.id] = want;
    }
  }
  const stillApproved = pushes.flatMap((push) => push.stillApproved ?? []);
  return {
    statuses: context.pushRequest === null && context.watch === undefined ? statuses : {},
    fingerprints,
    wants,
    stillApproved,
    ...observeAwaited(context, pushes),
  };
}

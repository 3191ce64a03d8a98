import type { PsaSnapshot } from '../../core/eligibility/psa-context.ts';
import { ownedElsewhere } from '../../core/enrich/ownership.ts';
import type { Contact } from '../../core/model/contact.ts';
import type { ContactId, UserId } from '../../core/model/ids.ts';
import type { CreateChange, LinkChange, MatchChange, PsaUpdateChange, PushChange, UpdateChange } from '../../core/model/plan.ts';
import type { PsaContact } from '../../core/model/psa-contact.ts';
import { emailKey } from '../../core/normalize/email.ts';
import { personNameKey } from '../../core/normalize/person-name.ts';
import { phoneKey } from '../../core/normalize/phone.ts';
import { sameValue } from '../../core/normalize/text.ts';
import { contactFingerprint } from '../../core/plan/fingerprint.ts';
import type { ContactPatch } from '../../core/ports/documentation.ts';
import { psaSide, sameField } from '../../core/two-way/sides.ts';
import type { ApplyState } from './apply-state.ts';

/** Whether the contact has these values; e-mails and phones are compared by their canonical forms, types and primaries. */
export function hasValues(contact: Contact, values: ContactPatch): boolean {
  const scalars = ['firstName', 'lastName', 'title', 'contactTypeId', 'locationId', 'notes'] as const;
  for (const member of scalars) {
    const value = values[member];
    if (value !== undefined && !sameValue(value, contact[member])) return false;
  }
  if (values.important !== undefined && values.important !== contact.important) return false;
  const emails = (list: Contact['emails']): string =>
    JSON.stringify(list.map((item) => JSON.stringify([emailKey(item.value), item.label, item.primary])).sort());
  const phones = (list: Contact['phones']): string =>
    JSON.stringify(list.map((item) => JSON.stringify([phoneKey(item.phone), item.phone.extension, item.label, item.primary])).sort());
  if (values.emails !== undefined && emails(values.emails) !== emails(contact.emails)) return false;
  return values.phones === undefined || phones(values.phones) === phones(contact.phones);
}

/** Clocks of two systems differ. */
const clockSkewMs = 10 * 60_000;

/** E9: why the contact is not written in IT Glue by now; `null` when it may be. */
export function ownedNow(state: ApplyState, contact: Contact): string | null {
  const owner = ownedElsewhere(contact, state.contact(contact.id));
  return owner === null ? null : `owned elsewhere: ${owner.why} (E9)`;
}

/** Why a match of the plan does not hold any more; `null` when it does. */
export function matchProblem(state: ApplyState, change: MatchChange): string | null {
  const user = state.user(change.user);
  if (decidedSince(state, change.user) && user.contactId !== change.contactId) return 'a person decided otherwise since the plan was made';
  if (state.snapshot.contactsById.get(change.contactId) === undefined) return 'the contact is not there any more';
  return ownerOf(state, change.contactId, change.user) === null ? null : 'another user has the contact by now';
}

/** Why a contact of the plan must not be created any more; `null` when it may. */
export function createProblem(state: ApplyState, change: CreateChange): string | null {
  const user = state.user(change.user);
  if (decidedSince(state, change.user) && (user.state !== 'unmatched' || user.contactId !== null))
    return 'a person decided otherwise since the plan was made';
  if (user.state === 'matched') return 'the user is matched by now';
  const email = emailKey(change.contact.emails?.[0]?.value ?? null);
  const name = personNameKey(change.contact.firstName ?? null, change.contact.lastName ?? null);
  // By hand a contact may be created beside one that comes close: then only one that is newer than the plan counts.
  const from = user.createRequested ? state.plan.madeAt - clockSkewMs : Number.NEGATIVE_INFINITY;
  const newcomer = (state.planIsStored ? state.snapshot.contacts : []).find((contact) => {
    if ((contact.updatedAt ?? Number.POSITIVE_INFINITY) <= from) return false;
    if (email !== null && contact.emails.some((item) => emailKey(item.value) === email)) return true;
    return name !== null && personNameKey(contact.firstName, contact.lastName) === name;
  });
  return newcomer === undefined ? null : `contact ${newcomer.id} has its e-mail or name since the plan was made`;
}

/** Why an update of the plan must not be written any more; `null` when it may. */
export function updateProblem(state: ApplyState, change: UpdateChange): string | null {
  const contact = state.snapshot.contactsById.get(change.contactId);
  if (contact === undefined) return 'the contact is not there any more';
  if (!hasValues(contact, change.before)) return 'somebody changed the contact since the plan was made';
  const { settles } = change;
  const twin = settles === undefined ? undefined : state.psaContext?.byId.get(settles.psaContactId);
  if (settles !== undefined && (twin === undefined || settles.fields.some((field) => !sameField(psaSide(twin), settles.before.psa, field))))
    return 'the PSA has another value since the plan was made';
  if (change.user === null) return null;
  const owner = state.user(change.user);
  return owner.state === 'matched' && owner.contactId === change.contactId ? null : 'the user is not matched to the contact any more';
}

/**
 * Why a contact of the plan must not be pushed or linked any more; `null` when it may. What IT Glue did not take is not sent to the
 * PSA either (P12). A one-time push (P5) is planned and carried out at once.
 */
export function pushProblem(
  state: ApplyState,
  change: PushChange | LinkChange,
): { readonly code: 'DEPENDENCY_FAILED' | 'RECORD_CHANGED'; readonly why: string } | null {
  const { contactId, user } = change;
  if (contactId === null) return null;
  const needed = new Set([`update:${contactId}`, `match:${user ?? ''}`]);
  if (state.report.failed.some((failed) => needed.has(failed.change.id)))
    return { code: 'DEPENDENCY_FAILED', why: 'another change of its contact failed' };
  if (change.kind === 'push' && change.pushWant.rule === 'P5') return null;
  const contact = state.snapshot.contactsById.get(contactId);
  const planned = state.plan.observations.fingerprints[contactId] ?? state.contact(contactId).fingerprint;
  const moved = contact !== undefined && planned !== null && !state.written.has(contactId) && contactFingerprint(contact) !== planned;
  return moved ? { code: 'RECORD_CHANGED', why: 'somebody changed its contact since the plan was made' } : null;
}

/** Why a PSA contact must not be made inactive any more; `null` when it may (E8). The user may be back since the plan was made. */
export function deactivationProblem(
  state: ApplyState,
  change: PsaUpdateChange,
  now: { readonly contact: PsaContact; readonly snapshot: PsaSnapshot },
): string | null {
  const owner = change.user === null ? null : state.user(change.user);
  if (owner?.state !== 'matched' || owner.contactId !== change.contactId) return 'the user is not matched to the contact any more';
  if (owner.leaver === null) return 'the user is back since the plan was made';
  if (now.contact.companyId !== now.snapshot.company?.id) return 'the contact belongs to another company by now';
  return now.snapshot.linkedTo.get(change.psaContactId) === change.contactId ? null : 'the contact is linked with another one by now';
}

/** Why the overlay of a contact must not be written any more; `null` when it may. */
export function overlayProblem(state: ApplyState, user: UserId, contact: ContactId): string | null {
  if (state.current(contact) === null) return 'its contact is not there any more';
  const owner = state.user(user);
  return owner.state === 'matched' && owner.contactId === contact ? null : 'the user is not matched to the contact any more';
}

function decidedSince(state: ApplyState, user: UserId): boolean {
  return (state.user(user).decidedAt ?? 0) > state.plan.madeAt;
}

function ownerOf(state: ApplyState, contact: ContactId, except: UserId): UserId | null {
  for (const user of state.userStates()) {
    if (user.userId !== except && user.state === 'matched' && user.contactId === contact) return user.userId;
  }
  return null;
}

import { userStatus } from '../../core/active-directory/account-status.ts';
import { asksForSomething } from '../../core/enrich/leaver.ts';
import type { DirectoryUser } from '../../core/model/directory-user.ts';
import type { ContactId } from '../../core/model/ids.ts';
import type { ContactState, UserState } from '../../core/model/state.ts';
import type { Moment } from '../../core/model/time.ts';
import type { UserDecision } from '../../core/plan/decision.ts';
import { labelOf } from '../../core/plan/plan-context.ts';
import { newUserState } from '../../core/plan/user-state.ts';
import type { ContactRow } from '../cli/documents.ts';

function dateText(moment: Moment): string {
  return new Date(moment).toISOString();
}

function when<Word extends string>(value: Moment | Word | null): string | Word | null {
  return typeof value === 'number' ? dateText(value) : value;
}

/** What is remembered of a user besides the user itself. */
export interface RowFacts {
  /** Of the newest plan. */
  readonly decision: UserDecision | null;
  readonly state: UserState | undefined;
  readonly contactStates: ReadonlyMap<ContactId, ContactState>;
}

/**
 * One row of the contact-matching table: the user as it is now, what the newest plan decided, and on top what was applied or a person
 * decided since.
 */
export function contactRow(user: DirectoryUser, { decision, state, contactStates }: RowFacts, now: Moment): ContactRow {
  const { person, account } = user;
  const known = state ?? newUserState(user.id);
  const verdict = stateOf(decision, known);
  return {
    id: user.id,
    source: { type: user.sourceType, directory: user.directory, id: user.immutableId },
    objectGuid: user.immutableId,
    name: labelOf(user),
    firstName: person.firstName,
    lastName: person.lastName,
    email: person.email,
    adStatus: userStatus(user, now),
    lastLogon: when(account.lastLogon),
    lastLogonAccuracy: account.lastLogonAccuracy,
    lastPasswordReset: account.passwordLastSet === null ? null : dateText(account.passwordLastSet),
    passwordExpires: when(account.passwordExpires),
    state: verdict.state,
    contactId: verdict.contactId,
    reason: verdict.reason,
    candidates: decision?.match.candidates.map(({ contactId, name, evidence }) => ({ contactId, name, evidence })) ?? [],
    rivals: decision?.match.rivals ?? [],
    scope: user.presence === 'out' ? 'out' : 'in',
    presence: user.presence,
    absence: absenceOf(user),
    ownedElsewhere: decision?.owned != null,
    contactType: typeOf(decision),
    leaver: leaverOf(decision),
    conflicts: decision?.conflicts.map(({ field, ours, theirs, with: side }) => ({ field, ours, theirs, with: side })) ?? [],
    collectors: user.collectors,
    psa: psaOf(decision, verdict, contactStates),
  };
}

function absenceOf({ absence = null }: DirectoryUser): NonNullable<ContactRow['absence']> | null {
  return absence === null ? null : { since: absence.since === null ? null : dateText(absence.since), why: absence.why };
}

/** E8, E10: the type that the contact is to have, and the setting that says so; of the newest plan. */
function typeOf(decision: UserDecision | null): NonNullable<ContactRow['contactType']> | null {
  const choice = decision?.choice;
  if (choice === undefined || (choice.contactType === null && choice.important === null && choice.decided)) return null;
  return { rule: choice.rule, name: choice.contactType?.name ?? null, important: choice.important, reason: choice.why };
}

function leaverOf(decision: UserDecision | null): NonNullable<ContactRow['leaver']> | null {
  const leaver = decision?.leaver ?? null;
  if (leaver === null) return null;
  const { kind, since, actsAt, acts, rule } = leaver;
  return { kind, since: dateText(since), actsAt: asksForSomething(rule) ? dateText(actsAt) : null, acts };
}

function psaOf(
  decision: UserDecision | null,
  verdict: Pick<ContactRow, 'state' | 'contactId'>,
  contactStates: RowFacts['contactStates'],
): ContactRow['psa'] {
  if (decision === null || verdict.state === 'ignored') return { badge: false, state: 'off', message: null, missing: [] };
  const { badge, state, message, missing } = decision.psa;
  const link = verdict.contactId === null ? null : (contactStates.get(verdict.contactId as ContactId)?.psaLink ?? null);
  // The plan was made before its own push.
  if (link !== null && link.lost === undefined && state !== 'pushed' && state !== 'linked') {
    return { badge: true, state: link.createdByRollcall ? 'pushed' : 'linked', message: null, missing: [] };
  }
  return { badge, state, message, missing };
}

function stateOf(decision: UserDecision | null, state: UserState): Pick<ContactRow, 'state' | 'contactId' | 'reason'> {
  if (state.state === 'ignored') return { state: 'ignored', contactId: null, reason: 'M6: ignored by hand' };
  if (state.state === 'matched') {
    const same = decision?.match.contactId === state.contactId && decision.match.state === 'matched';
    return { state: 'matched', contactId: state.contactId, reason: same ? reasonOf(decision) : stateReason(state) };
  }
  if (state.createRequested) return { state: 'unmatched', contactId: null, reason: 'E3: to be created by the next sync, by hand' };
  if (decision === null) return { state: 'unmatched', contactId: null, reason: 'Not planned yet: run "rollcall plan"' };
  // A match of a plan that is held, or was only shown, is not yet one.
  if (decision.match.state === 'matched') {
    return {
      state: 'unmatched',
      contactId: null,
      reason: `${reasonOf(decision)} (matched by the next sync: contact ${decision.match.contactId ?? ''})`,
    };
  }
  const creating = decision.create?.create === true ? ' (a contact is created by the next sync)' : '';
  return { state: 'unmatched', contactId: null, reason: `${reasonOf(decision)}${creating}` };
}

function reasonOf({ match }: UserDecision): string {
  return match.rule === null ? match.reason : `${match.rule}: ${match.reason}`;
}

function stateReason(state: UserState): string {
  const words: Readonly<Record<string, string>> = {
    M5: 'matched by hand',
    E3: 'the contact was created for the user',
    M1: 'e-mail is equal',
    M2: 'first and last name are equal',
  };
  const rule = state.rule ?? 'M5';
  return `${rule}: ${words[rule] ?? 'matched'}`;
}

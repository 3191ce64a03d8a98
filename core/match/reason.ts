import type { Contact } from '../model/contact.ts';
import type { DirectoryUser } from '../model/directory-user.ts';
import type { UserId } from '../model/ids.ts';
import { type ContactIndex, contactAt } from './contact-index.ts';
import type { Decision, MatchCase, Step } from './match-case.ts';

interface ReasonContext {
  /** In the order of user id. */
  readonly cases: readonly MatchCase[];
  readonly index: ContactIndex;
  readonly owners: ReadonlyMap<Contact['id'], UserId>;
}

/** Says for a person why a user is matched, unmatched or ignored (M11). */
export function reasonFor(each: MatchCase, decision: Decision, rivals: readonly UserId[], context: ReasonContext): string {
  const reason = mainReason(each, decision, rivals, context);
  if (each.lostTo !== null) return `${reason} The contact that it was matched to belongs to ${nameOf(each.lostTo, context)} (M4).`;
  if (!each.returned || decision.kind === 'none' || decision.kind === 'ignored') return reason;
  const before = decision.kind === 'matched' ? 'The contact that it was matched to before' : 'The contact that it was matched to';
  return `${reason} ${before} was deleted in IT Glue (M7).`;
}

function mainReason(each: MatchCase, decision: Decision, rivals: readonly UserId[], context: ReasonContext): string {
  switch (decision.kind) {
    case 'ignored':
      return 'Ignored by hand until it is restored.';
    case 'kept':
      return keptReason(each, decision);
    case 'matched':
      return decision.step === 'M1'
        ? `This contact alone has the e-mail ${each.email}.`
        : `This contact alone has the first and last name ${fullName(each)}, and ${noContactHasEmail(each)}.`;
    case 'ambiguous':
      return `${decision.bucket.length} contacts have the ${keyOf(each, decision.step)}: which one it is, a person has to say.`;
    case 'contested':
      return contestedReason(each, decision, rivals, context);
    case 'rejected':
      return `The only contact with the ${keyOf(each, decision.step)} is one that the user was taken off by hand.`;
    case 'suggested':
      return `One contact has the ${keyOf(each, decision.step)}, and ${noContactHasEmail(each)}; names only suggest (contacts.matchByName).`;
    case 'absent':
      return `One contact has the ${keyOf(each, decision.step)}, but ${awayWords(each.user)}: not matched anew.`;
    case 'out':
      return 'Out of the configured scope: not matched anew.';
    case 'none':
      break;
  }
  return noneReason(each);
}

function keptReason(each: MatchCase, decision: Extract<Decision, { kind: 'kept' }>): string {
  const how = howMatched(each.state?.rule ?? null);
  if (decision.place === 'moved')
    return `${how} Its contact moved to another organization in IT Glue: the match lasts, nothing is written to it.`;
  if (decision.place === 'unknown')
    return `${how} Its contact is not in the list of contacts, and nothing proves that it was deleted: the match lasts.`;
  return how;
}

function howMatched(rule: string | null): string {
  if (rule === 'M5') return 'Matched by hand.';
  if (rule === 'M1') return 'Matched earlier by e-mail; a match lasts.';
  if (rule === 'M2') return 'Matched earlier by first and last name; a match lasts.';
  return rule === 'E3' ? 'The contact was created for this user.' : 'Matched earlier; a match lasts.';
}

function contestedReason(
  each: MatchCase,
  decision: Extract<Decision, { kind: 'contested' }>,
  rivals: readonly UserId[],
  context: ReasonContext,
): string {
  const contact = contactAt(context.index, decision.position);
  const owner = context.owners.get(contact.id);
  const key = keyOf(each, decision.step);
  if (owner === undefined) {
    const [first] = rivals;
    const more = rivals.length > 1 ? ' and others' : '';
    const who = first === undefined ? 'another user' : nameOf(first, context);
    return `The only contact with the ${key} is also the only one for ${who}${more}: whose it is, a person has to say.`;
  }
  const left = leftWords(userOf(owner, context));
  const leaver = left === null ? '' : ` (${left}): a newcomer does not take over the contact (M9)`;
  return `The only contact with the ${key} belongs to ${nameOf(owner, context)}${leaver}.`;
}

function noneReason(each: MatchCase): string {
  if (each.returned) return 'Its contact was deleted in IT Glue; it is not created again by itself.';
  const byName = hasFullName(each)
    ? `no contact has the first and last name ${fullName(each)}`
    : 'it lacks a first or last name to compare';
  const byEmail = noContactHasEmail(each);
  return `${byEmail.charAt(0).toUpperCase()}${byEmail.slice(1)}, and ${byName}.`;
}

function noContactHasEmail(each: MatchCase): string {
  if (each.email !== null) return `no contact has the e-mail ${each.email}`;
  return each.user.person.email === null ? 'the user has no e-mail' : 'what the user has as e-mail is no address';
}

function keyOf(each: MatchCase, step: Step): string {
  return step === 'M1' ? `e-mail ${each.email}` : `first and last name ${fullName(each)}`;
}

function fullName(each: MatchCase): string {
  return `${each.user.person.firstName?.trim()} ${each.user.person.lastName?.trim()}`;
}

function hasFullName(each: MatchCase): boolean {
  return Boolean(each.user.person.firstName?.trim() && each.user.person.lastName?.trim());
}

/** Why the owner of a contact may not be there any more; `null`: it is there. */
function leftWords(user: DirectoryUser | undefined): string | null {
  if (user === undefined) return 'a user whom no collector sees any more';
  if (user.presence !== 'present') return awayWords(user);
  return user.account.disabled ? 'the user is disabled' : null;
}

function awayWords({ presence }: DirectoryUser): string {
  switch (presence) {
    case 'gone':
      return 'the user was deleted';
    case 'missing':
      return 'the user is missing';
    case 'out':
      return 'the user is out of scope';
    case 'absent':
    case 'present':
      return 'the latest complete read did not bring the user';
  }
}

function nameOf(id: UserId, context: ReasonContext): string {
  const person = userOf(id, context)?.person;
  return person?.displayName ?? person?.email ?? person?.samAccountName ?? id;
}

/** Few are looked for, so a search in the sorted cases is cheaper than a map of all users. */
function userOf(id: UserId, { cases }: ReasonContext): DirectoryUser | undefined {
  let low = 0;
  let high = cases.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const each = cases[middle];
    if (each !== undefined && each.user.id < id) low = middle + 1;
    else high = middle;
  }
  const found = cases[low]?.user;
  return found?.id === id ? found : undefined;
}

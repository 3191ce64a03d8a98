import { userStatus } from '../../core/active-directory/account-status.ts';
import { asksForSomething, leaverSettings } from '../../core/enrich/leaver.ts';
import { showMoment } from '../../core/enrich/overlay.ts';
import type { DirectoryUser } from '../../core/model/directory-user.ts';
import type { UserState } from '../../core/model/state.ts';
import type { Moment } from '../../core/model/time.ts';
import type { UserDecision } from '../../core/plan/decision.ts';
import type { ExplainStep } from '../cli/documents.ts';

/**
 * The story of one user, in the order of the way of the data: what each rule saw and decided (M11). What was read is told as it is now,
 * also when the plan is older.
 */
export function explainSteps(
  user: DirectoryUser,
  decision: UserDecision | null,
  { state, now }: { readonly state: UserState | undefined; readonly now: Moment },
): readonly ExplainStep[] {
  if (decision === null) return [collected(user)];
  return [
    collected(user),
    deduplicated(user),
    statusStep(user, now),
    ...left(decision),
    matched(decision, state),
    ...typed(decision),
    ...enriched(decision),
    ...created(decision),
    ...pushed(decision),
  ];
}

interface Told {
  readonly details?: readonly string[];
  /** `false`: it was looked at, and something else settled the stage. */
  readonly decisive?: boolean;
}

function step(stage: ExplainStep['stage'], rule: string, decision: string, { details = [], decisive = true }: Told = {}): ExplainStep {
  return { stage, rule, decision, details, decisive };
}

function collected(user: DirectoryUser): ExplainStep {
  const { absence = null } = user;
  const since = absence?.since == null ? '' : ` since ${showMoment(absence.since)}`;
  const presence = {
    present: 'The latest complete read brought the user.',
    absent: `The latest complete read did not bring the user${since === '' ? '' : ` (missed${since})`}; nothing is concluded from that.`,
    missing: `The user is missing${since}: full reads at least a day apart did not bring it, and the directory knows no such object.`,
    gone: `The user was deleted: its tombstone has been seen${since}.`,
    out: `The user is out of the configured scope${since}; its match is kept.`,
  }[user.presence];
  return step('collect', user.presence === 'present' ? 'C1' : 'C10', presence, {
    details: [
      ...(absence === null ? [] : [`why: ${absence.why}`]),
      `directory ${user.directory}`,
      `${user.presence === 'present' ? 'DN' : 'last seen as'} ${user.dn}`,
      `seen by ${user.collectors.join(', ')}`,
    ],
  });
}

function deduplicated(user: DirectoryUser): ExplainStep {
  const several =
    user.collectors.length > 1 ? `${user.collectors.length} collectors see this user; it is one.` : 'One collector sees this user.';
  return step('dedupe', 'D1', several, { details: [`identity ${user.id}`] });
}

function statusStep(user: DirectoryUser, now: Moment): ExplainStep {
  const { account } = user;
  const logon =
    typeof account.lastLogon === 'number'
      ? `${showMoment(account.lastLogon)} (${account.lastLogonAccuracy})`
      : (account.lastLogon ?? 'unknown');
  return step('collect', 'C3', `AD Status is "${userStatus(user, now)}".`, { details: [`last logon ${logon}`] });
}

function matched({ match, contactName }: UserDecision, state: UserState | undefined): ExplainStep {
  const { compared } = match;
  const details = [
    `e-mail ${compared.email ?? '(none)'}: ${holders(compared.contactsWithEmail)}`,
    `name ${compared.firstName ?? '(none)'} ${compared.lastName ?? '(none)'}: ${holders(compared.contactsWithName)}`,
    ...match.candidates.map((candidate) => `came close: ${candidate.name} (${candidate.contactId}): ${candidate.evidence.join(', ')}`),
    ...match.rivals.map((rival) => `rival: ${rival}`),
  ];
  if (contactName !== null) details.unshift(`contact ${contactName} (${match.contactId ?? ''})`);
  const decidedLater = state !== undefined && state.state !== match.state ? ` Since then: ${state.state}, by hand or by the sync.` : '';
  return step('match', match.rule ?? 'M10', `${match.reason}${decidedLater}`, { details });
}

/** E8: since when the user is a leaver, and when its setting acts. */
function left({ leaver }: UserDecision): readonly ExplainStep[] {
  if (leaver == null) return [];
  const { kind, rule, since, actsAt, acts } = leaver;
  const sentence = `The user left (${kind}): rollcall has seen it so since ${showMoment(since)}.`;
  const setting = `contacts.${leaverSettings[kind]}`;
  if (!asksForSomething(rule)) return [step('collect', 'E8', `${sentence} ${setting} asks for nothing more.`, { decisive: false })];
  const when = acts ? 'acts now' : `acts ${rule.afterDays} days after that, on ${showMoment(actsAt)}`;
  const details = [
    ...(rule.contactType === '' ? [] : [`contact type "${rule.contactType}"`]),
    ...(rule.psaInactive ? ['inactive in the PSA'] : []),
  ];
  return [step('collect', 'E8', `${sentence} ${setting} ${when}.`, { details, decisive: acts })];
}

/** E8, E10: which rule names the contact's type. */
function typed({ choice }: UserDecision): readonly ExplainStep[] {
  if (choice === undefined || (choice.rule === 'E10' && choice.decided && choice.contactType === null && choice.important === null))
    return [];
  const { rule, contactType, important, why } = choice;
  const type = contactType === null ? 'as it is' : `"${contactType.name}"`;
  const flag = important === null ? '' : `, important ${important ? 'yes' : 'no'}`;
  return [step('enrich', rule, `The contact type is to be ${type}${flag}: ${why}.`, { decisive: rule !== 'E2' })];
}

function enriched({ enrich, location, owned }: UserDecision): readonly ExplainStep[] {
  const writes = owned === null ? 'is written' : 'would be written';
  const steps = enrich.map(({ field, action, why }) => {
    const words = { write: writes, keep: 'is left as it is', conflict: 'is a conflict, the contact keeps its value' }[action];
    return step('enrich', ruleOf(field), `${field} ${words}: ${why}.`, { decisive: action !== 'keep' });
  });
  const ownership = owned === null ? [] : [step('enrich', 'E9', `The contact is not written in IT Glue: ${owned}.`)];
  const place = location === null ? [] : [step('enrich', 'E6', `The location is ${location}.`, { decisive: false })];
  return [...ownership, ...place, ...steps];
}

function ruleOf(field: string): string {
  if (field === 'email' || field === 'phone') return 'E5';
  if (field === 'important') return 'E10';
  return field === 'location' ? 'E6' : 'E4';
}

function created({ create }: UserDecision): readonly ExplainStep[] {
  if (create === null) return [];
  return [step('plan', create.rule, `${create.create ? 'A contact is created' : 'No contact is created'}: ${create.why}.`)];
}

function pushed({ psa }: UserDecision): readonly ExplainStep[] {
  if (psa.state === 'off' && psa.message === null) return [step('push', 'P10', 'Nothing is pushed to a PSA.', { decisive: false })];
  const details = [...psa.missing.map((missing) => `missing ${missing}`), ...psa.candidates.map((candidate) => `candidate ${candidate}`)];
  if (psa.state === 'off' && !psa.badge && psa.message?.startsWith('Not pushed') === true) {
    return [step('push', 'P3', `${psa.message}.`, { decisive: false })];
  }
  const rule = { pushed: 'P3', linked: 'P3', 'not-yet-pushed': 'P4', waiting: 'P10', held: 'P8', 'not-eligible': 'P1', off: 'P7' }[
    psa.state
  ];
  return [
    step(psa.state === 'not-eligible' ? 'eligibility' : 'push', rule, `${psa.message ?? 'The contact is in the PSA'}.`, {
      details,
    }),
  ];
}

function holders(count: number): string {
  if (count === 0) return 'no contact has it';
  return count === 1 ? 'one contact has it' : `${count} contacts have it`;
}

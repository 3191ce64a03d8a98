import { lostOf } from '../eligibility/decide-push.ts';
import { companyProblemText } from '../eligibility/psa-context.ts';
import { awaitedNotices } from './awaited.ts';
import type { UserPlan } from './contact-changes.ts';
import { leaverNotices, typeNotices } from './leaver-notices.ts';
import { isMisplaced, locationNotices } from './location-notices.ts';
import type { PlanContext } from './plan-context.ts';
import type { PushPlan } from './push-changes.ts';

/** How many names a sentence holds. */
const namesShown = 5;

interface NoticedParts {
  readonly contacts: readonly UserPlan[];
  readonly pushes: readonly PushPlan[];
}

/** What whoever reads the plan has to know besides its changes: what waits, what is held back, what the settings lack. */
export function planNotices(context: PlanContext, { contacts, pushes }: NoticedParts): readonly string[] {
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

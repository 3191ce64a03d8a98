import type { MatchOutcome } from '../match/match-outcome.ts';
import type { AdStatus, DirectoryUser } from '../model/directory-user.ts';
import type { ContactSettings, CreateWhen } from '../model/settings.ts';
import type { UserState } from '../model/state.ts';
import { emailKey } from '../normalize/email.ts';
import { personNameKey } from '../normalize/person-name.ts';
import type { CreateVerdict } from './decision.ts';

const sharedMailboxes: readonly string[] = ['shared', 'room', 'equipment', 'system'];
const leaverStatuses: readonly AdStatus[] = ['Gone', 'Disabled', 'Expired'];

/** Judges whether a contact is created for an unmatched user (E3). */
export function judgeCreate(
  user: DirectoryUser,
  status: AdStatus,
  match: MatchOutcome,
  context: { readonly settings: ContactSettings; readonly state: UserState | undefined; readonly namesakes: Namesakes },
): CreateVerdict {
  const no = (rule: string, why: string): CreateVerdict => ({ create: false, rule, why });
  if (match.state === 'ignored') return no('M6', 'the user is ignored');
  if (user.presence !== 'present') return no('E3', 'the user was not in the latest complete read');
  if (!user.readComplete) return no('E3', 'the read was not complete');
  if (user.person.firstName === null && user.person.lastName === null) return no('E3', 'a contact needs a first or last name');
  if (context.state?.createRequested === true) {
    return { create: true, rule: 'E3', why: 'it was asked for by hand' };
  }
  if (context.settings.create === 'off') return no('E3', 'contacts.create is off');
  if (match.ambiguous) return no('M3', 'several contacts could be the user');
  if (match.contested) return no('M4', 'the contact it could be belongs, or could belong, to another user');
  if (match.returned || context.state?.returned === true) return no('M7', 'its contact was deleted; it is not created again by itself');
  if (match.candidates.length > 0) return no('E3', 'a contact comes close: match it, or create by hand');
  const lacking = lackingFor(user, status, context.settings.createWhen);
  if (lacking !== null) return no('E3', lacking);
  const twin = context.namesakes.twinOf(user);
  return twin === null
    ? { create: true, rule: 'E3', why: 'no contact comes close, and contacts.create is auto' }
    : no('E3', `another user has the same ${twin}: create by hand`);
}

function lackingFor(user: DirectoryUser, status: AdStatus, when: CreateWhen): string | null {
  if (user.isOwnAccount) return "it is rollcall's own account";
  for (const field of when.require) {
    if (user.person[field] === null) return `createWhen asks for ${field}`;
  }
  const statusFits = when.statuses.length === 0 ? !leaverStatuses.includes(status) : when.statuses.includes(status);
  if (!statusFits) return `its AD status is ${status}`;
  const mailbox = user.person.mailbox ?? 'user';
  const mailboxFits = when.mailboxes.length === 0 ? !sharedMailboxes.includes(mailbox) : when.mailboxes.includes(mailbox);
  return mailboxFits ? null : `its mailbox is a ${mailbox} mailbox`;
}

/** Users that would become the same contact: equal e-mail, or equal name where an e-mail is missing. Counted when first asked. */
export class Namesakes {
  readonly #users: readonly DirectoryUser[];
  readonly #emails = new Map<string, number>();
  readonly #names = new Map<string, number>();
  readonly #namesWithoutEmail = new Set<string>();
  #counted = false;

  constructor(users: readonly DirectoryUser[]) {
    this.#users = users;
  }

  #count(): void {
    this.#counted = true;
    for (const user of this.#users) {
      if (user.presence !== 'present') continue;
      const email = emailKey(user.person.email);
      const name = personNameKey(user.person.firstName, user.person.lastName);
      if (email !== null) this.#emails.set(email, (this.#emails.get(email) ?? 0) + 1);
      if (name !== null) this.#names.set(name, (this.#names.get(name) ?? 0) + 1);
      if (name !== null && email === null) this.#namesWithoutEmail.add(name);
    }
  }

  /** What another user has in common that would make a duplicate contact, in words; `null` when nothing does. */
  twinOf(user: DirectoryUser): 'e-mail' | 'name' | null {
    if (!this.#counted) this.#count();
    const email = emailKey(user.person.email);
    if (email !== null && (this.#emails.get(email) ?? 0) > 1) return 'e-mail';
    const name = personNameKey(user.person.firstName, user.person.lastName);
    if (name === null || (this.#names.get(name) ?? 0) < 2) return null;
    return this.#namesWithoutEmail.has(name) ? 'name' : null;
  }
}

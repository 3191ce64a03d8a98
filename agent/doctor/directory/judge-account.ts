import { accountBits, hasBits } from '../../../core/active-directory/user-account-control.ts';
import type { AccountFacts } from '../../../core/ports/directory-examination.ts';
import type { FindingDocument } from '../../cli/documents-doctor.ts';
import { notOk, ok } from '../finding.ts';
import { countWords, topicOf } from './topics.ts';

const day = 86_400_000;
const oldPasswordDays = 365;
const endsSoonDays = 14;

/** Bits that make an account easy to take over (MS-ADTS 2.2.16). */
const dangerous: readonly { readonly bit: number; readonly words: string }[] = [
  { bit: accountBits.passwordNotRequired, words: 'may have no password (PASSWD_NOTREQD)' },
  { bit: 0x80, words: 'keeps its password readable (ENCRYPTED_TEXT_PWD_ALLOWED)' },
  { bit: 0x40_0000, words: 'needs no Kerberos pre-authentication (DONT_REQ_PREAUTH)' },
  { bit: 0x8_0000, words: 'is trusted for delegation (TRUSTED_FOR_DELEGATION)' },
  { bit: 0x100_0000, words: 'may act for others (TRUSTED_TO_AUTH_FOR_DELEGATION)' },
];

/** The account's own password and settings. */
export function judgeAccount(directory: string, account: AccountFacts, now: number): readonly FindingDocument[] {
  const topic = topicOf(directory, 'DIRECTORY_ACCOUNT');
  const { control, passwordLastSet, passwordExpires } = account;
  if (account.dn === null) return [notOk(topic, 'note', 'its own entry was not found: nothing can be told of it', null)];
  const faults = dangerous.flatMap(({ bit, words }) => (control !== null && hasBits(control, bit) ? [words] : []));
  const findings =
    faults.length === 0 ? [] : [notOk(topic, 'warning', `it ${faults.join(', and ')}`, 'Take these options from the account.')];
  const age = passwordLastSet === null ? null : Math.floor((now - passwordLastSet) / day);
  const aged = age === null ? 'the age of its password is not told' : `its password is ${countWords(age, 'day')} old`;
  if (typeof passwordExpires === 'number') {
    const left = Math.floor((passwordExpires - now) / day);
    const seen = `${aged} and ends in ${countWords(left, 'day')}`;
    const remedy = 'Give it a new password now, and store it with "rollcall secret set".';
    return [...findings, left < endsSoonDays ? notOk(topic, 'warning', seen, remedy) : ok(topic, seen)];
  }
  const never = control !== null && hasBits(control, accountBits.passwordNeverExpires);
  if (never && age !== null && age > oldPasswordDays) {
    const remedy = 'Give it a new password, and store it with "rollcall secret set"; once a year is a good habit.';
    return [...findings, notOk(topic, 'note', `${aged} and never ends`, remedy)];
  }
  return [...findings, ok(topic, passwordExpires === 'never' || never ? `${aged} and never ends` : aged)];
}

/** Rights that reading users does not need. Who is an administrator has all the others: that is told once. */
export function judgeExcess(
  directory: string,
  account: AccountFacts,
  { base, writable }: { readonly base: string; readonly writable: number },
): FindingDocument {
  const topic = topicOf(directory, 'DIRECTORY_EXCESS');
  const { powerfulGroups, replicatesSecrets, groupsSeen, adminCount, name } = account;
  if (powerfulGroups.length > 0) {
    const secrets = replicatesSecrets === true ? ', and so may read the hash of every password' : '';
    const groups = powerfulGroups.map((group) => `"${group}"`).join(', ');
    const remedy = `Take ${name} out of these groups (also where it is in one of them by way of another), and give it the rights that are then missing: doctor names them.`;
    return notOk(topic, 'warning', `it is in ${groups}${secrets}`, remedy);
  }
  if (replicatesSecrets === true) {
    const remedy = `Take "Replicating Directory Changes All" from ${name}, on the Security tab of ${base}; rollcall reads changes without it.`;
    return notOk(
      topic,
      'warning',
      'it may replicate secrets (DS-Replication-Get-Changes-All): it can read the hash of every password',
      remedy,
    );
  }
  if (writable > 0) {
    const remedy = `Take from ${name} the right to write; it needs "Read all properties" of users and nothing more. dsacls "${base}" shows what it was given.`;
    return notOk(topic, 'warning', `it may write ${countWords(writable, 'attribute')} of an ordinary user`, remedy);
  }
  if (account.dn === null || !groupsSeen)
    return notOk(topic, 'note', 'its groups cannot be read: whether it has too many rights is not known', null);
  if (adminCount) {
    const remedy = "If it no longer is one: clear its adminCount and switch inheritance on again on the account's Security tab.";
    return notOk(
      topic,
      'note',
      'it was in a group of administrators once (adminCount): rights that are delegated to its unit do not reach it',
      remedy,
    );
  }
  const secrets = replicatesSecrets === null ? '; whether it may replicate secrets cannot be read' : ', and may not replicate secrets';
  return ok(topic, `none: it is in no group of administrators, writes no user${secrets}`);
}

import type { DeletedFacts, PolicyFacts, UserSample } from '../../../core/ports/directory-examination.ts';
import type { FindingDocument } from '../../cli/documents-doctor.ts';
import { notOk, ok } from '../finding.ts';
import { countWords, topicOf } from './topics.ts';

/** Whom rights are given to, and where. */
export interface Grantee {
  readonly directory: string;
  /** As Windows names it. */
  readonly account: string;
  /** DN of the domain's root. */
  readonly base: string;
  /** DNs below which users are read. */
  readonly searchBases: readonly string[];
}

/** Without these a user's state cannot be told, and nothing is concluded about it. */
const vital: ReadonlySet<string> = new Set(['userAccountControl', 'msDS-User-Account-Control-Computed']);

const remedy = 'Run this as an administrator of the domain; it gives the right to read and nothing more.';

/** What of users may not be read, with the commands that allow it. */
export function judgeAttributes(sample: UserSample, grantee: Grantee): readonly FindingDocument[] {
  const topic = topicOf(grantee.directory, 'DIRECTORY_ATTRIBUTES');
  const { looked, lacking, unseen, protectedOnly } = sample;
  if (looked === 0) return [];
  const users = countWords(looked, 'user');
  const names = Object.keys(lacking);
  if (names.length > 0) {
    const told = Object.entries(lacking).map(([name, count]) => `${name} in ${count === 0 ? 'none' : count}`);
    const where = protectedOnly ? '; those without it are or were administrators, whose rights come from AdminSDHolder' : '';
    const state = names.some((name) => vital.has(name) && lacking[name] === 0) ? 'problem' : 'warning';
    const finding = notOk(topic, state, `of ${users} that were looked at, could be read: ${told.join(', ')}${where}`, remedy);
    return [{ ...finding, commands: readLines(names, sample, grantee) }];
  }
  if (unseen.length === 0) return [ok(topic, `all that is needed can be read, in ${users} that were looked at`)];
  const seen = `${unseen.join(', ')}: in none of ${users} that were looked at, so nobody has it, or it may not be read`;
  return [{ ...notOk(topic, 'note', seen, `If some have it: ${remedy}`), commands: readLines(unseen, sample, grantee) }];
}

function readLines(names: readonly string[], { protectedOnly }: UserSample, grantee: Grantee): readonly string[] {
  const { account, base, searchBases } = grantee;
  if (protectedOnly) return [dsacls(`CN=AdminSDHolder,CN=System,${base}`, '/G', ...names.map((name) => `${account}:RP;${name}`))];
  const rights = names.map((name) => `${account}:RP;${name};user`);
  return searchBases.map((searchBase) => dsacls(searchBase, '/I:S /G', ...rights));
}

/** A line for cmd and PowerShell alike. */
function dsacls(dn: string, switches: string, ...rights: readonly string[]): string {
  const quoted = (text: string): string => `"${text.replaceAll('"', String.raw`\"`)}"`;
  return ['dsacls', quoted(dn), switches, ...rights.map(quoted)].join(' ');
}

/** Whether tombstones can be seen, with the commands that show them. */
export function judgeDeleted(deleted: DeletedFacts, { directory, account }: Grantee): FindingDocument {
  const topic = topicOf(directory, 'DIRECTORY_DELETED');
  const bin = { true: ', recycle bin on', false: ', recycle bin off', null: '' }[String(deleted.recycleBin) as 'true' | 'false' | 'null'];
  const kept = `kept for ${countWords(deleted.lifetimeDays, 'day')}${bin}`;
  if (deleted.visible) return ok(topic, `can be seen; ${kept}`);
  const commands = [dsacls(deleted.container, '/takeOwnership'), dsacls(deleted.container, '/G', `${account}:LCRP`)];
  const then = `${remedy} The next full read then looks for those who were deleted before ("rollcall scan --full").`;
  return { ...notOk(topic, 'warning', `deleted users cannot be seen; ${kept}`, then), commands };
}

/** Whether a changed password policy would be noticed. */
export function judgePolicy({ maxAgeDays, finePolicies }: PolicyFacts, { directory, account, base }: Grantee): FindingDocument {
  const topic = topicOf(directory, 'DIRECTORY_POLICY');
  if (maxAgeDays === null) {
    const finding = notOk(topic, 'warning', "the domain's policy (maxPwdAge) cannot be read", remedy);
    return { ...finding, commands: [dsacls(base, '/G', `${account}:RP;maxPwdAge`)] };
  }
  const age = maxAgeDays === 'never' ? 'passwords never end' : `passwords end after ${countWords(maxAgeDays, 'day')}`;
  const fine =
    finePolicies === 0
      ? 'no fine-grained policy is visible, which is usual: only administrators see them, and what they do is read from each user'
      : `${finePolicies} fine-grained ${finePolicies === 1 ? 'policy is' : 'policies are'} visible`;
  return ok(topic, `${age}; ${fine}`);
}

import type { DirectoryExamination, DomainFacts, Look } from '../../../core/ports/directory-examination.ts';
import type { FindingDocument } from '../../cli/documents-doctor.ts';
import { judgeAccount, judgeExcess } from './judge-account.ts';
import { judgeNames, judgePlaces } from './judge-places.ts';
import { judgeChanges } from './judge-reading.ts';
import { type Grantee, judgeAttributes, judgeDeleted, judgePolicy } from './judge-rights.ts';
import { judgeServer } from './judge-server.ts';
import { failedLook, topicOf } from './topics.ts';

export interface ExaminationContext {
  readonly config: { readonly name: string; readonly servers: readonly string[]; readonly searchBases: readonly string[] };
  /** The directory could be read just now. */
  readonly isRead: boolean;
  readonly now: number;
}

/** All that an examination has shown, judged: first what concerns the directory, then each server. */
export function judgeExamination(
  { names, servers, domain }: DirectoryExamination,
  context: ExaminationContext,
): readonly FindingDocument[] {
  const { config, isRead, now } = context;
  return [
    ...(names === null ? [] : [judgeNames(config.name, names, config.servers.length > 0)]),
    ...(domain === null ? [] : onceEach(judgeDomain(domain, context))),
    ...servers.flatMap((server) => judgeServer(server, { directory: config.name, otherIsRead: isRead, now })),
  ];
}

function judgeDomain(domain: DomainFacts, { config, now }: ExaminationContext): readonly FindingDocument[] {
  const { account, users, deleted, policy, changes, forest, base } = domain;
  const { name: directory } = config;
  const grantee: Grantee = {
    directory,
    account: account.ok ? account.value.name : 'DOMAIN\\account',
    base,
    searchBases: config.searchBases.length === 0 ? [base] : config.searchBases,
  };
  return [
    ...judged(forest, topicOf(directory, 'DIRECTORY_SITE'), (facts) => judgePlaces(directory, facts)),
    ...judged(users, topicOf(directory, 'DIRECTORY_ATTRIBUTES'), (sample) => judgeAttributes(sample, grantee)),
    ...judged(deleted, topicOf(directory, 'DIRECTORY_DELETED'), (facts) => [judgeDeleted(facts, grantee)]),
    ...judged(policy, topicOf(directory, 'DIRECTORY_POLICY'), (facts) => [judgePolicy(facts, grantee)]),
    ...judged(changes, topicOf(directory, 'DIRECTORY_CHANGES'), (facts) => [judgeChanges(directory, facts)]),
    ...judged(account, topicOf(directory, 'DIRECTORY_ACCOUNT'), (facts) => [
      ...judgeAccount(directory, facts, now),
      judgeExcess(directory, facts, { base, writable: users.ok ? users.value.writable : 0 }),
    ]),
  ];
}

function judged<Value>(
  look: Look<Value>,
  topic: ReturnType<typeof topicOf>,
  judge: (value: Value) => readonly FindingDocument[],
): readonly FindingDocument[] {
  return look.ok ? judge(look.value) : [failedLook(topic, look.error, 'warning')];
}

/** Looks that failed for the same cause, a server that stopped answering say: the first one names the others. */
function onceEach(findings: readonly FindingDocument[]): readonly FindingDocument[] {
  const causeOf = ({ error, seen }: FindingDocument): string | null => (error === null ? null : `${error} ${seen}`);
  return findings.flatMap((finding, index) => {
    const cause = causeOf(finding);
    if (cause === null) return [finding];
    const same = findings.filter((other) => causeOf(other) === cause);
    if (same[0] !== finding) return [];
    const others = findings.slice(index + 1).filter((other) => same.includes(other));
    if (others.length === 0) return [finding];
    return [{ ...finding, seen: `${finding.seen}; so not looked at: ${others.map(({ code }) => code).join(', ')}` }];
  });
}

import type { FindingDocument } from '../../cli/documents-doctor.ts';
import { notOk, ok } from '../finding.ts';
import { topicOf } from './topics.ts';

const toldFacts = ['domain', 'domain controller', 'encryption', 'search bases', 'organizational units'] as const;

/** Reads the facts of a directory's own test, the one that `validate` makes. */
export function judgeCheck(directory: string, server: string, facts: Readonly<Record<string, string>>): readonly FindingDocument[] {
  const told = toldFacts.flatMap((name) => {
    const value = facts[name];
    return value === undefined ? [] : [`${name} ${value}`];
  });
  const users = facts['users'];
  return [
    ok(topicOf(directory, 'DIRECTORY'), [server, ...told].join(', ')),
    ...(users === undefined ? [] : [judgeUsers(directory, users)]),
  ];
}

function judgeUsers(directory: string, users: string): FindingDocument {
  const topic = topicOf(directory, 'DIRECTORY_USERS');
  if (users === '0' || users.startsWith('none')) {
    return notOk(topic, 'problem', users, 'Check the search bases, the filter and the rights of the account.');
  }
  if (users.includes('cannot be read')) {
    return notOk(topic, 'problem', users, 'Delegate "Read all properties" of user objects to the account.');
  }
  return ok(topic, users);
}

import type { OrganizationId } from '../../core/model/ids.ts';
import type { FindingDocument } from '../cli/documents-doctor.ts';
import type { DirectoryToRead } from '../pipeline/collect.ts';
import type { Services } from '../pipeline/services.ts';
import { noCredentials } from '../pipeline/sync-organization.ts';
import { failed, notOk, ok, type Topic } from './finding.ts';
import { judgeDaysLeft } from './judge.ts';
import type { Check } from './run-checks.ts';

const limitMs = 60_000;
const day = 86_400_000;

/** Looks at each directory by the test that `validate` makes. */
export function directoryChecks(services: Services): readonly Check[] {
  return services.organizations.flatMap((organization) => organizationChecks(services, organization));
}

function organizationChecks(services: Services, organization: OrganizationId): readonly Check[] {
  let directories: readonly DirectoryToRead[];
  try {
    directories = services.directories(organization);
  } catch (error) {
    const topic: Topic = { part: 'directory', subject: organization, code: 'DIRECTORY' };
    return [{ topic, limitMs, look: () => [failed(topic, error)] }];
  }
  return directories.map((directory): Check => {
    const topic: Topic = { part: 'directory', subject: directory.name, code: 'DIRECTORY' };
    return { topic, limitMs, look: () => look(directory, topic, services.now()) };
  });
}

async function look({ source }: DirectoryToRead, topic: Topic, now: number): Promise<readonly FindingDocument[]> {
  if (source === null) return [notOk(topic, 'note', noCredentials, 'Give bindDn and password to have it read.')];
  const { server, facts } = await source.check();
  return judgeDirectory(topic, server, facts, now);
}

/** Reads the facts of a directory's own test. */
export function judgeDirectory(
  topic: Topic,
  server: string,
  facts: Readonly<Record<string, string>>,
  now: number,
): readonly FindingDocument[] {
  const told = ['domain', 'domain controller', 'encryption', 'organizational units', 'clock'].flatMap((name) => {
    const value = facts[name];
    return value === undefined ? [] : [`${name} ${value}`];
  });
  const findings = [ok(topic, [server, ...told].join(', '))];
  const days = /\((-?\d+) days\)/u.exec(facts['certificate'] ?? '')?.[1];
  if (days !== undefined) {
    const until = now + Number(days) * day;
    findings.push(judgeDaysLeft({ ...topic, code: 'DIRECTORY_CERTIFICATE' }, until, now, ''));
  }
  const users = facts['users'];
  if (users !== undefined) findings.push(judgeUsers({ ...topic, code: 'DIRECTORY_USERS' }, users));
  return findings;
}

function judgeUsers(topic: Topic, users: string): FindingDocument {
  if (users === '0' || users.startsWith('none')) {
    return notOk(topic, 'problem', users, 'Check the search bases, the filter and the rights of the account.');
  }
  if (users.includes('cannot be read')) {
    return notOk(topic, 'problem', users, 'Delegate "Read all properties" of user objects to the account.');
  }
  return ok(topic, users);
}

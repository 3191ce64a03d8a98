import type { OrganizationId } from '../../../core/model/ids.ts';
import type { DirectoryExamination } from '../../../core/ports/directory-examination.ts';
import type { DirectorySource } from '../../../core/ports/directory-source.ts';
import type { SourceReads } from '../../../core/ports/store.ts';
import type { FindingDocument } from '../../cli/documents-doctor.ts';
import type { DirectoryConfig } from '../../config/schema.ts';
import type { DirectoryToRead } from '../../pipeline/collect.ts';
import type { Services } from '../../pipeline/services.ts';
import { noCredentials } from '../../pipeline/users-missing.ts';
import { failed, isInterruption, notOk } from '../finding.ts';
import { type Check, runChecks } from '../run-checks.ts';
import { judgeCheck } from './judge-check.ts';
import { judgeExamination } from './judge-examination.ts';
import { judgeLogons, judgeStoredReads } from './judge-reading.ts';
import { topicOf } from './topics.ts';

/** The test of `validate` has the patience of a read; nobody waits so long for a finding. */
const checkMs = 40_000;
/** More than the examination takes for itself. */
const examineMs = 60_000;
const limitMs = checkMs + examineMs + 5_000;

/** The sign-in was refused, or waits because it was: another try would count towards a lockout. */
const refused: ReadonlySet<string | null> = new Set(['DIRECTORY_BIND_REJECTED', 'DIRECTORY_BIND_WAITING', 'SECRET_EMPTY']);

/** Looks at each directory: the test that `validate` makes, then its servers and what the account may do, then what the store knows. */
export function directoryChecks(services: Services): readonly Check[] {
  return services.organizations.flatMap((organization) => organizationChecks(services, organization));
}

function organizationChecks(services: Services, organization: OrganizationId): readonly Check[] {
  let directories: readonly DirectoryToRead[];
  try {
    directories = services.directories(organization);
  } catch (error) {
    const topic = topicOf(organization, 'DIRECTORY');
    return [{ topic, limitMs, look: () => [failed(topic, error)] }];
  }
  return directories.map((directory): Check => {
    const topic = topicOf(directory.name, 'DIRECTORY');
    return { topic, limitMs, look: () => look(services, organization, directory) };
  });
}

async function look(
  services: Services,
  organization: OrganizationId,
  { name, source }: DirectoryToRead,
): Promise<readonly FindingDocument[]> {
  if (source === null) {
    return [notOk(topicOf(name, 'DIRECTORY'), 'note', noCredentials, 'Give bindDn and password to have it read.')];
  }
  const checked = await checkSource(services, source);
  const isRefused = checked.some(({ error }) => refused.has(error));
  const config = services.config.directories.find((directory) => directory.name === name);
  const examined = await examineSource(services, source, {
    signIn: !isRefused,
    isRead: checked.some(({ code, state }) => code === 'DIRECTORY' && state === 'ok'),
    config,
  });
  const found = [...withoutTold(checked, examined.findings), ...examined.findings];
  const told = new Set(found.flatMap(({ error }) => error ?? []));
  return [...found, ...(await storedFindings(services, organization, { source, examination: examined.examination, told }))];
}

async function checkSource(services: Services, source: DirectorySource): Promise<readonly FindingDocument[]> {
  const topic = topicOf(source.name, 'DIRECTORY');
  const look = async (): Promise<readonly FindingDocument[]> => {
    const { server, facts } = await source.check();
    return judgeCheck(source.name, server, facts);
  };
  return runChecks([{ topic, limitMs: checkMs, look }], services.signal);
}

interface Examined {
  readonly findings: readonly FindingDocument[];
  readonly examination: DirectoryExamination | null;
}

/** What keeps it from being examined at all is what kept it from being tested, and told there. */
async function examineSource(
  services: Services,
  source: DirectorySource,
  { signIn, isRead, config }: { readonly signIn: boolean; readonly isRead: boolean; readonly config: DirectoryConfig | undefined },
): Promise<Examined> {
  const { examine } = source;
  if (examine === undefined || config?.type !== 'active-directory') return { findings: [], examination: null };
  let examination: DirectoryExamination | null = null;
  const look = async (): Promise<readonly FindingDocument[]> => {
    examination = await examine({ signIn });
    return judgeExamination(examination, { config, isRead, now: services.now() });
  };
  const topic = topicOf(source.name, 'DIRECTORY_REACHABLE');
  const findings = await runChecks([{ topic, limitMs: examineMs, look }], services.signal);
  return { findings: isRead || examination !== null ? findings : [], examination };
}

/** A failure of the test that the look at a server, or at names, shows too is told there, where there is more to say. */
function withoutTold(checked: readonly FindingDocument[], examined: readonly FindingDocument[]): readonly FindingDocument[] {
  const told = new Set(examined.flatMap(({ error, state }) => (error !== null && state === 'problem' ? [error] : [])));
  return checked.filter(({ error }) => error === null || !told.has(error));
}

async function storedFindings(
  services: Services,
  organization: OrganizationId,
  { source, examination, told }: Pick<Examined, 'examination'> & { readonly source: DirectorySource; readonly told: ReadonlySet<string> },
): Promise<readonly FindingDocument[]> {
  const reads = await storedReads(services, organization, source.name);
  if (reads === undefined) return [];
  const now = services.now();
  const findings = [judgeStoredReads(source.name, reads, { now, told })];
  if (source.surveyLogons === undefined) return findings;
  const forest = examination?.domain?.forest;
  const controllers = forest?.ok === true ? forest.value.controllers : null;
  return [...findings, judgeLogons(source.name, reads?.logons ?? null, { controllers, now })];
}

/** `null`: none yet; not defined: the store cannot be read, which another check tells. */
async function storedReads(services: Services, organization: OrganizationId, directory: string): Promise<SourceReads | null | undefined> {
  try {
    const store = await services.readableStore();
    const reads = (await store?.listReads(organization)) ?? [];
    return reads.find(({ latest }) => latest.directory === directory && latest.collector === services.collector) ?? null;
  } catch (error) {
    if (isInterruption(error)) throw error;
    return undefined;
  }
}

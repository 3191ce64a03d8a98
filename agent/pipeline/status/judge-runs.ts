import type { Moment } from '../../../core/model/time.ts';
import type { RunRecord } from '../../../core/ports/store.ts';
import type { RunStory } from '../../cli/documents-runs.ts';
import { storyOf } from '../run-story.ts';
import { syncCommands } from '../runs-summary.ts';
import { isRefusedSignIn } from './judge-sign-in.ts';
import type { OrganizationFacts } from './organization-facts.ts';
import { type Finding, knownCode } from './problem.ts';

const mostCodes = 5;

/** What the newest sync, approval or push left: a failure as a whole, a stop in mid-run, or records that failed, by their codes. */
export function judgeRuns(facts: OrganizationFacts): readonly Finding[] {
  const newest = newestOf(facts, (command) => syncCommands.includes(command) || command === 'push');
  const watch = newestOf(facts, (command) => command === 'watch');
  const isNewer = watch !== null && (newest === null || Number(watch.id) > Number(newest.id));
  return [...(newest === null ? [] : judgeRun(newest, facts)), ...(isNewer ? judgeWatchRun(watch, facts) : [])];
}

/** By their numbers: the clock may have been set back between two of them. */
function newestOf({ lastRuns }: OrganizationFacts, isMeant: (command: string) => boolean): RunRecord | null {
  const [newest = null] = lastRuns.filter(({ command }) => isMeant(command)).toSorted((left, right) => Number(right.id) - Number(left.id));
  return newest;
}

/**
 * Records that failed in what the watch did since the last sync. That a look failed as a whole is told by the service, which looks again
 * a minute later.
 */
function judgeWatchRun(run: RunRecord, { open }: OrganizationFacts): readonly Finding[] {
  if (run.outcome !== 'partly') return [];
  const { command, id, startedAt: since } = run;
  const failed = failedRecords({ command, id, since, newest: run, story: storyOf(run.detail) });
  return failed.filter(({ code }) => !isTold(code, open));
}

function judgeRun(newest: RunRecord, { open, reads }: OrganizationFacts): readonly Finding[] {
  const { command, outcome, error, id, startedAt: since } = newest;
  if (outcome === 'failed' && error !== null) {
    // When it is tried again, and what to do until then, is over once a read was let in.
    const isAccepted =
      isRefusedSignIn(error.code) && reads.every(({ latest }) => latest.outcome === 'complete' && latest.startedAt > since);
    if (isAccepted) {
      const message = `The last ${command} failed: the directory refused the sign-in, which it has accepted since.`;
      const hint = `Nothing is to be mended: run "rollcall ${command}", or wait for the next one.`;
      return [{ code: knownCode(error.code, 'INTERNAL'), severity: 'failed', message, hint, since }];
    }
    const message = `The last ${command} failed: ${error.message}`;
    return [{ code: knownCode(error.code, 'INTERNAL'), severity: 'failed', message, since }];
  }
  if (outcome === 'interrupted') {
    return [{ code: 'INTERRUPTED', severity: 'degraded', message: `The last ${command} was stopped before its end.`, since }];
  }
  const story = storyOf(newest.detail);
  return [
    ...(outcome === 'partly' ? failedRecords({ command, id, since, newest, story }).filter(({ code }) => !isTold(code, open)) : []),
    ...psaProblem(story?.psaProblem, since),
    ...notSeen(story?.notSeen, since),
  ];
}

/** A write whose answer was lost and that is still open is told as such. */
function isTold(code: string, open: OrganizationFacts['open']): boolean {
  return code.endsWith('_ANSWER_LOST') && open.length > 0;
}

function failedRecords(run: {
  readonly command: string;
  readonly id: string;
  readonly since: Moment;
  readonly newest: { readonly counts: Readonly<Record<string, number>> };
  readonly story: ReturnType<typeof storyOf>;
}): readonly Finding[] {
  const { command, id, since, newest, story } = run;
  const told = Object.entries(story?.failures ?? {}).toSorted(([, left], [, right]) => right - left);
  // Runs of earlier versions kept only how many there were.
  const failures: readonly (readonly [string, number])[] = told.length > 0 ? told : [['ITGLUE_REFUSED', newest.counts['failed'] ?? 0]];
  return failures.slice(0, mostCodes).map(([code, count]) => {
    const records = count === 1 ? '1 record' : `${count} records`;
    const message = `${records} failed in the last ${command}; "rollcall runs show ${id}" tells which.`;
    return { code: knownCode(code, 'INTERNAL'), severity: 'degraded', message, since, place: { run: id } };
  });
}

function psaProblem(problem: string | undefined, since: Moment): readonly Finding[] {
  if (problem === undefined) return [];
  return [{ code: 'PSA_COMPANY_NOT_FOUND', severity: 'degraded', message: `Nothing goes to the PSA: ${problem}.`, since }];
}

function notSeen(seen: RunStory['notSeen'], since: Moment): readonly Finding[] {
  if (seen === undefined) return [];
  const contacts = seen.contacts === 1 ? '1 contact' : `${seen.contacts} contacts`;
  const message = `IT Glue has not pushed ${contacts} to ${seen.psa} in time; "rollcall plan --no-scan" names them.`;
  return [{ code: 'PSA_PUSH_NOT_SEEN', severity: 'degraded', message, since }];
}

/** Writes that nobody knows the end of, in IT Glue and in the PSA. */
export function judgeOpenWrites({ open }: OrganizationFacts): readonly Finding[] {
  return (['it-glue', 'psa'] as const).flatMap((system): readonly Finding[] => {
    const moments = open.flatMap((write) => (write.system === system ? [write.at] : []));
    if (moments.length === 0) return [];
    const writes = moments.length === 1 ? '1 write' : `${moments.length} writes`;
    const message = `It is not known what became of ${writes}; the next run looks before it writes again.`;
    const code = system === 'psa' ? 'PSA_ANSWER_LOST' : 'ITGLUE_ANSWER_LOST';
    return [{ code, severity: 'degraded', message, since: Math.min(...moments) }];
  });
}

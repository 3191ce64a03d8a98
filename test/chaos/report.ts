import type { SeenRun } from './history.ts';
import type { Settled } from './settle.ts';
import type { Struck } from './storm.ts';

export interface Result {
  readonly seed: number;
  readonly hubs: number;
  readonly network: string;
  readonly seconds: number;
  readonly struck: readonly Struck[];
  readonly runs: readonly SeenRun[];
  readonly hubOf: (run: SeenRun) => string;
  readonly writes: number;
  readonly creates: number;
  readonly changes: number;
  readonly deeds: number;
  readonly edits: number;
  readonly duplicates: readonly string[];
  readonly overlaps: readonly string[];
  readonly openIntents: number;
  readonly settled: Settled;
  readonly slowest: { readonly ms: number; readonly organization: string };
}

/** Nothing there twice, nothing lost, no organization worked by two. */
export function isClean({ duplicates, overlaps, settled, openIntents }: Result): boolean {
  return duplicates.length + overlaps.length + settled.missing.length + openIntents === 0;
}

const working: ReadonlySet<string> = new Set(['sync', 'watch', 'push', 'approve']);

/** The longest that an organization was without a run that ended well, between two that did. */
function longestRest(runs: readonly SeenRun[]): { readonly ms: number; readonly organization: string; readonly from: number } {
  let longest = { ms: 0, organization: '', from: 0 };
  const ends = new Map<string, number>();
  const good = runs.filter(
    ({ command, outcome, endedAt }) => working.has(command) && endedAt !== null && ['done', 'partly'].includes(outcome),
  );
  for (const { organization, endedAt } of good.toSorted((one, other) => (one.endedAt ?? 0) - (other.endedAt ?? 0))) {
    const before = ends.get(organization);
    const at = endedAt ?? 0;
    if (before !== undefined && at - before > longest.ms) longest = { ms: at - before, organization, from: before };
    ends.set(organization, at);
  }
  return longest;
}

function tally(words: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].sort(([, one], [, other]) => other - one).map(([word, count]) => `${count} ${word}`);
}

function counted(words: readonly string[]): string {
  return words.length === 0 ? 'none' : tally(words).join(', ');
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

export function reportOf(result: Result): string {
  const { struck, runs, settled, slowest } = result;
  const rest = longestRest(runs);
  const lines: readonly (readonly [string, string])[] = [
    ['seed', String(result.seed)],
    ['hubs, network', `${result.hubs}, ${result.network}`],
    ['took', seconds(result.seconds * 1_000)],
    ['moments', `${struck.length} (${struck.filter(({ isMissed }) => isMissed).length} waited for a write that did not come)`],
    ['at whom', counted(struck.map(({ whom }) => whom))],
    ['directory changes', String(result.changes)],
    ['actions by hand', `${result.deeds}, and ${result.edits} edits in the PSA`],
    ['runs', `${runs.length}: ${counted(runs.map(({ command, outcome }) => `${command} ${outcome}`))}`],
    ['by hub', counted(runs.map((run) => result.hubOf(run)))],
    ['errors of runs', counted(runs.flatMap(({ error }) => error ?? []))],
    [
      'failed records',
      counted(
        runs.flatMap(({ failures }) => Object.entries(failures).flatMap(([code, count]) => Array.from({ length: count }, () => code))),
      ),
    ],
    ['writes, creates', `${result.writes}, ${result.creates}`],
    ['duplicates', String(result.duplicates.length)],
    ['lost', String(settled.missing.length)],
    ['overlaps', String(result.overlaps.length)],
    ['open intents', String(result.openIntents)],
    [
      'settled after',
      `${seconds(settled.ms)}${settled.beforeNudge === null ? '' : `, with a sync by hand; before it: ${settled.beforeNudge.join('; ')}`}`,
    ],
    ['longest without a good run', `${seconds(rest.ms)} (${rest.organization}, ${hitsWithin(struck, rest)})`],
    ['slowest change', `${seconds(slowest.ms)} (${slowest.organization})`],
  ];
  const width = Math.max(...lines.map(([name]) => name.length));
  const done = tally(struck.map(({ what, ms }) => `${what}${ms > 7_000 ? ' (long)' : ''}`)).map((line) => `  ${line}`);
  const violations = [
    ...result.duplicates.map((text) => `DUPLICATE ${text}`),
    ...settled.missing.map((text) => `LOST ${text}`),
    ...result.overlaps.map((text) => `OVERLAP ${text}`),
  ];
  return [
    'what was done',
    ...done,
    '',
    ...lines.map(([name, value]) => `${name.padEnd(width)}  ${value}`),
    '',
    ...violations,
    isClean(result) ? 'CLEAN' : 'VIOLATED',
  ].join('\n');
}

function hitsWithin(struck: readonly Struck[], { from, ms }: { readonly from: number; readonly ms: number }): string {
  const hits = struck.filter(({ at, ms: lasts }) => at < from + ms && at + lasts > from).map(({ number }) => `#${number}`);
  return hits.length === 0 ? 'nobody was hit' : `moments ${hits.join(' ')}`;
}

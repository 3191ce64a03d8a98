import type { ChannelMemory, Episode } from './memory.ts';
import type { NotifiableProblem } from './notice.ts';
import { causeOf, hashOf, keyOf, partOf } from './problem-key.ts';

const dayMs = 86_400_000;

/** How long a problem must be gone before it is over; doubled each time it came back within a day. */
const calmMs = 300_000;
const longestCalmMs = 4 * 3_600_000;

/** When a problem that is not reported any more is over. */
export function overAt(episode: Episode & { readonly goneAt: number }): number {
  return episode.goneAt + Math.min(longestCalmMs, calmMs * 2 ** Math.min(episode.returns, 10));
}

/** Writes down what is there now and what is not. Pure; what was told stays untouched. */
export function observe(memory: ChannelMemory, problems: readonly NotifiableProblem[], now: number): ChannelMemory {
  const reported = worstByKey(problems);
  const known = memory.episodes.map((episode) => notAfter(episode, now));
  const keys = new Set(known.map(({ key }) => key));
  return {
    episodes: [
      ...known.flatMap((episode) => {
        const problem = reported.get(episode.key);
        return problem === undefined ? unseen(episode, now) : [seenAgain(episode, problem, now)];
      }),
      ...[...reported].filter(([key]) => !keys.has(key)).map(([, problem]) => begin(problem, now)),
    ],
    sentAt: memory.sentAt.map((at) => Math.min(at, now)).filter((at) => now - at < 3_600_000),
  };
}

/**
 * Takes moments that lie ahead for now: the clock was set back. So all spans begin again, nothing is told again at once, and
 * nothing waits longer than its span.
 */
function notAfter(episode: Episode, now: number): Episode {
  const bounded = (at: number | null): number | null => (at === null ? null : Math.min(at, now));
  return {
    ...episode,
    seenAt: Math.min(episode.seenAt, now),
    failedAt: bounded(episode.failedAt),
    goneAt: bounded(episode.goneAt),
    lastRecoveredAt: bounded(episode.lastRecoveredAt),
    told: episode.told === null ? null : { ...episode.told, at: Math.min(episode.told.at, now) },
  };
}

/** Two reports of one key are one problem, with the words of the worst. */
function worstByKey(problems: readonly NotifiableProblem[]): ReadonlyMap<string, NotifiableProblem> {
  const worst = new Map<string, NotifiableProblem>();
  for (const problem of problems) {
    const key = keyOf(problem);
    const other = worst.get(key);
    if (other === undefined || (other.severity === 'degraded' && problem.severity === 'failed')) worst.set(key, problem);
  }
  return worst;
}

function factsOf(problem: NotifiableProblem): Pick<Episode, 'severity' | 'message' | 'hint' | 'since' | 'hash' | 'cause'> {
  const { severity, message, hint, since } = problem;
  return { severity, message, hint, since, hash: hashOf(problem), cause: causeOf(problem) };
}

function begin(problem: NotifiableProblem, now: number): Episode {
  return {
    key: keyOf(problem),
    code: problem.code,
    organization: problem.organization ?? null,
    part: partOf(problem),
    ...factsOf(problem),
    phase: 'open',
    seenAt: now,
    failedAt: problem.severity === 'failed' ? now : null,
    goneAt: null,
    told: null,
    returns: 0,
    lastRecoveredAt: null,
  };
}

function seenAgain(episode: Episode, problem: NotifiableProblem, now: number): Episode {
  const { lastRecoveredAt, goneAt } = episode;
  if (episode.phase === 'quiet') {
    const returns = isWithinADay(lastRecoveredAt, now) ? episode.returns + 1 : 0;
    return { ...begin(problem, now), returns, lastRecoveredAt };
  }
  if (episode.told === null && goneAt !== null && now >= overAt({ ...episode, goneAt })) {
    return { ...begin(problem, now), returns: episode.returns, lastRecoveredAt };
  }
  const failedAt = problem.severity === 'failed' ? (episode.failedAt ?? now) : null;
  return { ...episode, ...factsOf(problem), failedAt, goneAt: null };
}

function unseen(episode: Episode, now: number): readonly Episode[] {
  const isRecent = isWithinADay(episode.lastRecoveredAt, now);
  if (episode.phase === 'quiet') return isRecent ? [episode] : [];
  const gone = { ...episode, goneAt: episode.goneAt ?? now };
  if (gone.told !== null || now < overAt(gone)) return [gone];
  // Nobody was told, so nobody has to be told that it is over.
  return isRecent ? [{ ...gone, phase: 'quiet', goneAt: null }] : [];
}

function isWithinADay(at: number | null, now: number): boolean {
  return at !== null && now - at < dayMs;
}

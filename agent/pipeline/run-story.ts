import type { Plan } from '../../core/model/plan.ts';
import type { DirectoryReadDocument } from '../cli/documents-reads.ts';
import type { RunStory } from '../cli/documents-runs.ts';
import type { ApplyReport } from './apply-report.ts';

const mostFailures = 50;

/** What a run notes down while it goes on; a run that fails leaves what was noted until then. */
export class StoryTeller {
  #story: RunStory = {};

  note(part: RunStory): void {
    this.#story = { ...this.#story, ...part };
  }

  /** `null`: there is nothing to tell. */
  get story(): RunStory | null {
    return Object.keys(this.#story).length === 0 ? null : this.#story;
  }
}

export function storyOfReads(reads: readonly DirectoryReadDocument[]): RunStory {
  return {
    reads: reads.map(({ directory, outcome, users, leftOut, server, durationMs, error, kind, fullBecause, absent, rescoped, logons }) => ({
      directory,
      outcome,
      users,
      leftOut: Object.values(leftOut).reduce((sum, count) => sum + count, 0),
      server,
      durationMs,
      code: error?.code ?? null,
      kind,
      fullBecause,
      absent,
      rescoped,
      logons: logons === null ? null : { exact: logons.exact, asked: logons.asked.length, failed: logons.failed.length },
    })),
  };
}

export function storyOfPlan(plan: Plan, psaProblem: string | null): RunStory {
  const exceeded = plan.guards
    .filter((guard) => guard.exceeded)
    .map(({ kind, count, limit }) => ({ kind, count, limit: Math.floor(limit) }));
  return {
    planned: countBy(plan.changes.map(({ kind }) => kind)),
    ...(plan.held === null ? {} : { held: { ...plan.held, exceeded } }),
    ...(plan.letThrough === undefined
      ? {}
      : { letThrough: { rule: plan.letThrough.rule, contacts: plan.letThrough.contacts, most: plan.letThrough.most, exceeded } }),
    ...(psaProblem === null ? {} : { psaProblem }),
    ...(plan.observations.notSeen === undefined ? {} : { notSeen: plan.observations.notSeen }),
  };
}

/** `redact` takes out what a server may have repeated of a secret. */
export function storyOfReport(report: ApplyReport, redact: (text: string) => string): RunStory {
  const failed = report.failed.slice(0, mostFailures).map(({ change, code, message }) => {
    const { label, kind, system } = change;
    return { label, kind, system, code, message: redact(message) };
  });
  return {
    ...(failed.length === 0 ? {} : { failures: countBy(report.failed.map(({ code }) => code)), failed }),
    ...(report.skipped.length === 0 ? {} : { skipped: countBy(report.skipped.map(({ reason }) => reason)) }),
  };
}

/** The story as it was stored. It is this program's own, of this or an earlier version; anything else is no story. */
export function storyOf(detail: unknown): RunStory | null {
  return typeof detail === 'object' && detail !== null && !Array.isArray(detail) ? detail : null;
}

function countBy(words: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

import { type Command, InvalidArgumentError, Option } from 'commander';
import type { RunOutcome } from '../../../core/ports/store.ts';
import { textOf } from '../answer.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Invoke } from '../program.ts';
import { renderRun, renderRuns } from '../render/runs.ts';

const defaultLimit = 20;
const outcomes: readonly RunOutcome[] = ['done', 'partly', 'held', 'failed', 'interrupted', 'running'];
const unitMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** A moment, or how long before now. */
type Since = { readonly at: number } | { readonly agoMs: number };

interface ListOptions {
  readonly limit?: number;
  readonly since?: Since;
  readonly outcome?: RunOutcome;
}

/** `rollcall runs` and `rollcall runs show RUN` */
export function addRunsCommand(program: Command, invoke: Invoke): void {
  const runs = program
    .command('runs')
    .description('the journal: what was run, and what it did')
    .addHelpText('after', '\n"rollcall runs --since 24h" says what happened last night; the options of "list" need no word before them.');
  runs
    .command('list', { isDefault: true })
    .description('the newest runs')
    .option('--since <time>', 'what happened since then: 24h, 7d, 2026-11-21 or 2026-11-21T22:00', readSince)
    .addOption(new Option('--outcome <outcome>', 'only runs that ended so').choices(outcomes))
    .option('--limit <count>', `how many; ${defaultLimit} when not given`, readLimit)
    .action((options: ListOptions, command: Command) => {
      invoke(command, async ({ operations, organization, view }) => {
        const document = await operations.listRuns({
          organization,
          limit: options.limit ?? defaultLimit,
          since: momentOf(options.since ?? null, view.now),
          outcome: options.outcome ?? null,
        });
        return { document, text: textOf([document], renderRuns), exit: exitCodes.done };
      });
    });
  runs
    .command('show')
    .description('the story of one run, with all its writes')
    .argument('<run>', 'id of the run')
    .action((run: string, _options: object, command: Command) => {
      invoke(command, async ({ operations }) => {
        const document = await operations.showRun({ run });
        return { document, text: textOf([document], renderRun), exit: exitCodes.done };
      });
    });
}

function readLimit(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > 100_000) {
    throw new InvalidArgumentError('A whole number from 1 is expected.');
  }
  return limit;
}

/** A day and a time without a zone are those of this machine. */
function readSince(text: string): Since {
  const span = /^(\d{1,5})([mhdw])$/.exec(text);
  const unit = unitMs[span?.[2] ?? ''];
  if (span !== null && unit !== undefined) return { agoMs: Number(span[1]) * unit };
  const isDay = /^\d{4}-\d\d-\d\d$/.test(text);
  const isTime = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?$/.test(text);
  // A day alone would be taken for one of UTC.
  const at = isDay || isTime ? Date.parse(isDay ? `${text}T00:00` : text.replace(' ', 'T')) : Number.NaN;
  if (Number.isNaN(at)) {
    throw new InvalidArgumentError('A time before now like 24h or 7d, or a date like 2026-11-21 or 2026-11-21T22:00 is expected.');
  }
  return { at };
}

function momentOf(since: Since | null, now: number): number | null {
  if (since === null) return null;
  return 'at' in since ? since.at : now - since.agoMs;
}

import { type Command, InvalidArgumentError } from 'commander';
import { textOf } from '../answer.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Invoke } from '../program.ts';
import { renderRun, renderRuns } from '../render/runs.ts';

const defaultLimit = 20;

/** `rollcall runs` and `rollcall runs show RUN` */
export function addRunsCommand(program: Command, invoke: Invoke): void {
  const runs = program.command('runs').description('the journal: what was run, and what it did');
  runs
    .command('list', { isDefault: true })
    .description('the newest runs')
    .option('--limit <count>', `how many; ${defaultLimit} when not given`, readLimit)
    .action((options: { readonly limit?: number }, command: Command) => {
      invoke(command, async ({ operations, organization }) => {
        const document = await operations.listRuns({ organization, limit: options.limit ?? defaultLimit });
        return { document, text: textOf([document], renderRuns), exit: exitCodes.done };
      });
    });
  runs
    .command('show')
    .description('one run with all its writes')
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

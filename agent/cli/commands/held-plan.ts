import type { Command } from 'commander';
import { RollcallError } from '../../../core/errors.ts';
import { textOf } from '../answer.ts';
import { exitCodes, exitOfSync } from '../exit-codes.ts';
import type { Invoke } from '../program.ts';
import { renderReject, renderSync } from '../render/sync.ts';
import { approveAll } from './approve-all.ts';

interface ApproveWords {
  readonly all?: boolean;
  readonly yes?: boolean;
}

/** `rollcall approve HASH`, `rollcall approve --all [--yes]` and `rollcall reject HASH` */
export function addHeldPlanCommands(program: Command, invoke: Invoke): void {
  program
    .command('approve')
    .description('apply a held plan as it was shown, or all of them')
    .argument('[hash]', 'the hash of the held plan')
    .option('--all', 'every held plan, after one question')
    .option('--yes', 'with --all: do not ask')
    .action((hash: string | undefined, { all = false, yes = false }: ApproveWords, command: Command) => {
      if (all === (hash !== undefined)) {
        throw new RollcallError('USAGE', all ? 'Name a plan, or use --all, not both.' : 'Name the plan by its hash, or use --all.');
      }
      invoke(command, async (context) => {
        if (hash === undefined) return approveAll(context, { yes });
        const { operations, organization } = context;
        const document = await operations.approve({ organization, hash });
        return { document, text: textOf([document], renderSync), exit: exitOfSync([document]) };
      });
    });
  program
    .command('reject')
    .description('drop a held plan')
    .argument('<hash>', 'the hash of the held plan')
    .action((hash: string, _options: object, command: Command) => {
      invoke(command, async ({ operations, organization }) => {
        const document = await operations.reject({ organization, hash });
        return { document, text: textOf([document], renderReject), exit: exitCodes.done };
      });
    });
}

import type { Command } from 'commander';
import { textOf } from '../answer.ts';
import { exitCodes, exitOfSync } from '../exit-codes.ts';
import type { Invoke } from '../program.ts';
import { renderReject, renderSync } from '../render/sync.ts';

/** `rollcall approve HASH` and `rollcall reject HASH` */
export function addHeldPlanCommands(program: Command, invoke: Invoke): void {
  program
    .command('approve')
    .description('apply a held plan as it was shown')
    .argument('<hash>', 'the hash of the held plan')
    .action((hash: string, _options: object, command: Command) => {
      invoke(command, async ({ operations, organization }) => {
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

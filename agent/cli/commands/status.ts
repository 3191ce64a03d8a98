import type { Command } from 'commander';
import { textOf } from '../answer.ts';
import { exitOfStatus } from '../exit-codes.ts';
import type { Invoke } from '../program.ts';
import { renderStatus } from '../render/status.ts';

/** `rollcall status` */
export function addStatusCommand(program: Command, invoke: Invoke): void {
  program
    .command('status')
    .description('health, last runs, counts, and what is held and why')
    .action((_options: object, command: Command) => {
      invoke(command, async ({ operations, organization }) => {
        const document = await operations.status({ organization });
        return { document, text: textOf([document], renderStatus), exit: exitOfStatus(document) };
      });
    });
}

import type { Command } from 'commander';
import { textOf } from '../answer.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Invoke } from '../program.ts';
import { renderExplain } from '../render/explain.ts';

/** `rollcall explain USER` */
export function addExplainCommand(program: Command, invoke: Invoke): void {
  program
    .command('explain')
    .description('every rule that touched a user and what it decided; works offline')
    .argument('<user>', 'objectGUID, sAMAccountName, userPrincipalName or mail')
    .action((user: string, _options: object, command: Command) => {
      invoke(command, async ({ operations, organization }) => {
        const document = await operations.explain({ organization, user });
        return { document, text: textOf([document], renderExplain), exit: exitCodes.done };
      });
    });
}

import type { Command } from 'commander';
import { textOf } from '../answer.ts';
import { exitOfValidate } from '../exit-codes.ts';
import type { Invoke } from '../program.ts';
import { renderValidate } from '../render/validate.ts';

/** `rollcall validate [--offline]` */
export function addValidateCommand(program: Command, invoke: Invoke): void {
  program
    .command('validate')
    .description('check the configuration, then that directories, IT Glue and the PSA answer and accept the credentials')
    .option('--offline', 'check the file and its references to secrets only')
    .action((options: { readonly offline?: boolean }, command: Command) => {
      invoke(command, async ({ operations }) => {
        const document = await operations.validate({ offline: options.offline === true });
        return { document, text: textOf([document], renderValidate), exit: exitOfValidate(document) };
      });
    });
}

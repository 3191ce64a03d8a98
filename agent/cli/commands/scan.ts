import type { Command } from 'commander';
import { documentOf, textOf } from '../answer.ts';
import { exitOfScan } from '../exit-codes.ts';
import type { Invoke } from '../program.ts';
import { renderScan } from '../render/scan.ts';

/** `rollcall scan [--full]` */
export function addScanCommand(program: Command, invoke: Invoke): void {
  program
    .command('scan')
    .description('read the directories into the store; writes nothing outside')
    .option('--full', 'read everything, not only what changed')
    .action((options: { readonly full?: boolean }, command: Command) => {
      invoke(command, async ({ operations, organization }) => {
        const documents = await operations.scan({ organization, full: options.full === true });
        return { document: documentOf(documents), text: textOf(documents, renderScan), exit: exitOfScan(documents) };
      });
    });
}

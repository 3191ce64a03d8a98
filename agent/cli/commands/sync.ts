import type { Command } from 'commander';
import { documentOf, textOf } from '../answer.ts';
import { exitOfSync } from '../exit-codes.ts';
import type { Invoke } from '../program.ts';
import { renderSync } from '../render/sync.ts';

interface SyncWords {
  readonly scan: boolean;
  readonly full?: boolean;
  readonly approve?: string;
}

/** `rollcall sync [--no-scan] [--full] [--approve HASH]` */
export function addSyncCommand(program: Command, invoke: Invoke): void {
  program
    .command('sync')
    .description('scan, plan and apply, once')
    .option('--no-scan', 'plan from what the store has')
    .option('--full', 'read everything, not only what changed')
    .option('--approve <hash>', 'apply the held plan with this hash, as it was shown')
    .action((options: SyncWords, command: Command) => {
      invoke(command, async ({ operations, organization }) => {
        const approve = options.approve ?? null;
        const documents = await operations.sync({ organization, scan: options.scan, full: options.full === true, approve });
        return { document: documentOf(documents), text: textOf(documents, renderSync), exit: exitOfSync(documents) };
      });
    });
}

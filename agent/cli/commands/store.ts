import type { Command } from 'commander';
import { textOf } from '../answer.ts';
import { formatVersion } from '../documents.ts';
import type { StoreMoveDocument } from '../documents-store.ts';
import { exitCodes } from '../exit-codes.ts';
import type { InvokeLocal } from '../program.ts';
import { renderStoreMove } from '../render/store.ts';

interface MoveOptions {
  readonly to: string;
  readonly password?: string;
}

/** `rollcall store move --to TARGET [--password REFERENCE]` */
export function addStoreCommand(program: Command, invokeLocal: InvokeLocal): void {
  const store = program.command('store').description('the store: a file of this machine, or a database');
  store
    .command('move')
    .description('move all that is stored to a database, or from one to a file; the store that it comes from stays as it is')
    .requiredOption('--to <target>', 'postgres://ROLE@HOST/DATABASE, or the file')
    .option('--password <reference>', "the role's password: env:NAME, file:PATH or vault:NAME")
    .action((options: MoveOptions, command: Command) => {
      invokeLocal(command, async (context) => {
        // Loaded for this command alone.
        const { moveConfiguredStore } = await import('../../compose-move.ts');
        const moved = await moveConfiguredStore(context, { to: options.to, password: options.password ?? '' });
        const document: StoreMoveDocument = { formatVersion, ...moved };
        return { document, text: textOf([document], renderStoreMove), exit: exitCodes.done };
      });
    });
}

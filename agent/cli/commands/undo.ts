import type { Command } from 'commander';
import { textOf } from '../answer.ts';
import type { UndoDocument } from '../documents.ts';
import { exitOfUndo } from '../exit-codes.ts';
import type { Invoke } from '../program.ts';
import { renderUndo } from '../render/undo.ts';
import { plural } from '../terminal/format.ts';

interface UndoWords {
  readonly deleteCreated?: boolean;
  readonly yes?: boolean;
}

/** `rollcall undo RUN [--delete-created] [--yes]` */
export function addUndoCommand(program: Command, invoke: Invoke): void {
  program
    .command('undo')
    .description('put back what a run changed, where nobody changed it since')
    .argument('<run>', 'id of the run')
    .option('--delete-created', 'delete what the run created and nobody changed or linked since')
    .option('--yes', 'do not ask')
    .action((run: string, options: UndoWords, command: Command) => {
      invoke(command, async ({ operations, view, ask }) => {
        const confirm = (preview: UndoDocument): Promise<boolean> => {
          const count = preview.created.filter((item) => item.deleted).length;
          return options.yes === true
            ? Promise.resolve(true)
            : ask(textOf([preview], renderUndo)(view), `Delete ${plural(count, 'record')} that this run created?`);
        };
        const document = await operations.undo({ run, deleteCreated: options.deleteCreated === true, confirm });
        return { document, text: textOf([document], renderUndo), exit: exitOfUndo(document) };
      });
    });
}

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
    .option('--delete-created', 'delete what the run created and nobody changed or linked since; in the PSA make it inactive')
    .option('--yes', 'do not ask')
    .action((run: string, options: UndoWords, command: Command) => {
      invoke(command, async ({ operations, view, ask }) => {
        const confirm = (preview: UndoDocument): Promise<boolean> => {
          return options.yes === true ? Promise.resolve(true) : ask(textOf([preview], renderUndo)(view), questionOf(preview));
        };
        const document = await operations.undo({ run, deleteCreated: options.deleteCreated === true, confirm });
        return { document, text: textOf([document], renderUndo), exit: exitOfUndo(document) };
      });
    });
}

/** Names what `--delete-created` would do: records go in IT Glue; in a PSA they only become inactive. */
function questionOf({ created }: UndoDocument): string {
  const deleted = created.filter((item) => item.deleted).length;
  const inactivated = created.filter((item) => item.inactivated === true).length;
  const parts = [
    ...(deleted > 0 || inactivated === 0 ? [`delete ${plural(deleted, 'record')}`] : []),
    ...(inactivated > 0 ? [`make ${plural(inactivated, 'contact')} in the PSA inactive`] : []),
  ].join(' and ');
  return `${parts.charAt(0).toUpperCase()}${parts.slice(1)} that this run created?`;
}

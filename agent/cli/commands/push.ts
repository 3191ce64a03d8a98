import type { Command } from 'commander';
import { RollcallError } from '../../../core/errors.ts';
import { type CommandContext, documentOf, textOf } from '../answer.ts';
import type { PushPlanDocument } from '../documents.ts';
import { exitOfPush } from '../exit-codes.ts';
import type { Invoke } from '../program.ts';
import { renderPushPlan } from '../render/push.ts';
import { renderPush } from '../render/sync.ts';
import { plural } from '../terminal/format.ts';

interface PushWords {
  readonly all?: boolean;
  readonly yes?: boolean;
}

/** `rollcall push [--all] [--yes] [CONTACT…]` */
export function addPushCommand(program: Command, invoke: Invoke): void {
  program
    .command('push')
    .description('push chosen contacts, or all syncable ones, to the PSA at once')
    .argument('[contact...]', 'ids of IT Glue contacts')
    .option('--all', 'all syncable contacts')
    .option('--yes', 'do not ask')
    .action((contacts: readonly string[], options: PushWords, command: Command) => {
      const all = options.all === true;
      if (all === contacts.length > 0) {
        throw new RollcallError('USAGE', all ? 'Name contacts, or use --all, not both.' : 'Name the contacts to push, or use --all.');
      }
      invoke(command, async (context) => {
        const confirm = (plans: readonly PushPlanDocument[]): Promise<boolean> =>
          options.yes === true ? Promise.resolve(true) : ask(plans, context);
        const documents = await context.operations.push({ organization: context.organization, all, contacts, confirm });
        return { document: documentOf(documents), text: textOf(documents, renderPush), exit: exitOfPush(documents, !all) };
      });
    });
}

function ask(plans: readonly PushPlanDocument[], context: CommandContext): Promise<boolean> {
  const count = plans.flatMap((plan) => plan.changes).filter((change) => change.system === 'psa').length;
  const among = plans.filter((plan) => plan.changes.length > 0).length;
  const where = among > 1 ? ` of ${plural(among, 'organization')}` : '';
  return context.ask(textOf(plans, renderPushPlan)(context.view), `Push ${plural(count, 'contact')}${where} to the PSA?`);
}

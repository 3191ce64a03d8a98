import type { Command } from 'commander';
import { RollcallError } from '../../../core/errors.ts';
import type { LocalContext } from '../answer.ts';
import { formatVersion } from '../documents.ts';
import { exitCodes } from '../exit-codes.ts';
import type { InvokeLocal } from '../program.ts';
import { type ReloadDocument, renderReload } from '../render/reload.ts';
import { printableDocument } from '../terminal/text-width.ts';

/** `rollcall reload [--yes]` and `rollcall stop`: words to the running service. */
export function addServiceTalkCommands(program: Command, invoke: InvokeLocal): void {
  program
    .command('reload')
    .description('the running service looks at its configuration file now')
    .option('--yes', 'accept that an organization in use is gone from the file')
    .action((options: { readonly yes?: boolean }, command: Command) => {
      invoke(command, async (context) => {
        const verdict = (await ask(context, 'reload', { accept: options.yes === true })) as Omit<ReloadDocument, 'formatVersion'>;
        const document: ReloadDocument = { formatVersion, ...verdict };
        return { document, text: (view) => renderReload(printableDocument(document), view), exit: exitCodes.done };
      });
    });
  program
    .command('stop')
    .description('the running service ends, in a consistent state')
    .action((_options: object, command: Command) => {
      invoke(command, async (context) => {
        await ask(context, 'stop', {});
        return { document: { formatVersion, stopping: true }, text: () => 'The service stops.', exit: exitCodes.done };
      });
    });
}

async function ask(context: LocalContext, name: string, options: object): Promise<unknown> {
  const [{ connectToService }, { callService }] = await Promise.all([
    import('../../control/control-client.ts'),
    import('../../control/remote-operations.ts'),
  ]);
  const channel = await connectToService(context.stateDirectory, context.platform);
  if (channel === null) throw new RollcallError('SERVICE_NOT_FOUND', `No service runs for ${context.stateDirectory}.`);
  return callService(channel, { name, options }, context);
}

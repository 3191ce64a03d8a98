import type { Command } from 'commander';
import { findCollector } from '../../../hub/administration/revoke.ts';
import { type LocalContext, textOf } from '../../answer.ts';
import { formatVersion } from '../../documents.ts';
import type { HubCollectorsDocument, HubRevokeDocument } from '../../documents-hub.ts';
import { exitCodes } from '../../exit-codes.ts';
import { readGlobalOptions } from '../../global-options.ts';
import type { InvokeLocal } from '../../program.ts';
import { renderHubCollectors, renderHubRevoke } from '../../render/hub-collectors.ts';
import { accountName, talkToHub } from './hub-talk.ts';

/** `rollcall hub revoke NAME [--organization ID] [--yes]` */
export function addHubRevokeCommand(hub: Command, invokeLocal: InvokeLocal): void {
  hub
    .command('revoke')
    .description('take nothing of a collector any more, from its next request on')
    .argument('<name>', 'its name')
    .option('--yes', 'do not ask')
    .action((name: string, words: { readonly yes?: boolean }, command: Command) => {
      const { organization } = readGlobalOptions(command);
      invokeLocal(command, async (context) => {
        const choice = { name, organization };
        const declined = words.yes === true ? null : await askFirst(context, choice);
        const document = declined ?? (await talkToHub<HubRevokeDocument>(context, 'hubRevoke', { ...choice, account: accountName() }));
        return { document, text: textOf([document], renderHubRevoke), exit: exitCodes.done };
      });
    });
}

/** `null`: yes. */
async function askFirst(
  context: LocalContext,
  choice: { readonly name: string; readonly organization: string | null },
): Promise<HubRevokeDocument | null> {
  const all = await talkToHub<HubCollectorsDocument>(context, 'hubCollectors', { organization: choice.organization });
  const found = findCollector(all.collectors, choice);
  const shown = textOf([{ ...all, collectors: [found], invitations: [], uncovered: [] }], renderHubCollectors)(context.view);
  const { organization, id, name } = found;
  const isMeant = await context.ask(shown, `Take nothing of "${name}" any more? What was read by it stays.`);
  return isMeant ? null : { formatVersion, organization, id, name, revoked: false, droppedUploads: 0 };
}

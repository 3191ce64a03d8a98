import type { Command } from 'commander';
import { textOf } from '../../answer.ts';
import type { HubCollectorsDocument } from '../../documents-hub.ts';
import { exitCodes } from '../../exit-codes.ts';
import { readGlobalOptions } from '../../global-options.ts';
import type { InvokeLocal } from '../../program.ts';
import { renderHubCollectors } from '../../render/hub-collectors.ts';
import { talkToHub } from './hub-talk.ts';

/** `rollcall hub collectors [--organization ID]` */
export function addHubCollectorsCommand(hub: Command, invokeLocal: InvokeLocal): void {
  hub
    .command('collectors')
    .description('the collectors, how they are, and the subnets that have none')
    .action((_words: object, command: Command) => {
      const { organization } = readGlobalOptions(command);
      invokeLocal(command, async (context) => {
        const document = await talkToHub<HubCollectorsDocument>(context, 'hubCollectors', { organization });
        return { document, text: textOf([document], renderHubCollectors), exit: exitCodes.done };
      });
    });
}

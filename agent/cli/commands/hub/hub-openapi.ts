import type { Command } from 'commander';
import { version } from '../../../version.ts';
import { exitCodes } from '../../exit-codes.ts';
import type { InvokeLocal } from '../../program.ts';

/** `rollcall hub openapi`: needs no configuration. */
export function addHubOpenapiCommand(hub: Command, invokeLocal: InvokeLocal): void {
  hub
    .command('openapi')
    .description("print the OpenAPI description of the hub's protocol")
    .action((_words: object, command: Command) => {
      invokeLocal(command, async () => {
        const { describeHub } = await import('../../../hub/server/describe-hub.ts');
        const document = await describeHub(version);
        return { document, text: () => JSON.stringify(document, null, 2), exit: exitCodes.done };
      });
    });
}

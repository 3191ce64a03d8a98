import type { Command } from 'commander';
import { RollcallError } from '../../../../core/errors.ts';
import { durationMs } from '../../../config/value-types.ts';
import { textOf } from '../../answer.ts';
import type { HubInviteDocument } from '../../documents-hub.ts';
import { exitCodes } from '../../exit-codes.ts';
import { readGlobalOptions } from '../../global-options.ts';
import type { InvokeLocal } from '../../program.ts';
import { renderHubInvite } from '../../render/hub-invite.ts';
import { accountName, talkToHub } from './hub-talk.ts';

interface InviteWords {
  readonly subnet: readonly string[];
  readonly name?: string;
  readonly expires?: string;
  readonly url?: string;
  readonly pin: boolean;
}

/** `rollcall hub invite --organization ID --subnet CIDR… [--name NAME] [--expires SPAN] [--url URL] [--no-pin]` */
export function addHubInviteCommand(hub: Command, invokeLocal: InvokeLocal): void {
  hub
    .command('invite')
    .description('make a code by which one machine joins, for an organization (--organization ID) and its subnets')
    .requiredOption('--subnet <cidr...>', 'the subnets that it stands for, like 10.20.0.0/24')
    .option('--name <name>', 'the name that it will have; default: the one that it gives itself')
    .option('--expires <span>', 'how long the code works, up to 7d; default: 24h')
    .option('--url <url>', 'how collectors reach this hub; default: where it listens')
    .option('--no-pin', "a CA proves the hub's certificate, its key may change")
    .action((words: InviteWords, command: Command) => {
      const { organization } = readGlobalOptions(command);
      invokeLocal(command, async (context) => {
        const options = {
          organization: needed(organization),
          subnets: words.subnet,
          name: words.name ?? null,
          expiresInMs: spanOf(words.expires),
          url: words.url ?? null,
          pin: words.pin,
          account: accountName(),
        };
        const document = await talkToHub<HubInviteDocument>(context, 'hubInvite', options);
        return { document, text: textOf([document], renderHubInvite), exit: exitCodes.done };
      });
    });
}

function needed(organization: string | null): string {
  if (organization !== null) return organization;
  throw new RollcallError('USAGE', '"rollcall hub invite" needs --organization ID: a collector belongs to one.');
}

function spanOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  const span = durationMs(text);
  if (span === null) throw new RollcallError('USAGE', '--expires takes a duration like "24h" or "3d".');
  return span;
}

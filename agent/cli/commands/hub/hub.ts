import type { Command } from 'commander';
import type { InvokeLocal } from '../../program.ts';
import { addHubChangeCommands } from './hub-change.ts';
import { addHubCollectorsCommand } from './hub-collectors.ts';
import { addHubInviteCommand } from './hub-invite.ts';
import { addHubOpenapiCommand } from './hub-openapi.ts';
import { addHubRevokeCommand } from './hub-revoke.ts';

/** `rollcall hub …`: the collectors of this hub. */
export function addHubCommand(program: Command, invokeLocal: InvokeLocal): void {
  const hub = program.command('hub').description('the collectors that send to this hub: invitations, state, revocation');
  addHubInviteCommand(hub, invokeLocal);
  addHubCollectorsCommand(hub, invokeLocal);
  addHubRevokeCommand(hub, invokeLocal);
  addHubChangeCommands(hub, invokeLocal);
  addHubOpenapiCommand(hub, invokeLocal);
}

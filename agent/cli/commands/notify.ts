import type { Command } from 'commander';
import { textOf } from '../answer.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Invoke } from '../program.ts';
import { renderNotifyTest } from '../render/notify.ts';

/** `rollcall notify test` */
export function addNotifyCommand(program: Command, invoke: Invoke): void {
  const notify = program.command('notify').description('messages about problems: webhook, e-mail, heartbeat');
  notify
    .command('test')
    .description('send a test message through each configured channel')
    .action((_options: object, command: Command) => {
      invoke(command, async ({ operations }) => {
        const document = await operations.notifyTest();
        const exit = document.channels.every((channel) => channel.arrived) ? exitCodes.done : exitCodes.failed;
        return { document, text: textOf([document], renderNotifyTest), exit };
      });
    });
}

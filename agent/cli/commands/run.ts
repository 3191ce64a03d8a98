import type { Command } from 'commander';
import { formatVersion } from '../documents.ts';
import { exitCodes } from '../exit-codes.ts';
import type { InvokeLocal } from '../program.ts';

/** `rollcall run` */
export function addRunCommand(program: Command, invoke: InvokeLocal): void {
  program
    .command('run')
    .description('the service in the foreground: schedule, notifications, health; ends by SIGTERM, Ctrl-C or "rollcall stop"')
    .action((_options: object, command: Command) => {
      invoke(command, async (context) => {
        const { runService } = await import('../../service/run-service.ts');
        const reason = await runService(context);
        return { document: { formatVersion, stopped: reason }, text: () => `The service has stopped: ${reason}.`, exit: exitCodes.done };
      });
    });
}

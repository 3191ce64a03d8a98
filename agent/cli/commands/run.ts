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
        const [{ runService }, { isHosted, statusLine }] = await Promise.all([
          import('../../service/run-service.ts'),
          import('../../service/host-manager.ts'),
        ]);
        const reason = await runService(context);
        const text = `The service has stopped: ${reason}.`;
        return {
          document: { formatVersion, stopped: reason },
          text: () => (isHosted(context.environment) ? statusLine(text) : text),
          exit: exitCodes.done,
        };
      });
    });
}

import type { Command } from 'commander';
import { textOf } from '../answer.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Invoke } from '../program.ts';
import { renderDoctor } from '../render/doctor.ts';

/** `rollcall doctor` */
export function addDoctorCommand(program: Command, invoke: Invoke): void {
  program
    .command('doctor')
    .description('examine this machine, the way out, IT Glue, the PSA and the directories; each finding with its remedy')
    .action((_options: object, command: Command) => {
      invoke(command, async ({ operations }) => {
        const document = await operations.doctor();
        const exit = document.state === 'problem' ? exitCodes.failed : exitCodes.done;
        return { document, text: textOf([document], renderDoctor), exit };
      });
    });
}

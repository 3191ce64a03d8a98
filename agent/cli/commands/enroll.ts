import type { Command } from 'commander';
import type { EnrollWords } from '../../hub/enroll/enroll.ts';
import { textOf } from '../answer.ts';
import { exitCodes } from '../exit-codes.ts';
import type { InvokeLocal } from '../program.ts';
import { renderEnroll } from '../render/enroll.ts';

/** `rollcall enroll --code CODE [--hub URL] [--name NAME] [--ca-file PEM] [--again]` */
export function addEnrollCommand(program: Command, invokeLocal: InvokeLocal): void {
  program
    .command('enroll')
    .description('join a hub: from then on this machine reads for it')
    .requiredOption('--code <code>', 'the code of the invitation ("rollcall hub invite" on the hub); works once')
    .option('--hub <address>', 'the address of the hub, to compare it with that of the code')
    .option('--name <name>', "the name of this collector; else the configuration's, else the machine's")
    .option('--ca-file <file>', "the CA as a PEM file that proves the hub's certificate, where a gateway inspects TLS")
    .option('--again', 'join anew in place of what was joined before')
    .action((words: EnrollWords, command: Command) => {
      invokeLocal(command, async (context) => {
        const { enroll } = await import('../../hub/enroll/enroll.ts');
        const document = await enroll(context, words, Date.now());
        return { document, text: textOf([document], renderEnroll), exit: exitCodes.done };
      });
    });
}

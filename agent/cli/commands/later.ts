import type { Command } from 'commander';
import { RollcallError } from '../../../core/errors.ts';

/** Commands of the fixed surface that later versions bring; they take any words and say so. */
export const laterCommands = {
  service: "the operating system's service",
} as const;

export function addLaterCommands(program: Command): void {
  for (const [name, description] of Object.entries(laterCommands)) {
    program
      .command(name)
      .description(description)
      .argument('[words...]')
      .allowUnknownOption()
      .allowExcessArguments()
      .action(() => {
        throw new RollcallError('COMMAND_NOT_AVAILABLE', `"rollcall ${name}" comes with a later version; this one does not have it.`);
      });
  }
}

import type { Command } from 'commander';
import { configJsonSchema } from '../../config/json-schema.ts';

/** `rollcall config-schema`: the JSON Schema of the configuration file, for editors. */
export function addConfigSchemaCommand(program: Command, show: (document: object) => void): void {
  program
    .command('config-schema')
    .description('print the JSON schema of the configuration file, for editors')
    .action(() => show(configJsonSchema()));
}

import { type Command, Option } from 'commander';
import { type LogLevel, logLevels } from '../telemetry/logger.ts';

/** The options that every command takes, before or after its name. `null`: not given. */
export interface GlobalOptions {
  readonly config: string | null;
  readonly state: string | null;
  readonly organization: string | null;
  readonly json: boolean;
  readonly logLevel: LogLevel | null;
}

/** Adds them; hidden where the help shows those of the program. */
export function addGlobalOptions(command: Command, settings: { readonly hidden: boolean }): void {
  for (const option of [
    new Option('--config <file>', 'the configuration file'),
    new Option('--state <dir>', 'the directory of the store'),
    new Option('--organization <id>', 'only this organization, by its IT Glue id'),
    new Option('--json', 'one JSON document on standard output, nothing else there'),
    new Option('--log-level <level>', 'what is logged on standard error').choices(logLevels),
  ]) {
    const isTaken = command.options.some((other) => other.long === option.long);
    if (!isTaken) {
      command.addOption(settings.hidden ? option.hideHelp() : option);
    }
  }
}

/** What was given, of the command and of those above it; the one nearest to the command's end of the line wins. */
export function readGlobalOptions(command: Command): GlobalOptions {
  const given: Record<string, unknown> = {};
  for (let at: Command | null = command; at !== null; at = at.parent) {
    for (const [name, value] of Object.entries(at.opts())) {
      given[name] ??= value;
    }
  }
  const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
  return {
    config: text(given['config']),
    state: text(given['stateDirectory'] ?? given['state']),
    organization: text(given['organization']),
    json: given['json'] === true,
    logLevel: logLevels.find((level) => level === given['logLevel']) ?? null,
  };
}

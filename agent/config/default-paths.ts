import { posix, win32 } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where the configuration file is looked for when no `--config` is given. Never a place of the signed-in user. */
export function defaultConfigFile(platform: NodeJS.Platform, environment: Environment): string {
  return platform === 'win32' ? win32.join(programData(environment), 'Rollcall', 'config.json') : '/etc/rollcall/config.json';
}

/** Where state is kept when no `--state` is given. */
export function defaultStateDirectory(platform: NodeJS.Platform, environment: Environment): string {
  return platform === 'win32' ? win32.join(programData(environment), 'Rollcall', 'state') : posix.join('/var', 'lib', 'rollcall');
}

function programData(environment: Environment): string {
  const folder = environment['ProgramData'] ?? environment['PROGRAMDATA'] ?? '';
  return win32.isAbsolute(folder) ? folder : String.raw`C:\ProgramData`;
}

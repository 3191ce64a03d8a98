import { join } from 'node:path';

/** Where what collectors sent lies until it has landed. */
export function inboxFolder(stateDirectory: string): string {
  return join(stateDirectory, 'hub', 'inbox');
}

/** Who may send, by which key, where no database has it. */
export function registryFile(stateDirectory: string): string {
  return join(stateDirectory, 'hub.sqlite');
}

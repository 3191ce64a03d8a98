import { join } from 'node:path';

/** Where a hub keeps its collectors, in the state directory. */
export function registryFile(stateDirectory: string): string {
  return join(stateDirectory, 'hub.sqlite');
}

/** Where what collectors sent lies until it has landed. */
export function inboxFolder(stateDirectory: string): string {
  return join(stateDirectory, 'hub', 'inbox');
}

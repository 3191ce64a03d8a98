import { createHash } from 'node:crypto';
import type { Config } from '../config/schema.ts';

/** The same for two configurations under which a command does the same; what takes effect at the service's start alone is left out. */
export function configMark({ store: _store, log: _log, ...rest }: Config): string {
  return createHash('sha256').update(JSON.stringify(rest)).digest('base64url');
}

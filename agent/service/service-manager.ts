import type { Writable } from 'node:stream';
import type { Logger } from '../telemetry/logger.ts';
import { createHostManager, isHosted } from './host-manager.ts';
import { createSystemd } from './systemd.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What whoever started the service is told (sd_notify(3)); where none asks for it, nothing is. */
export interface ServiceManager {
  ready(): void;
  reloading(): void;
  stopping(): void;
  status(text: string): void;
  /** It may take so long from now until the service is ready. */
  extend(ms: number): void;
  /** Ends the signs of life. */
  close(): void;
}

/** The manager that the environment tells of: the Windows service host, systemd, or none. */
export function createServiceManager(options: {
  readonly environment: Environment;
  readonly logger: Logger;
  readonly stdout: Writable;
}): ServiceManager {
  const { environment, logger, stdout } = options;
  return isHosted(environment) ? createHostManager({ stdout }) : createSystemd({ environment, logger });
}

import type { LogLevel, RootLogger } from '../telemetry/logger.ts';
import type { Redactor } from '../telemetry/redactor.ts';
import type { StartConfig } from './config-in-force.ts';
import type { ServiceManager } from './service-manager.ts';

/** What a service is given at its start. */
export interface ServiceOptions {
  readonly start: StartConfig;
  readonly stateDirectory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly logger: RootLogger;
  readonly redactor: Redactor;
  /** Whoever started the service; the caller closes it. */
  readonly manager: ServiceManager;
  readonly now: () => number;
  /** Done when all but what works outside is going; the service does nothing outside, and carries nothing out, until it resolves. */
  readonly beforeReady: () => Promise<void>;
  /** `--log-level`, which stays in force whatever the file says; `null`: the file's. */
  readonly logLevel: LogLevel | null;
}

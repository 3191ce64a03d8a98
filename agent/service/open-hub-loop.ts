import type { SentDocument } from '../cli/documents-collector.ts';
import type { Config } from '../config/schema.ts';
import { takeNewKey } from '../hub/client/join.ts';
import { platformText } from '../hub/enroll/enroll.ts';
import type { CollectorFacts } from '../pipeline/hub/collector-facts.ts';
import type { SecretPlaces } from '../secrets/secret-sources.ts';
import { openVault } from '../secrets/vault/open-vault.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Redactor } from '../telemetry/redactor.ts';
import { version } from '../version.ts';
import { HubLoop } from './hub-loop.ts';
import { openServiceDoor } from './service-door.ts';

export interface HubLoopParts extends SecretPlaces {
  /** The configuration in force. */
  readonly config: () => Config;
  readonly now: () => number;
  readonly logger: Logger;
  readonly redactor: Redactor;
  readonly isFree: () => boolean;
  /** Has the worker do a job; its answer as JSON. */
  readonly job: (name: 'collectorFacts' | 'send') => Promise<string>;
  readonly onChange: () => void;
}

/** The link of this service to its hub, over the vault and the configuration of this machine. */
export function createHubLoop(parts: HubLoopParts): HubLoop {
  const { config, job, now, logger, redactor, stateDirectory, environment, platform, isFree, onChange } = parts;
  return new HubLoop({
    stateDirectory,
    now,
    random: Math.random,
    logger,
    self: () => ({ version, platform: platformText(), subnets: config().collector.subnets, location: config().collector.location }),
    openDoor: (signal) => openServiceDoor({ config: config(), stateDirectory, environment, platform, redactor, logger, signal }),
    takeKey: (identity, key) => {
      const vault = openVault({ directory: stateDirectory, platform, environment, now });
      return takeNewKey({ stateDirectory, vault }, identity, key);
    },
    isFree,
    facts: async () => JSON.parse(await job('collectorFacts')) as CollectorFacts,
    send: async () => JSON.parse(await job('send')) as readonly SentDocument[],
    onChange,
  });
}

import type { Config } from '../config/schema.ts';
import { networkOptions } from '../http/network.ts';
import { type OpenDoor, openDoor } from '../hub/client/open-door.ts';
import { resolveSecret } from '../secrets/resolve-secret.ts';
import { createSecretSources, type SecretPlaces } from '../secrets/secret-sources.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Redactor } from '../telemetry/redactor.ts';

export interface ServiceDoorOptions extends SecretPlaces {
  readonly config: Config;
  readonly redactor: Redactor;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** The service's own way to the hub. The vault is unlocked first, so that nothing makes the thread wait. A heartbeat is sent once. */
export async function openServiceDoor({ config, redactor, logger, signal, ...places }: ServiceDoorOptions): Promise<OpenDoor> {
  const sources = createSecretSources(places);
  await sources.unlock();
  const { hub, proxy } = config;
  return openDoor({
    url: hub.url,
    caFile: hub.caFile,
    proxyCaFile: proxy.caFile,
    stateDirectory: places.stateDirectory,
    network() {
      const password = proxy.password === '' ? null : resolveSecret(proxy.password, 'proxy.password', sources);
      if (password !== null) redactor.register(password);
      return networkOptions(proxy, password, (message, facts) => logger.warn(message, facts)).network;
    },
    vault: sources.vault,
    onKey: (key) => redactor.register(key),
    signal,
    attempts: 1,
  });
}

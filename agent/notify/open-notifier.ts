import type { Config } from '../config/schema.ts';
import { createHttpClient } from '../http/http-client.ts';
import { networkOptions } from '../http/network.ts';
import type { Redacted } from '../secrets/redacted.ts';
import { resolveSecret } from '../secrets/resolve-secret.ts';
import { createSecretSources } from '../secrets/secret-sources.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Redactor } from '../telemetry/redactor.ts';
import { createNotifier, type Notifier } from './notifier.ts';
import { notifyHttpOptions } from './web-receiver.ts';

export interface OpenNotifierOptions {
  readonly stateDirectory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly logger: Logger;
  readonly redactor: Redactor;
  /** Where it is kept what was told. */
  readonly stateFile: string;
}

/** The notifier of a configuration, with an HTTP client of its own that goes through the configured proxy. */
export async function openNotifier(
  config: Config,
  options: OpenNotifierOptions,
): Promise<{ readonly notifier: Notifier; close(): Promise<void> }> {
  const { logger, redactor, stateFile } = options;
  const sources = createSecretSources(options);
  // On Windows the key of the vault is opened by another program: not while everything waits.
  await sources.unlock();
  const open = (reference: string, setting: string): Redacted => {
    const secret = resolveSecret(reference, setting, sources);
    redactor.register(secret);
    return secret;
  };
  const password = config.proxy.password === '' ? null : open(config.proxy.password, 'proxy.password');
  const { network } = networkOptions(config.proxy, password, (message, facts) => logger.warn(message, facts));
  const http = createHttpClient({ ...notifyHttpOptions, network });
  const notifier = createNotifier({
    settings: config.notify,
    collector: config.collector.name,
    http,
    resolveSecret: open,
    redactor,
    trust: network.trust,
    stateFile,
    logger,
  });
  return {
    notifier,
    async close() {
      await notifier.close();
      await http.close();
    },
  };
}

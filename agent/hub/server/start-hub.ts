import { Server as TlsServer } from 'node:tls';
import type { FastifyInstance } from 'fastify';
import { RollcallError } from '../../../core/errors.ts';
import { isLoopback, readListenAddress } from '../../console/listen-address.ts';
import type { ServiceProblem } from '../../service/service-facts.ts';
import { watchFile } from '../../service/watch-file.ts';
import { buildHub } from './build-hub.ts';
import { type HubCertificate, readHubCertificate } from './hub-certificate.ts';
import type { HubOptions } from './hub-context.ts';

const minuteMs = 60_000;
const dayMs = 86_400_000;
/** How long before its end a certificate is told of, in milliseconds. */
const endsSoonMs = 14 * dayMs;

export interface StartHubOptions extends HubOptions {
  /** `0.0.0.0:7443`. */
  readonly listen: string;
  /** Empty, both: no TLS, which is for loopback addresses alone. */
  readonly certFile: string;
  readonly keyFile: string;
  readonly retryMs?: number;
  readonly watchTimes?: { readonly settle: number; readonly pollEvery: number };
}

export interface RunningHub {
  /** That it does not listen, or that its certificate is not renewed. */
  problems(): readonly ServiceProblem[];
  /** Where it listens: `https://0.0.0.0:7443`; `null` while it does not. */
  address(): string | null;
  close(): Promise<void>;
}

/** Listens as soon as it can; while it cannot, tries again every minute and says so. Never throws. */
export function startHub(options: StartHubOptions): RunningHub {
  return new HubListener(options);
}

class HubListener implements RunningHub {
  readonly #options: StartHubOptions;
  readonly #watchers: readonly { close(): void }[];
  #app: FastifyInstance | null = null;
  #certificate: HubCertificate | null = null;
  #problem: ServiceProblem | null = null;
  #retry: NodeJS.Timeout | null = null;
  #running: Promise<void>;
  #isClosed = false;

  constructor(options: StartHubOptions) {
    this.#options = options;
    const files = [options.certFile, options.keyFile].filter((file) => file !== '');
    this.#watchers = files.map((file) => watchFile(file, () => this.#again(), options.watchTimes));
    this.#running = this.#attempt();
  }

  problems(): readonly ServiceProblem[] {
    if (this.#problem !== null) return [this.#problem];
    const { listen, now } = this.#options;
    const endsAt = this.#certificate?.endsAt ?? Number.POSITIVE_INFINITY;
    if (endsAt - now() > endsSoonMs) return [];
    const ends = new Date(endsAt).toISOString().slice(0, 10);
    return [problemOf(new RollcallError('HUB_UNAVAILABLE', `The hub's certificate ends on ${ends}.`, { place: { listen } }), null)];
  }

  address(): string | null {
    const address = this.#app?.server.address() ?? null;
    if (address === null || typeof address === 'string') return null;
    const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
    return `${this.#certificate === null ? 'http' : 'https'}://${host}:${address.port}`;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const watcher of this.#watchers) watcher.close();
    if (this.#retry !== null) clearTimeout(this.#retry);
    await this.#running;
    await this.#app?.close();
    this.#app = null;
  }

  #again(): void {
    if (this.#isClosed) return;
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
    this.#running = this.#running.then(() => this.#attempt());
  }

  /** Listens, or puts a renewed certificate into force where it listens already. */
  async #attempt(): Promise<void> {
    if (this.#isClosed) return;
    const { listen, logger, now, retryMs = minuteMs } = this.#options;
    try {
      const certificate = await this.#readCertificate();
      if (this.#app === null) await this.#listen(certificate);
      else this.#renew(certificate);
      if (this.#problem !== null) logger.info('The hub listens after all', { listen });
      this.#problem = null;
    } catch (error) {
      const reason = reasonOf(error);
      if (this.#problem === null) logger.warn('The hub cannot listen, or not with its new certificate', { listen, reason });
      const words =
        this.#app === null ? `The hub cannot listen on ${listen}: ${reason}` : `The hub keeps its certificate of before: ${reason}`;
      const since = this.#problem?.since ?? new Date(now()).toISOString();
      this.#problem = problemOf(new RollcallError('HUB_UNAVAILABLE', words, { place: { listen } }), since);
      this.#retry = setTimeout(() => this.#again(), retryMs).unref();
    }
  }

  async #readCertificate(): Promise<HubCertificate | null> {
    const { listen, certFile, keyFile } = this.#options;
    if (certFile !== '' && keyFile !== '') return readHubCertificate({ certFile, keyFile });
    if (isLoopback(readListenAddress(listen).host)) return null;
    throw new RollcallError(
      'HUB_UNAVAILABLE',
      'hub.certFile and hub.keyFile are needed: without TLS only this machine itself is answered.',
    );
  }

  async #listen(certificate: HubCertificate | null): Promise<void> {
    const { listen, logger } = this.#options;
    const app = await buildHub(this.#options, certificate);
    try {
      await app.listen(readListenAddress(listen));
    } catch (error) {
      await app.close();
      throw error;
    }
    this.#app = app;
    this.#certificate = certificate;
    logger.info('The hub listens', { listen, tls: certificate !== null });
  }

  #renew(certificate: HubCertificate | null): void {
    const server: unknown = this.#app?.server;
    if (certificate === null || !(server instanceof TlsServer) || certificate.cert === this.#certificate?.cert) return;
    server.setSecureContext({ cert: certificate.cert, key: certificate.key, minVersion: 'TLSv1.2' });
    this.#certificate = certificate;
    this.#options.logger.info("The hub's certificate was renewed", { ends: new Date(certificate.endsAt).toISOString() });
  }
}

function problemOf({ code, message, hint, place }: RollcallError, since: string | null): ServiceProblem {
  return { code, message, hint, place, severity: 'degraded', since };
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const words: Readonly<Record<string, string>> = {
    EADDRINUSE: 'another program listens there ("ss -ltnp", or "netstat -ano" on Windows, tells which).',
    EADDRNOTAVAIL: 'this machine has no such address.',
    EACCES: 'this account may not use the port.',
    ENOTFOUND: 'the name does not exist.',
  };
  return words[code] ?? (error instanceof Error ? error.message : 'for an unknown reason.');
}

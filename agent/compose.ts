import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { RollcallError } from '../core/errors.ts';
import type { OrganizationId } from '../core/model/ids.ts';
import type { Phone } from '../core/model/phone.ts';
import type { Documentation } from '../core/ports/documentation.ts';
import type { Psa } from '../core/ports/psa.ts';
import type { Store } from '../core/ports/store.ts';
import type { OpenOperations, OperationsContext } from './cli/operations.ts';
import { directoriesOf, organizationSettings, organizationsOf, phoneCountryOf } from './config/organizations.ts';
import type { DirectoryConfig } from './config/schema.ts';
import { createActiveDirectorySource } from './directory/active-directory/active-directory-source.ts';
import { createLdifSource } from './directory/ldif/ldif-source.ts';
import { createPhoneParser } from './directory/parse-phone.ts';
import { createHttpClient, type HttpClient, type HttpClientOptions } from './http/http-client.ts';
import { systemClock } from './http/http-clock.ts';
import { createItGlue, itGlueErrorCodes, itGlueLimits } from './it-glue/it-glue.ts';
import type { DirectoryToRead } from './pipeline/collect.ts';
import { createOperations } from './pipeline/create-operations.ts';
import type { Services } from './pipeline/services.ts';
import { createPsa, psaHttpOptions } from './psa/registry.ts';
import { type Redacted, reveal } from './secrets/redacted.ts';
import { resolveSecret } from './secrets/resolve-secret.ts';
import { openStore } from './store/open-store.ts';
import { version } from './version.ts';

/** The only place that builds adapters and wires them together. Opens nothing before a command asks for it. */
export const openOperations: OpenOperations = (context) => Promise.resolve(createOperations(new Composition(context)));

class Composition implements Services {
  readonly #context: OperationsContext;
  readonly #phoneParsers = new Map<string, (raw: string) => Phone>();
  readonly #clients: HttpClient[] = [];
  #itGlueHttp: HttpClient | null = null;
  #psaHttp: HttpClient | null = null;
  #writable: Promise<Store> | null = null;
  #readable: Promise<Store | null> | null = null;

  constructor(context: OperationsContext) {
    this.#context = context;
  }

  get collector(): string {
    return this.#context.loaded.config.collector.name;
  }

  get configFile(): string {
    return this.#context.loaded.file;
  }

  get organizations(): readonly OrganizationId[] {
    return organizationsOf(this.#context.loaded.config);
  }

  get notices(): readonly string[] {
    return this.#context.loaded.notices;
  }

  get logger(): Services['logger'] {
    return this.#context.logger;
  }

  get progress(): Services['progress'] {
    return this.#context.progress;
  }

  get signal(): AbortSignal {
    return this.#context.signal;
  }

  now(): number {
    return Date.now();
  }

  readonly redact = (text: string): string => this.#context.redactor.text(text);

  readonly hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);

  settings(organization: OrganizationId): ReturnType<Services['settings']> {
    return organizationSettings(this.#context.loaded.config, organization);
  }

  writableStore(command: string): Promise<Store> {
    this.#writable ??= openStore({ path: this.#storePath, mode: 'write', now: () => this.now(), version, command: `rollcall ${command}` });
    return this.#writable;
  }

  readableStore(): Promise<Store | null> {
    this.#readable ??= this.#writable ?? this.#openReadable();
    return this.#readable;
  }

  async #openReadable(): Promise<Store | null> {
    try {
      return await openStore({ path: this.#storePath, mode: 'read', now: () => this.now(), version });
    } catch (error) {
      if (error instanceof RollcallError && error.code === 'STORE_NOT_FOUND') return null;
      throw error;
    }
  }

  get #storePath(): string {
    const { path } = this.#context.loaded.config.store;
    return path === '' ? join(this.#context.stateDirectory, 'rollcall.db') : path;
  }

  directories(organization: OrganizationId): readonly DirectoryToRead[] {
    const { config } = this.#context.loaded;
    const parsePhone = this.#phoneParser(organization);
    return directoriesOf(config, organization).map((directory) => ({
      name: directory.name,
      type: directory.type,
      source: this.#source(directory, parsePhone),
    }));
  }

  #source(directory: DirectoryConfig, parsePhone: (raw: string) => Phone): DirectoryToRead['source'] {
    const { signal } = this.#context;
    if (directory.type === 'ldif') return createLdifSource({ ...directory, parsePhone });
    // No credentials: nothing is read (C8).
    if (directory.bindDn === '' && directory.password === '') return null;
    const password = reveal(this.#secret(directory.password, `directories "${directory.name}" password`));
    return createActiveDirectorySource({ ...directory, password, parsePhone, signal });
  }

  documentation(organization: OrganizationId): Documentation {
    const { region, baseUrl, apiKey } = this.#context.loaded.config.itglue;
    const key = reveal(this.#secret(apiKey, 'itglue.apiKey'));
    this.#itGlueHttp ??= this.#client({ service: 'IT Glue', codes: itGlueErrorCodes, limits: itGlueLimits });
    return createItGlue({ region, baseUrl, apiKey: key, http: this.#itGlueHttp, parsePhone: this.#phoneParser(organization) });
  }

  psa(organization: OrganizationId): Psa | null {
    const { psa } = this.#context.loaded.config;
    const settings = this.settings(organization).psa;
    // Announced by a notice; IT Glue is kept in the meantime.
    if (settings.type === 'connectwise' || settings.type === 'autotask') return null;
    const http = psaHttpOptions(settings.type);
    if (http === null) return null;
    this.#psaHttp ??= this.#client(http);
    const password = this.#secret(psa.credentials.password, 'psa.credentials.password');
    return createPsa(
      { ...settings, baseUrl: psa.baseUrl, credentials: { userName: psa.credentials.userName, password, tenant: psa.credentials.tenant } },
      { http: this.#psaHttp, clock: systemClock, parsePhone: this.#phoneParser(organization) },
    );
  }

  checkSecrets(): void {
    const { config } = this.#context.loaded;
    this.#secret(config.itglue.apiKey, 'itglue.apiKey');
    for (const directory of config.directories) {
      if (directory.type === 'active-directory' && directory.password !== '') {
        this.#secret(directory.password, `directories "${directory.name}" password`);
      }
    }
    if (config.psa.type !== 'none' && config.psa.credentials.password !== '') {
      this.#secret(config.psa.credentials.password, 'psa.credentials.password');
    }
  }

  #secret(reference: string, setting: string): Redacted {
    const secret = resolveSecret(reference, setting, this.#context.environment);
    this.#context.redactor.register(secret);
    return secret;
  }

  #phoneParser(organization: OrganizationId): (raw: string) => Phone {
    const country = phoneCountryOf(this.#context.loaded.config, organization);
    let parser = this.#phoneParsers.get(country);
    if (parser === undefined) {
      parser = createPhoneParser(country);
      this.#phoneParsers.set(country, parser);
    }
    return parser;
  }

  #client(options: Pick<HttpClientOptions, 'service' | 'codes' | 'limits'>): HttpClient {
    const { logger, signal } = this.#context;
    const client = createHttpClient({
      ...options,
      signal,
      onExchange: (exchange) => logger.debug('HTTP exchange', { ...exchange }),
    });
    this.#clients.push(client);
    return client;
  }

  async close(): Promise<void> {
    const stores = await Promise.allSettled([this.#writable, this.#readable]);
    const open = new Set(stores.flatMap((store) => (store.status === 'fulfilled' && store.value !== null ? [store.value] : [])));
    for (const store of open) await store.close();
    await Promise.all(this.#clients.map((client) => client.close()));
  }
}

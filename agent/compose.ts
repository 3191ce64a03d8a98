import { createHash } from 'node:crypto';
import { RollcallError } from '../core/errors.ts';
import type { OrganizationId } from '../core/model/ids.ts';
import type { Phone } from '../core/model/phone.ts';
import type { Documentation } from '../core/ports/documentation.ts';
import type { Lease } from '../core/ports/lease.ts';
import type { Psa } from '../core/ports/psa.ts';
import type { Store } from '../core/ports/store.ts';
import type { OpenOperations, Operations, OperationsContext } from './cli/operations.ts';
import { type SharedResources, spentBudgets } from './compose-shared.ts';
import { openForCommand, openForReading, storeWhereabouts } from './compose-store.ts';
import { directoriesOf, organizationSettings, organizationsOf, phoneCountryOf, watchedGroupsOf } from './config/organizations.ts';
import { isCollector } from './config/role.ts';
import type { Config, DirectoryConfig } from './config/schema.ts';
import { type SecretUse, secretUses } from './config/secret-references.ts';
import { durationMs, isSecretReference, shareOf } from './config/value-types.ts';
import { throughService } from './control/remote-operations.ts';
import { createActiveDirectorySource } from './directory/active-directory/active-directory-source.ts';
import { createLdifSource } from './directory/ldif/ldif-source.ts';
import { createPhoneParser } from './directory/parse-phone.ts';
import { createHttpClient, type HttpClient, type HttpClientOptions, type WritePermission } from './http/http-client.ts';
import { systemClock } from './http/http-clock.ts';
import { type HttpNetwork, networkOptions } from './http/network.ts';
import type { SpentBudgets } from './http/spent-budgets.ts';
import { type OpenDoor, openDoor } from './hub/client/open-door.ts';
import { inboxFolder } from './hub/places.ts';
import { createItGlue, itGlueErrorCodes, itGlueLimits } from './it-glue/it-glue.ts';
import { itGlueAddress } from './it-glue/regions.ts';
import { notifySecrets } from './notify/notify-settings.ts';
import type { DirectoryToRead } from './pipeline/collect.ts';
import { CompanyLists } from './pipeline/company/company-lists.ts';
import { createOperations } from './pipeline/create-operations.ts';
import { createServiceWork, type ServiceWork } from './pipeline/service-work.ts';
import type { Services } from './pipeline/services.ts';
import { createPsa, createPsaMemory, type PsaCredentials, psaAddress, psaHttpOptions } from './psa/registry.ts';
import { exposedFileNotices } from './secrets/exposed-file.ts';
import { Redacted, reveal } from './secrets/redacted.ts';
import { resolveSecret } from './secrets/resolve-secret.ts';
import { createSecretSources, type MachineSecrets } from './secrets/secret-sources.ts';
import { serviceView } from './service/service-view.ts';
import { diskOf } from './store/disk.ts';
import { refusedRelease } from './upgrade/refused-release.ts';

/** The only place that builds adapters and wires them together. Opens nothing before a command asks for it. */
export const openOperations: OpenOperations = (context) => {
  const local = createOperations(new Composition(context, null));
  return Promise.resolve(throughService(local, { ...context, platform: process.platform }));
};

/** What the service asks for besides the operations. */
export interface ServiceOperations extends Operations, ServiceWork {}

/** The operations of one job of the service. */
export function openServiceOperations(context: OperationsContext, shared: SharedResources): ServiceOperations {
  const services = new Composition(context, shared);
  return { ...createOperations(services), ...createServiceWork(services) };
}

/** Files with private keys, which are no references to secrets and must be as safe. */
function keyFilesOf({ directories, hub }: Config): readonly SecretUse[] {
  const ofHub = hub.keyFile === '' ? [] : [{ setting: 'hub.keyFile', reference: `file:${hub.keyFile}` }];
  const ofDirectories = directories.flatMap((directory, index) =>
    directory.type === 'active-directory' && directory.tls.keyFile !== ''
      ? [{ setting: `directories[${index}].tls.keyFile`, reference: `file:${directory.tls.keyFile}` }]
      : [],
  );
  return [...ofDirectories, ...ofHub];
}

/** A write is sent only while whoever sends it is in charge of what it is about (H4). */
function permissionOf(leases: readonly Lease[]): WritePermission {
  return {
    async confirm() {
      if (leases.length === 0) throw new RollcallError('INTERNAL', 'A write was to be sent by somebody who is in charge of nothing.');
      for (const lease of leases) await lease.confirm();
    },
    assertFresh() {
      for (const lease of leases) lease.assertFresh();
    },
  };
}

/** The jobs of one process share it: the limits that it knows of are the tenant's, whoever asks. */
const psaMemory = createPsaMemory();

class Composition implements Services {
  readonly #context: OperationsContext;
  readonly #shared: SharedResources | null;
  readonly #secretSources: MachineSecrets;
  readonly companyLists: CompanyLists;
  readonly #phoneParsers = new Map<string, (raw: string) => Phone>();
  readonly #clients: HttpClient[] = [];
  #itGlueHttp: HttpClient | null = null;
  #psaHttp: HttpClient | null = null;
  #spent: SpentBudgets | null = null;
  #network: HttpNetwork | null = null;
  #door: OpenDoor | null = null;
  readonly leases: Lease[] = [];
  #writable: Promise<Store> | null = null;
  #readable: Promise<Store | null> | null = null;

  constructor(context: OperationsContext, shared: SharedResources | null) {
    this.#context = context;
    this.#shared = shared;
    this.companyLists = shared?.companyLists ?? new CompanyLists();
    this.#secretSources = createSecretSources({ ...context, platform: process.platform });
  }

  get refused(): Services['refused'] {
    return this.#context.refused ?? null;
  }

  get trigger(): Services['trigger'] {
    return this.#context.trigger ?? 'by hand';
  }

  get attended(): Services['attended'] {
    return this.trigger === 'by hand' && this.#context.attended !== false;
  }

  get collector(): string {
    return this.#context.loaded.config.collector.name;
  }

  get configFile(): string {
    return this.#context.loaded.file;
  }

  get config(): Config {
    return this.#context.loaded.config;
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
    if (this.#shared !== null) return this.#shared.store();
    this.#writable ??= openForCommand(this.#context, command);
    return this.#writable;
  }

  readableStore(): Promise<Store | null> {
    if (this.#shared !== null) return this.#shared.store();
    this.#readable ??= this.#writable ?? openForReading(this.#context);
    return this.#readable;
  }

  async inbox(): ReturnType<Services['inbox']> {
    const { openInbox } = await import('./hub/inbox/open-inbox.ts');
    const { pagesOf } = await import('./hub/inbox/read-pages.ts');
    const inbox = await openInbox(inboxFolder(this.#context.stateDirectory));
    return {
      waiting: () => inbox.waiting(),
      claim: (upload) => inbox.claim(upload),
      leave: (upload) => inbox.leave(upload),
      settle: (upload, outcome, at) => inbox.settle(upload, outcome, at),
      pagesOf,
    };
  }

  async collectors(): ReturnType<Services['collectors']> {
    const { readCollectors } = await import('./hub/administration/read-collectors.ts');
    const { registryPlace } = await import('./compose-hub.ts');
    const { readConfiguredRegistry } = await import('./store/registry/open-configured-registry.ts');
    const place = await registryPlace({ ...this.#context, platform: process.platform });
    return readCollectors(this.#context.stateDirectory, this.now(), (read) => readConfiguredRegistry(place, 'rollcall status', read));
  }

  directories(organization: OrganizationId): readonly DirectoryToRead[] {
    const { config } = this.#context.loaded;
    const parsePhone = this.#phoneParser(organization);
    const watchedGroups = watchedGroupsOf(config, organization);
    const phoneCountry = phoneCountryOf(config, organization);
    return directoriesOf(config, organization).map((directory) => ({
      name: directory.name,
      type: directory.type,
      source: this.#source(directory, { parsePhone, phoneCountry, watchedGroups }),
      lastLogonEveryMs: directory.type === 'active-directory' ? durationMs(directory.lastLogonEvery) : null,
    }));
  }

  #source(
    directory: DirectoryConfig,
    more: { readonly parsePhone: (raw: string) => Phone; readonly phoneCountry: string; readonly watchedGroups: readonly string[] },
  ): DirectoryToRead['source'] {
    const { signal, loaded } = this.#context;
    if (directory.type === 'ldif') return createLdifSource({ ...directory, ...more });
    // No credentials: nothing is read (C8).
    if (directory.bindDn === '' && directory.password === '' && directory.tls.certFile === '') return null;
    const { subnets } = loaded.config.collector;
    if (directory.tls.certFile !== '') return createActiveDirectorySource({ ...directory, ...more, subnets, signal });
    const password = reveal(this.#secret(directory.password, `directories "${directory.name}" password`));
    const passwordVersion = this.#secretSources.version(directory.password);
    return createActiveDirectorySource({ ...directory, ...more, password, passwordVersion, subnets, signal });
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
    const budgetShare = shareOf(psa.budgetShare) ?? 0.5;
    const http = psaHttpOptions(settings.type, budgetShare);
    if (http === null) return null;
    this.#psaHttp ??= this.#client(http);
    const { baseUrl, externalKeyField } = psa;
    return createPsa(
      { ...settings, baseUrl, externalKeyField, budgetShare, credentials: this.#psaCredentials() },
      { http: this.#psaHttp, clock: systemClock, signal: this.signal, parsePhone: this.#phoneParser(organization), memory: psaMemory },
    );
  }

  #psaCredentials(): PsaCredentials {
    const { credentials } = this.#context.loaded.config.psa;
    const secret = (name: keyof typeof credentials): Redacted =>
      credentials[name] === '' ? new Redacted('') : this.#secret(credentials[name], `psa.credentials.${name}`);
    // A public name may be given as a reference too.
    const text = (name: keyof typeof credentials): string =>
      isSecretReference(credentials[name]) ? reveal(secret(name)) : credentials[name];
    const { userName, tenant, company } = credentials;
    return {
      userName,
      tenant,
      company,
      password: secret('password'),
      privateKey: secret('privateKey'),
      secret: secret('secret'),
      publicKey: text('publicKey'),
      clientId: text('clientId'),
      integrationCode: text('integrationCode'),
    };
  }

  get hub(): Services['hub'] {
    const { loaded, stateDirectory, redactor, logger, signal } = this.#context;
    if (!isCollector(loaded.config)) return null;
    this.#door ??= openDoor({
      url: loaded.config.hub.url,
      caFile: loaded.config.hub.caFile,
      proxyCaFile: loaded.config.proxy.caFile,
      stateDirectory,
      network: () => this.network,
      vault: this.#secretSources.vault,
      onKey: (key) => redactor.register(key),
      signal,
      onExchange: (exchange) => logger.debug('HTTP exchange', { ...exchange }),
    });
    return this.#door;
  }

  service(): ReturnType<Services['service']> {
    return serviceView(this.#context.stateDirectory, process.platform);
  }

  refusedRelease(): ReturnType<Services['refusedRelease']> {
    return refusedRelease(this.#context.stateDirectory);
  }

  disk(): ReturnType<Services['disk']> {
    const where = storeWhereabouts(this.#context);
    return where.kind === 'embedded' ? diskOf(where.path) : Promise.resolve(null);
  }

  checkSecrets(): readonly string[] {
    const { config } = this.#context.loaded;
    if (!isCollector(config)) this.#secret(config.itglue.apiKey, 'itglue.apiKey');
    for (const directory of config.directories) {
      if (directory.type === 'active-directory' && directory.password !== '') {
        this.#secret(directory.password, `directories "${directory.name}" password`);
      }
    }
    if (config.psa.type !== 'none' && !isCollector(config)) this.#psaCredentials();
    if (config.store.password !== '') this.#secret(config.store.password, 'store.password');
    if (config.proxy.password !== '') this.#secret(config.proxy.password, 'proxy.password');
    for (const { reference, setting } of notifySecrets(config.notify)) this.#secret(reference, setting);
    return exposedFileNotices([...secretUses(config), ...keyFilesOf(config)], process.platform);
  }

  #secret(reference: string, setting: string): Redacted {
    const secret = resolveSecret(reference, setting, this.#secretSources);
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

  get surroundings(): Services['surroundings'] {
    const { loaded, stateDirectory, environment } = this.#context;
    const { itglue, psa } = loaded.config;
    const address = psaAddress(psa.type, psa.baseUrl);
    const ownEndpoints: Services['surroundings']['endpoints'] = [
      { part: 'it-glue', name: 'IT Glue', url: itGlueAddress(itglue.region, itglue.baseUrl) },
      ...(address === null ? [] : [{ part: 'psa', name: address.name, url: address.url } as const]),
    ];
    return {
      platform: process.platform,
      environment,
      stateDirectory,
      store: storeWhereabouts(this.#context),
      endpoints: isCollector(loaded.config) ? [] : ownEndpoints,
      network: () => this.network,
    };
  }

  /** The ways out that the configuration gives: proxy, trusted certificates. */
  get network(): HttpNetwork {
    const { proxy } = this.#context.loaded.config;
    this.#network ??= networkOptions(
      proxy,
      proxy.password === '' ? null : this.#secret(proxy.password, 'proxy.password'),
      (message, facts) => this.#context.logger.warn(message, facts),
    ).network;
    return this.#network;
  }

  #client(options: Pick<HttpClientOptions, 'service' | 'codes' | 'limits'>): HttpClient {
    const { logger, signal } = this.#context;
    this.#spent ??= this.#shared?.spent ?? spentBudgets(this.#context);
    const client = createHttpClient({
      ...options,
      network: this.network,
      spent: this.#spent,
      // The limits hold across the jobs of a service.
      ...(this.#shared === null ? {} : { budgets: this.#shared.budgets(options.service) }),
      signal,
      permission: permissionOf(this.leases),
      onExchange: (exchange) => logger.debug('HTTP exchange', { ...exchange }),
    });
    this.#clients.push(client);
    return client;
  }

  async testNotifications(): ReturnType<Services['testNotifications']> {
    const { loaded, redactor, signal } = this.#context;
    const { notify, collector } = loaded.config;
    const { notifyHttpOptions } = await import('./notify/web-receiver.ts');
    const { testChannels } = await import('./notify/test-channels.ts');
    // Not by #client: that one logs paths, and the paths of these addresses are secrets.
    const http = createHttpClient({ ...notifyHttpOptions, network: this.network, signal });
    this.#clients.push(http);
    const resolveSecret = (reference: string, setting: string): Redacted => this.#secret(reference, setting);
    return testChannels({ settings: notify, collector: collector.name, http, resolveSecret, redactor, trust: this.network.trust, signal });
  }

  async close(): Promise<void> {
    const stores = await Promise.allSettled([this.#writable, this.#readable]);
    const open = new Set(stores.flatMap((store) => (store.status === 'fulfilled' && store.value !== null ? [store.value] : [])));
    for (const store of open) await store.close();
    await this.#door?.close();
    await Promise.all(this.#clients.map((client) => client.close()));
    await this.#spent?.save();
  }
}

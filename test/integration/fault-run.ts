import { isDeepStrictEqual } from 'node:util';
import { createActiveDirectorySource } from '../../agent/directory/active-directory/active-directory-source.ts';
import type { ActiveDirectoryConfig, DirectoryDeadlines, TlsConfig } from '../../agent/directory/active-directory/config.ts';
import { type CollectContext, collect } from '../../agent/pipeline/collect.ts';
import { directoryUsers } from '../../agent/pipeline/reconcile-organization.ts';
import { silentLogger } from '../../agent/telemetry/logger.ts';
import { firstReadRequest } from '../../core/collect/first-read.ts';
import { errorTable } from '../../core/error-table.ts';
import type { DirectoryEntry } from '../../core/model/directory-user.ts';
import { organizationId } from '../../core/model/ids.ts';
import type { DirectoryRead, DirectorySource } from '../../core/ports/directory-source.ts';
import type { Store } from '../../core/ports/store.ts';
import type { TestCertificates } from '../fixtures/tls.ts';
import { type LdapProxy, type LdapProxyOptions, type ProxyFault, startLdapProxy } from '../sandbox/ldap-proxy/proxy.ts';
import type { FaultCase } from './fault-cases.ts';

const impatient: DirectoryDeadlines = { connectMs: 700, handshakeMs: 700, requestMs: 2500, idleMs: 700, readMs: 5000 };
const patient: DirectoryDeadlines = { connectMs: 20_000, handshakeMs: 20_000, requestMs: 20_000, idleMs: 20_000, readMs: 60_000 };
/** Within this a faulty read has ended, on a busy machine too. */
const boundMs = 8000;
/** What Samba says when its own time limit, of few seconds here, ends a search. */
const ownTrouble = /Indexed and full searches both failed|ldb_wait|full DN for dsServiceName/;
/** What a read says of itself fits into this, whatever a server sent. */
const mostCharacters = 60_000;
/** Full reads this far apart could make a user missing (C10). */
const stepMs = 25 * 3_600_000;

/** What is there to be read: the entries by immutable id, and what the read of them left. */
export interface Truth {
  readonly read: DirectoryRead;
  readonly entries: ReadonlyMap<string, DirectoryEntry>;
  /** Its entry changes with every sign-in. */
  readonly ownAccountId: string;
}

export interface FaultWorld {
  readonly store: Store;
  readonly upstream: LdapProxyOptions['upstream'];
  readonly certificates: TestCertificates;
  readonly config: Omit<ActiveDirectoryConfig, 'servers' | 'deadlines'>;
  /** What has landed before the fault. */
  readonly before: Truth;
  /** What is there to be read since. */
  readonly truth: Truth;
}

/** What became of a case. */
export interface FaultVerdict {
  /** `complete`, `incomplete`, or the code of the failure. */
  readonly outcome: string;
  /** Whether the faulty read was one of everything or of changes, if it ended. */
  readonly kind: 'full' | 'changes' | null;
  /** What the faulty read said of itself. */
  readonly words: string;
  /** What was wrong with it, in words; empty: nothing. */
  readonly problems: readonly string[];
}

/** Reads once without a fault, for what all other reads are held against. */
export async function readTruth(config: ActiveDirectoryConfig): Promise<Truth> {
  const entries = new Map<string, DirectoryEntry>();
  const read = await createActiveDirectorySource(config).read(
    {
      onPage: (page) => {
        for (const entry of page) entries.set(entry.immutableId, entry);
      },
      onRestart: () => entries.clear(),
    },
    firstReadRequest,
  );
  return { read, entries, ownAccountId: read.proof.ownAccountId ?? '' };
}

/**
 * Carries one case out: an earlier state that has landed, the fault in the next read (and in one more a day later, if that one could
 * land), and a read without it. Every read goes through the pipeline into the real store.
 */
export async function runFault(world: FaultWorld, one: FaultCase, number: number): Promise<FaultVerdict> {
  await using proxy = await startLdapProxy({ upstream: world.upstream, ...listening(world, one) });
  const site = new FaultSite(world, proxy, { number, one });
  await site.collect(replay(world.before), { full: true });
  const before = await site.look();
  site.complain(before.wrong(world.before, 'strictly'), 'before');

  proxy.set(faultsOf(one));
  const deadlines = one.expected === 'truth' ? patient : impatient;
  let outcome = await site.collectFaulty(deadlines);
  // A real server has trouble of its own now and then, and the fault's place is not reached.
  for (let again = 0; again < 3 && outcome !== 'complete' && (proxy.struck === 0 || ownTrouble.test(site.lastWords)); again += 1) {
    outcome = await site.collectFaulty(deadlines);
  }
  const isLanded = outcome === 'complete';
  for (let again = 0; again < 1 && outcome === 'complete' && one.expected !== 'truth'; again += 1)
    outcome = await site.collectFaulty(deadlines);
  if (proxy.struck === 0 && one.does !== null)
    site.complain([`the fault never struck; the read asked for ${[...proxy.seen.keys()].join(', ')}`], one.place);
  const after = await site.look();
  if (one.expected === 'refused' && isLanded) site.complain(['the read was believed'], 'fault');
  if ((one.expected === 'truth' || one.surveys === true) && !isLanded)
    site.complain([`the read was not believed: ${site.lastWords}`], 'fault');
  site.complain(after.lost(world.before), 'fault');
  if (one.world === 'absent' && isLanded) site.complain(after.concluded(world), 'fault');
  if (!isLanded) site.complain(after.wrong(world.before, 'strictly'), 'fault');
  else site.complain(after.wrong(world.truth, one.expected === 'any' ? ['present', 'absent'] : 'strictly'), 'fault');
  if (one.tls !== undefined && proxy.clearBytes().includes(world.config.password)) site.complain(['the password went in clear'], 'fault');

  proxy.set([]);
  // Behind a wrong certificate no read can do any better.
  if (one.does !== null) {
    const recovered = await site.collectPatiently({ full: isFull(one) || isLanded });
    if (recovered !== 'complete') site.complain([`a read without the fault ended as ${recovered}: ${site.lastWords}`], 'recovery');
    // What a survey has brought stands in the entries.
    site.complain((await site.look()).wrong(world.truth, one.surveys === true ? ['present'] : 'strictly'), 'recovery');
  }
  site.complain(proxy.mistakes, 'proxy');
  return { outcome, kind: site.faultKind, words: site.faultWords, problems: site.problems };
}

function isFull({ world }: FaultCase): boolean {
  return world === 'full' || world === 'absent';
}

function listening({ certificates }: FaultWorld, { tls }: FaultCase): Omit<LdapProxyOptions, 'upstream'> {
  if (tls === undefined) return {};
  const certificate = certificates[tls.shows === 'otherCa' ? 'good' : tls.shows];
  return { scheme: tls.mode === 'ldaps' ? 'ldaps' : 'ldap', certificate };
}

function tlsConfig({ certificates, config }: FaultWorld, { tls }: FaultCase): TlsConfig {
  if (tls === undefined) return config.tls;
  const caFile = tls.shows === 'otherCa' ? certificates.selfSigned.certFile : certificates.caFile;
  return { ...config.tls, mode: tls.mode, caFile };
}

function faultsOf({ place, nth, does, everywhere }: FaultCase): readonly ProxyFault[] {
  if (does === null) return [];
  if (everywhere !== undefined) return everywhere.map((each) => ({ place: each, kind: does }));
  return [{ place, kind: does, ...(nth === undefined ? {} : { nth }) }];
}

function replay({ read, entries }: Truth): DirectorySource {
  return {
    name: 'corp',
    type: 'active-directory',
    check: () => Promise.reject(new Error('nobody checks')),
    async read(handler) {
      await handler.onPage([...entries.values()]);
      return read;
    },
  };
}

/** How strict a look is: all as it is in truth, or the presences that a user who is there may have. */
type Strictness = 'strictly' | readonly string[];

class FaultSite {
  readonly problems: string[] = [];
  lastWords = '';
  faultWords = '';
  faultKind: FaultVerdict['kind'] = null;
  #lastKind: FaultVerdict['kind'] = null;
  readonly #world: FaultWorld;
  readonly #proxy: LdapProxy;
  readonly #context: Omit<CollectContext, 'full'>;
  readonly #tls: TlsConfig;
  readonly #full: boolean;
  readonly #surveys: boolean;
  #now = Date.UTC(2026, 10, 22);

  constructor(world: FaultWorld, proxy: LdapProxy, { number, one }: { readonly number: number; readonly one: FaultCase }) {
    this.#world = world;
    this.#proxy = proxy;
    this.#tls = tlsConfig(world, one);
    this.#full = isFull(one);
    this.#surveys = one.surveys ?? false;
    const progress = { start: () => ({ update: () => undefined, done: () => undefined, fail: () => undefined }) };
    const organization = organizationId(String(10_000 + number));
    const now = (): number => this.#now;
    this.#context = {
      organization,
      collector: 'hq',
      store: world.store,
      logger: silentLogger(),
      progress,
      attended: true,
      now,
    };
  }

  complain(what: readonly string[], when: string): void {
    this.problems.push(...what.map((problem) => `${when}: ${problem}`));
  }

  /** Lands what the source brings, a day after what came before; tells how that ended. */
  async collect(source: DirectorySource, { full }: { readonly full: boolean }): Promise<string> {
    this.#now += stepMs;
    const [document] = await collect({ ...this.#context, full }, [
      { name: 'corp', type: 'active-directory', source, lastLogonEveryMs: this.#surveys ? 1 : null },
    ]);
    if (JSON.stringify(document).length > mostCharacters) this.complain(['what it says of itself has no end'], 'fault');
    this.lastWords = [...(document?.gaps ?? []), document?.error?.message ?? ''].join('; ');
    if (document === undefined) return 'nothing';
    this.#lastKind = document.kind;
    return document.outcome === 'failed' ? (document.error?.code ?? 'no code') : document.outcome;
  }

  async collectFaulty(deadlines: DirectoryDeadlines): Promise<string> {
    const startedAt = performance.now();
    const outcome = await this.collect(this.#source(deadlines), { full: this.#full });
    const took = performance.now() - startedAt;
    this.faultWords = this.lastWords;
    this.faultKind = this.#lastKind;
    if (took > boundMs) this.complain([`it took ${Math.round(took)} ms`], 'fault');
    if (!(outcome in errorTable) && outcome !== 'complete' && outcome !== 'incomplete') this.complain([`it ended as ${outcome}`], 'fault');
    if (outcome in errorTable && !outcome.startsWith('DIRECTORY_')) this.complain([`its code is ${outcome}: ${this.lastWords}`], 'fault');
    if (outcome === 'incomplete' && this.lastWords === '') this.complain(['it does not say why it is incomplete'], 'fault');
    if (this.lastWords.includes(this.#world.config.password)) this.complain(['its message has the password'], 'fault');
    await this.#closed();
    return outcome;
  }

  async collectPatiently(how: { readonly full: boolean }): Promise<string> {
    const outcome = await this.collect(this.#source(patient), how);
    await this.#closed();
    return outcome;
  }

  async look(): Promise<Look> {
    const entries = new Map<string, DirectoryEntry>();
    for await (const page of this.#world.store.sightings(this.#context.organization)) {
      for (const { entry } of page) entries.set(entry.immutableId, entry);
    }
    const users = await directoryUsers(this.#context);
    return new Look(entries, new Map(users.map(({ immutableId, presence }) => [immutableId, presence])));
  }

  #source(deadlines: DirectoryDeadlines): DirectorySource {
    return createActiveDirectorySource({
      ...this.#world.config,
      servers: [this.#proxy.url],
      deadlines,
      tls: this.#tls,
      ...(this.#surveys ? { lastLogon: 'all-dcs' } : {}),
    });
  }

  async #closed(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), 1500);
    });
    if ((await Promise.race([this.#proxy.idle(), late])) === 'late') this.complain([`${this.#proxy.open} connections stay open`], 'fault');
    clearTimeout(timer);
  }
}

/** What the store says after a read. */
class Look {
  readonly #entries: ReadonlyMap<string, DirectoryEntry>;
  readonly #presences: ReadonlyMap<string, string>;

  constructor(entries: ReadonlyMap<string, DirectoryEntry>, presences: ReadonlyMap<string, string>) {
    this.#entries = entries;
    this.#presences = presences;
  }

  /** Users who are there no more, and of whom something was concluded although looking for them failed. */
  concluded({ before, truth }: FaultWorld): readonly string[] {
    const gone = [...before.entries.keys()].filter((id) => !truth.entries.has(id));
    return gone.flatMap((id) => (this.#presences.get(id) === 'absent' ? [] : [`who was deleted is ${this.#presences.get(id)}`]));
  }

  lost({ entries }: Truth): readonly string[] {
    return [...entries].flatMap(([id, { person }]) => (this.#entries.has(id) ? [] : [`${person.samAccountName ?? id} is lost`]));
  }

  wrong({ entries, ownAccountId }: Truth, how: Strictness): readonly string[] {
    const wrong: string[] = [];
    for (const [id, entry] of entries) {
      const name = entry.person.samAccountName ?? id;
      const presence = this.#presences.get(id);
      if (presence === undefined) wrong.push(`${name} is lost`);
      else if (!(how === 'strictly' ? ['present'] : how).includes(presence)) wrong.push(`${name} is ${presence}`);
      if (how === 'strictly' && id !== ownAccountId && !isDeepStrictEqual(this.#entries.get(id), entry)) wrong.push(`${name} is changed`);
    }
    return wrong;
  }
}

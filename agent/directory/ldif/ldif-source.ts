import { createSubtreeTest, dnsNameOf } from '../../../core/active-directory/distinguished-name.ts';
import { mapEntry, notAPerson, stateUnreadable } from '../../../core/active-directory/map-entry.ts';
import { RollcallError } from '../../../core/errors.ts';
import type { DirectoryEntry } from '../../../core/model/directory-user.ts';
import type { Phone } from '../../../core/model/phone.ts';
import type { DirectoryCheck, DirectorySource, ReadHandler, ReadProof } from '../../../core/ports/directory-source.ts';
import { asksForGroups, type FilterSubject, matchesFilter, unsupportedPart } from '../filter/match-filter.ts';
import { type LdapFilter, parseFilter } from '../filter/parse-filter.ts';
import { ReadTally } from '../read-tally.ts';
import { scopeKey } from '../scope-key.ts';
import { GroupGraph } from './group-graph.ts';
import type { LdifRecord } from './ldif-record.ts';
import { isContainer, isUserAccount, toRawUser } from './ldif-user.ts';
import { readLdif } from './read-ldif.ts';
import { WatchedGroups } from './watched-groups.ts';

/** One configured export. The scope means what it means for a live directory. */
export interface LdifConfig {
  readonly name: string;
  readonly file: string;
  /** Empty: the whole file. */
  readonly searchBases: readonly string[];
  readonly filter: string;
  readonly excludeOus: readonly string[];
  readonly includeGroups: readonly string[];
  readonly excludeGroups: readonly string[];
  /** Groups whose members the entries tell; they decide nothing about who is read. */
  readonly watchedGroups?: readonly string[];
  readonly parsePhone: (raw: string) => Phone;
}

const pageSize = 200;

/** Makes the source that reads users from an LDIF export (ldifde, ldapsearch). Nothing is opened before `check` or `read`. */
export function createLdifSource(config: LdifConfig): DirectorySource {
  return {
    name: config.name,
    type: 'ldif',
    check: () => checkFile(config),
    hasScope: (key) => key === scopeKeyOf(config),
    read: async (handler) => ({ proof: await readUsers(config, handler), checkpoint: null, evidence: [] }),
  };
}

function scopeKeyOf(config: LdifConfig): string {
  return scopeKey({ ...config, reader: config.file });
}

async function checkFile(config: LdifConfig): Promise<DirectoryCheck> {
  const proof = await readUsers(config, { onPage: () => {}, onRestart: () => {} });
  return {
    server: config.file,
    facts: {
      users: String(proof.users),
      identity: proof.family,
      'organizational units': String(proof.containers),
      complete: proof.complete ? 'yes' : `no: ${proof.gaps.join('; ')}`,
    },
  };
}

async function readUsers(config: LdifConfig, sink: ReadHandler): Promise<ReadProof> {
  const filter = operatorFilter(config);
  const scope = new LdifScope(config, filter);
  const watched = new WatchedGroups(config.watchedGroups ?? [], scope.graph);
  if (scope.needsGroups || watched.isAsked) {
    let domain: string | null = null;
    await readLdif(config.file, config.name, (records) => {
      for (const record of records) {
        scope.graph.add(record);
        domain = shorter(domain, dnsNameOf(record.dn));
      }
    });
    scope.checkGroups();
    const unknown = watched.settle(domain);
    if (unknown !== null) throw scope.notFound(`the group ${unknown} of contacts.contactTypeRules`);
  }

  const tally = new ReadTally();
  const seen = new Set<string>();
  let containers = 0;
  let domain: string | null = null;
  let page: DirectoryEntry[] = [];

  async function handOver(): Promise<void> {
    const entries = page;
    page = [];
    if (entries.length > 0) await sink.onPage(entries);
  }

  function take(record: LdifRecord): void {
    domain = shorter(domain, dnsNameOf(record.dn));
    if (!scope.hasInBases(record.dn)) return;
    if (isContainer(record)) containers += 1;
    if (record.partial.includes('member') && (scope.needsGroups || watched.concerns(record)))
      tally.gap(`the export left out members of ${record.dn}`);
    if (!isUserAccount(record)) return;
    const { raw, problem } = toRawUser(record);
    const reason = notAPerson(raw) ?? scope.reasonOut(record);
    if (reason !== null) {
      tally.leaveOut(reason);
      return;
    }
    if (record.partial.includes('proxyaddresses')) tally.gap('values of proxyAddresses were left out of the export');
    const mapped = problem === null ? mapEntry(raw, config.parsePhone) : ({ ok: false, error: problem } as const);
    if (!mapped.ok) {
      if (mapped.error === stateUnreadable) tally.gap('the export lacks userAccountControl: the state of accounts is not known');
      tally.reject(record.dn, mapped.error);
    } else if (seen.has(mapped.value.immutableId)) {
      tally.leaveOut('sent more than once');
    } else {
      seen.add(mapped.value.immutableId);
      tally.users += 1;
      const groups = watched.of(record);
      page.push(groups.length === 0 ? mapped.value : { ...mapped.value, groups });
    }
  }

  const end = await readLdif(config.file, config.name, async (records) => {
    for (const record of records) {
      take(record);
      if (page.length >= pageSize) await handOver();
    }
  });
  await handOver();
  scope.checkBases();
  for (const gap of end.gaps) tally.gap(gap);
  if (end.cutOff !== null) tally.reject(end.cutOff.dn, 'cut off by the end of the file');
  return {
    ...tally.summary(),
    containers,
    server: config.file,
    family: domain === null ? `ldif:${config.name}` : `ad:${String(domain)}`,
    ownAccountId: null,
    scopeKey: scopeKeyOf(config),
    ...(watched.isAsked ? { groups: watched.keys } : {}),
  };
}

/** The operator's scope, judged record by record. */
class LdifScope {
  readonly graph = new GroupGraph();
  readonly needsGroups: boolean;
  private readonly config: LdifConfig;
  private readonly filter: LdapFilter | null;
  private readonly bases: readonly { readonly dn: string; readonly test: (dn: string) => boolean; found: boolean }[];
  private readonly excluded: readonly ((dn: string) => boolean)[];

  constructor(config: LdifConfig, filter: LdapFilter | null) {
    this.config = config;
    this.filter = filter;
    this.needsGroups = config.includeGroups.length + config.excludeGroups.length > 0 || (filter !== null && asksForGroups(filter));
    this.bases = config.searchBases.map((dn) => ({ dn, test: createSubtreeTest(dn), found: false }));
    this.excluded = config.excludeOus.map(createSubtreeTest);
  }

  /** A misspelt group must not let everybody through. */
  checkGroups(): void {
    for (const group of [...this.config.includeGroups, ...this.config.excludeGroups]) {
      if (!this.graph.has(group)) throw this.notFound(`the group ${group}`);
    }
  }

  checkBases(): void {
    for (const base of this.bases) if (!base.found) throw this.notFound(`the search base ${base.dn}`);
  }

  hasInBases(dn: string): boolean {
    let inside = this.bases.length === 0;
    for (const base of this.bases) {
      if (!base.test(dn)) continue;
      base.found = true;
      inside = true;
    }
    return inside;
  }

  /** Why the operator's scope leaves the record out; `null`: it is in. */
  reasonOut(record: LdifRecord): string | null {
    if (this.excluded.some((test) => test(record.dn))) return 'excluded OU';
    const { includeGroups, excludeGroups } = this.config;
    if (includeGroups.length > 0 && !includeGroups.some((group) => this.graph.isMember(record, group, true)))
      return 'not in an included group';
    if (excludeGroups.some((group) => this.graph.isMember(record, group, true))) return 'excluded group';
    return this.filter === null || matchesFilter(this.filter, this.subject(record)) ? null : 'filter';
  }

  private subject(record: LdifRecord): FilterSubject {
    return {
      dn: record.dn,
      values: (attribute) => (attribute === 'distinguishedname' ? [record.dn] : (record.attributes.get(attribute) ?? [])),
      isMemberOf: (group, nested) => this.graph.isMember(record, group, nested),
    };
  }

  notFound(what: string): RollcallError {
    const { name, file } = this.config;
    return new RollcallError('DIRECTORY_BASE_NOT_FOUND', `${file} (directory "${name}"): ${what} is not in the file`, {
      place: { directory: name, file },
    });
  }
}

function operatorFilter(config: LdifConfig): LdapFilter | null {
  if (config.filter.trim() === '') return null;
  const parsed = parseFilter(config.filter);
  const problem = parsed.ok ? unsupportedPart(parsed.value) : null;
  if (parsed.ok && problem === null) return parsed.value;
  const what = parsed.ok ? `${problem} cannot be judged without a server` : `the filter is wrong: ${parsed.error}`;
  throw new RollcallError('DIRECTORY_FILTER_INVALID', `directory "${config.name}": ${what}`, {
    place: { directory: config.name, filter: config.filter },
  });
}

function shorter(one: string | null, other: string | null): string | null {
  if (one === null || other === null) return one ?? other;
  return other.length < one.length ? other : one;
}

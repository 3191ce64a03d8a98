import { createSubtreeTest } from '../../../core/active-directory/distinguished-name.ts';
import { mapEntry, notAPerson, stateUnreadable } from '../../../core/active-directory/map-entry.ts';
import { formatGuid } from '../../../core/active-directory/object-guid.ts';
import type { DirectoryEntry } from '../../../core/model/directory-user.ts';
import type { ReadTally } from '../read-tally.ts';
import type { ActiveDirectoryConfig } from './config.ts';
import type { GroupMembers } from './group-members.ts';
import type { DirectorySession } from './session.ts';
import { createUserDecoder, type DecodedUser } from './user-decoder.ts';
import { readRemainingAddresses } from './value-range.ts';
import type { VendorSchema } from './vendor-schema.ts';

export interface PageParts {
  readonly session: DirectorySession;
  readonly config: ActiveDirectoryConfig;
  readonly schema: VendorSchema;
  readonly tally: ReadTally;
  readonly members: GroupMembers;
  /** Is told of users that came and are not handed over; by whose choice, or why they cannot be used. */
  readonly onUnused?: (immutableId: string, unused: { readonly by: 'scope' | 'problem'; readonly reason: string }) => void;
}

/** Makes entries of what a page brings; each user once in the whole read. */
export class UserPage {
  private readonly session: DirectorySession;
  private readonly config: ActiveDirectoryConfig;
  private readonly schema: VendorSchema;
  private readonly tally: ReadTally;
  private readonly members: GroupMembers;
  private readonly onUnused: PageParts['onUnused'];
  private readonly decode: ReturnType<typeof createUserDecoder>;
  private readonly isExcluded: readonly ((dn: string) => boolean)[];
  /** Ids of those handed over, DNs of those left out. */
  private readonly seen = new Set<string>();
  private fresh = 0;
  private entries: DirectoryEntry[] = [];
  /** Entries of which the server kept values back. */
  private partial: DecodedUser[] = [];
  private unreadable = 0;

  constructor({ session, config, schema, tally, members, onUnused }: PageParts) {
    this.onUnused = onUnused;
    this.members = members;
    this.session = session;
    this.config = config;
    this.schema = schema;
    this.tally = tally;
    this.decode = createUserDecoder(schema.identity);
    this.isExcluded = config.excludeOus.map(createSubtreeTest);
  }

  add(reader: Parameters<typeof this.decode>[0]): void {
    const user = this.decode(reader);
    if (user.problem === null && user.nextAddress !== null) this.partial.push(user);
    else this.map(user);
  }

  /** Fetches what was kept back, and empties the page. */
  async finish(): Promise<{ readonly entries: readonly DirectoryEntry[]; readonly fresh: number }> {
    for (const user of this.partial) {
      const { addresses, gap } = await readRemainingAddresses(this.session, user);
      user.raw.proxyAddresses = addresses;
      this.tally.gap(gap);
      this.map(user);
    }
    if (this.unreadable > 0) this.tally.gap(`the account state of users cannot be read: rights on userAccountControl are missing`);
    const { entries, fresh } = this;
    this.entries = [];
    this.fresh = 0;
    this.partial = [];
    this.tally.users += entries.length;
    return { entries, fresh };
  }

  /** Notes what came; an OU with more users than many pages hold may be left out, so what is not used counts as new too. */
  private isNew(key: string): boolean {
    if (this.seen.has(key)) return false;
    this.seen.add(key);
    this.fresh += 1;
    return true;
  }

  private map({ raw, problem }: DecodedUser): void {
    if (problem !== null) {
      this.isNew(raw.dn);
      this.tally.reject(raw.dn, problem);
      this.tellUnused(raw, 'problem', problem);
      return;
    }
    raw.userAccountControl ??= this.schema.defaultAccountControl;
    const reason = this.isExcluded.some((test) => test(raw.dn)) ? 'excluded OU' : notAPerson(raw);
    if (reason !== null) {
      this.isNew(raw.dn);
      this.tally.leaveOut(reason);
      this.tellUnused(raw, 'scope', reason);
      return;
    }
    const mapped = mapEntry(raw, this.config.parsePhone);
    if (!mapped.ok) {
      this.isNew(raw.dn);
      if (mapped.error === stateUnreadable) this.unreadable += 1;
      this.tally.reject(raw.dn, mapped.error);
      this.tellUnused(raw, 'problem', mapped.error);
    } else if (this.isNew(mapped.value.immutableId)) {
      const groups = this.members.of(mapped.value.immutableId);
      this.entries.push(groups === null ? mapped.value : { ...mapped.value, groups });
    } else {
      this.tally.leaveOut('sent more than once');
    }
  }

  private tellUnused(raw: DecodedUser['raw'], by: 'scope' | 'problem', reason: string): void {
    const immutableId = raw.immutableId ?? (raw.objectGUID === null ? null : formatGuid(raw.objectGUID));
    if (immutableId !== null) this.onUnused?.(immutableId, { by, reason });
  }
}

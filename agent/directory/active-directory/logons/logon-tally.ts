import { parseFiletime } from '../../../../core/active-directory/filetime.ts';
import { formatGuid } from '../../../../core/active-directory/object-guid.ts';
import type { Moment } from '../../../../core/model/time.ts';
import { BerError } from '../ber-reader.ts';
import type { LdapEntry } from '../entry-decoder.ts';

/** More than any domain that this product is for; without a limit a hostile server fills the memory with ids. */
const mostUsers = 2_000_000;
/** No controller has shown a value. */
const unknown = Number.NaN;

/** The latest logons of all users from what several controllers say, in a few numbers for each user. */
export class LogonTally {
  private readonly numbers = new Map<string, number>();
  private readonly latest: Moment[] = [];
  private readonly shownBy: number[] = [];

  /** One controller's part. What it says counts at once, for a later logon is true whatever becomes of the controller. */
  controller(): ControllerLogons {
    return new ControllerLogons((id, at) => this.note(id, at));
  }

  get hasValues(): boolean {
    return this.latest.some((at) => !Number.isNaN(at));
  }

  /** Those of users whom at least so many controllers showed, and of whom a value was read at one of them. */
  logons(leastControllers: number): ReadonlyMap<string, Moment> {
    const result = new Map<string, Moment>();
    for (const [id, number] of this.numbers) {
      const at = this.latest[number] ?? unknown;
      if (!Number.isNaN(at) && (this.shownBy[number] ?? 0) >= leastControllers) result.set(id, at);
    }
    return result;
  }

  /** A controller is done with all its users, these. */
  count(controller: ControllerLogons): void {
    for (const number of controller.users) this.shownBy[number] = (this.shownBy[number] ?? 0) + 1;
  }

  private note(id: string, at: Moment | null): number {
    let number = this.numbers.get(id);
    if (number === undefined) {
      number = this.numbers.size;
      if (number >= mostUsers) throw new BerError(`more than ${mostUsers} users`);
      this.numbers.set(id, number);
      this.latest.push(unknown);
      this.shownBy.push(0);
    }
    const known = this.latest[number] ?? unknown;
    if (at !== null && !(known >= at)) this.latest[number] = at;
    return number;
  }
}

/** What one controller says. */
export class ControllerLogons {
  /** Numbers of the users that it showed. */
  readonly users = new Set<number>();
  /** Entries that tell no id or no time that can be believed. */
  unusable = 0;
  private fresh = 0;
  private readonly note: (id: string, at: Moment | null) => number;

  constructor(note: (id: string, at: Moment | null) => number) {
    this.note = note;
  }

  add({ attributes }: LdapEntry): void {
    const ids = attributes.get('objectguid') ?? [];
    const times = attributes.get('lastlogon') ?? [];
    const id = ids.length === 1 && ids[0] !== undefined ? formatGuid(ids[0]) : null;
    const at = times.length > 1 ? 'unusable' : readLogon(times[0]);
    if (id === null || at === 'unusable') {
      this.unusable += 1;
      return;
    }
    const number = this.note(id, at);
    if (this.users.has(number)) return;
    this.users.add(number);
    this.fresh += 1;
  }

  /** How many users of the page were new; a server that sends nothing else goes round in circles. */
  endPage(): number {
    const { fresh } = this;
    this.fresh = 0;
    return fresh;
  }
}

/** `null`: this controller has none, or shows none. 0: there was no logon at it. */
function readLogon(value: Buffer | undefined): Moment | null | 'unusable' {
  if (value === undefined) return null;
  const time = parseFiletime(value.toString('latin1'));
  if (time === 'zero') return 0;
  return typeof time === 'number' && time > 0 ? time : 'unusable';
}

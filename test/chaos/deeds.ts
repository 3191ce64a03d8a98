import type { Load } from './load.ts';
import type { Random } from './random.ts';
import type { Employee } from './staff.ts';
import type { World } from './world.ts';

/** What a person decided, and whether the hub has said that it has it. */
export interface Deed {
  readonly kind: 'ignore' | 'restore' | 'create' | 'match';
  readonly employee: Employee;
  /** Of a match. */
  readonly contact: string | null;
  /** The hub that said so; `null`: none yet. */
  doneBy: string | null;
  /** Each time that it was asked for. */
  readonly tries: { readonly hub: string; readonly at: number; readonly ms: number; readonly exit: number | null }[];
}

const newsMs = 15_000;

/**
 * A person at the hubs, who decides by commands. What was not confirmed is tried again, so in the end every decision was confirmed by
 * some hub, and none may be missing.
 */
export class Deeds {
  readonly #world: World;
  readonly #load: Load;
  readonly #random: Random;
  readonly deeds: Deed[] = [];
  /** Titles that a person wrote into the PSA, by account. */
  readonly edits = new Map<string, string>();
  readonly #hiredAt = new Map<Employee, number>();
  #isOver = false;
  #underWay: Promise<void> = Promise.resolve();

  constructor(world: World, load: Load, random: Random) {
    this.#world = world;
    this.#load = load;
    this.#random = random;
  }

  start(): void {
    this.#underWay = this.#go();
  }

  /** Lets the one under way end, and has everything confirmed that was not. */
  async end(): Promise<void> {
    this.#isOver = true;
    await this.#underWay;
    for (let round = 0; round < 5 && this.#open().length > 0; round += 1) for (const deed of this.#open()) await this.#try(deed);
  }

  get confirmed(): readonly Deed[] {
    return this.deeds.filter(({ doneBy }) => doneBy !== null);
  }

  /** The latest of a user. */
  of(employee: Employee): Deed | null {
    return this.deeds.findLast((deed) => deed.employee === employee) ?? null;
  }

  #open(): readonly Deed[] {
    return this.deeds.filter(({ doneBy }) => doneBy === null);
  }

  async #go(): Promise<void> {
    while (!this.#isOver) {
      await new Promise((resolve) => setTimeout(resolve, this.#random.between(2_000, 6_000)));
      const [open] = this.#open();
      if (open !== undefined && this.#random.next() < 0.5) await this.#try(open);
      else await this.#something();
    }
  }

  async #something(): Promise<void> {
    const { staff, collectors } = this.#world;
    const choice = this.#random.next();
    const known = staff.employees.filter((employee) => Date.now() - this.#since(employee) > newsMs);
    // What got no answer may come late, and then it must not meet another decision about the same user.
    const certain = known.filter((employee) => this.deeds.every((deed) => deed.employee !== employee || deed.tries.length === 1));
    const usual = certain.filter(({ purpose, account }) => purpose === 'usual' && !this.edits.has(account));
    if (choice < 0.3 && usual.length > 8) {
      const employee = this.#random.of(usual);
      employee.purpose = 'ignored';
      return this.#begin('ignore', employee);
    }
    const ignored = certain.filter((employee) => employee.purpose === 'ignored' && this.of(employee)?.doneBy !== null);
    if (choice < 0.45 && ignored.length > 1) return this.#begin('restore', this.#random.of(ignored));
    const fresh = known.filter(({ purpose }) => purpose === 'created' || purpose === 'matched').filter((one) => this.of(one) === null);
    const [next] = fresh;
    if (choice < 0.7 && next !== undefined) return this.#begin(next.purpose === 'created' ? 'create' : 'match', next);
    if (choice < 0.8) return this.#edit(known);
    const collector = this.#random.of(collectors).name;
    this.#since(this.#load.hire(collector, this.#random.of(['created', 'matched', 'edited'])));
    staff.write(collector);
    return this.#load.send(collector);
  }

  /** When it was seen here first. */
  #since(employee: Employee): number {
    const known = this.#hiredAt.get(employee) ?? Date.now();
    this.#hiredAt.set(employee, known);
    return known;
  }

  #edit(known: readonly Employee[]): void {
    const { bms } = this.#world.vendors;
    for (const { purpose, account, mail } of known) {
      if (purpose !== 'edited' || this.edits.has(account)) continue;
      const contact = [...bms.data.contacts.values()].find(({ emails }) => emails.some(({ emailAddress }) => emailAddress === mail));
      if (contact === undefined) continue;
      const title = `Edited ${account}`;
      bms.data.updateContact(contact.id, { jobTitle: title });
      this.edits.set(account, title);
      return;
    }
  }

  async #begin(kind: Deed['kind'], employee: Employee): Promise<void> {
    const contact = kind === 'match' ? this.#typeIn(employee) : null;
    const deed = { kind, employee, contact, doneBy: null, tries: [] };
    this.deeds.push(deed);
    await this.#try(deed);
  }

  /** Somebody typed a contact into IT Glue that no rule finds. */
  #typeIn({ account, organization }: Employee): string {
    const { id } = this.#world.vendors.itGlue.data.addContact({
      organizationId: organization,
      firstName: `Typed${account}`,
      lastName: 'In',
    });
    return id;
  }

  async #try(deed: Deed): Promise<void> {
    const { kind, employee, contact } = deed;
    const hub = this.#random.of(this.#world.hubs);
    const at = Date.now();
    const words = [kind, employee.account, ...(contact === null ? [] : [contact]), '--organization', employee.organization, '--json'];
    const { exit, stdout } = await hub.run('contacts', ...words);
    deed.tries.push({ hub: hub.name, at, ms: Date.now() - at, exit });
    // Who was created meanwhile by an attempt that was not confirmed is matched: that is what was wanted.
    const isThere = kind === 'create' && stdout.includes('is matched to contact');
    if (exit !== 0 && !isThere) return;
    deed.doneBy = hub.name;
    if (kind === 'restore') employee.purpose = 'usual';
  }
}

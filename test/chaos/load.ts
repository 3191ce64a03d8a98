import type { Random } from './random.ts';
import type { Employee } from './staff.ts';
import type { World } from './world.ts';

const mostOfCollector = 40;

/** A value that was put into a directory, until IT Glue has it. */
interface Waiting {
  readonly employee: Employee;
  readonly title: string;
  readonly since: number;
}

/** The life of the directories: people come, change and move, again and again, and collectors are asked to send it. */
export class Load {
  readonly #world: World;
  readonly #random: Random;
  readonly #asked = new Set<string>();
  #timer: NodeJS.Timeout | null = null;
  #look: NodeJS.Timeout | null = null;
  #waiting: Waiting[] = [];
  changes = 0;
  /** How long a value was under way at most, in milliseconds. */
  slowest = { ms: 0, organization: '' };

  constructor(world: World, random: Random) {
    this.#world = world;
    this.#random = random;
  }

  start(): void {
    const next = (): void => {
      this.#timer = setTimeout(
        () => {
          this.change();
          next();
        },
        this.#random.between(1_500, 4_000),
      );
    };
    next();
    this.#look = setInterval(() => this.#measure(), 250);
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** After everything has settled. */
  end(): void {
    this.stop();
    if (this.#look !== null) clearInterval(this.#look);
    this.#measure();
  }

  /** One change in one directory, which its collector is asked to send. */
  change(): void {
    const { collectors, staff } = this.#world;
    const { name } = this.#random.of(collectors);
    const usual = staff.of(name).filter(({ purpose }) => purpose === 'usual');
    const choice = this.#random.next();
    const touched = new Set([name]);
    this.changes += 1;
    if (usual.length < 3 || (choice < 0.25 && staff.of(name).length < mostOfCollector)) this.#await(this.hire(name));
    else {
      const employee = this.#random.of(usual);
      if (choice < 0.4) staff.giveNewPhone(employee);
      else staff.promote(employee);
      if (choice > 0.85) touched.add(this.#move(employee));
      this.#await(employee);
    }
    for (const collector of touched) {
      staff.write(collector);
      this.send(collector);
    }
  }

  /** Several newcomers at once, so that one run creates one contact after the other. */
  burst(): void {
    const { name } = this.#random.of(this.#world.collectors);
    for (let count = 0; count < 4; count += 1) this.#await(this.hire(name));
    this.#world.staff.write(name);
    this.send(name);
    this.changes += 1;
  }

  hire(collector: string, purpose?: Employee['purpose']): Employee {
    const machine = this.#machine(collector);
    return this.#world.staff.hire(this.#world.customerOf(machine), collector, purpose);
  }

  /** Has the collector read and send, unless it is at it; whether it can is not of interest. */
  send(collector: string): void {
    if (this.#asked.has(collector)) return;
    this.#asked.add(collector);
    this.#machine(collector)
      .ask('sync', { organization: null, scan: true, full: false, approve: null }, 20_000)
      .catch(() => undefined)
      .finally(() => this.#asked.delete(collector));
  }

  /** To another collector of the same customer, if there is one. */
  #move(employee: Employee): string {
    const world = this.#world;
    const others = world.collectors.filter(
      (machine) => world.customerOf(machine) === employee.organization && machine.name !== employee.collector,
    );
    if (others.length > 0) employee.collector = this.#random.of(others).name;
    return employee.collector;
  }

  #await(employee: Employee): void {
    // What takes the place of a value that has not come yet has been waited for as long as that.
    const since = this.#waiting.find((one) => one.employee === employee)?.since ?? Date.now();
    this.#waiting = this.#waiting.filter((one) => one.employee !== employee);
    if (employee.title !== null) this.#waiting.push({ employee, title: employee.title, since });
  }

  #measure(): void {
    const titles = new Map([...this.#world.vendors.itGlue.data.contacts.values()].map(({ firstName, title }) => [firstName, title]));
    this.#waiting = this.#waiting.filter(({ employee, title, since }) => {
      if (employee.purpose !== 'usual') return false;
      if (titles.get(employee.firstName) !== title) return true;
      const ms = Date.now() - since;
      if (ms > this.slowest.ms) this.slowest = { ms, organization: employee.organization };
      return false;
    });
  }

  #machine(name: string) {
    const found = this.#world.collectors.find((machine) => machine.name === name);
    if (found === undefined) throw new Error(`There is no collector "${name}".`);
    return found;
  }
}

import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LdifPerson, toLdif } from '../e2e/ldif-people.ts';

/** Who decides what becomes of a user: the directory alone, or a person as well, whose users are left alone by the load. */
type Purpose = 'usual' | 'ignored' | 'created' | 'matched' | 'edited';

const areas = [202, 206, 212, 213, 214, 216, 303, 305, 310, 312, 313, 314, 404, 412, 415, 503, 512, 602, 617, 703] as const;

/** A user of one customer's directory, as the directory has it now. */
export interface Employee {
  /** sAMAccountName. */
  readonly account: string;
  readonly organization: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly mail: string | null;
  title: string | null;
  phone: string;
  /** The collector whose directory brings it now. */
  collector: string;
  purpose: Purpose;
}

/** The directories of all customers, and what they have been told to hold. */
export class Staff {
  readonly employees: Employee[] = [];
  readonly #folders: ReadonlyMap<string, string>;
  #made = 0;
  #titles = 0;
  #phones = 0;

  /** `folders`: by collector, where its export is. */
  constructor(folders: ReadonlyMap<string, string>) {
    this.#folders = folders;
  }

  hire(organization: string, collector: string, purpose: Purpose = 'usual'): Employee {
    this.#made += 1;
    const number = this.#made;
    const employee: Employee = {
      account: `u${number}`,
      organization,
      firstName: `Given${number}`,
      lastName: `Family${number}`,
      // Without one nobody is created or matched by itself.
      mail: purpose === 'created' || purpose === 'matched' ? null : `u${number}@o${organization}.test`,
      title: purpose === 'edited' ? null : this.#newTitle(),
      phone: this.#newPhone(),
      collector,
      purpose,
    };
    this.employees.push(employee);
    return employee;
  }

  promote(employee: Employee): void {
    employee.title = this.#newTitle();
  }

  giveNewPhone(employee: Employee): void {
    employee.phone = this.#newPhone();
  }

  of(collector: string): readonly Employee[] {
    return this.employees.filter((employee) => employee.collector === collector);
  }

  /** Puts the collector's export in the place of the one before, at once. */
  write(collector: string): void {
    const folder = this.#folders.get(collector) ?? '';
    const file = join(folder, 'users.ldif');
    writeFileSync(`${file}.new`, toLdif(this.of(collector).map(asPerson)));
    renameSync(`${file}.new`, file);
  }

  #newTitle(): string {
    this.#titles += 1;
    return `Title ${this.#titles}`;
  }

  /** No two people share one: who shares a number with a contact is not created by itself. */
  #newPhone(): string {
    const number = this.#phones;
    this.#phones += 1;
    return `+1 ${areas[Math.floor(number / 100) % areas.length]} 555 01${String(number % 100).padStart(2, '0')}`;
  }
}

function asPerson({ account, firstName, lastName, mail, title, phone }: Employee): LdifPerson {
  return {
    sAMAccountName: account,
    givenName: firstName,
    sn: lastName,
    physicalDeliveryOfficeName: 'Head Office',
    telephoneNumber: phone,
    ...(mail === null ? {} : { mail }),
    ...(title === null ? {} : { title }),
  };
}

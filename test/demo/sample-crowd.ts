import { at, type SampleContact, type SamplePerson, type SamplePsaContact } from './sample-records.ts';

/** What IT Glue and the PSA know of an ordinary person beforehand. */
type Standing =
  /** Linked, and IT Glue keeps the two in step. */
  | 'linked'
  /** In IT Glue by e-mail, with everything. */
  | 'known'
  /** In IT Glue by e-mail, but title and location are blank. */
  | 'half-known'
  /** In IT Glue by name only. */
  | 'named'
  /** In IT Glue and in the PSA, but not linked. */
  | 'twin'
  /** Nowhere. */
  | 'new';

const standings: readonly (readonly [Standing, number])[] = [
  ['linked', 92],
  ['known', 62],
  ['half-known', 12],
  ['named', 6],
  ['twin', 12],
  ['new', 14],
];

const firstNames =
  words(`Amelia Bruno Celia Dario Edith Felix Greta Hugo Irene Jonas Katya Leon Marta Nils Olive Pablo Rosa Stefan Tessa Ulrich
  Vera Walter Yara Zane Ada Boris Clara Dylan Elsa Fabian Gemma Henrik Ida Jasper Kira Lars Mona Noel Opal Piotr Rhea`);
const lastNames =
  words(`Abbott Becker Castellan Dawes Ellery Forsyth Garrick Holt Ingram Jansen Kessler Lowry Marsh Nygaard Ostrow Pell Quinlan
  Rowe Sandoval Thorne Underhill Vance Whitlock Yates Zeller Ames Boyd Corliss Drummond Eaton Fenn Grady Hobbs Irving Judd Kemp Lisle Moran
  Nash Orwell Pratt Rusk Sayer Tully Upton Vickers Wren York Zorn Alder Birch Cole Drew`);
const areaCodes = ['415', '503', '206', '312', '617'];

const jobs: readonly (readonly [department: string, office: string, titles: readonly string[]])[] = [
  ['Assembly', 'Workshop', ['Assembler', 'Precision Assembler', 'Line Lead']],
  ['Sales', 'HQ', ['Account Manager', 'Sales Engineer']],
  ['Finance', 'HQ', ['Accountant', 'Payroll Clerk', 'Controller']],
  ['Engineering', 'Workshop', ['Optical Engineer', 'Firmware Engineer', 'Test Engineer']],
  ['Support', 'Remote', ['Support Engineer', 'Field Technician']],
];

/** A person about whom no rule has anything special to say, and what is known of them elsewhere. */
export interface Ordinary {
  readonly person: SamplePerson;
  readonly contact: SampleContact | null;
  readonly psa: SamplePsaContact | null;
}

/** The ordinary people of the company, always the same. */
export function ordinaryPeople(): readonly Ordinary[] {
  const all = standings.flatMap(([standing, count]) => Array.from({ length: count }, () => standing));
  return all.map((standing, index) => ordinary(standing, index));
}

function ordinary(standing: Standing, index: number): Ordinary {
  const firstName = pick(firstNames, index);
  const lastName = pick(lastNames, index * 7);
  const [department, office, titles] = pick(jobs, index);
  const title = pick(titles, Math.floor(index / jobs.length));
  const phone = `+1 ${pick(areaCodes, Math.floor(index / 80))} 555 01${String(20 + (index % 80)).padStart(2, '0')}`;
  const account = `${firstName}.${lastName}`.toLowerCase();
  const person: SamplePerson = {
    account,
    firstName,
    lastName,
    title,
    phone,
    office,
    department,
    proxyAddresses: [`SMTP:${at(account)}`, `smtp:${at(`${account.slice(0, 1)}${lastName.toLowerCase()}`)}`],
  };
  const whole: SampleContact = {
    firstName,
    lastName,
    title,
    emails: [{ value: at(account) }],
    phones: [{ value: phone }],
    location: office === 'Workshop' ? 'Workshop' : 'Head Office',
  };
  const psa: SamplePsaContact = { firstName, lastName, title, email: at(account), phone };
  const none = { person, contact: null, psa: null };
  switch (standing) {
    case 'linked':
      return { ...none, contact: { ...whole, linked: psa } };
    case 'known':
      return { ...none, contact: whole };
    case 'half-known':
      return { ...none, contact: { firstName, lastName, emails: [{ value: at(account) }] } };
    case 'named':
      return { ...none, contact: { firstName, lastName, title, location: 'Head Office' } };
    case 'twin':
      return { person, contact: whole, psa };
    case 'new':
      return none;
  }
}

/** Contacts of people who have no account: they stay as they are. */
export const outsiders: readonly SampleContact[] = [
  ['Gilles', 'Amberg', 'Auditor'],
  ['Petra', 'Voss', 'Landlord'],
  ['Dev', 'Chaudhary', 'Carrier account manager'],
  ['Lotte', 'Brandt', 'Cleaning service'],
  ['Ansel', 'Mirek', 'Former consultant'],
  ['Sorcha', 'Tierney', 'Fire safety'],
  ['Otto', 'Palmgren', 'Alarm company'],
  ['Renata', 'Iglesias', 'Insurance broker'],
].map(([firstName = '', lastName = '', title = ''], index) => ({
  firstName,
  lastName,
  title,
  important: index % 2 === 0,
  location: 'Head Office',
  emails: [{ value: `${firstName.toLowerCase()}@outside${index}.example.test` }],
}));

/** Contacts that only the PSA has: they must not be duplicated, and nothing may happen to them. */
export const onlyInPsa: readonly SamplePsaContact[] = [
  { firstName: 'Billing', lastName: 'Larkfield', email: at('billing') },
  { firstName: 'Marius', lastName: 'Trask', email: 'marius.trask@partner.example.test' },
  { firstName: 'Yvonne', lastName: 'Sadler', email: at('yvonne.sadler'), active: false },
];

function pick<Item>(items: readonly Item[], index: number): Item {
  const item = items[index % items.length];
  if (item === undefined) throw new RangeError('nothing to pick from');
  return item;
}

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}

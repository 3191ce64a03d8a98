import type { Contact } from '../../core/model/contact.ts';
import { contactId } from '../../core/model/ids.ts';
import type { Phone } from '../../core/model/phone.ts';
import type { StoredSighting } from '../../core/ports/store.ts';
import {
  accountFacts,
  contact,
  contactEmail,
  contactPhone,
  directoryEntry,
  readRecord,
  storedSighting,
  testMoment,
} from '../fixtures/build.ts';

/**
 * What becomes of the user at a position, by its last two digits: 80 are matched by e-mail, 9 by name, 2 find two contacts with
 * their e-mail, 2 share a contact, 7 have no contact.
 */
type Fate = 'email' | 'name' | 'ambiguous' | 'contested' | 'alone';

function isPaired(position: number): boolean {
  return fateOf(position) === 'contested' || fateOf(position) === 'ambiguous';
}

function fateOf(position: number): Fate {
  const part = position % 100;
  if (part < 80) return 'email';
  if (part < 89) return 'name';
  if (part < 91) return 'ambiguous';
  return part < 93 ? 'contested' : 'alone';
}

/** The first of two neighbours (89 and 90, 91 and 92) that share an e-mail. */
function pairOf(position: number): number {
  return position - ((position + 1) % 2);
}

/** Deterministic sightings of `count` users, each seen by one collector, every fifth by a second one; in the store's order. */
export function syntheticSightings(count: number): readonly StoredSighting[] {
  const first = readRecord({ id: 1 });
  const second = readRecord({ id: 2, collector: 'acme-branch', startedAt: testMoment - 3_600_000 });
  const sightings: StoredSighting[] = [];
  for (let position = 0; position < count; position++) {
    const entry = asReceived(
      directoryEntry({
        immutableId: guidOf(position),
        dn: `CN=${lastNameOf(position)}\\, ${firstNameOf(position)},OU=Staff,DC=corp,DC=example,DC=test`,
        person: {
          firstName: firstNameOf(position),
          lastName: lastNameOf(position),
          displayName: `${firstNameOf(position)} ${lastNameOf(position)}`,
          email: emailOf(isPaired(position) ? pairOf(position) : position),
          phone: phoneOf(position),
          title: `Title ${position % 50}`,
          office: position % 3 === 0 ? 'Head Office' : null,
          aliases: position % 10 === 0 ? [`alias${position}@acme.test`] : [],
          userPrincipalName: `u${position}@corp.example.test`,
          samAccountName: `u${position}`,
        },
        account: accountFacts(),
      }),
    );
    sightings.push(storedSighting({ read: first, entry }));
    if (position % 5 === 0) sightings.push(storedSighting({ read: second, entry }));
  }
  return sightings.sort((left, right) => (left.userId < right.userId ? -1 : 1));
}

/** `count` contacts, deterministic, for the users of the same count. */
export function syntheticContacts(count: number): readonly Contact[] {
  return Array.from({ length: count }, (_, position) => asReceived(contactAt(position)));
}

/** As a record comes from the store or the wire: with strings of its own, not yet hashed and not built of pieces. */
function asReceived<Whole>(record: Whole): Whole {
  return JSON.parse(JSON.stringify(record)) as Whole;
}

function contactAt(position: number): Contact {
  const fate = fateOf(position);
  const id = contactId(String(1_000_000 + position));
  if (fate === 'email') {
    const email = position % 3 === 0 ? emailOf(position).toUpperCase() : emailOf(position);
    return contact({
      id,
      firstName: firstNameOf(position),
      lastName: lastNameOf(position),
      emails: [contactEmail(email)],
      phones: phonesOf(position),
    });
  }
  if (fate === 'name') {
    return contact({
      id,
      firstName: firstNameOf(position).toUpperCase(),
      lastName: lastNameOf(position),
      emails: [contactEmail(`p${position}@home.test`)],
    });
  }
  if (fate === 'ambiguous' || fate === 'contested') {
    // Of two neighbours: both have the first one's e-mail, or only the first one has it.
    const email = fate === 'ambiguous' || position === pairOf(position) ? emailOf(pairOf(position)) : `d${position}@vendor.test`;
    return contact({ id, firstName: `Desk ${position}`, lastName: null, emails: [contactEmail(email)] });
  }
  return contact({
    id,
    firstName: firstNameOf(position * 7),
    lastName: `${lastNameOf(position * 3)}-${position}`,
    emails: [contactEmail(`v${position}@vendor.test`)],
  });
}

function guidOf(position: number): string {
  // Spread like real ones, so that sorting and hashing have real work.
  const head = Math.imul(position + 1, 2_654_435_761) >>> 0;
  return `${head.toString(16).padStart(8, '0')}-6c2d-4f7a-9b1e-${position.toString(16).padStart(12, '0')}`;
}

const syllables = [
  'ba',
  'chi',
  'da',
  'el',
  'fa',
  'gor',
  'hu',
  'in',
  'jo',
  'ka',
  'lé',
  'mi',
  'nor',
  'o',
  'pe',
  'ra',
  'so',
  'tu',
  'vi',
  'za',
];

/** 400 first names and 8,000 last names, a quarter with an accent: no two positions below 3.2 million have both. */
function firstNameOf(position: number): string {
  return nameFrom(position % 400, 2);
}

function lastNameOf(position: number): string {
  return nameFrom(Math.floor(position / 400) % 8000, 3);
}

function nameFrom(number: number, length: number): string {
  let rest = number;
  let name = '';
  for (let each = 0; each < length; each++) {
    name += syllables[rest % syllables.length] ?? '';
    rest = Math.floor(rest / syllables.length);
  }
  return name.charAt(0).toUpperCase() + name.slice(1);
}

function emailOf(position: number): string {
  return `staff.${position}@acme.test`;
}

/** Every other user has the main line. */
function phoneOf(position: number): Phone {
  const line = position % 2 === 0 ? 0 : position;
  const digits = `1${200 + (Math.floor(line / 100) % 800)}55501${String(line % 100).padStart(2, '0')}`;
  return { raw: `+${digits}`, e164: `+${digits}`, extension: line === 0 ? String(position) : null };
}

function phonesOf(position: number) {
  return position % 4 === 0 ? [] : [contactPhone(phoneOf(position))];
}

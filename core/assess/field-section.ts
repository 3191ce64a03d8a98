import { chooseLocation, indexLocations, type LocationChoice } from '../enrich/location.ts';
import type { Contact } from '../model/contact.ts';
import type { DirectoryUser } from '../model/directory-user.ts';
import type { Conflict } from '../model/plan.ts';
import { emailKey } from '../normalize/email.ts';
import { phoneKey } from '../normalize/phone.ts';
import { sameValue } from '../normalize/text.ts';
import { accountCells, accountColumns, contactOfAccount } from './account-cells.ts';
import type { Account, AssessContext } from './assess-context.ts';
import type { Bar, Cell, Finding, Row, Section } from './assessment.ts';
import { nameOfContact } from './contact-cells.ts';
import { amount, beneath, byName, joined, makeFinding, text } from './make-finding.ts';

const compared = ['firstName', 'lastName', 'title', 'email', 'phone', 'location'] as const;
type ComparedField = (typeof compared)[number];

const fieldNames: Readonly<Record<ComparedField, string>> = {
  firstName: 'First name',
  lastName: 'Last name',
  title: 'Title',
  email: 'E-mail',
  phone: 'Phone',
  location: 'Location',
};

const states = {
  same: 'the same in both',
  directory: 'only in the directory',
  itGlue: 'only in IT Glue',
  differs: 'different',
  none: 'in neither',
} as const;
type FieldState = keyof typeof states;

/** An account with its contact, compared field by field. */
interface Pair {
  readonly account: Account;
  readonly contact: Contact;
  readonly fields: readonly Compared[];
}

interface Compared {
  readonly field: ComparedField;
  readonly state: FieldState;
  readonly ours: string | null;
}

/** What the directory and IT Glue say about the same people: what is blank, what differs. */
export function fieldSection(context: AssessContext): Section {
  const pairs = pairsOf(context);
  return {
    id: 'fields',
    title: 'Quality of the contact data',
    notes: [
      `Compared are ${pairs.length} contacts with the account that each belongs to. A contact’s e-mail and phone count as the same when one of its entries is the directory’s; a location is that of the account’s office.`,
    ],
    bars: compared.map((field) => fieldBar(field, pairs)),
    findings: [conflicts(context), fillable(pairs), inNeither(pairs), offices(context)],
  };
}

function pairsOf(context: AssessContext): readonly Pair[] {
  const index = indexLocations(context.locations);
  return context.accounts.flatMap((account): Pair[] => {
    const { contactId } = account.decision.match;
    const contact = contactId === null ? undefined : context.contactsById.get(contactId);
    if (contact === undefined) return [];
    const location = chooseLocation(account.user, context.settings, index);
    return [{ account, contact, fields: compared.map((field) => compare(field, { person: account.user.person, location }, contact)) }];
  });
}

/** What the directory says of a person. */
interface Said {
  readonly person: DirectoryUser['person'];
  readonly location: LocationChoice | null;
}

function compare(field: ComparedField, said: Said, contact: Contact): Compared {
  const { ours, theirs, isSame } = valuesOf(field, said, contact);
  return { field, ours, state: stateOf(ours !== null, theirs !== null, isSame) };
}

function stateOf(hasOurs: boolean, hasTheirs: boolean, isSame: boolean): FieldState {
  if (hasOurs && hasTheirs) return isSame ? 'same' : 'differs';
  if (hasOurs) return 'directory';
  return hasTheirs ? 'itGlue' : 'none';
}

interface Values {
  readonly ours: string | null;
  readonly theirs: string | null;
  readonly isSame: boolean;
}

function valuesOf(field: ComparedField, { person, location }: Said, contact: Contact): Values {
  switch (field) {
    case 'email': {
      const ours = person.email;
      const key = emailKey(ours) ?? ours;
      const isSame = contact.emails.some(({ value }) => (emailKey(value) ?? value) === key);
      return { ours, theirs: contact.emails[0]?.value ?? null, isSame };
    }
    case 'phone': {
      const ours = person.phone;
      const key = ours === null ? null : (phoneKey(ours) ?? ours.raw);
      const isSame = contact.phones.some(({ phone }) => (phoneKey(phone) ?? phone.raw) === key);
      return { ours: ours?.raw ?? null, theirs: contact.phones[0]?.phone.raw ?? null, isSame };
    }
    case 'location': {
      const isSame = location?.locationId === contact.locationId;
      return {
        ours: location?.name ?? null,
        theirs: contact.locationId === null ? null : (contact.locationName ?? contact.locationId),
        isSame,
      };
    }
    case 'firstName':
    case 'lastName':
    case 'title':
      return { ours: blank(person[field]), theirs: blank(contact[field]), isSame: sameValue(person[field], contact[field]) };
  }
}

function blank(value: string | null): string | null {
  return value === null || value.trim() === '' ? null : value;
}

function fieldBar(field: ComparedField, pairs: readonly Pair[]): Bar {
  const counts: Record<FieldState, number> = { same: 0, directory: 0, itGlue: 0, differs: 0, none: 0 };
  for (const { fields } of pairs) for (const each of fields) if (each.field === field) counts[each.state] += 1;
  const kinds = Object.keys(states) as FieldState[];
  return { label: fieldNames[field], shares: kinds.map((kind) => ({ label: states[kind], count: counts[kind] })) };
}

const pairColumns = [...accountColumns, text('contact', 'Contact'), beneath('contactId', 'IT Glue id')];

function pairCells({ account }: Pair): readonly Cell[] {
  return [...accountCells(account), ...contactOfAccount(account)];
}

function fillable(pairs: readonly Pair[]): Finding {
  const rows = pairs.flatMap((pair) =>
    pair.fields.flatMap(({ field, state, ours }): Row[] =>
      state === 'directory' ? [{ of: pair.contact.id, cells: [...pairCells(pair), fieldNames[field], ours] }] : [],
    ),
  );
  return makeFinding(
    {
      id: 'field-blank-in-it-glue',
      about: 'contact',
      title: 'Blank in IT Glue, known in the directory',
      weight: 'know',
      noun: ['field', 'fields'],
      why: 'Somebody looks these up elsewhere each time, though they are known.',
      advice: 'Nothing: the first sync fills them.',
    },
    [...pairColumns, text('field', 'Field'), text('value', 'In the directory')],
    rows,
    'field',
  );
}

function inNeither(pairs: readonly Pair[]): Finding {
  const rows = pairs.flatMap((pair): Row[] => {
    const missing = pair.fields.filter(({ state }) => state === 'none').map(({ field }) => fieldNames[field]);
    const isWorthIt = pair.account.isActive && !pair.account.isShared;
    return missing.length === 0 || !isWorthIt ? [] : [{ of: pair.contact.id, cells: [...pairCells(pair), missing.join(', ')] }];
  });
  return makeFinding(
    {
      id: 'field-in-neither',
      about: 'contact',
      title: 'Active people with fields that are blank in both',
      weight: 'check',
      noun: ['contact', 'contacts'],
      why: 'No sync can fill what nobody has entered anywhere; a PSA may not take the contact without it.',
      advice: 'Enter it in the directory: from there it reaches IT Glue and the PSA.',
    },
    [...pairColumns, text('missing', 'Blank in both')],
    rows,
    'missing',
  );
}

/** Differences that the plan leaves alone (E4, E9, P8). */
function conflicts(context: AssessContext): Finding {
  const accountOf = new Map(context.accounts.map((account) => [account.user.id, account]));
  const named = context.plan.conflicts.map((conflict) => ({ conflict, name: nameOfConflict(conflict, context, accountOf) }));
  const sorted = byName(named, ({ conflict, name }) => ({ name, id: `${conflict.contactId ?? ''} ${conflict.field}` }));
  const rows = sorted.map(({ conflict, name }): Row => {
    const { field, ours, theirs, contactId } = conflict;
    const inWords = (compared as readonly string[]).includes(field) ? fieldNames[field as ComparedField] : field;
    return { of: contactId ?? conflict.user ?? '', cells: [name, contactId, inWords, ours, theirs, holderOf(conflict, context)] };
  });
  return makeFinding(
    {
      id: 'field-conflict',
      about: 'contact',
      title: 'Different values, which a sync leaves alone',
      weight: 'check',
      noun: ['field', 'fields'],
      why: 'One of the two is out of date, and only a person knows which: rollcall overwrites nothing that it did not write.',
      advice: 'Correct the wrong side; the two then follow each other.',
    },
    [
      text('name', 'Name'),
      beneath('contactId', 'IT Glue id'),
      text('field', 'Field'),
      text('ours', 'In the directory, or IT Glue'),
      text('theirs', 'The other value, kept'),
      text('in', 'Kept in'),
    ],
    rows,
    'field',
  );
}

function holderOf(conflict: Conflict, context: AssessContext): string {
  return conflict.with === 'psa' ? (context.psa?.snapshot.displayName ?? 'the PSA') : 'IT Glue';
}

function nameOfConflict(conflict: Conflict, context: AssessContext, accountOf: ReadonlyMap<string, Account>): string {
  const account = conflict.user === null ? undefined : accountOf.get(conflict.user);
  const contact = conflict.contactId === null ? undefined : context.contactsById.get(conflict.contactId);
  return account?.label ?? (contact === undefined ? '' : nameOfContact(contact));
}

/** Offices of active people that name no location of IT Glue (E6). */
function offices({ accounts, settings, locations }: AssessContext): Finding {
  const index = indexLocations(locations);
  const counts = new Map<string, number>();
  for (const { user, isActive } of accounts) {
    const { office } = user.person;
    if (office === null || !isActive) continue;
    const mapped = Object.hasOwn(settings.contacts.locationMap, office) ? settings.contacts.locationMap[office] : undefined;
    if ((mapped === undefined ? null : index.find(mapped)) === null && index.find(office) === null) {
      counts.set(office.trim(), (counts.get(office.trim()) ?? 0) + 1);
    }
  }
  const known = joined(locations.slice(0, 10).map(({ name }) => name));
  const sorted = byName([...counts], ([office]) => ({ name: office, id: office }));
  return makeFinding(
    {
      id: 'office-without-location',
      about: 'other',
      title: 'Offices that name no location of IT Glue',
      weight: 'check',
      noun: ['office', 'offices'],
      why: 'Contacts of these people get no location from their office, and some PSAs take no contact without one.',
      advice: 'Name the location in contacts.locationMap, or create it in IT Glue.',
    },
    [text('office', 'Office'), amount('accounts', 'Active accounts'), text('locations', 'Locations of IT Glue')],
    sorted.map(([office, count]) => ({ of: office, cells: [office, count, known] })),
  );
}

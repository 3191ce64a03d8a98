import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planPatch } from '../../../../agent/psa/connectwise/contact-patch.ts';
import type { KeyPlace } from '../../../../agent/psa/connectwise/external-key.ts';
import type { PatchOperation, SentItem } from '../../../../agent/psa/connectwise/item-patch.ts';
import { type ContactRow, contactSchema, type ItemRow } from '../../../../agent/psa/connectwise/schema.ts';
import { phoneParts } from '../../../../agent/psa/phone-parts.ts';
import type { PsaEmail, PsaPhone } from '../../../../core/model/psa-contact.ts';
import type { PsaContactPatch } from '../../../../core/ports/psa.ts';
import { parseTestPhone } from '../bms/make-bms.ts';
import { contactRow, emailItem, phoneItem } from './make-connectwise.ts';

function email(value: string, primary = false, typeId: string | null = '1'): PsaEmail {
  return { value, typeId, typeName: null, primary };
}

function phone(raw: string, primary = false, typeId = '2'): PsaPhone {
  return { phone: parseTestPhone(raw), typeId, typeName: null, primary };
}

function row(more: Readonly<Record<string, unknown>> = {}): ContactRow {
  return contactSchema.parse(contactRow(7, more));
}

function operationsOf(contact: ContactRow, patch: PsaContactPatch, keyPlace: KeyPlace = { kind: 'none' }): readonly PatchOperation[] {
  return planPatch(contact, patch, { parsePhone: parseTestPhone, keyPlace }).operations;
}

const items = [
  emailItem(1, 'a@acme.example.test'),
  { ...phoneItem(2, '415 555 0199'), communicationType: 'Fax' },
  phoneItem(3, '+1 415 555 0101'),
  emailItem(4, 'b@acme.example.test', false),
  phoneItem(5, '+1 415 555 0102', false),
  { id: 6, type: { id: 9 }, value: 'a@acme.example.test' },
];
const contact = row({ communicationItems: items, title: 'Clerk' });

describe('the JSON Patch of a contact', () => {
  const cases: readonly (readonly [string, PsaContactPatch, readonly PatchOperation[]])[] = [
    ['nothing for what is so already', { firstName: ' Ada', title: 'Clerk', locationId: '11', active: true }, []],
    [
      'fields: replaced, added where blank, removed by null',
      { firstName: 'Eva', lastName: null, title: null, locationId: '12', active: false },
      [
        { op: 'replace', path: '/firstName', value: 'Eva' },
        { op: 'remove', path: '/lastName' },
        { op: 'remove', path: '/title' },
        { op: 'replace', path: '/site', value: { id: 12 } },
        { op: 'replace', path: '/inactiveFlag', value: true },
      ],
    ],
    ['the site cleared', { locationId: null }, [{ op: 'remove', path: '/site' }]],
    [
      'a new e-mail at the end index',
      { addEmails: [email('c@acme.example.test'), email('A@acme.example.test')] },
      [
        {
          op: 'add',
          path: '/communicationItems/6',
          value: { type: { id: 1 }, value: 'c@acme.example.test', defaultFlag: false, communicationType: 'Email' },
        },
      ],
    ],
    [
      'whole lists: adds first, then removals from the back; fax and unknown items stay',
      { emails: [email('c@acme.example.test', true)], phones: [phone('+1 415 555 0103 x12', true)] },
      [
        {
          op: 'add',
          path: '/communicationItems/6',
          value: { type: { id: 1 }, value: 'c@acme.example.test', defaultFlag: true, communicationType: 'Email' },
        },
        {
          op: 'add',
          path: '/communicationItems/7',
          value: { type: { id: 2 }, value: '+1 415 555 0103', extension: '12', defaultFlag: true, communicationType: 'Phone' },
        },
        { op: 'remove', path: '/communicationItems/4' },
        { op: 'remove', path: '/communicationItems/3' },
        { op: 'remove', path: '/communicationItems/2' },
        { op: 'remove', path: '/communicationItems/0' },
      ],
    ],
    [
      'the default flag taken before it is given, and a type, in place',
      { emails: [email('b@acme.example.test', true, '13'), email('a@acme.example.test')] },
      [
        { op: 'replace', path: '/communicationItems/3/type', value: { id: 13 } },
        { op: 'replace', path: '/communicationItems/0/defaultFlag', value: false },
        { op: 'replace', path: '/communicationItems/3/defaultFlag', value: true },
      ],
    ],
    ['an item whose type is not known keeps its own', { phones: [phone('(415) 555-0101', true), phone('4155550102')] }, []],
    ['no default flag taken when none is to have it', { emails: [email('b@acme.example.test'), email('a@acme.example.test')] }, []],
    [
      'another extension, in place',
      { phones: [phone('+1 415 555 0101 x12', true), phone('+1 415 555 0102')] },
      [{ op: 'add', path: '/communicationItems/2/extension', value: '12' }],
    ],
    [
      'all gone',
      { phones: [] },
      [
        { op: 'remove', path: '/communicationItems/4' },
        { op: 'remove', path: '/communicationItems/2' },
      ],
    ],
  ];

  it.each(cases)('%s', (_name, patch, expected) => {
    const known = { ...patch, phones: patch.phones?.map((item) => ({ ...item, phone: { ...item.phone, e164: e164(item.phone.raw) } })) };
    const { phones, ...rest } = known;
    expect(operationsOf(contact, phones === undefined ? rest : { ...rest, phones })).toEqual(expected);
  });

  it('carries the custom fields as they are, when the contact has any and something changes', () => {
    const customFields = [
      { id: 3, caption: 'Shoe size', type: 'Text', value: '43' },
      { id: 4, caption: 'Rollcall key', type: 'Text' },
    ];
    const withFields = row({ customFields });
    const place: KeyPlace = { kind: 'custom', caption: 'rollcall key' };

    expect(operationsOf(withFields, { lastName: 'Number 7' }, place)).toEqual([]);
    expect(operationsOf(withFields, { title: 'Clerk' }, place)).toEqual([
      { op: 'add', path: '/title', value: 'Clerk' },
      { op: 'replace', path: '/customFields', value: customFields },
    ]);
    expect(operationsOf(withFields, { externalKey: 'key-1' }, place)).toEqual([
      { op: 'replace', path: '/customFields', value: [customFields[0], { ...customFields[1], value: 'key-1' }] },
    ]);
    expect(operationsOf(row({ customFields: [{ ...customFields[1], value: 'other' }] }), { externalKey: 'key-1' }, place)).toEqual([]);
  });

  it('writes the key into a user-defined field only where there is none', () => {
    const place: KeyPlace = { kind: 'user-defined', field: 'userDefinedField3' };

    expect(operationsOf(row(), { externalKey: 'key-1' }, place)).toEqual([{ op: 'add', path: '/userDefinedField3', value: 'key-1' }]);
    expect(operationsOf(row({ userDefinedField3: 'other' }), { externalKey: 'key-1' }, place)).toEqual([]);
    expect(operationsOf(row(), { externalKey: 'key-1' })).toEqual([]);
  });

  it('says when something new has no type, and names no kept item that goes', () => {
    const plan = planPatch(
      contact,
      { emails: [email('b@acme.example.test', true, null), email('c@acme.example.test', false, null)] },
      options,
    );

    expect(plan.untyped).toBe(true);
    expect(plan.keptItems).toEqual(['2', '3', '4', '5', '6']);
  });

  it('carried out, is what was asked for: planning again finds nothing, and nobody else’s item is touched', () => {
    const address = fc.constantFrom('a', 'b', 'c', 'd', 'e').map((name) => `${name}@acme.example.test`);
    const number = fc
      .tuple(fc.constantFrom('1', '2', '3', '4'), fc.constantFrom('', ' x12', ' x9'))
      .map(([digit, extension]) => `+1 415 555 010${digit}${extension}`);
    const stored = fc.array(
      fc.record({
        value: address,
        isDefault: fc.boolean(),
        extension: fc.constantFrom(null, '12'),
        typeId: fc.constantFrom(1, 13),
        kind: fc.constantFrom('Email', 'Fax', 'Phone', undefined),
      }),
      { maxLength: 8 },
    );
    const wantedEmails = fc.uniqueArray(fc.record({ value: address, typeId: fc.constantFrom('1', '13') }), {
      maxLength: 4,
      selector: ({ value }) => value,
    });
    const wantedPhones = fc.uniqueArray(number, { maxLength: 3, selector: (raw) => raw.split(' x')[0] });

    fc.assert(
      fc.property(
        stored,
        fc.option(wantedEmails, { nil: undefined }),
        fc.option(wantedPhones, { nil: undefined }),
        (rows, emails, phones) => {
          const before = rows.map(({ value, isDefault, typeId, kind, extension }, index) => ({
            ...emailItem(
              index + 1,
              kind === 'Phone' ? `+1 415 555 010${index % 5}${index % 2 === 0 ? '' : ' x9'}` : value,
              isDefault,
              typeId,
            ),
            extension: kind === 'Phone' ? extension : null,
            communicationType: kind,
          }));
          const patch: PsaContactPatch = {
            ...(emails === undefined ? {} : { emails: emails.map(({ value, typeId }, index) => email(value, index === 0, typeId)) }),
            ...(phones === undefined ? {} : { phones: phones.map((raw, index) => phone(raw, index === 0)) }),
          };
          const start = row({ communicationItems: before });

          const after = { ...start, communicationItems: applied(start.communicationItems ?? [], operationsOf(start, patch)) };

          expect(operationsOf(after, patch)).toEqual([]);
          const others = (item: ItemRow) => item.communicationType !== 'Email' && item.communicationType !== 'Phone';
          expect(after.communicationItems.filter(others)).toEqual((start.communicationItems ?? []).filter(others));
          if (emails !== undefined) {
            const now = after.communicationItems.filter((item) => item.communicationType === 'Email').map((item) => item.value);
            expect(new Set(now)).toEqual(new Set(emails.map(({ value }) => value)));
          }
        },
      ),
    );
  });
});

describe('a phone as it is sent', () => {
  it.each([
    ['+1 415 555 0101', null, '+1 415 555 0101', null],
    ['+1 415 555 0101 x12', '12', '+1 415 555 0101', '12'],
    ['415-555-0101 ext. 12', '12', '415-555-0101', '12'],
    ['415-555-0101;ext=12', '12', '415-555-0101', '12'],
    ['4155550112', '12', '4155550112', '12'],
    ['415 555 0101 x13', '12', '415 555 0101 x13', '12'],
  ])('%s with extension %s is %s and %s', (raw, extension, value, sent) => {
    expect(phoneParts({ raw, e164: null, extension })).toEqual({ value, extension: sent });
  });
});

const options = { parsePhone: parseTestPhone, keyPlace: { kind: 'none' } } as const;

function e164(raw: string): string {
  const [number = ''] = raw.split('x');
  return `+1${number.replace(/\D/g, '').replace(/^1(?=\d{10})/, '')}`;
}

/** What the API does with operations on items: in order, the default flag being that of the last one that is given it. */
function applied(before: readonly ItemRow[], operations: readonly PatchOperation[]): ItemRow[] {
  let now = before.map((item) => ({ ...item }));
  for (const { op, path, value } of operations) {
    const [, , index = '', member] = path.split('/');
    const at = Number(index);
    const found = now[at];
    if (op === 'add' && member === undefined) {
      const sent = value as SentItem;
      expect(at).toBe(now.length);
      const added = { ...sent, id: null, type: { id: String(sent.type.id), name: null }, extension: sent.extension ?? null };
      now = [
        ...now.map((item) =>
          sent.defaultFlag && item.communicationType === sent.communicationType ? { ...item, defaultFlag: false } : item,
        ),
        added,
      ];
    } else if (found === undefined) {
      throw new Error(`no item at ${path}`);
    } else if (op === 'remove' && member === 'extension') {
      found.extension = null;
    } else if (op === 'remove') {
      now = now.filter((item) => item !== found);
    } else if (member === 'extension' || member === 'value') {
      found[member] = value as string;
    } else if (member === 'type') {
      found.type = { id: String((value as SentItem['type']).id), name: null };
    } else {
      for (const item of now) if (value === true && item.communicationType === found.communicationType) item.defaultFlag = false;
      found.defaultFlag = value === true;
    }
  }
  return now;
}

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { enrichContact, type FieldBases } from '../../../core/enrich/enrich-contact.ts';
import type { WantedContact } from '../../../core/enrich/wanted-contact.ts';
import type { Contact } from '../../../core/model/contact.ts';
import { type FieldPolicy, type MappedField, mappedFields } from '../../../core/model/settings.ts';
import { emailKey } from '../../../core/normalize/email.ts';
import { phoneKey } from '../../../core/normalize/phone.ts';
import { sameValue } from '../../../core/normalize/text.ts';
import type { ContactPatch } from '../../../core/ports/documentation.ts';
import { contact, contactEmail, contactPhone, phone } from '../../fixtures/build.ts';

const values = ['A', 'B', 'C', ' A '];
const addresses = ['a@x.test', 'A@x.test', 'b@x.test', 'c@x.test'];
const numbers = ['+14155550100', '+14155550101', '(415) 555-0100', '+14155550102'];
const labels = ['AD Email', 'AD Phone', 'Work'];

const maybe = <Value>(items: readonly Value[]): fc.Arbitrary<Value | null> => fc.option(fc.constantFrom(...items), { nil: null });
const emailItem = fc
  .tuple(fc.constantFrom(...addresses), fc.constantFrom(...labels), fc.boolean())
  .map(([value, label, primary]) => contactEmail(value, { label, primary }));
const phoneItem = fc
  .tuple(fc.constantFrom(...numbers), fc.constantFrom(...labels), fc.boolean(), maybe(['7']))
  .map(([value, label, primary, extension]) => contactPhone(phone(value, { extension }), { label, primary }));

/** What the directory says at one sync. */
const wantedArbitrary: fc.Arbitrary<WantedContact> = fc.record({
  firstName: maybe(values),
  lastName: maybe(values),
  title: maybe(values),
  email: maybe(addresses).map((value) => (value === null ? null : contactEmail(value, { label: 'AD Email' }))),
  phone: fc
    .tuple(maybe(numbers), maybe(['42']))
    .map(([value, extension]) => (value === null ? null : contactPhone(phone(value, { extension }), { label: 'AD Phone' }))),
  location: maybe(['501', '502']).map((id) => (id === null ? null : { locationId: id, name: id, why: '' })),
  contactType: maybe(['31', '32']).map((id) => (id === null ? null : { id, name: id })),
  important: maybe([true, false]),
});

/** What people do to the contact between two syncs; absent members stay. */
const editArbitrary: fc.Arbitrary<ContactPatch> = fc.record(
  {
    firstName: maybe(values),
    lastName: maybe(values),
    title: maybe(values),
    locationId: maybe(['501', '502', '503']),
    contactTypeId: maybe(['31', '33']),
    important: maybe([true, false]),
    emails: fc.array(emailItem, { maxLength: 3 }),
    phones: fc.array(phoneItem, { maxLength: 3 }),
  },
  { requiredKeys: [] },
);

const historyArbitrary = fc.array(fc.record({ edit: editArbitrary, wanted: wantedArbitrary }), { minLength: 1, maxLength: 6 });

function policies(all: FieldPolicy): Readonly<Record<MappedField, FieldPolicy>> {
  return Object.fromEntries(mappedFields.map((field) => [field, all])) as Record<MappedField, FieldPolicy>;
}

interface Sync {
  readonly before: Contact;
  readonly after: Contact;
  readonly wanted: WantedContact;
  readonly patch: ContactPatch;
  readonly basesAfter: FieldBases;
}

/** Lives through a history of edits and syncs, as the store would remember it. */
function live(
  history: readonly { readonly edit: ContactPatch; readonly wanted: WantedContact }[],
  policy: FieldPolicy,
  force: boolean,
): readonly Sync[] {
  const syncs: Sync[] = [];
  let current = contact({ firstName: null, lastName: null });
  let bases: FieldBases = {};
  for (const { edit, wanted } of history) {
    const before = { ...current, ...edit };
    const result = enrichContact({ wanted, contact: before, bases, policies: policies(policy), forcePhonePrimary: force });
    bases = { ...bases, ...result.equalBases, ...result.writtenBases };
    current = { ...before, ...result.patch };
    syncs.push({ before, after: current, wanted, patch: result.patch, basesAfter: bases });
  }
  return syncs;
}

const scalars = [
  ['firstName', (wanted: WantedContact) => wanted.firstName],
  ['lastName', (wanted: WantedContact) => wanted.lastName],
  ['title', (wanted: WantedContact) => wanted.title],
  ['locationId', (wanted: WantedContact) => wanted.location?.locationId ?? null],
  ['contactTypeId', (wanted: WantedContact) => wanted.contactType?.id ?? null],
] as const;

const anyPolicy = fc.constantFrom<FieldPolicy>('merge', 'overwrite', 'never', 'clear');

describe('merging through any history', () => {
  it('E4 with merge no value is overwritten that rollcall did not write or that both sides did not share', () => {
    fc.assert(
      fc.property(historyArbitrary, fc.boolean(), (history, force) => {
        for (const [member, ours] of scalars) {
          // The truth, kept apart from the bases: what the contact and the directory had in common, or rollcall wrote, at the last sync that had either.
          let common: string | null = null;
          for (const { before, after, wanted, patch } of live(history, 'merge', force)) {
            const written = patch[member];
            if (written !== undefined) {
              expect(written).not.toBeNull();
              if (before[member] !== null) expect(sameValue(before[member], common)).toBe(true);
            }
            if (after[member] !== null && sameValue(after[member], ours(wanted))) common = after[member];
          }
        }
      }),
    );
  });

  it('E4 with merge what rollcall wrote and people cleared stays blank', () => {
    fc.assert(
      fc.property(historyArbitrary, (history) => {
        for (const [member] of scalars) {
          let everWritten = false;
          for (const { before, patch } of live(history, 'merge', false)) {
            if (everWritten && before[member] === null) expect(patch[member]).toBeUndefined();
            if (patch[member] !== undefined) everWritten = true;
          }
        }
      }),
    );
  });

  it('E4 with merge and with overwrite nothing becomes empty, with never nothing is written', () => {
    fc.assert(
      fc.property(historyArbitrary, anyPolicy, (history, policy) => {
        for (const { patch, before, after } of live(history, policy, false)) {
          if (policy === 'never') expect(patch).toEqual({});
          if (policy === 'clear') continue;
          for (const [member] of scalars) if (before[member] !== null) expect(after[member]).not.toBeNull();
          expect(after.emails.length).toBeGreaterThanOrEqual(Math.min(before.emails.length, 1));
          expect(after.phones.length).toBeGreaterThanOrEqual(Math.min(before.phones.length, 1));
        }
      }),
    );
  });

  it('A6 merging again after the merge was applied changes nothing', () => {
    fc.assert(
      fc.property(historyArbitrary, anyPolicy, fc.boolean(), (history, policy, force) => {
        for (const { after, wanted, basesAfter } of live(history, policy, force)) {
          const again = enrichContact({ wanted, contact: after, bases: basesAfter, policies: policies(policy), forcePhonePrimary: force });
          expect(again.patch).toEqual({});
        }
      }),
    );
  });

  it('E5 a list never loses an entry that rollcall did not write, whatever the policy', () => {
    fc.assert(
      fc.property(historyArbitrary, anyPolicy, fc.boolean(), (history, policy, force) => {
        const wrote = new Set<string | null>();
        for (const { before, after, patch, wanted } of live(history, policy, force)) {
          const emailsLeft = new Set(after.emails.map((item) => emailKey(item.value)));
          const phonesLeft = new Set(after.phones.map((item) => phoneKey(item.phone)));
          for (const item of before.emails) if (!emailsLeft.has(emailKey(item.value))) expect(wrote).toContain(emailKey(item.value));
          for (const item of before.phones) if (!phonesLeft.has(phoneKey(item.phone))) expect(wrote).toContain(phoneKey(item.phone));
          const email = emailKey(wanted.email?.value ?? null);
          const number = wanted.phone === null ? null : phoneKey(wanted.phone.phone);
          // An entry that was there already and is only completed, or made primary, does not become rollcall's.
          if (patch.emails !== undefined && !before.emails.some((item) => emailKey(item.value) === email)) wrote.add(email);
          if (patch.phones !== undefined && !before.phones.some((item) => phoneKey(item.phone) === number)) wrote.add(number);
        }
      }),
    );
  });

  it('E5 at most one entry is taken away or replaced by a sync, and types of the others stay', () => {
    fc.assert(
      fc.property(historyArbitrary, anyPolicy, fc.boolean(), (history, policy, force) => {
        for (const { before, after } of live(history, policy, force)) {
          expect(after.emails.length - before.emails.length).toBeGreaterThanOrEqual(-1);
          expect(after.emails.length - before.emails.length).toBeLessThanOrEqual(1);
          const kept = after.emails.filter((item) => before.emails.some((old) => old.value === item.value && old.label === item.label));
          expect(kept.length).toBeGreaterThanOrEqual(before.emails.length - 1 - duplicates(before));
        }
      }),
    );
  });

  it('P2 forced or not, a sync leaves at most one primary more than it found', () => {
    fc.assert(
      fc.property(historyArbitrary, anyPolicy, fc.boolean(), (history, policy, force) => {
        for (const { before, after } of live(history, policy, force)) {
          const primaries = (list: readonly { readonly primary: boolean }[]): number => list.filter((item) => item.primary).length;
          expect(primaries(after.phones)).toBeLessThanOrEqual(Math.max(1, primaries(before.phones)));
          expect(primaries(after.emails)).toBeLessThanOrEqual(Math.max(1, primaries(before.emails)));
        }
      }),
    );
  });
});

function duplicates(before: Contact): number {
  return before.emails.length - new Set(before.emails.map((item) => `${item.value} ${item.label}`)).size;
}

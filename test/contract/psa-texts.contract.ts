import { describe, expect, it } from 'vitest';
import { psaContactId } from '../../core/model/ids.ts';
import type { PsaContact, PsaContactInput } from '../../core/model/psa-contact.ts';
import type { LongestTexts, PsaContactPatch } from '../../core/ports/psa.ts';
import { type PsaWorld, samplesFor } from './psa-world.ts';

type Text = keyof LongestTexts;

const texts = ['firstName', 'lastName', 'title', 'email', 'phone', 'extension'] as const satisfies readonly Text[];

/** A text of this many characters that is fit for the field. */
function textOf(field: Text, length: number): string {
  if (field === 'phone' || field === 'extension') return '4155550101'.repeat(Math.ceil(length / 10)).slice(0, length);
  return field === 'email' ? '@acme.example.test'.padStart(length, 'a') : 'Ö'.repeat(length);
}

/** What each `Psa` does with the longest texts it takes (P1): one character more is refused, nothing is shortened. */
export function describeTexts(get: () => PsaWorld): void {
  describe('texts at their limits', () => {
    function inputOf(field: Text, text: string): PsaContactInput {
      const { newcomer, email, phone } = samplesFor(get());
      const usual = phone('+1 415 555 0107');
      if (field === 'email') return newcomer({ emails: [email(text)] });
      if (field === 'phone') return newcomer({ phones: [{ ...usual, phone: { raw: text, e164: null, extension: null } }] });
      if (field === 'extension') return newcomer({ phones: [{ ...usual, phone: { ...usual.phone, extension: text } }] });
      return newcomer({ [field]: text });
    }

    function patchOf(field: Text, text: string): PsaContactPatch {
      const input = inputOf(field, text);
      if (field === 'email') return { emails: input.emails };
      return field === 'phone' || field === 'extension' ? { phones: input.phones } : { [field]: text };
    }

    function valueIn(contact: PsaContact | null, field: Text): string | null | undefined {
      if (field === 'email') return contact?.emails[0]?.value;
      if (field === 'phone') return contact?.phones[0]?.phone.raw.replace(/\D/g, '');
      return field === 'extension' ? contact?.phones[0]?.phone.extension : contact?.[field];
    }

    it.each([
      "O'Neil",
      'The "Best"',
      `O'Neil "Bob"`,
      'Back\\slash',
      '100 %',
      'a[b]_c*(d)',
      `x" or lastName="Else`,
      "x' or 1=1",
      '李雷',
      'A&B=C#D?',
      '{"op":1}',
    ])('P8 a contact called %s is found by its name, and nobody else', async (lastName) => {
      const world = get();
      const { psa, company } = world;
      const { newcomer } = samplesFor(world);
      world.seed({ firstName: 'Zoë', lastName: 'Else' });
      const created = await psa.createContact(newcomer({ lastName }));

      const found = await psa.findContacts(company.id, { emails: [], firstName: 'Zoë', lastName });

      expect(created.kind).toBe('done');
      expect(found.map((contact) => contact.lastName)).toEqual([lastName]);
    });

    it('P8 half a character is looked for without failing', async () => {
      const { psa, company } = get();

      expect(await psa.findContacts(company.id, { emails: ['a\ud800@b.test'], firstName: 'Zo\ud800', lastName: 'X' })).toEqual([]);
    });

    it.each(texts)('P1 takes the longest %s and refuses a longer one', async (field) => {
      const { psa, company } = get();
      const longest = psa.requirements.longest[field] ?? 20;
      const input = inputOf(field, textOf(field, longest));

      const created = await psa.createContact(input);
      const id = created.kind === 'done' ? created.value : psaContactId('0');
      const completed = await psa.completeContact(id, input);

      expect([created.kind, completed.kind]).toEqual(['done', 'done']);
      expect(valueIn(await psa.getContact(id), field)).toBe(textOf(field, longest));
      if (psa.requirements.longest[field] === null) return;

      const tooLong = inputOf(field, textOf(field, longest + 1));
      const isSecondCall = field === 'title' && psa.requirements.titleInSecondCall;
      const outcome = isSecondCall ? await psa.completeContact(id, tooLong) : await psa.createContact(tooLong);
      const update = await psa.updateContact(id, patchOf(field, textOf(field, longest + 1)));

      expect(outcome).toMatchObject({ kind: 'refused', code: 'PSA_REFUSED' });
      expect(update).toMatchObject({ kind: 'refused', code: 'PSA_REFUSED' });
      expect(valueIn(await psa.getContact(id), field)).toBe(textOf(field, longest));
      expect(await psa.listContacts(company.id)).toHaveLength(1);
    });
  });
}

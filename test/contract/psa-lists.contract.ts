import { beforeEach, describe, expect, it } from 'vitest';
import type { PsaContactId } from '../../core/model/ids.ts';
import type { PsaContact } from '../../core/model/psa-contact.ts';
import type { Psa } from '../../core/ports/psa.ts';
import { emailsOf, type PsaWorld, phonesOf, samplesFor } from './psa-world.ts';

const [ada, second, old] = ['ada@acme.example.test', 'second@acme.example.test', 'old@acme.example.test'];
const [one, two, three] = ['+1 415 555 0101', '+1 415 555 0102', '+1 415 555 0103'];

/** What each `Psa` does with whole lists and cleared values in a patch (P9, A5). */
export function describeWholeLists(get: () => PsaWorld): void {
  describe('updating to what is given whole', () => {
    let world: PsaWorld;
    let psa: Psa;
    let samples: ReturnType<typeof samplesFor>;

    beforeEach(() => {
      world = get();
      psa = world.psa;
      samples = samplesFor(world);
    });

    async function read(id: PsaContactId): Promise<PsaContact | null> {
      return psa.getContact(id);
    }

    async function primaryEmail(id: PsaContactId): Promise<readonly string[]> {
      return (await read(id))?.emails.filter((item) => item.primary).map((item) => item.value) ?? [];
    }

    async function primaryPhone(id: PsaContactId): Promise<readonly (string | null)[]> {
      return (await read(id))?.phones.filter((item) => item.primary).map((item) => item.phone.e164) ?? [];
    }

    it('P9 adds what is new, removes what is not in it, and leaves everything else', async () => {
      const id = world.seed({ title: 'Clerk', emails: [ada, old], phones: [one, two] });

      const emails = await psa.updateContact(id, { emails: samples.emails(ada, second) });
      const phones = await psa.updateContact(id, { phones: samples.phones(one, three) });

      expect([emails.kind, phones.kind]).toEqual(['done', 'done']);
      const contact = await read(id);
      expect(emailsOf(contact)).toEqual([ada, second]);
      expect(phonesOf(contact)).toEqual(['+14155550101', '+14155550103']);
      expect([await primaryEmail(id), await primaryPhone(id)]).toEqual([[ada], ['+14155550101']]);
      expect(contact).toMatchObject({ firstName: 'Ada', title: 'Clerk', active: true });
    });

    it('P9 takes both lists and fields together', async () => {
      const id = world.seed({ emails: [ada], phones: [one] });

      const outcome = await psa.updateContact(id, { title: 'Clerk', emails: samples.emails(second), phones: samples.phones(two) });

      expect(outcome.kind).toBe('done');
      expect(await read(id)).toMatchObject({
        title: 'Clerk',
        emails: [{ value: second, primary: true }],
        phones: [{ phone: { e164: '+14155550102' }, primary: true }],
      });
    });

    it('P9 changes which one is primary', async () => {
      const id = world.seed({ emails: [ada, second], phones: [one, two] });

      const outcome = await psa.updateContact(id, { emails: samples.emails(second, ada), phones: samples.phones(two, one) });

      expect(outcome.kind).toBe('done');
      expect([await primaryEmail(id), await primaryPhone(id)]).toEqual([[second], ['+14155550102']]);
      const contact = await read(id);
      expect([emailsOf(contact), phonesOf(contact)]).toEqual([
        [ada, second],
        ['+14155550101', '+14155550102'],
      ]);
    });

    it('P9 makes another one primary when the primary one goes', async () => {
      const id = world.seed({ emails: [old, ada], phones: [one, two] });

      expect((await psa.updateContact(id, { emails: samples.emails(ada), phones: samples.phones(two) })).kind).toBe('done');

      expect([await primaryEmail(id), await primaryPhone(id)]).toEqual([[ada], ['+14155550102']]);
    });

    it('P9 changes the type of a value that stays', async () => {
      const id = world.seed({ phones: [one, two] });
      const [first, other] = samples.phones(one, two);
      if (first === undefined || other === undefined) throw new Error('there are two');
      const mobile = { ...other, typeId: world.mobileType.id, typeName: world.mobileType.name };

      expect((await psa.updateContact(id, { phones: [first, mobile] })).kind).toBe('done');

      expect((await read(id))?.phones.map(({ typeId, phone }) => [typeId, phone.e164])).toEqual([
        [world.phoneType.id, '+14155550101'],
        [world.mobileType.id, '+14155550102'],
      ]);
    });

    it('P9 gives a phone that stays another extension, and takes it away', async () => {
      const id = world.seed({ phones: [one, two] });
      const [first, other] = samples.phones(one, two);
      if (first === undefined || other === undefined) throw new Error('there are two');
      const extended = { ...first, phone: { ...first.phone, extension: '12' } };
      const extensions = async (): Promise<unknown> => (await read(id))?.phones.map(({ phone }) => [phone.e164, phone.extension ?? '']);

      const given = await psa.updateContact(id, { phones: [extended, other] });
      const after = await extensions();
      const again = await psa.updateContact(id, { phones: [extended, other] });
      const taken = await psa.updateContact(id, { phones: [first, other] });

      expect([given.kind, again.kind, taken.kind]).toEqual(['done', 'done', 'done']);
      expect(after).toEqual([
        ['+14155550101', '12'],
        ['+14155550102', ''],
      ]);
      expect(await extensions()).toEqual([
        ['+14155550101', ''],
        ['+14155550102', ''],
      ]);
    });

    it('P9 leaves an equal value as the PSA has it written', async () => {
      const id = world.seed({ emails: ['Ada@Acme.example.test', old], phones: ['+1 (415) 555-0101', two] });
      const before = await read(id);

      expect((await psa.updateContact(id, { emails: samples.emails(ada), phones: samples.phones('+14155550101') })).kind).toBe('done');

      const after = await read(id);
      expect(after?.emails).toEqual(before?.emails.slice(0, 1));
      expect(after?.phones).toEqual(before?.phones.slice(0, 1));
    });

    it('P9 twice changes nothing more', async () => {
      const id = world.seed({ emails: [ada, old], phones: [one] });
      const patch = { emails: samples.emails(second, ada), phones: samples.phones(two, three) };

      await psa.updateContact(id, patch);
      const before = await read(id);

      expect((await psa.updateContact(id, patch)).kind).toBe('done');
      expect({ ...(await read(id)), modifiedAt: null }).toEqual({ ...before, modifiedAt: null });
    });

    it('P9 empties a list where the PSA lets, else is refused and leaves it', async () => {
      const id = world.seed({ emails: [ada, second], phones: [one, two] });

      const emails = await psa.updateContact(id, { emails: [] });
      const phones = await psa.updateContact(id, { phones: [] });

      const contact = await read(id);
      expect([
        ['done', []],
        ['refused', [ada, second]],
      ]).toContainEqual([emails.kind, emailsOf(contact)]);
      expect([
        ['done', []],
        ['refused', ['+14155550101', '+14155550102']],
      ]).toContainEqual([phones.kind, phonesOf(contact)]);
    });

    it('P9 fills a list that was emptied', async () => {
      const id = world.seed({ emails: [ada], phones: [one] });
      await psa.updateContact(id, { phones: [] });

      expect((await psa.updateContact(id, { phones: samples.phones(two) })).kind).toBe('done');

      expect(phonesOf(await read(id))).toEqual(['+14155550102']);
      expect(await primaryPhone(id)).toEqual(['+14155550102']);
    });

    it.each(['title', 'lastName'] as const)('P9 null clears the %s where the PSA lets, else is refused and leaves it', async (field) => {
      const id = world.seed({ lastName: 'Byron', title: 'Byron', emails: [ada] });

      const outcome = await psa.updateContact(id, { [field]: null });

      expect([
        ['done', null],
        ['refused', 'Byron'],
      ]).toContainEqual([outcome.kind, (await read(id))?.[field]]);
      expect(await read(id)).toMatchObject({ firstName: 'Ada', emails: [{ value: ada }] });
    });

    it('A6 sends nothing for a patch that names nothing', async () => {
      const id = world.seed({ emails: [ada] });
      const before = await read(id);
      world.failNext('updateContact', 'refused');

      expect(await psa.updateContact(id, {})).toEqual({ kind: 'done', value: null });
      expect(await psa.updateContact(id, { addEmails: [], addPhones: [] })).toEqual({ kind: 'done', value: null });
      expect(await read(id)).toEqual(before);
    });

    it('A6 writes nothing for lists that are as they are to be', async () => {
      const id = world.seed({ emails: [ada, second], phones: [one, two] });
      const before = await read(id);
      world.passTime(60_000);

      expect((await psa.updateContact(id, { emails: samples.emails(ada, second), phones: samples.phones(one, two) })).kind).toBe('done');

      expect(await read(id)).toEqual(before);
    });
  });
}

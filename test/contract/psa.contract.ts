import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { contactId, type PsaContactId, psaContactId } from '../../core/model/ids.ts';
import type { Psa } from '../../core/ports/psa.ts';
import { describeChangedContacts } from './psa-changed.contract.ts';
import { describeExternalKeys } from './psa-keys.contract.ts';
import { describeWholeLists } from './psa-lists.contract.ts';
import { describeTexts } from './psa-texts.contract.ts';
import { emailsOf, type PsaWorld, phonesOf, samplesFor } from './psa-world.ts';

export type { PsaWorld, SeedContact } from './psa-world.ts';

type Samples = ReturnType<typeof samplesFor>;

/** The contract of the `Psa` port; every adapter and the fake pass it. */
export function describePsa(name: string, open: () => Promise<PsaWorld>): void {
  describe(`${name} keeps the contract of Psa`, () => {
    let world: PsaWorld;
    let psa: Psa;
    let email: Samples['email'];
    let phone: Samples['phone'];
    let newcomer: Samples['newcomer'];

    beforeEach(async () => {
      world = await open();
      psa = world.psa;
      ({ email, phone, newcomer } = samplesFor(world));
    });
    afterEach(() => world.close());

    async function findByEmail(value: string): Promise<readonly PsaContactId[]> {
      const found = await psa.findContacts(world.company.id, { emails: [value], firstName: null, lastName: null });
      return found.map(({ id }) => id);
    }

    describe('reading', () => {
      it('signs in and tells facts', async () => {
        expect(Object.keys((await psa.check()).facts).length).toBeGreaterThan(0);
      });

      it('finds a company by id and by exact name, whatever its case', async () => {
        const { company } = world;

        expect(await psa.findCompany({ id: company.id })).toEqual([company]);
        expect(await psa.findCompany({ name: ` ${company.name.toUpperCase()} ` })).toEqual([company]);
        expect(await psa.findCompany({ name: company.name.slice(0, -1) })).toEqual([]);
        expect(await psa.findCompany({ id: '999999' })).toEqual([]);
      });

      it('lists the companies to choose from, each once, by id', async () => {
        const listed = await psa.listCompanies();

        expect(listed).toEqual(expect.arrayContaining([world.company, world.otherCompany]));
        expect(listed.map(({ id }) => id)).toEqual([...new Set(listed.map(({ id }) => id))].sort((a, b) => Number(a) - Number(b)));
      });

      it('lists the locations of the company', async () => {
        const listed = await psa.listLocations(world.company.id);

        expect([...listed].sort((a, b) => Number(a.id) - Number(b.id))).toEqual(world.locations);
      });

      it('P12 tells the ids of e-mail and phone types', async () => {
        world.seed({ emails: ['one@acme.example.test'], phones: ['+1 415 555 0101'] });

        const types = psa.requirements.fields ?? (await psa.listTypes(await psa.listContacts(world.company.id)));

        expect(types.email).toContainEqual(world.emailType);
        expect(types.phone).toContainEqual(world.phoneType);
      });

      it('C11 lists all contacts of the company, inactive ones too, by id, and nobody else’s', async () => {
        const mine = Array.from({ length: 215 }, (_, index) =>
          world.seed({ firstName: 'Ada', lastName: `Number ${index}`, active: index % 50 !== 3 }),
        );
        world.seed({ companyId: world.otherCompany.id });
        const progress: number[] = [];

        const contacts = await psa.listContacts(world.company.id, (read) => progress.push(read));

        expect(contacts.map(({ id }) => id)).toEqual(mine);
        expect(contacts.filter((contact) => !contact.active)).toHaveLength(5);
        expect(contacts.every((contact) => contact.companyId === world.company.id)).toBe(true);
        expect(progress.length).toBeGreaterThan(0);
      });

      it('C11 lists inactive contacts when there are only such', async () => {
        const ids = [world.seed({ active: false }), world.seed({ active: false })];

        expect((await psa.listContacts(world.company.id)).map(({ id }) => id)).toEqual(ids);
      });

      it('C11 lists no contact of a company without', async () => {
        expect(await psa.listContacts(world.company.id)).toEqual([]);
      });

      it('reads blank and absent values as null', async () => {
        const id = world.seed({ firstName: 'Ada', title: null, emails: [], phones: [] });

        expect(await psa.getContact(id)).toMatchObject({
          id,
          lastName: psa.requirements.lastName ? 'Byron' : null,
          title: null,
          emails: [],
          phones: [],
          active: true,
          externalKey: null,
        });
      });

      it('P2 reads a placeholder phone as blank, where the PSA may be given one', async () => {
        const id = world.seed({ phones: ['000-000-0000'] });
        const isBlank = psa.requirements.blankPhoneAllowed;

        expect((await psa.getContact(id))?.phones.length === 0).toBe(isBlank);
        expect((await psa.listContacts(world.company.id))[0]?.phones.length === 0).toBe(isBlank);
      });

      it('is null for a contact that is not there', async () => {
        expect(await psa.getContact(psaContactId('999999'))).toBeNull();
      });

      it('P8 tells which IT Glue contact a contact is linked with', async () => {
        const [linked, free] = [world.seed({}), world.seed({})];
        world.link?.(linked, contactId('900719925474099301'));

        expect(await psa.linkedContactId(linked)).toBe(world.link === null ? null : '900719925474099301');
        expect(await psa.linkedContactId(free)).toBeNull();
      });
    });

    describe('finding', () => {
      it('P8 finds by e-mail without regard to case, not by a part of it', async () => {
        const id = world.seed({ emails: ['Ada@acme.example.test'] });
        world.seed({ emails: ['not-ada@acme.example.test'] });
        world.seed({ companyId: world.otherCompany.id, emails: ['ada@acme.example.test'] });

        expect(await findByEmail('ADA@acme.example.test')).toEqual([id]);
        expect(await findByEmail('da@acme.example.test')).toEqual([]);
      });

      it('P8 finds all that have the e-mail', async () => {
        const ids = [
          world.seed({ emails: ['office@acme.example.test'] }),
          world.seed({ emails: ['office@acme.example.test'], active: false }),
        ];

        expect(await findByEmail('office@acme.example.test')).toEqual(ids);
      });

      it('P8 finds by exact first and last name', async () => {
        const id = world.seed({ firstName: 'Éva', lastName: 'Stone' });
        world.seed({ firstName: 'Éva', lastName: 'Stoneman' });
        world.seed({ firstName: 'Evan', lastName: 'Stone' });

        const found = await psa.findContacts(world.company.id, { emails: [], firstName: ' éva ', lastName: 'STONE' });

        expect(found.map((contact) => contact.id)).toEqual([id]);
      });

      it('P8 finds one contact once, by e-mail and by name, with all that it has', async () => {
        const emails = ['first@acme.example.test', 'second@acme.example.test'];
        const id = world.seed({ firstName: 'Ada', lastName: 'Byron', emails });

        const found = await psa.findContacts(world.company.id, { emails, firstName: 'Ada', lastName: 'Byron' });

        expect(found.map((contact) => contact.id)).toEqual([id]);
        expect(emailsOf(found[0] ?? null)).toEqual(emails);
      });

      it('P8 finds inactive contacts too', async () => {
        const id = world.seed({ emails: ['gone@acme.example.test'], active: false });

        const [found] = await psa.findContacts(world.company.id, { emails: ['gone@acme.example.test'], firstName: null, lastName: null });

        expect(found).toMatchObject({ id, active: false });
      });
    });

    describe('creating', () => {
      it('P12 creates the contact as given, its title by a second call where the PSA takes it no sooner', async () => {
        const input = newcomer({
          emails: [email('zoe@acme.example.test'), email('z.oneil@acme.example.test', false)],
          phones: [phone('+1 415 555 0107'), { ...phone('+1 415 555 0108', false), typeId: world.mobileType.id }],
        });
        const title = psa.requirements.titleInSecondCall ? null : 'Head of Sales';

        const created = await psa.createContact(input);

        const id = created.kind === 'done' ? created.value : psaContactId('0');
        expect(await psa.getContact(id)).toMatchObject({
          companyId: world.company.id,
          locationId: world.locations[1].id,
          firstName: 'Zoë',
          lastName: "O'Neil-Özil",
          title,
          active: true,
          emails: [
            { value: 'zoe@acme.example.test', typeId: world.emailType.id, primary: true },
            { value: 'z.oneil@acme.example.test', primary: false },
          ],
          phones: [
            { phone: { e164: '+14155550107' }, typeId: world.phoneType.id, primary: true },
            { phone: { e164: '+14155550108' }, typeId: world.mobileType.id, primary: false },
          ],
        });

        expect(await psa.completeContact(id, input)).toEqual({ kind: 'done', value: null });
        expect(await psa.completeContact(id, input)).toEqual({ kind: 'done', value: null });
        expect(await psa.getContact(id)).toMatchObject({ title: 'Head of Sales', firstName: 'Zoë', active: true });
      });

      it('P2 creates with the placeholder, which reads back as blank', async () => {
        const created = await psa.createContact(
          newcomer({ phones: [{ ...phone('000-000-0000'), phone: { raw: '000-000-0000', e164: null, extension: null } }] }),
        );

        const id = created.kind === 'done' ? created.value : psaContactId('0');
        expect((await psa.getContact(id))?.phones).toHaveLength(psa.requirements.blankPhoneAllowed ? 0 : 1);
      });

      it('A2 finds what it created', async () => {
        const created = await psa.createContact(newcomer());

        expect(created.kind).toBe('done');
        expect(await findByEmail('zoe@acme.example.test')).toEqual([created.kind === 'done' ? created.value : null]);
      });

      it('is refused for a location or a type that the PSA does not have', async () => {
        const wrongType = newcomer({ emails: [{ ...email('zoe@acme.example.test'), typeId: '987654' }] });

        expect(await psa.createContact(newcomer({ locationId: '987654' }))).toMatchObject({ kind: 'refused', code: 'PSA_REFUSED' });
        expect(await psa.createContact(wrongType)).toMatchObject({ kind: 'refused', code: 'PSA_REFUSED' });
        expect(await psa.listContacts(world.company.id)).toEqual([]);
      });

      it.each([
        ['lost-before', 'unknown', 0],
        ['lost-after', 'unknown', 1],
        ['refused', 'refused', 0],
      ] as const)('A2 a create that fails by %s is %s and left %i contact', async (fault, kind, left) => {
        world.failNext('createContact', fault);

        const outcome = await psa.createContact(newcomer());

        expect(outcome.kind).toBe(kind);
        expect(await findByEmail('zoe@acme.example.test')).toHaveLength(left);
        expect(await psa.listContacts(world.company.id)).toHaveLength(left);
      });

      it.each([
        ['lost-before', 'unknown', null],
        ['lost-after', 'unknown', 'Head of Sales'],
        ['refused', 'refused', null],
      ] as const)('A2 a completion, where there is one, that fails by %s is %s and can be made up for', async (fault, kind, title) => {
        const id = world.seed({ firstName: 'Zoë' });
        const isSent = psa.requirements.titleInSecondCall;
        world.failNext('completeContact', fault);

        expect((await psa.completeContact(id, newcomer())).kind).toBe(isSent ? kind : 'done');

        expect((await psa.getContact(id))?.title).toBe(isSent ? title : null);
        expect((await psa.completeContact(id, newcomer())).kind).toBe('done');
        expect((await psa.getContact(id))?.title).toBe(isSent ? 'Head of Sales' : null);
      });
    });

    describe('updating', () => {
      it('changes what is named and leaves the rest', async () => {
        const id = world.seed({ firstName: 'Ada', lastName: 'Byron', title: 'Clerk', emails: ['ada@acme.example.test'], active: false });

        const outcome = await psa.updateContact(id, { lastName: 'Lovelace', locationId: world.locations[1].id });

        expect(outcome).toEqual({ kind: 'done', value: null });
        expect(await psa.getContact(id)).toMatchObject({
          firstName: 'Ada',
          lastName: 'Lovelace',
          title: 'Clerk',
          locationId: world.locations[1].id,
          active: false,
          emails: [{ value: 'ada@acme.example.test', primary: true }],
        });
      });

      it('adds e-mails and phones, removes none, and adds nothing twice', async () => {
        const id = world.seed({ emails: ['ada@acme.example.test'], phones: ['+1 415 555 0101'] });
        const patch = { addEmails: [email('new@acme.example.test', false)], addPhones: [phone('+1 415 555 0102', false)] };

        expect((await psa.updateContact(id, patch)).kind).toBe('done');
        expect((await psa.updateContact(id, patch)).kind).toBe('done');

        const contact = await psa.getContact(id);
        expect(emailsOf(contact)).toEqual(['ada@acme.example.test', 'new@acme.example.test']);
        expect(phonesOf(contact)).toEqual(['+14155550101', '+14155550102']);
        expect(contact?.emails.filter((item) => item.primary).map((item) => item.value)).toEqual(['ada@acme.example.test']);
      });

      it('E8 makes a contact inactive, and active again, and nothing else of it; twice changes nothing', async () => {
        const id = world.seed({ firstName: 'Ada', title: 'Clerk', emails: ['ada@acme.example.test'] });

        const off = await psa.updateContact(id, { active: false });
        const again = await psa.updateContact(id, { active: false });

        expect([off, again]).toEqual([
          { kind: 'done', value: null },
          { kind: 'done', value: null },
        ]);
        const inactive = await psa.getContact(id);
        expect(inactive).toMatchObject({ firstName: 'Ada', title: 'Clerk', active: false, emails: [{ value: 'ada@acme.example.test' }] });
        expect(await psa.listContacts(world.company.id)).toMatchObject([{ id, active: false }]);
        expect((await psa.updateContact(id, { active: true, title: 'Head Clerk' })).kind).toBe('done');
        expect(await psa.getContact(id)).toMatchObject({ title: 'Head Clerk', active: true });
      });

      it.each([
        ['lost-before', 'unknown', true],
        ['lost-after', 'unknown', false],
        ['refused', 'refused', true],
      ] as const)('A2 E8 making inactive that fails by %s is %s', async (fault, kind, active) => {
        const id = world.seed({});
        world.failNext('updateContact', fault);

        expect((await psa.updateContact(id, { active: false })).kind).toBe(kind);
        expect((await psa.getContact(id))?.active).toBe(active);
      });

      it('is refused for a contact that is not there', async () => {
        expect(await psa.updateContact(psaContactId('999999'), { title: 'Clerk' })).toMatchObject({ kind: 'refused', code: 'PSA_REFUSED' });
      });

      it.each([
        ['lost-before', 'unknown', null],
        ['lost-after', 'unknown', 'Clerk'],
        ['refused', 'refused', null],
      ] as const)('A2 an update that fails by %s is %s', async (fault, kind, title) => {
        const id = world.seed({});
        world.failNext('updateContact', fault);

        expect((await psa.updateContact(id, { title: 'Clerk' })).kind).toBe(kind);
        expect((await psa.getContact(id))?.title).toBe(title);
      });
    });

    describeExternalKeys(() => world);
    describeChangedContacts(() => world);
    describeWholeLists(() => world);
    describeTexts(() => world);
  });
}

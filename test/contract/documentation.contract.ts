import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Contact } from '../../core/model/contact.ts';
import { type ContactId, contactId, type OrganizationId } from '../../core/model/ids.ts';
import type { Moment } from '../../core/model/time.ts';
import type { ContactPatch, Documentation, OverlayWrite } from '../../core/ports/documentation.ts';
import { describeUpdatedContacts } from './documentation-updated.contract.ts';

/** What the suite needs behind an implementation: doors of its own, not the calls under test. */
export interface DocumentationHarness {
  readonly documentation: Documentation;
  readonly organization: OrganizationId;
  /** Another customer of the same account. */
  readonly other: OrganizationId;
  readonly locationId: string;
  readonly contactTypeId: string;
  addContact(
    organization: OrganizationId,
    fields: { readonly firstName: string; readonly lastName: string; readonly email?: string },
  ): ContactId;
  /** Somebody edits it by hand, later than everything before. */
  touchContact(id: ContactId): void;
  /** Sets when it was updated last. */
  dateContact(id: ContactId, at: Moment): void;
  moveContact(id: ContactId, to: OrganizationId): void;
  removeContact(id: ContactId): void;
  /** Makes the contact one that another system owns. */
  own(id: ContactId): void;
  /** What is there, of the contacts and assets of both organizations. */
  contactIds(): readonly string[];
  assetCount(): number;
  /** The answer to the next write is lost, before or after it is carried out. */
  loseNextWrite(when: 'before' | 'after'): void;
  stop(): Promise<void>;
}

const ada: ContactPatch = {
  firstName: 'Ada',
  lastName: 'Lovelace',
  title: 'Countess',
  important: true,
  notes: 'Likes engines.',
  emails: [
    { value: 'ada@example.test', label: 'Work', primary: true },
    { value: 'countess@example.test', label: 'Home', primary: false },
  ],
  phones: [
    { phone: { raw: '+1 415 555 0100 x12', e164: '+14155550100', extension: '12' }, label: 'Work', kind: 'phone', primary: true },
    { phone: { raw: '415-555-0101', e164: '+14155550101', extension: null }, label: 'Work', kind: 'fax', primary: false },
  ],
};

function overlay(id: ContactId, name: string, adStatus = 'Enabled'): OverlayWrite {
  return {
    name,
    contactId: id,
    values: { adStatus, lastLogon: '2026-01-04', lastPasswordReset: '2025-11-30', passwordExpires: 'never' },
  };
}

function value<Value>(
  outcome: { readonly kind: string } & (
    | { readonly kind: 'done'; readonly value: Value }
    | { readonly kind: 'refused' | 'unknown'; readonly reason: string }
  ),
): Value {
  if (outcome.kind !== 'done') {
    throw new Error(`${outcome.kind}: ${outcome.reason}`);
  }
  return outcome.value;
}

function digits(contact: Contact): readonly unknown[] {
  return contact.phones.map(({ phone, label, kind, primary }) => [phone.e164, phone.extension, label, kind, primary]);
}

/** The suite that every implementation of `Documentation` passes. */
export function documentationContract(name: string, start: () => Promise<DocumentationHarness>): void {
  describe(`documentation: ${name}`, () => {
    let harness: DocumentationHarness;
    let documentation: Documentation;
    let organization: OrganizationId;

    beforeEach(async () => {
      harness = await start();
      ({ documentation, organization } = harness);
    });

    afterEach(async () => {
      await harness.stop();
    });

    async function overlayType(): Promise<string> {
      return (await documentation.findOverlayType()) ?? value(await documentation.createOverlayType());
    }

    it('proves address and key', async () => {
      expect((await documentation.check()).facts).toMatchObject({ organizations: '2' });
    });

    it('gives the organization, and says when there is none', async () => {
      expect(await documentation.getOrganization(organization)).toMatchObject({ id: organization, name: 'Example Hill' });
      await expect(documentation.getOrganization('999999' as OrganizationId)).rejects.toMatchObject({
        code: 'ITGLUE_ORGANIZATION_NOT_FOUND',
      });
    });

    it('lists all organizations that the key may see, by id', async () => {
      const listed = await documentation.listOrganizations();

      expect(listed.map(({ id }) => id)).toEqual([organization, harness.other].toSorted((a, b) => Number(BigInt(a) - BigInt(b))));
      expect(listed.find(({ id }) => id === organization)?.name).toBe('Example Hill');
    });

    it('C11 lists the contacts of one organization only, by id, and tells how far it is', async () => {
      const first = harness.addContact(organization, { firstName: 'Zoe', lastName: 'Zimmer' });
      harness.addContact(harness.other, { firstName: 'Somebody', lastName: 'Else' });
      const second = harness.addContact(organization, { firstName: 'Abe', lastName: 'Able', email: 'abe@example.test' });
      const progress: [number, number][] = [];

      const contacts = await documentation.listContacts(organization, (read, total) => progress.push([read, total]));

      expect(contacts.map(({ id }) => id)).toEqual([first, second]);
      expect(contacts[1]).toMatchObject({ organizationId: organization, name: 'Abe Able', emails: [{ value: 'abe@example.test' }] });
      expect(progress.at(-1)).toEqual([2, 2]);
    });

    it('reads chosen contacts afresh and leaves out those that do not answer', async () => {
      const here = harness.addContact(organization, { firstName: 'Ada', lastName: 'Lovelace' });
      const moved = harness.addContact(organization, { firstName: 'Charles', lastName: 'Babbage' });
      const gone = harness.addContact(organization, { firstName: 'Gone', lastName: 'Girl' });
      harness.addContact(organization, { firstName: 'Not', lastName: 'Asked' });
      harness.moveContact(moved, harness.other);
      harness.removeContact(gone);

      const contacts = await documentation.listContactsById(organization, [gone, moved, here, here]);

      expect(contacts.map(({ id }) => id)).toEqual([here]);
      expect(await documentation.listContactsById(organization, [])).toEqual([]);
    });

    it('C11 tells a contact that is there from one that moved and one that was deleted', async () => {
      const id = harness.addContact(organization, { firstName: 'Ada', lastName: 'Lovelace' });

      expect(await documentation.lookUpContact(organization, id)).toMatchObject({ kind: 'found', contact: { id, firstName: 'Ada' } });
      harness.moveContact(id, harness.other);
      expect(await documentation.lookUpContact(organization, id)).toMatchObject({
        kind: 'moved',
        contact: { organizationId: harness.other },
      });
      harness.removeContact(id);
      expect(await documentation.lookUpContact(organization, id)).toEqual({ kind: 'deleted' });
    });

    it('lists locations and contact types', async () => {
      expect(await documentation.listLocations(organization)).toMatchObject([
        { id: harness.locationId, name: 'Head Office', primary: true },
      ]);
      expect(await documentation.listLocations(harness.other)).toEqual([]);
      expect(await documentation.listContactTypes()).toEqual([{ id: harness.contactTypeId, name: 'End User' }]);
    });

    it('E5 creates a contact with all its fields, and reads it back the same', async () => {
      const patch = { ...ada, locationId: harness.locationId, contactTypeId: harness.contactTypeId };

      const created = value(await documentation.createContact(organization, patch));
      const [read] = await documentation.listContacts(organization);

      for (const contact of [created, read]) {
        expect(contact).toMatchObject({
          id: created.id,
          organizationId: organization,
          name: 'Ada Lovelace',
          title: 'Countess',
          important: true,
          notes: 'Likes engines.',
          locationId: harness.locationId,
          locationName: 'Head Office',
          contactTypeId: harness.contactTypeId,
          contactTypeName: 'End User',
          emails: ada.emails,
        });
        expect(contact === undefined ? [] : digits(contact)).toEqual([
          ['+14155550100', '12', 'Work', 'phone', true],
          ['+14155550101', null, 'Work', 'fax', false],
        ]);
      }
    });

    it('updates only what the patch names, and clears with null', async () => {
      const { id } = value(await documentation.createContact(organization, ada));

      const updated = value(await documentation.updateContact(organization, id, { title: null, lastName: 'King' }));

      expect(updated).toMatchObject({ id, name: 'Ada King', title: null, notes: 'Likes engines.', emails: ada.emails });
      expect(digits(updated)).toHaveLength(2);
      expect(await documentation.lookUpContact(organization, id)).toMatchObject({ contact: { name: 'Ada King', title: null } });
    });

    it('E5 puts whole arrays in the place of the old ones, those that were read included', async () => {
      const { id } = value(await documentation.createContact(organization, ada));
      const [read] = await documentation.listContacts(organization);
      const emails = [{ value: 'ada.king@example.test', label: 'Work', primary: true }];
      const phones = (read?.phones ?? []).toReversed();

      const updated = value(await documentation.updateContact(organization, id, { emails, phones }));

      expect(updated.emails).toEqual(emails);
      expect(digits(updated)).toEqual([
        ['+14155550101', null, 'Work', 'fax', false],
        ['+14155550100', '12', 'Work', 'phone', true],
      ]);
    });

    it('E9 says that a contact refused an update because it is synced', async () => {
      const id = harness.addContact(organization, { firstName: 'Ada', lastName: 'Lovelace' });
      harness.own(id);

      expect(await documentation.updateContact(organization, id, { title: 'Countess' })).toMatchObject({
        kind: 'refused',
        code: 'ITGLUE_REFUSED',
        synced: true,
      });
      expect(await documentation.lookUpContact(organization, id)).toMatchObject({ contact: { title: null } });
    });

    it('refuses to update a contact that is not there', async () => {
      expect(await documentation.updateContact(organization, contactId('888888'), { title: 'x' })).toMatchObject({
        kind: 'refused',
        synced: false,
      });
    });

    it('E8 deletes the contacts that it is told to', async () => {
      const first = harness.addContact(organization, { firstName: 'Ada', lastName: 'Lovelace' });
      const second = harness.addContact(organization, { firstName: 'Charles', lastName: 'Babbage' });

      expect(value(await documentation.deleteContacts(organization, [first]))).toEqual([first]);
      expect(value(await documentation.deleteContacts(organization, []))).toEqual([]);
      expect(harness.contactIds()).toEqual([second]);
    });

    it.each([
      ['before', 0],
      ['after', 1],
    ] as const)('A2 does not know what became of a create whose answer was lost %s it was carried out', async (when, there) => {
      harness.loseNextWrite(when);

      expect(await documentation.createContact(organization, ada)).toMatchObject({ kind: 'unknown', code: 'ITGLUE_ANSWER_LOST' });
      expect(harness.contactIds()).toHaveLength(there);
    });

    it.each([
      ['before', null],
      ['after', 'Countess'],
    ] as const)('A2 does not know what became of an update whose answer was lost %s it was carried out', async (when, title) => {
      const id = harness.addContact(organization, { firstName: 'Ada', lastName: 'Lovelace' });
      harness.loseNextWrite(when);

      expect(await documentation.updateContact(organization, id, { title: 'Countess' })).toMatchObject({ kind: 'unknown' });
      expect(await documentation.lookUpContact(organization, id)).toMatchObject({ contact: { title } });
    });

    it('E7 makes the type once', async () => {
      expect(await documentation.findOverlayType()).toBeNull();

      const id = value(await documentation.createOverlayType());

      expect(await documentation.findOverlayType()).toBe(id);
      expect(value(await documentation.createOverlayType())).toBe(id);
    });

    it('E7 creates, lists and updates assets that tag their contact', async () => {
      const type = await overlayType();
      const adaId = harness.addContact(organization, { firstName: 'Ada', lastName: 'Lovelace' });
      const charlesId = harness.addContact(organization, { firstName: 'Charles', lastName: 'Babbage' });

      const created = value(await documentation.createOverlays(organization, type, [overlay(adaId, 'Ada'), overlay(charlesId, 'Charles')]));
      expect(created.find(({ contactIds }) => contactIds[0] === adaId)).toMatchObject({ name: 'Ada', contactIds: [adaId] });
      expect(await documentation.listOverlays(harness.other, type)).toEqual([]);

      const [first, second] = await documentation.listOverlays(organization, type);
      const changed = { ...overlay(charlesId, 'Charles B.', 'Disabled'), id: second?.id ?? '' };
      expect(value(await documentation.updateOverlays(type, [changed]))).toEqual([changed.id]);

      expect(await documentation.listOverlays(organization, type)).toEqual([
        first,
        { id: changed.id, name: 'Charles B.', contactIds: [charlesId], values: changed.values },
      ]);
    });

    it('E7 does as much as the bulk size in one request, and deletes it again', async () => {
      const type = await overlayType();
      const ids = Array.from({ length: documentation.overlayBulkSize }, (_, index) =>
        harness.addContact(organization, { firstName: `User${index}`, lastName: 'Example' }),
      );

      const created = value(
        await documentation.createOverlays(
          organization,
          type,
          ids.map((id, index) => overlay(id, `User${index}`)),
        ),
      );

      expect(new Set(created.map(({ contactIds }) => contactIds[0]))).toEqual(new Set(ids));
      expect(harness.assetCount()).toBe(ids.length);
      expect(value(await documentation.deleteOverlays(created.map(({ id }) => id)))).toHaveLength(ids.length);
      expect(harness.assetCount()).toBe(0);
      expect(value(await documentation.createOverlays(organization, type, []))).toEqual([]);
      expect(value(await documentation.updateOverlays(type, []))).toEqual([]);
      expect(value(await documentation.deleteOverlays([]))).toEqual([]);
    });

    it.each([
      ['before', 0],
      ['after', 2],
    ] as const)('A2 does not know what became of assets whose answer was lost %s they were made', async (when, there) => {
      const type = await overlayType();
      const ids = ['Ada', 'Charles'].map((firstName) => harness.addContact(organization, { firstName, lastName: 'Example' }));
      harness.loseNextWrite(when);

      const outcome = await documentation.createOverlays(
        organization,
        type,
        ids.map((id) => overlay(id, 'Name')),
      );

      expect(outcome).toMatchObject({ kind: 'unknown', code: 'ITGLUE_ANSWER_LOST' });
      expect(await documentation.listOverlays(organization, type)).toHaveLength(there);
    });

    describeUpdatedContacts(() => harness);
  });
}

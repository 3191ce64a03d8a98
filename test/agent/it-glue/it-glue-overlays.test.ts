import { afterEach, describe, expect, it } from 'vitest';
import { type ContactId, contactId } from '../../../core/model/ids.ts';
import type { OverlayWrite } from '../../../core/ports/documentation.ts';
import { type ItGlueTest, startItGlueTest } from './it-glue-harness.ts';

let test: ItGlueTest;

afterEach(async () => {
  await test.stop();
});

const ownFields = [
  { name: 'Name', kind: 'Text', required: true, useForTitle: true, showInList: true },
  { name: 'Contact', kind: 'Tag', tagType: 'Contacts' },
  { name: 'AD Status', kind: 'Text' },
  { name: 'Last Logon', kind: 'Text' },
  { name: 'Last Password Reset', kind: 'Text' },
  { name: 'Password Expires', kind: 'Text' },
] as const;

const values = { adStatus: 'Enabled', lastLogon: '2026-01-04', lastPasswordReset: '2025-11-30', passwordExpires: 'never' };

function addContact(): ContactId {
  return contactId(test.sandbox.data.addContact({ organizationId: test.organization, firstName: 'Ada', lastName: 'Lovelace' }).id);
}

function overlay(id: ContactId, more: Partial<OverlayWrite> = {}): OverlayWrite {
  return { name: 'Ada Lovelace', contactId: id, values, ...more };
}

describe('E7 the type', () => {
  it('that a person made fits when it has the fields, whatever else it has', async () => {
    test = await startItGlueTest({ bigIds: true });
    const type = test.sandbox.data.addAssetType('ad user', [...ownFields, { name: 'Remarks', kind: 'Textbox' }]);

    expect(await test.documentation.findOverlayType()).toBe(type.id);
  });

  it.each([
    ['"Last Logon" is missing', ownFields.filter(({ name }) => name !== 'Last Logon')],
    [
      '"Contact" is not a tag of contacts',
      ownFields.map((field) => (field.name === 'Contact' ? { ...field, tagType: 'Configurations' } : field)),
    ],
    ['"AD Status" is not a text', ownFields.map((field) => (field.name === 'AD Status' ? { ...field, kind: 'Checkbox' as const } : field))],
    ['"Owner" is required', [...ownFields, { name: 'Owner', kind: 'Text' as const, required: true }]],
  ])('is refused by name when the field %s', async (message, fields) => {
    test = await startItGlueTest();
    test.sandbox.data.addAssetType('AD User', fields);

    await expect(test.documentation.findOverlayType()).rejects.toMatchObject({
      code: 'ITGLUE_OVERLAY_TYPE_MISFIT',
      message: expect.stringContaining(message),
    });
  });

  it('made by somebody else in the meantime is taken', async () => {
    test = await startItGlueTest();
    expect(await test.documentation.findOverlayType()).toBeNull();
    const type = test.sandbox.data.addAssetType('AD User', ownFields);

    expect(await test.documentation.createOverlayType()).toEqual({ kind: 'done', value: type.id });
  });

  it('is found with two requests, and none more for an update', async () => {
    test = await startItGlueTest();
    test.sandbox.data.addAssetType('AD User', ownFields);
    const type = (await test.documentation.findOverlayType()) ?? '';
    expect(test.sandbox.counts.requests).toBe(2);
    await test.documentation.createOverlays(test.organization, type, [overlay(addContact())]);
    const [asset] = await test.documentation.listOverlays(test.organization, type);
    test.sandbox.resetCounts();

    await test.documentation.updateOverlays(type, [{ ...overlay(asset!.contactIds[0]!), id: asset!.id }]);

    expect(test.sandbox.counts.requests).toBe(1);
  });
});

describe('E7 the traits of others', () => {
  const foreignFields = [
    { name: 'Remarks', kind: 'Textbox' },
    { name: 'Score', kind: 'Number' },
    { name: 'Laptops', kind: 'Tag', tagType: 'Contacts' },
    { name: 'Photo', kind: 'Upload' },
  ] as const;

  async function start(
    fields: readonly ({ readonly name: string; readonly kind: 'Textbox' | 'Number' | 'Upload' | 'Password' } | (typeof foreignFields)[2])[],
  ) {
    test = await startItGlueTest({ bigIds: true });
    const type = test.sandbox.data.addAssetType('AD User', [...ownFields, ...fields]).id;
    const ada = addContact();
    const friends = [addContact(), addContact()];
    const asset = test.sandbox.data.addAsset({
      organizationId: test.organization,
      typeId: type,
      traits: { name: 'Ada', contact: [ada], 'ad-status': 'Enabled', remarks: 'Keeps the keys.', score: 7, laptops: friends },
    });
    return { type, ada, friends, asset };
  }

  it('are sent along, tags as ids, whether they were listed before or not', async () => {
    const { type, ada, friends, asset } = await start(foreignFields);
    const kept = { remarks: 'Keeps the keys.', score: 7, laptops: friends };

    expect(await test.documentation.updateOverlays(type, [{ ...overlay(ada), id: asset.id }])).toEqual({ kind: 'done', value: [asset.id] });
    expect(Object.fromEntries(asset.traits)).toMatchObject({ ...kept, 'last-logon': '2026-01-04' });

    await test.documentation.listOverlays(test.organization, type);
    const changed = { ...overlay(ada, { values: { ...values, lastLogon: '' } }), id: asset.id };
    expect(await test.documentation.updateOverlays(type, [changed])).toMatchObject({ kind: 'done' });
    expect(Object.fromEntries(asset.traits)).toMatchObject(kept);
    expect(asset.traits.has('last-logon')).toBe(false);
  });

  it('that cannot be sent back keep the asset from being updated; the others are', async () => {
    const { type, ada, asset } = await start(foreignFields);
    const other = test.sandbox.data.addAsset({
      organizationId: test.organization,
      typeId: type,
      traits: { name: 'B', contact: [addContact()] },
    });
    asset.traits.set('photo', 'photo.png');
    const before = new Map(asset.traits);
    const [, tagged] = await test.documentation.listOverlays(test.organization, type);
    const good = { ...overlay(tagged!.contactIds[0]!), id: other.id };

    expect(await test.documentation.updateOverlays(type, [{ ...overlay(ada), id: asset.id }])).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('"photo"'),
    });
    expect(await test.documentation.updateOverlays(type, [{ ...overlay(ada), id: asset.id }, good])).toEqual({
      kind: 'done',
      value: [other.id],
    });
    expect(asset.traits).toEqual(before);
  });

  it('that may be there without being shown keep it from being updated', async () => {
    const { type, ada, asset } = await start([...foreignFields, { name: 'Vault', kind: 'Password' }]);

    expect(await test.documentation.updateOverlays(type, [{ ...overlay(ada), id: asset.id }])).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('password'),
    });
  });
});

describe('E7 bulk', () => {
  it('does not know what a refusal of several means, whichever way the server has it', async () => {
    for (const bulk of ['atomic', 'partial'] as const) {
      test = await startItGlueTest({ switches: { bulk } });
      const type = test.sandbox.data.addAssetType('AD User', ownFields).id;
      const writes = [overlay(addContact()), overlay(contactId('424242')), overlay(addContact())];

      const outcome = await test.documentation.createOverlays(test.organization, type, writes);

      expect(outcome).toMatchObject({ kind: 'unknown' });
      expect(await test.documentation.createOverlays(test.organization, type, [writes[1]!])).toMatchObject({ kind: 'refused' });
      await test.stop();
    }
    test = await startItGlueTest();
  });

  it('pairs assets with contacts in whatever order they come back', async () => {
    test = await startItGlueTest({ switches: { bulkOrder: 'reversed' } });
    const type = test.sandbox.data.addAssetType('AD User', ownFields).id;
    const ids = [addContact(), addContact(), addContact()];

    const outcome = await test.documentation.createOverlays(
      test.organization,
      type,
      ids.map((id) => overlay(id)),
    );

    expect(outcome).toMatchObject({ kind: 'done', value: ids.toReversed().map((id) => ({ contactIds: [id] })) });
  });

  it('reads 1,200 assets with four requests', async () => {
    test = await startItGlueTest();
    const type = test.sandbox.data.addAssetType('AD User', ownFields).id;
    for (let index = 0; index < 1200; index += 1) {
      test.sandbox.data.addAsset({ organizationId: test.organization, typeId: type, traits: { name: 'Same name' } });
    }

    expect(await test.documentation.listOverlays(test.organization, type)).toHaveLength(1200);
    expect(test.sandbox.counts).toMatchObject({ requests: 4, droppedSilently: 0 });
  });
});

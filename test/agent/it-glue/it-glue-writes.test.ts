import { afterEach, describe, expect, it } from 'vitest';
import { type ContactId, contactId, organizationId } from '../../../core/model/ids.ts';
import type { ContactPatch } from '../../../core/ports/documentation.ts';
import type { FaultKind } from '../../sandbox/faults.ts';
import { type ItGlueTest, startItGlueTest } from './it-glue-harness.ts';

let test: ItGlueTest;

afterEach(async () => {
  await test.stop();
});

const ada: ContactPatch = {
  firstName: 'Ada',
  lastName: 'Lovelace',
  emails: [{ value: 'ada@example.test', label: 'AD Email', primary: true }],
  phones: [
    { phone: { raw: '+1 415 555 0100 x12', e164: '+14155550100', extension: '12' }, label: 'AD Phone', kind: 'phone', primary: true },
  ],
};

function addAda(adapters: readonly { adapterName: string; remoteId: string; sync?: boolean; orphaned?: boolean }[] = []): ContactId {
  const emails = [{ value: 'ada@example.test', labelName: 'Work' }];
  return contactId(
    test.sandbox.data.addContact({ organizationId: test.organization, firstName: 'Ada', lastName: 'Lovelace', emails, adapters }).id,
  );
}

/** Every write once, on records that are there. */
const writes = {
  createContact: () => test.documentation.createContact(test.organization, ada),
  updateContact: () => test.documentation.updateContact(test.organization, addAda(), { title: 'Countess', emails: ada.emails ?? [] }),
  deleteContacts: () => test.documentation.deleteContacts(test.organization, [addAda()]),
  createOverlayType: () => test.documentation.createOverlayType(),
} as const;

type Expected = 'done' | 'refused' | 'unknown' | 'ITGLUE_KEY_REJECTED' | 'ITGLUE_RATE_LIMITED';

const afterOneFault: readonly (readonly [FaultKind, Expected])[] = [
  ['lost-before', 'unknown'],
  ['lost-after', 'unknown'],
  ['stall-before', 'unknown'],
  ['stall-after', 'unknown'],
  ['rate-limited', 'done'],
  ['server-error', 'unknown'],
  ['bad-gateway', 'unknown'],
  ['unavailable', 'unknown'],
  ['gateway-timeout', 'unknown'],
  ['timeout-body', 'unknown'],
  ['truncated', 'unknown'],
  ['not-json', 'unknown'],
  ['html-200', 'unknown'],
  ['redirect', 'unknown'],
  ['bad-request', 'refused'],
  ['unauthorized', 'ITGLUE_KEY_REJECTED'],
  ['forbidden', 'ITGLUE_KEY_REJECTED'],
];

describe('A2 each write, with each fault once', () => {
  for (const [call, write] of Object.entries(writes)) {
    it.each(afterOneFault)(`${call}: %s gives %s, and it is sent once`, async (kind, expected) => {
      test = await startItGlueTest({ http: { timeouts: { whole: 250 } } });
      test.sandbox.faults.add({ kind, match: ({ method }) => method !== 'GET' });

      const outcome = await write().then(
        (result) => result.kind,
        (error: unknown) => (error as { code: string }).code,
      );

      expect(outcome).toBe(expected);
      expect(test.sandbox.requests.filter(({ method }) => method !== 'GET')).toHaveLength(kind === 'rate-limited' ? 2 : 1);
      expect(test.sandbox.counts).toMatchObject({ droppedSilently: 0 });
    });
  }

  it('does not know either when the whole create was carried out and the answer is a page of a gateway', async () => {
    test = await startItGlueTest();
    test.sandbox.faults.add({ kind: 'bad-gateway', commit: true });

    expect(await test.documentation.createContact(test.organization, ada)).toMatchObject({ kind: 'unknown', code: 'ITGLUE_ANSWER_LOST' });
    expect(test.sandbox.data.contacts.size).toBe(1);
  });

  it('throws when nothing was sent', async () => {
    test = await startItGlueTest();
    await test.sandbox.stop();

    await expect(test.documentation.createContact(test.organization, ada)).rejects.toMatchObject({ code: 'ITGLUE_UNREACHABLE' });
  });
});

describe('E9 contacts that another system owns', () => {
  it.each(['strict', 'mapped-only'] as const)('are refused as synced (%s)', async (syncedContact) => {
    test = await startItGlueTest({ switches: { syncedContact } });
    const id = addAda([{ adapterName: 'Kaseya BMS', remoteId: '1', sync: true }]);

    expect(await test.documentation.updateContact(test.organization, id, { title: 'x' })).toMatchObject({ kind: 'refused', synced: true });
    expect(test.sandbox.data.contacts.get(id)?.title).toBeNull();
  });

  it('take notes where only the mapped fields are closed', async () => {
    test = await startItGlueTest({ switches: { syncedContact: 'mapped-only' } });
    const id = addAda([{ adapterName: 'Kaseya BMS', remoteId: '1', sync: true }]);
    await test.documentation.listContacts(test.organization);

    expect(await test.documentation.updateContact(test.organization, id, { notes: 'x' })).toMatchObject({
      kind: 'done',
      value: { notes: 'x', adapters: [{ adapter: 'Kaseya BMS' }] },
    });
  });
});

describe('refusals', () => {
  it('tells the server’s words without the values of people', async () => {
    test = await startItGlueTest({ switches: { unknownLabel: 'refused' } });
    const id = addAda();
    const emails = [{ value: 'not an address', label: 'Work', primary: true }];

    const outcome = await test.documentation.updateContact(test.organization, id, { emails });

    expect(outcome).toMatchObject({ kind: 'refused', synced: false, reason: expect.stringMatching(/^status 422, .+/u) });
    expect(JSON.stringify(outcome)).not.toMatch(/not an address/u);
  });

  it('a 401 that objects to an id is about the record, not about the key', async () => {
    test = await startItGlueTest();
    const foreign = organizationId(test.sandbox.data.addOrganization({ name: 'Not ours', foreign: true }).id);

    expect(await test.documentation.createContact(foreign, ada)).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('not of this account'),
    });
  });

  it('an unknown contact type is refused', async () => {
    test = await startItGlueTest();

    expect(await test.documentation.updateContact(test.organization, addAda(), { contactTypeId: '424242' })).toMatchObject({
      kind: 'refused',
    });
  });

  it('does not delete contacts of another organization', async () => {
    test = await startItGlueTest();
    const id = addAda();
    test.sandbox.data.moveContact(id, test.other);

    expect(await test.documentation.deleteContacts(test.organization, [id])).toMatchObject({ kind: 'refused' });
    expect(test.sandbox.data.contacts.has(id)).toBe(true);
  });
});

describe('E5 arrays', () => {
  it('are sent in the attributes, whole, the number without its extension', async () => {
    test = await startItGlueTest();

    await test.documentation.createContact(test.organization, ada);

    expect(JSON.parse(test.sandbox.requests[0]?.body ?? '')).toEqual({
      data: {
        type: 'contacts',
        attributes: {
          'organization-id': Number(test.organization),
          'first-name': 'Ada',
          'last-name': 'Lovelace',
          'contact-emails': [{ value: 'ada@example.test', primary: true, 'label-name': 'AD Email' }],
          'contact-phones': [{ value: '+1 415 555 0100', extension: '12', primary: true, 'label-name': 'AD Phone', 'label-type': 'phone' }],
        },
      },
    });
  });

  it('that the server appended to are no success', async () => {
    test = await startItGlueTest({ switches: { arraysOnPatch: 'appended' } });
    const id = addAda();
    const emails = [{ value: 'ada.king@example.test', label: 'Work', primary: true }];

    const outcome = await test.documentation.updateContact(test.organization, id, { emails });

    expect(outcome).toMatchObject({
      kind: 'refused',
      synced: false,
      reason: expect.stringContaining('1 e-mails were sent and 2 are there'),
    });
    expect(test.sandbox.counts).toMatchObject({ requests: 2 });
  });

  it('cost no second look when the answer shows what was sent', async () => {
    test = await startItGlueTest({ switches: { phonePlus: 'kept' } });

    expect(await test.documentation.createContact(test.organization, ada)).toMatchObject({ kind: 'done' });
    expect(test.sandbox.counts).toMatchObject({ requests: 1 });
  });
});

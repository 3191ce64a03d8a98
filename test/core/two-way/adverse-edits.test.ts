import { describe, expect, it } from 'vitest';
import type { Contact } from '../../../core/model/contact.ts';
import { contactId, psaContactId } from '../../../core/model/ids.ts';
import type { PsaContact, PsaPhone } from '../../../core/model/psa-contact.ts';
import { newContactState } from '../../../core/plan/after-write.ts';
import { reconcile } from '../../../core/reconcile.ts';
import type { ReconcileInput } from '../../../core/reconcile-input.ts';
import { applyPurely } from '../../fixtures/apply-purely.ts';
import { contact, contactEmail, contactPhone, organizationSettings, phone, psaContact, testMoment } from '../../fixtures/build.ts';
import { psaSnapshot, reconcileInput } from '../../fixtures/build-plan.ts';

const id = contactId('1001');
const twinId = psaContactId('9001');
const reception = '+14155550100';

function ours(extension: string, label: string, primary = false): Contact['phones'][number] {
  return { ...contactPhone(reception, { label, primary }), phone: phone(reception, { extension }) };
}

function theirs(extension: string, typeId: string, primary = false): PsaPhone {
  return { phone: phone(reception, { extension }), typeId, typeName: typeId === '1' ? 'Work' : 'Mobile', primary };
}

/** A pair that has met: in step. */
function inStep(before: { readonly contact?: Partial<Contact>; readonly twin?: Partial<PsaContact> } = {}): ReconcileInput {
  const psaLink = { psaContactId: twinId, companyId: '250', createdByRollcall: true, complete: true, linkedAt: 0 };
  const emails = [{ value: 'jane@acme.test', typeId: '1', typeName: 'Work', primary: true }];
  const phones = [ours('1', 'Work', true), ours('2', 'Mobile')];
  const janes = contact({ id, locationId: '501', emails: [contactEmail('jane@acme.test', { label: 'Work', primary: true })], phones });
  const twin = psaContact({
    id: twinId,
    locationId: '77',
    emails,
    phones: [theirs('1', '1', true), theirs('2', '3')],
    modifiedAt: testMoment,
  });
  const input = reconcileInput({
    settings: organizationSettings({ contacts: { overlay: 'none' }, psa: { twoWay: true } }),
    contacts: [{ ...janes, ...before.contact }],
    contactStates: [{ ...newContactState(id), psaLink }],
    psa: psaSnapshot({ contacts: [{ ...twin, ...before.twin }], linkedTo: new Map([[twinId, id]]) }),
  });
  const first = reconcile(input);
  expect(first.plan.changes).toEqual([]);
  return applyPurely(input, first);
}

function sync(input: ReconcileInput, edits: { readonly contact?: Partial<Contact>; readonly twin?: Partial<PsaContact> }) {
  const edited: ReconcileInput = {
    ...input,
    contacts: input.contacts.map((each) => ({ ...each, ...edits.contact, updatedAt: input.now })),
    psa: input.psa === null ? null : { ...input.psa, contacts: input.psa.contacts.map((each) => ({ ...each, ...edits.twin })) },
  };
  const next = applyPurely(edited, reconcile(edited));
  expect(reconcile(next).plan.changes, 'nothing comes back').toEqual([]);
  return { ours: next.contacts[0], theirs: next.psa?.contacts[0] };
}

const extensions = (phones: readonly { readonly phone: { readonly extension: string | null } }[] | undefined) =>
  phones?.map((item) => item.phone.extension).toSorted();

describe('one number twice, told apart by its extension', () => {
  it.each([
    ['another extension of the first', ['3', '2']],
    ['another extension of the second', ['1', '3']],
    ['the first removed', ['2']],
    ['the second removed', ['1']],
    ['a third one', ['1', '2', '3']],
    ['in another order', ['2', '1']],
  ] as readonly (readonly [string, readonly string[]])[])('P9 %s', (_what, wanted) => {
    const labels = ['Work', 'Mobile', 'Mobile'];
    const here = wanted.map((extension, index) => ours(extension, labels[index] ?? '', index === 0));
    const there = wanted.map((extension, index) => theirs(extension, labels[index] === 'Work' ? '1' : '3', index === 0));

    const inItGlue = sync(inStep(), { contact: { phones: here } });
    const inPsa = sync(inStep(), { twin: { phones: there } });

    expect(extensions(inItGlue.theirs?.phones)).toEqual(wanted.toSorted());
    expect(extensions(inPsa.ours?.phones)).toEqual(wanted.toSorted());
  });

  it('P9 the two sides have them in different orders', () => {
    const input = inStep({ twin: { phones: [theirs('2', '3'), theirs('1', '1', true)] } });

    const edited = sync(input, { contact: { phones: [ours('3', 'Work', true), ours('2', 'Mobile')] } });

    expect(extensions(edited.theirs?.phones)).toEqual(['2', '3']);
  });
});

describe('an address whose label the PSA has no type for', () => {
  const work = contactEmail('jane@acme.test', { label: 'Work', primary: true });
  const other = contactEmail('j.doe@acme.test', { label: 'Pigeon', primary: false });

  it('P9 P1 goes to the PSA as soon as somebody gives it a label that has one', () => {
    const input = inStep({ contact: { emails: [work, other] } });

    const edited = sync(input, { contact: { emails: [work, { ...other, label: 'Home' }] } });

    expect(edited.theirs?.emails.map(({ value, typeId }) => [value, typeId])).toEqual([
      ['jane@acme.test', '1'],
      ['j.doe@acme.test', '2'],
    ]);
  });

  it('P9 and does not come back to the PSA from where somebody removed it', () => {
    const home = { value: 'j.doe@acme.test', typeId: '2', typeName: 'Home', primary: false };
    const both = [{ value: 'jane@acme.test', typeId: '1', typeName: 'Work', primary: true }, home];
    const input = inStep({ contact: { emails: [work, { ...other, label: 'Home' }] }, twin: { emails: both } });

    const edited = sync(input, { contact: { emails: [work, { ...other, label: 'Work' }] }, twin: { emails: both.slice(0, 1) } });

    expect(edited.theirs?.emails).toHaveLength(1);
    expect(edited.ours?.emails).toHaveLength(1);
  });
});

describe('a look that does not know all types of the PSA', () => {
  it('P9 P1 leaves an address that it has no type for to the next sync', () => {
    const work = contactEmail('jane@acme.test', { label: 'Work', primary: true });
    const home = contactEmail('j.doe@acme.test', { label: 'Home', primary: false });
    const before = inStep();
    const input: ReconcileInput = { ...before, contacts: before.contacts.map((each) => ({ ...each, emails: [work, home] })) };
    const { psa } = input;
    if (psa === null) throw new Error('no PSA');
    const few = { ...psa, partial: true, types: { ...psa.types, email: psa.types.email.slice(0, 1) } };

    const looked = applyPurely({ ...input, psa: few }, reconcile({ ...input, psa: few, watch: { usersInScope: 0 } }));

    expect(looked.psa?.contacts[0]?.emails).toHaveLength(1);
    expect(sync({ ...looked, psa }, {}).theirs?.emails.map(({ value }) => value)).toEqual(['jane@acme.test', 'j.doe@acme.test']);
  });
});

describe('a second call of a create that cannot be made up for', () => {
  it('P9 keeps nothing but the title from going both ways', () => {
    const before = inStep();
    const contactStates = before.contactStates.map((state) =>
      state.psaLink === null ? state : { ...state, psaLink: { ...state.psaLink, complete: false } },
    );
    // Without a phone it is not eligible, so that the call is not made.
    const input = applyPurely({ ...before, contactStates }, reconcile({ ...before, contactStates }));
    const half = { ...input, contactStates: input.contactStates.map((state) => ({ ...state, ...contactStates[0] })) };

    const edited = sync(half, { contact: { firstName: 'Joan', phones: [] } });

    expect(edited.theirs?.firstName).toBe('Joan');
  });
});

describe('a link that IT Glue calls orphaned without an adapter', () => {
  it('P9 neither side is written', () => {
    const input = inStep({ contact: { psaIntegration: 'orphaned' } });

    expect(sync(input, { contact: { title: 'Head' } }).theirs?.title).toBeNull();
    expect(sync(input, { twin: { title: 'Head' } }).ours?.title).toBeNull();
  });
});

describe('a contact that was created in the PSA a moment ago', () => {
  it.each<[string, Partial<PsaContact>, Partial<Contact>]>([
    ['a title', { title: 'Head' }, { title: 'Head' }],
    ['a last name', { lastName: 'Stone' }, { lastName: 'Stone' }],
  ])('P9 what somebody types into a blank there, before it is looked at, comes to IT Glue: %s', (_what, there, here) => {
    const input = inStep({ contact: { title: null, lastName: null }, twin: { title: null, lastName: null } });
    const states = input.contactStates.map((state) =>
      state.synced === null ? state : { ...state, synced: { ...state.synced, unseen: true as const } },
    );

    const edited = sync({ ...input, contactStates: states }, { twin: there });

    expect(edited.ours).toMatchObject(here);
  });
});

describe('what is planned, or waits, is no base', () => {
  const newMail = { value: 'new@acme.test', typeId: '1', typeName: 'Work', primary: false };
  const old = { value: 'jane@acme.test', typeId: '1', typeName: 'Work', primary: true };

  it.each<[string, { readonly contact?: Partial<Contact>; readonly twin?: Partial<PsaContact> }]>([
    ['a title of IT Glue', { contact: { title: 'Head' } }],
    ['a title of the PSA', { twin: { title: 'Head' } }],
    ['a phone of IT Glue', { contact: { phones: [ours('1', 'Work', true)] } }],
    ['an e-mail of the PSA', { twin: { emails: [old, newMail] } }],
    ['both at once', { contact: { emails: [], title: 'Boss' }, twin: { emails: [old, newMail], lastName: 'Stone' } }],
  ])('P9 A2 a write that failed is planned again, the same way: %s', (_what, { contact: here, twin: there }) => {
    const before = inStep();
    const input: ReconcileInput = {
      ...before,
      contacts: before.contacts.map((each) => ({ ...each, ...here })),
      psa: before.psa === null ? null : { ...before.psa, contacts: before.psa.contacts.map((each) => ({ ...each, ...there })) },
    };
    const first = reconcile(input);
    const [seen] = first.observed.contacts;

    const again = reconcile({ ...input, contactStates: seen === undefined ? input.contactStates : [seen] });

    expect(first.plan.changes).not.toEqual([]);
    expect(again.plan.changes).toEqual(first.plan.changes);
  });

  it('P9 what waits for IT Glue’s own sync is still a change when that is gone', () => {
    const adapter = { adapter: 'Kaseya BMS', remoteId: twinId, sync: true, orphaned: false };
    const before = inStep({ contact: { adapters: [adapter] } });
    const { psa } = before;
    if (psa === null) throw new Error('no PSA');
    const input: ReconcileInput = { ...before, psa: { ...psa, contacts: psa.contacts.map((each) => ({ ...each, title: 'Head' })) } };
    const waiting = applyPurely(input, reconcile(input));
    expect(waiting.contacts[0]?.title).toBeNull();

    const free = { ...waiting, contacts: waiting.contacts.map((each) => ({ ...each, adapters: [] })) };

    expect(applyPurely(free, reconcile(free)).contacts[0]?.title).toBe('Head');
  });
});

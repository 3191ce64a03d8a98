import { array, assert, constantFrom, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Contact } from '../../core/model/contact.ts';
import { contactId, psaContactId } from '../../core/model/ids.ts';
import type { PsaContact, PsaEmail } from '../../core/model/psa-contact.ts';
import type { PsaSettings } from '../../core/model/settings.ts';
import { newContactState } from '../../core/plan/after-write.ts';
import { reconcile } from '../../core/reconcile.ts';
import type { ReconcileInput } from '../../core/reconcile-input.ts';
import { applyPurely } from '../fixtures/apply-purely.ts';
import { contact, contactEmail, contactPhone, organizationSettings, phone, psaContact, testMoment } from '../fixtures/build.ts';
import { appliedMatch, autotaskRequirements, changesOf, namedUser, psaSnapshot, reconcileInput } from '../fixtures/build-plan.ts';

const id = contactId('1001');
const twinId = psaContactId('9001');

function psaEmail(value: string, more: Partial<PsaEmail> = {}): PsaEmail {
  return { value, typeId: '1', typeName: 'Work', primary: true, ...more };
}

const janes = contact({
  id,
  title: 'Clerk',
  locationId: '501',
  emails: [contactEmail('jane@acme.test', { label: 'Work', primary: true })],
  phones: [contactPhone('+14155550100', { label: 'Work', primary: true })],
});
const twin = psaContact({
  id: twinId,
  title: 'Clerk',
  locationId: '77',
  emails: [psaEmail('jane@acme.test')],
  phones: [{ phone: phone('+14155550100'), typeId: '1', typeName: 'Work', primary: true }],
  modifiedAt: testMoment,
});

interface World {
  readonly contact?: Partial<Contact>;
  readonly twin?: Partial<PsaContact>;
  readonly psa?: Partial<PsaSettings>;
}

/** A pair that rollcall linked and that has met: in step as `before` says. */
function inStep(before: World = {}): ReconcileInput {
  const settings = organizationSettings({ contacts: { overlay: 'none' }, psa: { twoWay: true, ...before.psa } });
  const psaLink = { psaContactId: twinId, companyId: '250', createdByRollcall: true, complete: true, linkedAt: 0 };
  const input = reconcileInput({
    settings,
    contacts: [{ ...janes, ...before.contact }],
    contactStates: [{ ...newContactState(id), psaLink }],
    psa: psaSnapshot({ contacts: [{ ...twin, ...before.twin }], linkedTo: new Map([[twinId, id]]) }),
  });
  const first = reconcile(input);
  expect(first.plan.changes).toEqual([]);
  return applyPurely(input, first);
}

function edited(input: ReconcileInput, { contact: ours, twin: theirs }: World): ReconcileInput {
  return {
    ...input,
    contacts: input.contacts.map((each) => ({ ...each, ...ours, updatedAt: input.now })),
    psa: input.psa === null ? null : { ...input.psa, contacts: input.psa.contacts.map((each) => ({ ...each, ...theirs })) },
  };
}

function sync(input: ReconcileInput) {
  const reconciled = reconcile(input);
  const next = applyPurely(input, reconciled);
  return { plan: reconciled.plan, next, ours: next.contacts[0], theirs: next.psa?.contacts[0] };
}

const second = contactEmail('j.doe@acme.test', { label: 'Home', primary: false });

describe('who changed what, and who wins', () => {
  it.each([
    ['nobody', {}, {}, {}, {}],
    ['a title in IT Glue', { contact: { title: 'Head' } }, {}, { title: 'Head' }, { title: 'Head' }],
    ['a title in the PSA', { twin: { title: 'Head' } }, {}, { title: 'Head' }, { title: 'Head' }],
    ['a title on both sides', { contact: { title: 'Ours' }, twin: { title: 'Theirs' } }, {}, { title: 'Theirs' }, { title: 'Theirs' }],
    ['the same title on both sides', { contact: { title: 'Head' }, twin: { title: 'Head' } }, {}, { title: 'Head' }, { title: 'Head' }],
    [
      'different fields on each side',
      { contact: { title: 'Head' }, twin: { lastName: 'Stone' } },
      {},
      { title: 'Head', lastName: 'Stone' },
      { title: 'Head', lastName: 'Stone' },
    ],
    ['a title cleared in IT Glue', { contact: { title: null } }, {}, { title: null }, { title: null }],
    ['a title cleared in the PSA', { twin: { title: null } }, {}, { title: null }, { title: null }],
    ['a first name cleared in the PSA: not emptied', { twin: { firstName: null } }, {}, { firstName: 'Jane' }, { firstName: null }],
    ['spaces and other letters’ form', { contact: { title: ' Clerk ' } }, {}, { title: ' Clerk ' }, { title: 'Clerk' }],
    ['only the case of an e-mail', { twin: { emails: [psaEmail('Jane@ACME.test')] } }, {}, {}, {}],
    [
      'separators of a phone',
      { twin: { phones: [{ phone: phone('(415) 555-0100', { e164: '+14155550100' }), typeId: '1', typeName: 'Work', primary: true }] } },
      {},
      {},
      {},
    ],
    [
      'an e-mail added in IT Glue',
      { contact: { emails: [...janes.emails, second] } },
      {},
      {},
      { emails: [{}, { value: 'j.doe@acme.test', typeId: '2' }] },
    ],
    [
      'an e-mail added in the PSA',
      { twin: { emails: [psaEmail('jane@acme.test'), psaEmail('new@acme.test', { typeId: '2', typeName: 'Home', primary: false })] } },
      {},
      { emails: [{}, { value: 'new@acme.test', label: 'Home', primary: false }] },
      {},
    ],
    [
      'an e-mail without a type of the PSA, added in IT Glue',
      { contact: { emails: [...janes.emails, { ...second, label: 'Pigeon' }] } },
      {},
      {},
      { emails: [{ value: 'jane@acme.test' }] },
    ],
    [
      'a phone replaced in the PSA',
      { twin: { phones: [{ phone: phone('+14155550177'), typeId: '1', typeName: 'Work', primary: true }] } },
      {},
      { phones: [{ phone: { e164: '+14155550177' }, label: 'Work', primary: true }] },
      {},
    ],
    [
      'a last e-mail removed in IT Glue where the PSA needs one',
      { contact: { emails: [] } },
      {},
      { emails: [] },
      { emails: [{ value: 'jane@acme.test' }] },
    ],
    ['a location in the PSA that IT Glue has none of', { twin: { locationId: '999' } }, {}, { locationId: '501' }, { locationId: '999' }],
  ] as readonly (readonly [string, World, World, object, object])[])('P9 %s', (...[, change, settings, ours, theirs]) => {
    const synced = sync(edited(inStep(settings), change));

    expect(synced.ours).toMatchObject(ours);
    expect(synced.theirs).toMatchObject(theirs);
    expect(sync(synced.next).plan.changes).toEqual([]);
  });

  it('P9 changed on both sides: the PSA wins, and both values are in the plan, its reason and its before-image', () => {
    const { plan } = sync(edited(inStep(), { contact: { title: 'Ours' }, twin: { title: 'Theirs' } }));

    expect(changesOf(plan, 'update')).toMatchObject([
      { rule: 'P9', fields: { title: { from: 'Ours', to: 'Theirs' } }, before: { title: 'Ours' }, patch: { title: 'Theirs' } },
    ]);
    expect(plan.changes[0]?.reason).toContain('changed on both sides');
    expect(plan.conflicts).toMatchObject([{ field: 'title', ours: 'Ours', theirs: 'Theirs', with: 'psa' }]);
  });

  it('P9 a change that was passed on is passed back by nobody, however often it is changed', () => {
    let input = inStep();
    for (const [side, title] of [
      ['contact', 'A'],
      ['contact', 'B'],
      ['twin', 'C'],
      ['contact', 'D'],
    ] as const) {
      const synced = sync(edited(input, { [side]: { title } }));
      expect(synced.plan.changes).toHaveLength(1);
      expect([synced.ours?.title, synced.theirs?.title]).toEqual([title, title]);
      input = synced.next;
    }
  });

  it('P8 differences at the first meeting are conflicts that stay until somebody changes one of them', () => {
    const input = inStep({ twin: { title: 'Other' } });

    const again = sync(input);
    expect(again.plan.changes).toEqual([]);
    expect(again.plan.conflicts).toMatchObject([{ field: 'title', ours: 'Clerk', theirs: 'Other' }]);
    expect(sync(edited(again.next, { contact: { title: 'Head' } })).theirs?.title).toBe('Head');
  });

  it('P9 one-way: what IT Glue changed goes back to the PSA’s value, and the PSA is only read', () => {
    const synced = sync(edited(inStep({ psa: { twoWay: false } }), { contact: { title: 'Ours' } }));

    expect(changesOf(synced.plan, 'psa-update')).toEqual([]);
    expect(synced.ours?.title).toBe('Clerk');
    expect(synced.plan.conflicts).toMatchObject([{ field: 'title', ours: 'Ours', theirs: 'Clerk' }]);
  });

  it('P9 where IT Glue pulls by itself, rollcall writes the PSA only, and only what is newer there', () => {
    const adapters = [{ adapter: 'Kaseya BMS', remoteId: '9001', sync: true, orphaned: false }];
    const input = inStep({ contact: { adapters } });

    expect(sync(edited(input, { twin: { title: 'Head' } })).plan.changes).toEqual([]);
    const fromHere = edited(input, { contact: { title: 'Head' } });
    expect(changesOf(sync(fromHere).plan, 'psa-update')).toHaveLength(1);
    const late = edited(fromHere, { twin: { modifiedAt: fromHere.now + 1_000 } });
    expect(sync(late).plan.changes).toEqual([]);
  });

  it.each([
    ['sync switched off', { sync: false, orphaned: false }],
    ['orphaned', { sync: true, orphaned: true }],
  ])('P9 %s: neither side is written', (_name, how) => {
    const adapters = [{ adapter: 'Kaseya BMS', remoteId: '9001', ...how }];

    expect(sync(edited(inStep({ contact: { adapters } }), { contact: { title: 'A' }, twin: { lastName: 'B' } })).plan.changes).toEqual([]);
  });

  it('P9 P1 with fields instead of types an address goes into the field of its label, or the next free one', () => {
    const fields = (emails: readonly [string, string][]) =>
      emails.map(([typeId, value], index) => ({ value, typeId, typeName: '', primary: index === 0 }));
    const before = inStep();
    const input: ReconcileInput = {
      ...before,
      psa: psaSnapshot({
        requirements: autotaskRequirements,
        contacts: [{ ...twin, emails: fields([['emailAddress', 'jane@acme.test']]), phones: [] }],
        linkedTo: new Map([[twinId, id]]),
      }),
      contactStates: before.contactStates.map((state) => ({ ...state, synced: null })),
      contacts: [{ ...janes, phones: [] }],
    };
    const met = sync(input).next;

    const added = sync(edited(met, { contact: { emails: [...janes.emails, second, contactEmail('x@acme.test', { label: 'Odd' })] } }));
    expect(added.theirs?.emails).toMatchObject([
      { typeId: 'emailAddress', value: 'jane@acme.test', primary: true },
      { typeId: 'emailAddress2', value: 'j.doe@acme.test' },
      { typeId: 'emailAddress3', value: 'x@acme.test' },
    ]);
    const back = sync(
      edited(added.next, {
        twin: {
          emails: fields([
            ['emailAddress', 'new@acme.test'],
            ['emailAddress2', 'j.doe@acme.test'],
          ]),
        },
      }),
    );
    expect(back.ours?.emails.map(({ value, label }) => [value, label])).toEqual([
      ['j.doe@acme.test', 'Home'],
      ['new@acme.test', 'Work'],
    ]);
  });

  it('P9 a value too long for the PSA is a conflict, and is not shortened', () => {
    const before = inStep();
    const requirements = { ...autotaskRequirements, fields: null, longest: { ...autotaskRequirements.longest, title: 10 } };
    const input = { ...before, psa: before.psa === null ? null : { ...before.psa, requirements } };

    const synced = sync(edited(input, { contact: { title: 'Head of everything' } }));

    expect(synced.plan.changes).toEqual([]);
    expect(synced.plan.conflicts[0]?.ours).toContain('10 characters');
  });

  it('A3 what would become empty counts as such on either side', () => {
    const { plan } = sync(edited(inStep(), { contact: { title: null }, twin: { lastName: null } }));

    expect(plan.guards.find(({ kind }) => kind === 'blank')).toMatchObject({ count: 2 });
    expect(plan.guards.find(({ kind }) => kind === 'update')).toMatchObject({ count: 1 });
  });
});

describe('addresses that find a field left over', () => {
  it('P1 P9 go there in the order of IT Glue', () => {
    const before = inStep();
    const contacts = [{ ...twin, emails: [psaEmail('jane@acme.test', { typeId: 'emailAddress', typeName: 'Work' })], phones: [] }];
    const psa = psaSnapshot({ requirements: autotaskRequirements, contacts, linkedTo: new Map([[twinId, id]]) });
    const contactStates = before.contactStates.map((state) => ({ ...state, synced: null }));
    const met = sync({ ...before, psa, contactStates, contacts: [{ ...janes, phones: [] }] }).next;
    const more = ['z@acme.test', 'a@acme.test'].map((value) => contactEmail(value, { label: 'Odd', primary: false }));

    const { theirs } = sync(edited(met, { contact: { emails: [...janes.emails, ...more] } }));

    expect(theirs?.emails.map(({ value }) => value)).toEqual(['jane@acme.test', 'z@acme.test', 'a@acme.test']);
  });
});

describe('beside the directory', () => {
  const base = { title: { value: 'Clerk', origin: 'written' as const, everWritten: true } };

  function withUser(input: ReconcileInput, title: string): ReconcileInput {
    const user = namedUser('jane', { person: { title } });
    return {
      ...input,
      users: [user],
      userStates: [appliedMatch('jane', '1001')],
      contactBases: [{ userId: user.id, contactId: id, fields: base }],
    };
  }

  it('P9 E4 what the directory changes in IT Glue goes on to the PSA by the same plan', () => {
    const synced = sync(withUser(inStep(), 'Head'));

    expect(changesOf(synced.plan, 'update')).toMatchObject([{ patch: { title: 'Head' } }]);
    expect(changesOf(synced.plan, 'psa-update')).toMatchObject([{ rule: 'P9', patch: { title: 'Head' } }]);
    expect(sync(synced.next).plan.changes).toEqual([]);
  });

  it('E4 P9 changed in the directory and in the PSA: the PSA goes before, and the directory’s value is a conflict', () => {
    const synced = sync(edited(withUser(inStep(), 'Head'), { twin: { title: 'Boss' } }));

    expect([synced.ours?.title, synced.theirs?.title]).toEqual(['Boss', 'Boss']);
    const after = sync(synced.next);
    expect(after.plan.changes).toEqual([]);
    expect(after.plan.conflicts).toMatchObject([{ field: 'title', ours: 'Head', theirs: 'Boss', with: 'it-glue' }]);
  });

  it('P9 A3 what a held plan was to write is no base: nothing goes the other way because it was not written', () => {
    const input = edited(withUser(inStep(), 'Head'), { twin: { title: 'Head' } });
    const { observed } = reconcile(input);
    const held = {
      ...input,
      users: [],
      userStates: [],
      contactStates: observed.contacts.length === 0 ? input.contactStates : observed.contacts,
    };

    const { plan } = reconcile({ ...held, watch: { usersInScope: 1 } });

    expect(changesOf(plan, 'psa-update')).toEqual([]);
    expect(changesOf(plan, 'update')).toMatchObject([{ rule: 'P9', patch: { title: 'Head' } }]);
  });

  it('P9 a look of the watch leaves the directory’s values to the next sync', () => {
    const { plan } = reconcile({ ...withUser(inStep(), 'Head'), watch: { usersInScope: 1 } });

    expect(plan.changes).toEqual([]);
  });
});

describe('a long time of edits', () => {
  const text = constantFrom('A', 'B', 'C', null);
  const mail = constantFrom('a@x.test', 'b@x.test', 'c@x.test');
  const mails = array(mail, { maxLength: 3 }).map((list) => [...new Set(list)]);
  const our = record({ title: text, lastName: text, mails }, { requiredKeys: [] });
  const edit = record({ contact: our, twin: our }, { requiredKeys: [] });
  const edits = array(edit, { maxLength: 8 });

  function worldOf(
    { title, lastName, mails: list }: { title?: string | null; lastName?: string | null; mails?: readonly string[] },
    side: 'contact' | 'twin',
  ) {
    const emails = list?.map((value, index) =>
      side === 'contact' ? contactEmail(value, { label: 'Work', primary: index === 0 }) : psaEmail(value, { primary: index === 0 }),
    );
    return {
      ...(title === undefined ? {} : { title }),
      ...(lastName === undefined ? {} : { lastName }),
      ...(emails === undefined ? {} : { emails }),
    };
  }

  it('P9 A6 ends with both sides in step and nothing more to do, and no run plans what it planned before', () => {
    const noNeeds = { ...autotaskRequirements, lastName: false, fields: null, longest: autotaskRequirements.longest };
    assert(
      property(edits, (steps) => {
        const start = inStep();
        let input: ReconcileInput = { ...start, psa: start.psa === null ? null : { ...start.psa, requirements: noNeeds } };
        for (const step of steps) {
          const change = { contact: worldOf(step.contact ?? {}, 'contact'), twin: worldOf(step.twin ?? {}, 'twin') };
          input = sync(edited(input, change as World)).next;
          expect(sync(input).plan.changes).toEqual([]);
        }
        const [ours, theirs] = [input.contacts[0], input.psa?.contacts[0]];
        expect([ours?.title, ours?.lastName]).toEqual([theirs?.title, theirs?.lastName]);
        expect(ours?.emails.map(({ value }) => value).sort()).toEqual(theirs?.emails.map(({ value }) => value).sort());
      }),
    );
  });
});

describe('a contact that rollcall has just created in the PSA', () => {
  function justPushed(before: World): ReconcileInput {
    const input = inStep(before);
    return {
      ...input,
      contactStates: input.contactStates.map((state) =>
        state.synced === null ? state : { ...state, synced: { ...state.synced, unseen: true as const } },
      ),
    };
  }

  it('P9 A6 a blank that the PSA fills by itself does not come back as a change', () => {
    const pushed = justPushed({ contact: { locationId: null }, twin: { locationId: null } });

    const seen = sync(edited(pushed, { twin: { locationId: '77' } }));

    expect(seen.plan.changes).toEqual([]);
    expect(seen.next.contactStates[0]?.synced?.unseen).toBeUndefined();
    expect(sync(edited(seen.next, { contact: { locationId: '501' }, twin: { locationId: '77' } })).plan.changes).toEqual([]);
  });

  it('P9 what somebody changed meanwhile, on either side, is a change', () => {
    const pushed = justPushed({ contact: { locationId: null }, twin: { locationId: null } });

    expect(sync(edited(pushed, { twin: { title: 'Head' } })).ours?.title).toBe('Head');
    expect(sync(edited(pushed, { contact: { locationId: '501' } })).theirs?.locationId).toBe('77');
  });
});

describe('a PSA contact that is not there any more', () => {
  function without(input: ReconcileInput, lost: 'deleted' | 'moved', contacts: readonly PsaContact[] = []): ReconcileInput {
    return { ...input, psa: input.psa === null ? null : { ...input.psa, contacts, lost: new Map([[twinId, lost]]) } };
  }

  it.each(['deleted', 'moved'] as const)('C11 P9 %s: told once, held, and neither created again nor written to', (lost) => {
    const first = sync(edited(without(inStep(), lost), { contact: { title: 'Head' } }));

    expect(first.plan.changes).toEqual([]);
    expect(first.plan.notices.join(' ')).toContain('none is created again by itself');
    expect(first.next.contactStates[0]?.psaLink?.lost).toBe(lost);
    const again = reconcile({ ...first.next, psa: first.next.psa === null ? null : { ...first.next.psa, lost: new Map() } });
    expect(again.plan.changes).toEqual([]);
    expect(again.plan.notices.join(' ')).not.toContain('created again');
    expect(again.contactViews[0]?.psa).toMatchObject({ state: 'held', badge: true });
  });

  it('P5 is created again when this very contact is asked for, not with all', () => {
    const { next } = sync(without(inStep(), 'deleted'));

    const byName = reconcile({ ...next, pushRequest: { all: false, contactIds: [id] } });
    const all = reconcile({ ...next, pushRequest: { all: true, contactIds: [] } });

    expect(changesOf(byName.plan, 'push')).toHaveLength(1);
    expect(all.plan.changes).toEqual([]);
  });

  it('P8 merged into another one: that is named, and linked when it is asked for', () => {
    const other = { ...twin, id: psaContactId('9002') };
    const { next } = sync(without(inStep(), 'deleted', [other]));

    const view = reconcile(next).contactViews[0]?.psa;
    expect(view).toMatchObject({ state: 'held', candidates: ['9002'] });
    expect(reconcile({ ...next, pushRequest: { all: false, contactIds: [id] } }).plan.changes).toMatchObject([
      { kind: 'link', psaContactId: '9002' },
    ]);
  });

  it('P9 is in step again when it comes back', () => {
    const { next } = sync(without(inStep(), 'moved'));
    const back: ReconcileInput = { ...next, psa: next.psa === null ? null : { ...next.psa, contacts: [twin], lost: new Map() } };

    const synced = sync(back);

    expect(synced.next.contactStates[0]?.psaLink?.lost).toBeUndefined();
    expect(synced.plan.changes).toEqual([]);
  });
});

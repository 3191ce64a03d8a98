import { describe, expect, it } from 'vitest';
import { psaContactId } from '../../../../core/model/ids.ts';
import type { PsaContactInput } from '../../../../core/model/psa-contact.ts';
import { answer, type Handler, refusal } from './fake-http.ts';
import { contactRow, emailItem, makeConnectWise, phoneItem } from './make-connectwise.ts';

const id = psaContactId('7');

function newcomer(more: Partial<PsaContactInput> = {}): PsaContactInput {
  return {
    companyId: '250',
    locationId: '11',
    firstName: 'Zoë',
    lastName: 'Özil',
    title: 'Head of Sales',
    emails: [{ value: 'zoe@acme.example.test', typeId: '1', typeName: 'Email', primary: true }],
    phones: [
      { phone: { raw: '+1 415 555 0107 x9', e164: '+14155550107', extension: '9' }, typeId: '2', typeName: 'Direct', primary: true },
      { phone: { raw: '+1 415 555 0108', e164: '+14155550108', extension: null }, typeId: '4', typeName: 'Cell', primary: false },
    ],
    contactTypeId: '5',
    externalKey: 'key-1',
    ...more,
  };
}

const sent = {
  firstName: 'Zoë',
  lastName: 'Özil',
  title: 'Head of Sales',
  company: { id: 250 },
  site: { id: 11 },
  communicationItems: [
    { type: { id: 1 }, value: 'zoe@acme.example.test', defaultFlag: true, communicationType: 'Email' },
    { type: { id: 2 }, value: '+1 415 555 0107', extension: '9', defaultFlag: true, communicationType: 'Phone' },
    { type: { id: 4 }, value: '+1 415 555 0108', defaultFlag: false, communicationType: 'Phone' },
  ],
  typeIds: [5],
};

/** A contact that patches lead from one state to the next. */
function contactThat(...states: readonly Readonly<Record<string, unknown>>[]): Handler {
  const left = [...states];
  let now = left.shift() ?? {};
  return ({ method }) => {
    if (method === 'PATCH') now = left.shift() ?? now;
    return answer(contactRow(7, now));
  };
}

describe('creating', () => {
  it.each([
    ['', {}],
    ['userDefinedField3', { userDefinedField3: 'key-1' }],
  ])('P12 is one request with everything, the key in "%s"; a second call sends nothing', async (externalKeyField, key) => {
    const { psa, http } = makeConnectWise(() => answer({ id: 9 }, 201), { externalKeyField });

    expect(await psa.createContact(newcomer())).toEqual({ kind: 'done', value: '9' });
    expect(await psa.completeContact(psaContactId('9'), newcomer())).toEqual({ kind: 'done', value: null });
    expect(http.calls.slice(1)).toEqual(['POST /company/contacts']);
    expect(http.seen.at(-1)?.json).toEqual({ ...sent, ...key });
    expect(http.seen.at(-1)).toMatchObject({ intent: 'write', headers: { 'content-type': 'application/json' } });
  });

  it('sends no members for what there is not, and never ignoreDuplicates', async () => {
    const { psa, http } = makeConnectWise(() => answer({ id: 9 }, 201));

    await psa.createContact(newcomer({ lastName: null, title: null, locationId: null, emails: [], phones: [], contactTypeId: null }));

    expect(http.seen.at(-1)?.json).toEqual({ firstName: 'Zoë', company: { id: 250 } });
  });

  it('P8 puts the key into the custom field of that caption, whose id any contact tells, asked once', async () => {
    const shown = contactRow(1, { customFields: [{ id: 31, caption: 'Rollcall Key' }] });
    const { psa, http } = makeConnectWise(({ method }) => (method === 'POST' ? answer({ id: 9 }, 201) : answer([shown])), {
      externalKeyField: 'rollcall key',
    });

    await psa.createContact(newcomer());
    await psa.createContact(newcomer());

    expect(http.calls.slice(1)).toEqual(['GET /company/contacts', 'POST /company/contacts', 'POST /company/contacts']);
    expect(http.seen.at(-1)?.json).toEqual({ ...sent, customFields: [{ id: 31, value: 'key-1' }] });
  });

  it.each([
    [[contactRow(1)], 'refused'],
    [[], 'done'],
  ])('P8 a custom field that contacts lack refuses the create; a tenant without contacts cannot tell', async (rows, kind) => {
    const { psa } = makeConnectWise(({ method }) => (method === 'POST' ? answer({ id: 9 }, 201) : answer(rows)), {
      externalKeyField: 'rollcall key',
    });

    expect((await psa.createContact(newcomer())).kind).toBe(kind);
  });

  it.each([
    ['a long first name', { firstName: 'x'.repeat(31) }, /first name is longer than 30/],
    ['a long last name', { lastName: 'x'.repeat(31) }, /last name is longer than 30/],
    ['a long title', { title: 'x'.repeat(101) }, /title is longer than 100/],
    ['a blank first name', { firstName: ' ' }, /first name is blank/],
    ['no company', { companyId: '' }, /company is missing/],
    ['a site that is no id', { locationId: 'main' }, /site/],
    ['an e-mail without a type', { emails: [{ value: 'z@acme.example.test', typeId: null, typeName: null, primary: true }] }, /no type/],
  ] as const)('P1 is refused for %s, before anything is sent', async (_name, more, words) => {
    const { psa, http } = makeConnectWise(() => answer({ id: 9 }, 201));

    expect(await psa.createContact(newcomer(more))).toMatchObject({ kind: 'refused', reason: expect.stringMatching(words) });
    expect(http.calls).toEqual([]);
  });
});

describe('updating', () => {
  it('reads the contact right before, for the positions, and sends one patch', async () => {
    const { psa, http } = makeConnectWise(contactThat({}, { title: 'Clerk' }));

    expect(await psa.updateContact(id, { title: 'Clerk' })).toEqual({ kind: 'done', value: null });
    expect(http.calls.slice(1)).toEqual(['GET /company/contacts/7', 'PATCH /company/contacts/7']);
    expect(http.seen.at(-1)?.json).toEqual([{ op: 'add', path: '/title', value: 'Clerk' }]);
    expect(http.seen.at(-1)?.headers).toMatchObject({ 'content-type': 'application/json' });
  });

  it('E8 looks whether the contact became inactive: not so is refused, with a part written unknown', async () => {
    const stays = makeConnectWise(contactThat({}));
    const half = makeConnectWise(contactThat({}, { title: 'Clerk' }));

    expect(await stays.psa.updateContact(id, { active: false })).toMatchObject({
      kind: 'refused',
      reason: expect.stringMatching(/not kept: inactiveFlag/),
    });
    expect(await half.psa.updateContact(id, { active: false, title: 'Clerk' })).toMatchObject({ kind: 'unknown', code: 'PSA_ANSWER_LOST' });
  });

  it('sends what was taken and not kept once more: the default flag of a first item', async () => {
    const value = 'zoe@acme.example.test';
    const [first, second] = [emailItem(9, value, false), emailItem(9, value, true)];
    const { psa, http } = makeConnectWise(
      contactThat({ communicationItems: [] }, { communicationItems: [first] }, { communicationItems: [second] }),
    );

    expect((await psa.updateContact(id, { emails: [{ value, typeId: '1', typeName: null, primary: true }] })).kind).toBe('done');
    expect(http.seen.slice(2).map(({ json }) => json)).toEqual([
      [{ op: 'add', path: '/communicationItems/0', value: sent.communicationItems[0] }],
      [{ op: 'replace', path: '/communicationItems/0/defaultFlag', value: true }],
    ]);
  });

  it('P9 is unknown when an item is gone that was to stay: somebody moved the positions meanwhile', async () => {
    const { psa } = makeConnectWise(contactThat({}, { title: 'Clerk', communicationItems: [phoneItem(2, '+1 415 555 0101')] }));

    expect(await psa.updateContact(id, { title: 'Clerk' })).toMatchObject({ kind: 'unknown', reason: expect.stringMatching(/gone/) });
  });

  it('reads the contact where the patch does not answer with it', async () => {
    let written = false;
    const { psa, http } = makeConnectWise(({ method }) => {
      if (method !== 'PATCH') return answer(contactRow(7, written ? { title: 'Clerk' } : {}));
      written = true;
      return answer({}, 200);
    });

    expect((await psa.updateContact(id, { title: 'Clerk' })).kind).toBe('done');
    expect(http.calls.at(-1)).toBe('GET /company/contacts/7');
  });

  it.each([
    ['nothing', {}],
    ['a key that has no place', { externalKey: 'key-1' }],
  ])('A6 asks and sends nothing for %s', async (_name, patch) => {
    const { psa, http } = makeConnectWise(() => answer({}, 500));

    expect(await psa.updateContact(id, patch)).toEqual({ kind: 'done', value: null });
    expect(http.calls).toEqual([]);
  });

  it('is refused for a contact that is gone, and for a custom field that contacts lack', async () => {
    const gone = makeConnectWise(() => refusal(404, 'NotFound', 'Contact 7 not found'));
    const lacking = makeConnectWise(contactThat({}), { externalKeyField: 'Rollcall key' });

    expect(await gone.psa.updateContact(id, { title: 'Clerk' })).toMatchObject({ kind: 'refused' });
    expect(await lacking.psa.updateContact(id, { externalKey: 'key-1' })).toMatchObject({
      kind: 'refused',
      reason: expect.stringMatching(/no custom field "Rollcall key"/),
    });
  });
});

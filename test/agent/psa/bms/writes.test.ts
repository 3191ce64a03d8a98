import { describe, expect, it } from 'vitest';
import type { HttpResult } from '../../../../agent/http/http-client.ts';
import { RollcallError } from '../../../../core/errors.ts';
import { psaContactId } from '../../../../core/model/ids.ts';
import type { PsaContactInput } from '../../../../core/model/psa-contact.ts';
import { answer, done, failed, type Handler } from './fake-http.ts';
import { contactRow, makeBms, parseTestPhone, password } from './make-bms.ts';

const input: PsaContactInput = {
  companyId: '250',
  locationId: '11',
  firstName: 'Zoë',
  lastName: "O'Neil-Özil",
  title: 'Head of Sales',
  emails: [{ value: 'zoe@acme.example.test', typeId: '5', typeName: 'Work', primary: true }],
  phones: [{ phone: { raw: '+1 415 555 0107', e164: '+14155550107', extension: '88' }, typeId: '7', typeName: 'Work', primary: true }],
  contactTypeId: null,
  externalKey: null,
};
const id = psaContactId('9');

const lost: HttpResult = { kind: 'lost', reason: 'the connection broke' };

describe('creating a contact', () => {
  it('P12 sends names as they are and types, company and location by id, in one request', async () => {
    const { psa, http } = makeBms(() => done({ id: 4001, firstName: 'Zoë' }));

    expect(await psa.createContact(input)).toEqual({ kind: 'done', value: '4001' });

    expect(http.calls).toEqual(['POST /v2/crm/contacts/summary']);
    expect(http.seen.at(-1)).toMatchObject({ intent: 'write', budget: 'POST /v2/crm/contacts/summary' });
    expect(http.seen.at(-1)?.json).toEqual({
      FirstName: 'Zoë',
      LastName: "O'Neil-Özil",
      AccountId: 250,
      LocationId: 11,
      Phones: [{ PhoneNumber: '+1 415 555 0107 x88', PhoneTypeId: 7, IsDefault: true }],
      Emails: [{ EmailAddress: 'zoe@acme.example.test', EmailTypeId: 5, IsDefault: true }],
    });
  });

  it.each([
    ['+1 415 555 0107 x88', '+1 415 555 0107 x88'],
    ['+1 415 555 0107 ext. 88', '+1 415 555 0107 ext. 88'],
    ['+1 415 555 0188', '+1 415 555 0188 x88'],
  ])('sends the extension of %s once', async (raw, sent) => {
    const { psa, http } = makeBms(() => done({ id: 1 }));

    await psa.createContact({
      ...input,
      phones: [{ phone: { raw, e164: null, extension: '88' }, typeId: '7', typeName: null, primary: true }],
    });

    expect(http.seen.at(-1)?.json).toMatchObject({ Phones: [{ PhoneNumber: sent }] });
  });

  it.each([
    ['no location', { ...input, locationId: null }],
    ['an e-mail without type', { ...input, emails: [{ ...input.emails[0]!, typeId: null }] }],
    ['a phone with a type that is no id', { ...input, phones: [{ ...input.phones[0]!, typeId: 'Work' }] }],
  ])('P1 refuses %s without asking the PSA', async (_name, wrong) => {
    const { psa, http } = makeBms(() => done({ id: 1 }));

    expect((await psa.createContact(wrong)).kind).toBe('refused');
    expect(http.seen).toEqual([]);
  });

  it.each([
    ['success:false inside 200', failed('Location is not valid for this account')],
    ['success:false without a reason', answer({ Success: false })],
    ['400 with an envelope', answer({ success: false, error: { code: 0, message: 'No' } }, 400)],
    ['400 with a problem document', answer({ title: 'Validation failed', errors: { 'Emails[0]': ['is not valid'] } }, 400)],
    ['400 with text', answer('Bad Request', 400)],
    ['403', answer('', 403), 'PSA_PERMISSION_MISSING'],
    ['409', answer({ message: 'duplicate' }, 409)],
  ] as const)('A2 is refused on %s', async (_name, result, code: string = 'PSA_REFUSED') => {
    const { psa } = makeBms(() => result);

    expect(await psa.createContact(input)).toMatchObject({ kind: 'refused', code, synced: false });
  });

  it.each([
    ['a lost answer', lost],
    ['500', answer('', 500)],
    ['502 of a gateway', answer('<html>Bad gateway</html>', 502)],
    ['408', answer('', 408)],
    ['a redirect', answer('', 302)],
    ['404 with a page of a gateway', answer('<html>404</html>', 404)],
    ['an internal error inside 200', failed('An internal error occurred during your request!')],
    ['code 500 inside 200', failed('Something', 500)],
    ['a time-out inside 200', failed('Execution timeout expired')],
    ['an internal error as 400', failed400('Internal server error')],
    ['HTML inside 200', answer('<!DOCTYPE html><html></html>')],
    ['a cut-off answer', answer('{"success":true,"resu')],
    ['an empty answer', answer('')],
    ['a success that is neither true nor false', answer({ success: 'false', result: { id: 5 } })],
    ['success without an id', done(null)],
    ['success with id 0', done({ id: 0 })],
  ])('A2 is unknown after %s, and sent once', async (_name, result) => {
    const { psa, http } = makeBms(() => result);

    expect(await psa.createContact(input)).toMatchObject({ kind: 'unknown', code: 'PSA_ANSWER_LOST' });
    expect(http.calls).toHaveLength(1);
  });

  it('A2 is sent again after a 401, which proves that it was not carried out', async () => {
    const { psa, http } = makeBms(({ token }) => (token === 'access-1' ? answer('', 401) : done({ id: 12 })));

    expect(await psa.createContact(input)).toEqual({ kind: 'done', value: '12' });
    expect(http.calls).toHaveLength(2);
    expect(http.seen.at(-1)?.body).toBe(http.seen[1]?.body);
  });

  it('A2 is unknown when the answer is lost after a 401', async () => {
    const { psa } = makeBms(({ token }) => (token === 'access-1' ? answer('', 401) : lost));

    expect((await psa.createContact(input)).kind).toBe('unknown');
  });

  it.each([
    ['401 twice', answer('', 401), 'PSA_CREDENTIALS_REJECTED'],
    ['429 to the end', answer('', 429), 'PSA_RATE_LIMITED'],
    ['a limit inside 200', failed('Rate limit reached for this endpoint'), 'PSA_RATE_LIMITED'],
  ])('throws on %s: nothing was written, and the whole run is concerned', async (_name, result, code) => {
    const { psa } = makeBms(() => result);

    await expect(psa.createContact(input)).rejects.toMatchObject({ code });
  });

  it('A2 is sent again after too many requests inside 200: it was not carried out', async () => {
    let asked = 0;
    const { psa, waits } = makeBms(() => (++asked === 1 ? failed('Too many requests', 429) : done({ id: 12 })));

    expect(await psa.createContact(input)).toEqual({ kind: 'done', value: '12' });
    expect(waits).toEqual([30_000]);
  });

  it('does not take a length limit for the rate limit', async () => {
    const { psa } = makeBms(() => failed('First name exceeds the limit of 50 characters'));

    expect((await psa.createContact(input)).kind).toBe('refused');
  });

  it('keeps secrets and addresses of persons out of the reason', async () => {
    const { psa } = makeBms(() => failed(`zoe@acme.example.test (+1 415 555 0107) exists; token access-1, ${password}`));

    const outcome = await psa.createContact(input);

    expect(outcome.kind).toBe('refused');
    expect(JSON.stringify(outcome)).not.toMatch(/zoe@|555|access-1|correct horse/);
  });

  it('lets an unreachable PSA through as it is', async () => {
    const { psa } = makeBms(() => {
      throw new RollcallError('PSA_UNREACHABLE', 'no connection');
    });

    await expect(psa.createContact(input)).rejects.toMatchObject({ code: 'PSA_UNREACHABLE' });
  });
});

describe('completing a contact', () => {
  it('sends the job title as JSON Patch', async () => {
    const { psa, http } = makeBms(() => done({ id: 9, jobTitle: 'Head of Sales' }));

    expect(await psa.completeContact(id, input)).toEqual({ kind: 'done', value: null });

    expect(http.calls).toEqual(['PATCH /v2/crm/contacts/9']);
    expect(http.seen.at(-1)).toMatchObject({ budget: 'PATCH /v2/crm/contacts/{id}', intent: 'write' });
    expect(http.seen.at(-1)?.headers?.['content-type']).toBe('application/json-patch+json');
    expect(http.seen.at(-1)?.json).toEqual([{ op: 'replace', path: '/JobTitle', value: 'Head of Sales' }]);
  });

  it('sends nothing without a title', async () => {
    const { psa, http } = makeBms(() => failed('not expected'));

    expect(await psa.completeContact(id, { ...input, title: null })).toEqual({ kind: 'done', value: null });
    expect(http.seen).toEqual([]);
  });

  it.each([
    ['Head of Sales', 'done'],
    ['Clerk', 'refused'],
  ])('looks at the contact after a 204, which does not tell what was kept: %s is %s', async (jobTitle, kind) => {
    const { psa, http } = makeBms(({ method }) => (method === 'GET' ? done(contactRow(9, { jobTitle })) : answer('', 204)));

    expect((await psa.completeContact(id, input)).kind).toBe(kind);
    expect(http.calls).toEqual(['PATCH /v2/crm/contacts/9', 'GET /v2/crm/contacts/summary/9']);
  });

  it.each([
    ['refused', failed('no')],
    ['unknown', lost],
    ['unknown', answer('', 500)],
  ])('A2 is %s when so answered', async (kind, result) => {
    const { psa } = makeBms(() => result);

    expect((await psa.completeContact(id, input)).kind).toBe(kind);
  });
});

describe('updating a contact', () => {
  const newEmail = { value: 'new@acme.example.test', typeId: '5', typeName: 'Work', primary: false };
  const newPhone = { phone: parseTestPhone('+1 415 555 0199'), typeId: '7', typeName: 'Work', primary: true };

  /** A contact with one e-mail and one phone, whose parts answer as told. */
  function contact(parts: { fields?: HttpResult; emails?: HttpResult; phones?: HttpResult } = {}): Handler {
    return ({ path, method, json }) => {
      if (method === 'GET') return done(contactRow(9));
      if (path.endsWith('/emails')) return parts.emails ?? done({ added: 1, updated: 0, deleted: 0, emails: [] });
      if (path.endsWith('/phones')) return parts.phones ?? done({ added: 1, updated: 0, deleted: 0, phones: [] });
      const patched = Array.isArray(json) ? (json as readonly { path: string; value: unknown }[]) : [];
      return parts.fields ?? done({ id: 9, ...Object.fromEntries(patched.map(({ path: name, value }) => [name.slice(1), value])) });
    };
  }

  it('changes only the fields that are named', async () => {
    const { psa, http } = makeBms(contact());

    expect(await psa.updateContact(id, { lastName: 'Stone', locationId: '12' })).toEqual({ kind: 'done', value: null });

    expect(http.calls).toEqual(['PATCH /v2/crm/contacts/9']);
    expect(http.seen.at(-1)?.json).toEqual([
      { op: 'replace', path: '/LastName', value: 'Stone' },
      { op: 'replace', path: '/LocationId', value: 12 },
    ]);
  });

  it('adds e-mails and phones beside what is there', async () => {
    const { psa, http } = makeBms(contact());

    expect((await psa.updateContact(id, { addEmails: [newEmail], addPhones: [newPhone] })).kind).toBe('done');

    expect(http.calls).toEqual(['GET /v2/crm/contacts/summary/9', 'PATCH /v2/crm/contacts/9/emails', 'PATCH /v2/crm/contacts/9/phones']);
    expect(http.seen.at(-2)?.json).toEqual([{ Operation: 0, EmailAddress: 'new@acme.example.test', TypeId: 5, IsDefault: false }]);
    expect(http.seen.at(-1)?.json).toEqual([{ Operation: 0, PhoneNumber: '+1 415 555 0199', TypeId: 7, IsDefault: true }]);
  });

  it('A2 adds nothing that is there already, nor a placeholder', async () => {
    const { psa, http } = makeBms(contact());

    const outcome = await psa.updateContact(id, {
      addEmails: [{ ...newEmail, value: 'USER9@acme.example.test' }],
      addPhones: [
        { ...newPhone, phone: parseTestPhone('+1 (415) 555-0101') },
        { ...newPhone, phone: parseTestPhone('000-000-0000') },
      ],
    });

    expect(outcome.kind).toBe('done');
    expect(http.calls).toEqual(['GET /v2/crm/contacts/summary/9']);
  });

  it('sends nothing for an empty patch', async () => {
    const { psa, http } = makeBms(contact());

    expect((await psa.updateContact(id, {})).kind).toBe('done');
    expect(http.seen).toEqual([]);
  });

  it.each([
    [{ fields: failed('no') }, 'refused', 2],
    [{ fields: lost }, 'unknown', 2],
    [{ emails: failed('no') }, 'unknown', 3],
    [{ emails: lost }, 'unknown', 3],
    [{ phones: answer('', 500) }, 'unknown', 4],
  ])('A2 tells a half-done update from a refused one: %j is %s', async (parts, kind, requests) => {
    const { psa, http } = makeBms(contact(parts));

    const outcome = await psa.updateContact(id, { title: 'Clerk', addEmails: [newEmail], addPhones: [newPhone] });

    expect(outcome.kind).toBe(kind);
    expect(http.calls).toHaveLength(requests);
  });

  it('is unknown when the counts say that something else was done than adding', async () => {
    const { psa } = makeBms(contact({ emails: done({ added: 0, updated: 0, deleted: 1 }) }));

    expect((await psa.updateContact(id, { addEmails: [newEmail] })).kind).toBe('unknown');
  });

  it.each([
    ['nothing', done(null)],
    ['204', answer('', 204)],
    ['other counts', done({ added: 0, updated: 1, deleted: 0 })],
  ])('looks at the contact when the answer tells %s', async (_, told) => {
    let emails = [{ emailAddress: 'user9@acme.example.test', emailTypeId: 5, emailType: 'Work', isDefault: true }];
    const { psa, http } = makeBms(({ method }) => {
      if (method === 'GET') return done(contactRow(9, { emails }));
      emails = [...emails, { ...newEmail, emailAddress: newEmail.value, emailTypeId: 5, emailType: 'Work', isDefault: false }];
      return told;
    });

    expect((await psa.updateContact(id, { addEmails: [newEmail] })).kind).toBe('done');
    expect(http.calls).toEqual(['GET /v2/crm/contacts/summary/9', 'PATCH /v2/crm/contacts/9/emails', 'GET /v2/crm/contacts/summary/9']);
  });

  it('is refused for a contact that is not there', async () => {
    const { psa, http } = makeBms(() => answer('', 404));

    expect((await psa.updateContact(id, { addEmails: [newEmail] })).kind).toBe('refused');
    expect(http.calls).toHaveLength(1);
  });

  it.each([{ addEmails: [{ ...newEmail, typeId: null }] }, { locationId: 'main' }])('refuses %j without writing', async (patch) => {
    const { psa, http } = makeBms(contact());

    expect((await psa.updateContact(id, patch)).kind).toBe('refused');
    expect(http.calls.filter((call) => call.startsWith('PATCH'))).toEqual([]);
  });
});

function failed400(message: string): HttpResult {
  return answer({ success: false, error: { code: 0, message } }, 400);
}

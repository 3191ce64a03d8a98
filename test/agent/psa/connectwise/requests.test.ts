import { describe, expect, it } from 'vitest';
import { connectWiseAddress } from '../../../../agent/psa/connectwise/product.ts';
import { RollcallError } from '../../../../core/errors.ts';
import { psaContactId } from '../../../../core/model/ids.ts';
import { answer, refusal } from './fake-http.ts';
import { contactRow, makeConnectWise, privateKey } from './make-connectwise.ts';

async function errorOf(promise: Promise<unknown>): Promise<RollcallError> {
  const error = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof RollcallError)) throw new Error(`expected an error, got ${String(error)}`);
  return error;
}

const noEndpoint = refusal(404, 'ConnectWiseApi', 'The endpoint does not exist.');
const page = answer('<!DOCTYPE html><html><body>404 - File or directory not found.</body></html>', 404);
const info = answer({ version: 'v2026.1', isCloud: true, cloudRegion: 'NA' });

describe('the address', () => {
  it.each([
    ['', 'https://api-na.myconnectwise.net'],
    ['https://api-eu.myconnectwise.net', 'https://api-eu.myconnectwise.net'],
    ['https://api-eu.myconnectwise.net/v4_6_release/apis/3.0/', 'https://api-eu.myconnectwise.net'],
    ['https://api-eu.myconnectwise.net/v2025_1/apis/3.0', 'https://api-eu.myconnectwise.net'],
    ['https://api-eu.myconnectwise.net/v4_6_release', 'https://api-eu.myconnectwise.net'],
    ['https://na.myconnectwise.net/', 'https://api-na.myconnectwise.net'],
    ['https://psa.msp.example.test:8443/manage/', 'https://psa.msp.example.test:8443/manage'],
    ['https://psa.msp.example.test/manage/login/companyinfo/msp', 'https://psa.msp.example.test/manage'],
  ])('%s is %s', (given, expected) => {
    expect(connectWiseAddress(given)).toBe(expected);
  });

  it.each(['http://psa.example.test', 'https://user:pass@psa.example.test', 'psa.example.test'])('%s is refused', (given) => {
    expect(() => connectWiseAddress(given)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });
});

describe('each request', () => {
  it('carries company and keys, client id and a version of 2020.4 or later, to the codebase that companyinfo tells', async () => {
    const { psa, http } = makeConnectWise(() => info);

    expect((await psa.check()).facts).toEqual({
      product: 'ConnectWise PSA',
      address: 'https://psa.example.test',
      company: 'examplemsp',
      codebase: 'v2026_1',
      version: 'v2026.1',
      region: 'NA',
    });

    const [lookUp, asked] = http.seen;
    expect([lookUp?.url, lookUp?.headers]).toEqual([
      'https://psa.example.test/login/companyinfo/examplemsp',
      { accept: 'application/json' },
    ]);
    expect(asked?.url).toBe('https://psa.example.test/v2026_1/apis/3.0/system/info');
    expect(asked?.headers).toEqual({
      authorization: `Basic ${Buffer.from(`examplemsp+public:${privateKey}`).toString('base64')}`,
      clientid: 'client-id',
      accept: 'application/vnd.connectwise.com+json; version=2022.1',
    });
  });

  it('looks the codebase up once, whoever shares the memory', async () => {
    const memory = new Map();
    const first = makeConnectWise(() => info, { memory });
    const second = makeConnectWise(() => info, { memory });

    await Promise.all([first.psa.check(), first.psa.check(), first.psa.check()]);
    await second.psa.check();

    const lookUps = [...first.http.calls, ...second.http.calls].filter((call) => call.includes('companyinfo'));
    expect(lookUps).toHaveLength(1);
  });
});

describe('an upgrade of the cloud', () => {
  const codebases = ['v2026_1/', 'v2026_2/'];

  it.each([
    ['the API’s 404', noEndpoint],
    ['a web page', page],
  ])('%s: a read looks the codebase up again and goes on', async (_name, miss) => {
    const { psa, http } = makeConnectWise(({ codebase }) => (codebase === 'v2026_2' ? answer(contactRow(7)) : miss), { codebases });

    expect((await psa.getContact(psaContactId('7')))?.id).toBe('7');
    expect(http.calls).toEqual([
      'GET /login/companyinfo/examplemsp',
      'GET /company/contacts/7',
      'GET /login/companyinfo/examplemsp',
      'GET /company/contacts/7',
    ]);
  });

  it('a write that met it is sent once more, as it was not carried out', async () => {
    const { psa, http } = makeConnectWise(({ codebase }) => (codebase === 'v2026_2' ? answer({ id: 9 }, 201) : page), { codebases });

    expect(await psa.createContact(newcomer)).toEqual({ kind: 'done', value: '9' });
    expect(http.calls.filter((call) => call.startsWith('POST'))).toHaveLength(2);
  });

  it('many requests at once look it up again once', async () => {
    const { psa, http } = makeConnectWise(
      ({ codebase, path }) => (codebase === 'v2026_2' ? answer(contactRow(Number(path.split('/').at(-1)))) : page),
      {
        codebases,
      },
    );

    await Promise.all(['1', '2', '3', '4'].map((id) => psa.getContact(psaContactId(id))));

    expect(http.calls.filter((call) => call.includes('companyinfo'))).toHaveLength(2);
  });

  it.each(['', '../admin', 'v2026_1/../../x', 'https://elsewhere.example.test/'])('takes no codebase like "%s"', async (codebase) => {
    const { psa, http } = makeConnectWise(() => info, { codebases: [codebase] });

    expect((await errorOf(psa.check())).code).toBe('PSA_ANSWER_INVALID');
    expect(http.calls).toHaveLength(1);
  });
});

describe('wrong credentials', () => {
  it.each([
    ['401', refusal(401, 'Unauthorized', 'no'), 'PSA_CREDENTIALS_REJECTED'],
    ['401 of the other sort', refusal(401, 'ConnectWiseApi', 'UserNotAuthenticated'), 'PSA_CREDENTIALS_REJECTED'],
    ['404 in their place', noEndpoint, 'PSA_CREDENTIALS_REJECTED'],
    ['403', refusal(403, 'Forbidden', 'no'), 'PSA_PERMISSION_MISSING'],
  ] as const)('%s', async (_name, refused, code) => {
    const { psa } = makeConnectWise(() => refused);

    const error = await errorOf(psa.check());

    expect(error.code).toBe(code);
    expect(error.message).toContain('ConnectWise PSA');
    expect(JSON.stringify([error.message, error.place])).not.toContain(privateKey);
  });

  it('404 instead of 401 never says that a contact is gone', async () => {
    const { psa } = makeConnectWise(() => refusal(404, 'NotFound', 'Not found'));

    expect((await errorOf(psa.getContact(psaContactId('7')))).code).toBe('PSA_CREDENTIALS_REJECTED');
  });

  it('a 404 that names no contact is believed once the sign-in works', async () => {
    const { psa, http } = makeConnectWise(({ path }) => (path === '/system/info' ? info : refusal(404, 'NotFound', 'Not found')));

    expect(await psa.getContact(psaContactId('7'))).toBeNull();
    expect(http.calls.at(-1)).toBe('GET /system/info');
  });

  it('a 404 that names the contact is believed at once', async () => {
    const { psa, http } = makeConnectWise(() => refusal(404, 'NotFound', 'Contact 7 not found'));

    expect(await psa.getContact(psaContactId('7'))).toBeNull();
    expect(http.calls).toHaveLength(2);
  });

  it('a company that there is not', async () => {
    const { psa } = makeConnectWise(() => info);
    const nobody = makeConnectWise(() => info, { codebases: ['v2026_1/'] });
    nobody.http.send = () => Promise.resolve(answer('null'));

    const error = await errorOf(nobody.psa.check());

    expect([error.code, error.place['setting']]).toEqual(['PSA_CREDENTIALS_REJECTED', 'psa.credentials.company']);
    expect(error.message).toContain('examplemsp');
    expect((await psa.check()).facts['company']).toBe('examplemsp');
  });

  it('no answer at all, where companyinfo gives one: says what it may be', async () => {
    const { psa } = makeConnectWise(() => Promise.reject(new RollcallError('PSA_UNREACHABLE', 'broken')));

    const error = await errorOf(psa.check());

    expect(error.code).toBe('PSA_UNREACHABLE');
    expect(error.message).toMatch(/wrong keys or client id/);
  });
});

describe('refusals of reads and writes', () => {
  const unknownMember =
    "Could not find member 'page' on object of type 'Contact'. Path 'page', line 1, position 50.Check your accept header to make sure you are using the correct version.";
  const missing = refusal(400, 'InvalidObject', 'contact object is invalid', [
    { code: 'MissingRequiredField', message: 'The firstName field is required.', resource: 'contact', field: 'firstName' },
  ]);
  const exists = refusal(400, 'InvalidObject', 'contact object is invalid', [
    { code: 'ObjectExists', message: 'A matching contact already exists', resource: 'contact', field: 'id' },
  ]);

  it.each([
    ['an unknown member', refusal(400, 'ConnectWiseApi', unknownMember), /find member 'page'/],
    ['a missing field', missing, /firstName field is required/],
    ['a duplicate', exists, /matching contact already exists/],
    ['a conflict', refusal(409, 'Conflict', 'in use'), /in use/],
    ['a media type', refusal(415, '', 'media type is not supported'), /media type/],
    ['a missing right', refusal(403, 'Forbidden', 'not allowed'), /not allowed/, 'PSA_PERMISSION_MISSING'],
  ] as const)('a write that meets %s is refused, in the server’s words', async (...[, refused, words, code = 'PSA_REFUSED']) => {
    const { psa } = makeConnectWise(() => refused);

    expect(await psa.createContact(newcomer)).toMatchObject({ kind: 'refused', code, reason: expect.stringMatching(words) });
  });

  it.each([
    ['500 with words', refusal(500, 'ConnectWiseApi', 'An error occurred.')],
    ['502 with a page', answer('<html></html>', 502)],
    ['403 with a page of something in front', answer('<html>blocked</html>', 403)],
    ['a redirect', answer('', 302)],
    ['a redirect that looks like a record', answer({ id: 5 }, 307)],
    ['an answer with id 0', answer({ id: 0 }, 201)],
    ['an answer without an id', answer({}, 201)],
    ['an answer that is not JSON', answer('{"id":', 201)],
    ['a lost answer', { kind: 'lost', reason: 'reset' } as const],
  ])('a write that meets %s is unknown, and is sent once', async (_name, met) => {
    const { psa, http } = makeConnectWise(({ path }) => (path === '/system/info' ? info : met));

    expect(await psa.createContact(newcomer)).toMatchObject({ kind: 'unknown', code: 'PSA_ANSWER_LOST' });
    expect(http.calls.filter((call) => call.startsWith('POST'))).toHaveLength(1);
  });

  it.each([
    [
      'the version',
      refusal(400, 'ConnectWiseApi', 'Check your accept header to make sure you are using the correct version.'),
      'PSA_ANSWER_INVALID',
      /2022\.1/,
    ],
    ['an unknown name', refusal(400, 'ApiFindCondition', 'member/identifier is not a recognized name.'), 'PSA_REFUSED', /recognized name/],
    ['a web page', answer('<html></html>'), 'PSA_ANSWER_INVALID', /not JSON/],
    ['another contact', answer(contactRow(8)), 'PSA_ANSWER_INVALID', /another contact than 7/],
    ['something else', answer({ id: 7, firstName: 12 }), 'PSA_ANSWER_INVALID', /firstName/],
  ] as const)('a read that meets %s says so', async (_name, met, code, words) => {
    const { psa } = makeConnectWise(() => met);

    const error = await errorOf(psa.getContact(psaContactId('7')));

    expect(error.code).toBe(code);
    expect(error.message).toMatch(words);
  });

  it('a version that is refused ends a write too: it concerns all', async () => {
    const { psa } = makeConnectWise(() =>
      refusal(400, 'ConnectWiseApi', 'Check your accept header to make sure you are using the correct version.'),
    );

    expect((await errorOf(psa.createContact(newcomer))).code).toBe('PSA_ANSWER_INVALID');
  });

  it('a read whose answer was none of the API’s is repeated after a pause', async () => {
    const answers = [answer('<html></html>'), answer(contactRow(7))];
    const { psa, waits } = makeConnectWise(() => answers.shift() ?? answer('', 500));

    expect((await psa.getContact(psaContactId('7')))?.id).toBe('7');
    expect(waits).toEqual([1_000]);
  });

  it('secrets and personal data in the server’s words are taken out', async () => {
    const { psa } = makeConnectWise(() => refusal(400, 'InvalidObject', `no ${privateKey} for zoe@acme.example.test`));

    const outcome = await psa.createContact(newcomer);

    expect(outcome.kind === 'refused' ? outcome.reason : '').toMatch(/no <secret> for <e-mail>/);
  });
});

const newcomer = {
  companyId: '250',
  locationId: null,
  firstName: 'Zoë',
  lastName: null,
  title: null,
  emails: [],
  phones: [],
  contactTypeId: null,
  externalKey: null,
} as const;

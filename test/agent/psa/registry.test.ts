import { describe, expect, it } from 'vitest';
import { createPsa, noPsaCredentials, type PsaConnection, psaAddress, psaHttpOptions } from '../../../agent/psa/registry.ts';
import { Redacted } from '../../../agent/secrets/redacted.ts';
import { createFakeClock } from '../http/fake-clock.ts';
import { answer, createFakeHttp, done, tokens } from './bms/fake-http.ts';
import { parseTestPhone } from './bms/make-bms.ts';

const connection: PsaConnection = {
  type: 'bms',
  baseUrl: '',
  credentials: { ...noPsaCredentials, userName: 'api@msp.example.test', password: new Redacted('a password'), tenant: 'Example MSP' },
  externalKeyField: '',
  emailType: 'Work',
  emailTypeId: '42',
  phoneType: '',
  phoneTypeId: '43',
  blankPhone: '',
};

function make(more: Partial<PsaConnection>) {
  const http = createFakeHttp(({ path }) => {
    if (path.endsWith('/authenticate')) return tokens(1, 900_000);
    return path.endsWith('/userinfo') ? done({ userId: 1 }) : answer('', 404);
  });
  return { http, psa: createPsa({ ...connection, ...more }, { http, clock: createFakeClock(0), parsePhone: parseTestPhone }) };
}

describe('createPsa', () => {
  it.each([
    ['bms', 'Kaseya BMS', 'https://api.bms.kaseya.com'],
    ['vorex', 'Vorex', 'https://api.vorexlogin.com'],
    ['pulseway', 'Pulseway PSA', 'https://api.psa.pulseway.com'],
  ] as const)('makes %s at its own address, with the same requirements', async (type, name, address) => {
    const { psa } = make({ type });

    expect(psa?.displayName).toBe(name);
    expect((await psa?.check())?.facts['address']).toBe(address);
    expect(psa?.requirements).toEqual({
      firstName: true,
      lastName: false,
      primaryEmail: true,
      primaryPhone: true,
      location: true,
      blankPhoneAllowed: true,
      typesRequired: true,
      titleInSecondCall: true,
      longest: { firstName: null, lastName: null, title: null, email: null, phone: null, extension: null },
      fields: null,
    });
  });

  it.each(['https://psa.example.test/gateway/', 'https://psa.example.test/gateway/v2', 'https://psa.example.test/gateway/v2/'])(
    'uses the address %s up to the vendor’s own path',
    async (baseUrl) => {
      const { psa, http } = make({ baseUrl });
      await psa?.check();

      expect(http.seen.at(-1)?.url).toBe('https://psa.example.test/gateway/v2/security/userinfo');
    },
  );

  it.each(['http://psa.example.test', 'https://user:pass@psa.example.test', 'psa.example.test', 'ftp://psa.example.test'])(
    'refuses the address %s',
    (baseUrl) => {
      expect(() => make({ baseUrl })).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
    },
  );

  it('is null for no PSA', () => {
    expect(make({ type: 'none' }).psa).toBeNull();
    expect(psaHttpOptions('none')).toBeNull();
  });

  it('makes ConnectWise at its own address, which needs a first name only', () => {
    const { psa } = make({ type: 'connectwise', externalKeyField: 'userDefinedField3' });

    expect(psa).toMatchObject({ displayName: 'ConnectWise PSA', hasExternalKey: true, writesAtOnce: 3 });
    expect(psa?.adapterNames).toEqual(['ConnectWise', 'ConnectWise Manage', 'ConnectWise PSA', 'Manage']);
    expect(psa?.requirements).toEqual({
      firstName: true,
      lastName: false,
      primaryEmail: false,
      primaryPhone: false,
      location: false,
      blankPhoneAllowed: false,
      typesRequired: false,
      titleInSecondCall: false,
      longest: { firstName: 30, lastName: 30, title: 100, email: 250, phone: 250, extension: 15 },
      fields: null,
    });
    expect(make({ type: 'connectwise' }).psa?.hasExternalKey).toBe(false);
    expect(psaAddress('connectwise', 'https://eu.myconnectwise.net/v4_6_release/')).toEqual({
      name: 'ConnectWise PSA',
      url: 'https://api-eu.myconnectwise.net',
    });
    expect(psaHttpOptions('connectwise')).toMatchObject({ service: 'ConnectWise PSA', limits: [{ requests: 600, windowMs: 60_000 }] });
  });

  it('makes Autotask, whose zone is looked up at its own address', () => {
    expect(make({ type: 'autotask' }).psa).toMatchObject({ displayName: 'Autotask PSA', hasExternalKey: true, writesAtOnce: 2 });
    expect(psaAddress('autotask', '')).toEqual({ name: 'Autotask PSA', url: 'https://webservices.autotask.net' });
  });

  it.each([
    [undefined, 5_000],
    [0.25, 2_500],
    // It stops at 90 % of what all have together: more than 85 % would make it stop at its own requests.
    [1, 8_500],
  ])('gives Autotask its share (%s) of the hourly budget, for all requests together', (share, requests) => {
    expect(psaHttpOptions('autotask', share)).toMatchObject({ service: 'Autotask PSA', limits: [{ requests, windowMs: 3_600_000 }] });
  });

  it('pins the id of a type that was chosen by name, not one without a name', async () => {
    expect(await make({}).psa?.listTypes([])).toEqual({ email: [{ id: '42', name: 'Work' }], phone: [], contact: [] });
  });

  it('stays below the vendor’s limit of 1,500 requests an hour and endpoint', () => {
    expect(psaHttpOptions('pulseway')).toMatchObject({ service: 'Pulseway PSA', limits: [{ requests: 1400, windowMs: 3_600_000 }] });
  });
});

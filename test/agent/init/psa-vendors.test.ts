import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PsaAnswers } from '../../../agent/init/answers.ts';
import { createInitEdges, type InitEdges } from '../../../agent/init/edges.ts';
import type { Given } from '../../../agent/init/given.ts';
import { choosePsa } from '../../../agent/init/psa-step.ts';
import { reveal } from '../../../agent/secrets/redacted.ts';
import { silentLogger } from '../../../agent/telemetry/logger.ts';
import { organizationId } from '../../../core/model/ids.ts';
import { type AutotaskSandbox, startAutotaskSandbox } from '../../sandbox/autotask/autotask-sandbox.ts';
import { type ConnectWiseSandbox, startConnectWiseSandbox } from '../../sandbox/connectwise/connectwise-sandbox.ts';
import { initContext } from './fake-init.ts';

type Script = NonNullable<Parameters<typeof initContext>[0]['script']>;

const acme = { id: organizationId('4711'), name: 'Acme Fittings', typeName: null, statusName: null, adapters: [] };

let edges: InitEdges;
beforeEach(() => {
  const signal = new AbortController().signal;
  edges = createInitEdges({ signal, logger: silentLogger(), platform: process.platform, environment: {} }, null);
});
afterEach(() => edges.close());

function setUp(parts: { readonly given: Partial<Given>; readonly script?: Script | null }) {
  const context = initContext({ ...parts, edges: { psa: (signIn) => edges.psa(signIn) } });
  return { context, shown: () => context.dialogue.shown.join('\n'), chosen: () => choosePsa(context, acme) };
}

/** As they are compared: secrets revealed. */
function written(answers: PsaAnswers | null): unknown {
  if (answers === null) return null;
  const { fields, secret } = answers.credentials;
  return { ...answers, credentials: { ...fields, [secret.field]: reveal(secret.answer.value) } };
}

describe('ConnectWise PSA', () => {
  let cw: ConnectWiseSandbox;
  beforeEach(async () => {
    cw = await startConnectWiseSandbox();
    cw.data.addCompany({ id: 250, name: 'Acme Fittings' });
    cw.data.addSite({ companyId: 250, name: 'Main', primary: true });
    cw.data.addContact({ companyId: 250, firstName: 'Front', lastName: 'Desk', emails: [{ value: 'desk@acme.test' }] });
  });
  afterEach(() => cw.stop());

  const place = () => ({ psaType: 'connectwise', psaUrl: cw.url }) as const;
  const unattended = (): Partial<Given> => ({
    ...place(),
    psaCompanyLogin: cw.credentials.company,
    psaPublicKey: cw.credentials.publicKey,
    psaClientId: cw.credentials.clientId,
    psaPrivateKey: { kind: 'env', reference: cw.credentials.privateKey },
  });
  const signIn = (): Script => [
    ['Company that you sign in with', cw.credentials.company],
    ['Public key', cw.credentials.publicKey],
    ['Client id', cw.credentials.clientId],
    ['Private key', cw.credentials.privateKey],
  ];
  const answers: Script = [
    ['Is Acme Fittings this customer?', true],
    ['Which e-mail type', ''],
    ['Which phone type', ''],
    ['Where may contacts carry the key', ''],
  ];
  const expected = () => ({
    type: 'connectwise',
    displayName: 'ConnectWise PSA',
    baseUrl: cw.url,
    credentials: cw.credentials,
    company: { id: '250', name: 'Acme Fittings', pinned: true },
    emailType: 'Email',
    phoneType: 'Direct',
    externalKeyField: 'userDefinedField10',
  });

  it('asks for company, keys and client id, and suggests company, types and a field that is blank', async () => {
    const { chosen, context } = setUp({ given: place(), script: [...signIn(), ...answers] });

    expect(written(await chosen())).toEqual(expected());
    expect(context.dialogue.asked).toHaveLength(8);
    expect(cw.counts.writes).toBe(0);
  });

  it('asks nothing in an unattended run, and keeps its key nowhere unless told', async () => {
    const told = setUp({ given: { ...unattended(), psaKeyField: 'rollcall id', emailType: 'NONE', phoneType: 'cell' } });

    expect(written(await setUp({ given: unattended() }).chosen())).toEqual({ ...expected(), externalKeyField: '' });
    expect(await told.chosen()).toMatchObject({ externalKeyField: 'rollcall id', emailType: '', phoneType: 'Cell' });
  });

  it('asks for the company alone again when there is none of that name, and shows where it stands', async () => {
    const [company, ...rest] = signIn();
    const script: Script = [['Company that you sign in with', 'sandboxmps'], ...rest, company!, ...answers];
    const { chosen, shown } = setUp({ given: place(), script });

    expect(written(await chosen())).toEqual(expected());
    expect(shown()).toMatch(/PSA_CREDENTIALS_REJECTED .*"sandboxmps".*field Company when you sign in, and check the region/);
  });

  it.each([
    ['the private key', 3],
    ['the public key', 1],
    ['the client id', 2],
  ] as const)('when %s is wrong, says that it may be any, where they stand, and asks again', async (_what, index) => {
    const wrong = signIn().map((line, at) => (at === index ? ([line[0], 'wrong'] as const) : line));
    const { chosen, shown } = setUp({ given: place(), script: [...wrong, ...signIn(), ...answers] });

    expect(written(await chosen())).toEqual(expected());
    expect(shown()).toMatch(/does not say which is wrong.*API Members, API Keys.*developer\.connectwise\.com/);
    expect(shown()).not.toContain(cw.credentials.privateKey);
  });

  it.each(['unauthorized', 'not-found'] as const)(
    'says the same in an unattended run when refusals look like "%s"',
    async (refusedSignIn) => {
      cw.switches.refusedSignIn = refusedSignIn;

      const refused = setUp({ given: { ...unattended(), psaClientId: 'wrong' } }).chosen();

      await expect(refused).rejects.toMatchObject({ code: 'PSA_CREDENTIALS_REJECTED' });
      await expect(refused).rejects.toThrow(/client id with developer\.connectwise\.com/);
    },
  );

  it('suggests another field where the last is in use, but not where only rollcall uses it, and none without contacts to tell by', async () => {
    const { data } = cw;
    const own = { userDefinedField10: '5f2b3c1e-0a1b-4c2d-8e3f-9a8b7c6d5e4f' };
    const mine = data.addContact({ companyId: 250, firstName: 'Ada', more: own });
    const script = () => [...signIn(), ...answers];
    expect(await setUp({ given: place(), script: script() }).chosen()).toMatchObject({ externalKeyField: 'userDefinedField10' });

    data.updateContact(mine.id, { more: { userDefinedField10: 'VIP' } });
    expect(await setUp({ given: place(), script: script() }).chosen()).toMatchObject({ externalKeyField: 'userDefinedField9' });

    for (const { id } of data.contactsOf(250)) data.deleteContact(id);
    expect(await setUp({ given: place(), script: script() }).chosen()).toMatchObject({ externalKeyField: '' });
  });

  it('takes a reference in place of a public name, and writes the reference', async () => {
    const { context } = setUp({ given: { ...unattended(), psaPublicKey: 'env:PUBLIC' } });
    const { secrets } = context;
    const read: typeof secrets.read = (source, ...words) =>
      secrets.read(
        'reference' in source && source.reference === 'env:PUBLIC' ? { ...source, reference: cw.credentials.publicKey } : source,
        ...words,
      );

    const answers = await choosePsa({ ...context, secrets: { read } }, acme);

    expect(answers?.credentials.fields).toMatchObject({ publicKey: 'env:PUBLIC', clientId: cw.credentials.clientId });
  });
});

describe('Autotask PSA', () => {
  let at: AutotaskSandbox;
  beforeEach(async () => {
    at = await startAutotaskSandbox();
    at.data.addCompany({ id: 250, companyName: 'Acme Fittings' });
  });
  afterEach(() => at.stop());

  const place = () => ({ psaType: 'autotask', psaUrl: at.url }) as const;
  const unattended = (): Partial<Given> => ({
    ...place(),
    psaUser: at.credentials.userName,
    psaIntegrationCode: at.credentials.integrationCode,
    psaSecret: { kind: 'env', reference: at.credentials.secret },
  });
  const signIn = (): Script => [
    ['User name (key)', at.credentials.userName],
    ['tracking identifier', at.credentials.integrationCode],
    ['Secret of', at.credentials.secret],
  ];
  const answers: Script = [
    ['Is Acme Fittings this customer?', true],
    ['Send e-mail addresses to Autotask PSA?', true],
    ['Send phone numbers to Autotask PSA?', true],
  ];
  const expected = () => ({
    type: 'autotask',
    displayName: 'Autotask PSA',
    baseUrl: at.url,
    credentials: at.credentials,
    company: { id: '250', name: 'Acme Fittings', pinned: true },
    emailType: 'Work',
    phoneType: 'Work',
    externalKeyField: '',
  });

  it('asks for user, tracking identifier and secret, and whether e-mails and phones are sent', async () => {
    const { chosen, context } = setUp({ given: place(), script: [...signIn(), ...answers] });

    expect(written(await chosen())).toEqual(expected());
    expect(context.dialogue.asked).toHaveLength(6);
    expect(at.counts.writes).toBe(0);
    expect(at.strayCredentials).toEqual([]);
  });

  it('sends neither when told so, and asks nothing in an unattended run', async () => {
    const script: Script = [...signIn(), answers[0]!, ['Send e-mail', false], ['Send phone', false]];

    expect(await setUp({ given: place(), script }).chosen()).toMatchObject({ emailType: '', phoneType: '' });
    expect(written(await setUp({ given: unattended() }).chosen())).toEqual(expected());
    expect(await setUp({ given: { ...unattended(), emailType: 'none', phoneType: 'mobile' } }).chosen()).toMatchObject({
      emailType: '',
      phoneType: 'Mobile',
    });
    await expect(setUp({ given: { ...unattended(), phoneType: 'Pigeon' } }).chosen()).rejects.toThrow(
      /it has Work, Mobile; "none" sends nothing/,
    );
  });

  it('says that no zone knows the user, without sending the secret anywhere', async () => {
    const refused = setUp({ given: { ...unattended(), psaUser: 'nobody@msp.example.test' } }).chosen();

    await expect(refused).rejects.toMatchObject({ code: 'PSA_CREDENTIALS_REJECTED' });
    await expect(refused).rejects.toThrow(/no zone of the API user.*user name/);
    expect(at.requests.every(({ path }) => path.includes('ZoneInformation'))).toBe(true);
    expect(at.strayCredentials).toEqual([]);
  });

  it.each([
    ['the secret', 2],
    ['the tracking identifier', 1],
  ] as const)('when %s is wrong, says that it may be either, where they stand, and asks again', async (_what, index) => {
    const wrong = signIn().map((line, place_) => (place_ === index ? ([line[0], 'wrong'] as const) : line));
    const { chosen, shown } = setUp({ given: place(), script: [...wrong, ...signIn(), ...answers] });

    expect(written(await chosen())).toEqual(expected());
    expect(shown()).toMatch(/does not say which is wrong.*tracking identifier.*page of the API user/);
    expect(shown()).not.toContain(at.credentials.secret);
  });

  it('tries an account three times and no more', async () => {
    const wrong: Script = [...signIn().slice(0, 2), ['Secret of', 'wrong']];
    const script: Script = [...wrong, ...wrong, ...wrong, ...signIn().slice(0, 2), ['User name', 'other@msp.example.test']];
    const { chosen, shown } = setUp({ given: place(), script });

    await expect(chosen()).rejects.toThrow(/expected/);
    expect(shown()).toMatch(/was refused 3 times/);
  });
});

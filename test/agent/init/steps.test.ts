import { describe, expect, it } from 'vitest';
import type { ActiveDirectoryConfig } from '../../../agent/directory/active-directory/config.ts';
import type { DirectorySurvey } from '../../../agent/directory/active-directory/survey.ts';
import { chooseDomain } from '../../../agent/init/domain-step.ts';
import { chooseItGlue, findRegion } from '../../../agent/init/it-glue-step.ts';
import { chooseCompany, suggestCompany } from '../../../agent/init/psa-company-step.ts';
import { chooseTypes, propose } from '../../../agent/init/psa-types-step.ts';
import { preferPublishedCa, signIn } from '../../../agent/init/sign-in-step.ts';
import { chooseSite } from '../../../agent/init/site-step.ts';
import { Redacted, reveal } from '../../../agent/secrets/redacted.ts';
import { type ErrorCode, RollcallError } from '../../../core/errors.ts';
import { organizationId } from '../../../core/model/ids.ts';
import { createFakeDocumentation } from '../../fixtures/fake-documentation.ts';
import { createFakePsa } from '../../fixtures/fake-psa.ts';
import { initContext } from './fake-init.ts';

const acme = { id: organizationId('4711'), name: 'Acme', typeName: null, statusName: null, adapters: [] };
const key = { value: new Redacted('ITG.key'), reference: null };

function fails(code: ErrorCode): never {
  throw new RollcallError(code, `failed with ${code}`);
}

describe('the domain', () => {
  const resolver = {
    resolveService: (name: string) =>
      Promise.resolve(name.endsWith('corp.test') ? [{ name: 'dc1.corp.test', port: 389, priority: 0, weight: 1 }] : []),
  };
  const machineNames = () => Promise.resolve({ environment: {}, resolverFile: 'search corp.test', hostName: 'srv' });

  it('is found without a question in an unattended run, with its controllers as LDAPS addresses', async () => {
    const found = await chooseDomain(initContext({ edges: { resolver, machineNames } }));

    expect(found).toEqual({ domain: 'corp.test', servers: ['ldaps://dc1.corp.test'], byDns: true });
  });

  it('is offered to a person, who may name another one, and a controller that DNS does not know', async () => {
    const context = initContext({
      script: [
        ['Which domain', 'another'],
        ['DNS name of the domain', 'Other.Example'],
        ['Name of a domain controller', 'dc9.other.example'],
      ],
      edges: { resolver, machineNames },
    });

    expect(await chooseDomain(context)).toEqual({ domain: 'other.example', servers: ['ldaps://dc9.other.example'], byDns: false });
  });

  it('needs --domain or --server where nothing is found and nobody can be asked', async () => {
    const silent = { resolveService: () => Promise.resolve([]) };

    await expect(chooseDomain(initContext({ edges: { resolver: silent } }))).rejects.toMatchObject({ code: 'USAGE' });
    await expect(chooseDomain(initContext({ given: { domain: 'x.test' }, edges: { resolver: silent } }))).rejects.toThrow(/--server/);
  });

  it('asks again when the name servers do not answer', async () => {
    let calls = 0;
    const shaky = {
      resolveService: () => {
        calls += 1;
        return calls === 1
          ? Promise.reject(new RollcallError('DIRECTORY_DISCOVERY', 'no answer in time'))
          : resolver.resolveService('corp.test');
      },
    };
    const context = initContext({ given: { domain: 'corp.test' }, script: [['Try again?', true]], edges: { resolver: shaky } });

    expect((await chooseDomain(context)).servers).toEqual(['ldaps://dc1.corp.test']);
    expect(context.dialogue.shown.join('\n')).toContain('no answer in time');
  });
});

describe('signing in to the directory', () => {
  const trusted = { trust: { kind: 'pin', sha256: 'ab', subject: 'CN=dc1' }, servers: ['ldaps://dc1'] } as const;
  const place = { directory: 'corp', domain: 'corp.test', searchBases: [] };
  const survey: DirectorySurvey = {
    check: { server: 'ldaps://dc1', facts: { users: 'readable' } },
    base: 'DC=corp,DC=test',
    users: 3,
    units: [],
    publishedCa: null,
  };
  const rejected = (config: ActiveDirectoryConfig): Promise<DirectorySurvey> =>
    config.password === 'right'
      ? Promise.resolve(survey)
      : Promise.reject(new RollcallError('DIRECTORY_BIND_REJECTED', 'the password is wrong'));

  it('completes a bare name with the domain, and asks for the password alone again, with the reason, when it is refused', async () => {
    const tried: string[] = [];
    const context = initContext({
      script: [
        ['Account to read with', 'svc'],
        ['Password of svc@corp.test', 'wrong'],
        ['Password of svc@corp.test again', 'right'],
      ],
      edges: {
        surveyDirectory: (config) => {
          tried.push(config.bindDn);
          return rejected(config);
        },
      },
    });

    const done = await signIn(context, place, trusted);

    expect(reveal(done.password.value)).toBe('right');
    expect(tried).toEqual(['svc@corp.test', 'svc@corp.test']);
    expect(context.dialogue.shown.join('\n')).toContain('the password is wrong');
  });

  it('asks for another account when no password is given for the refused one', async () => {
    const tried: string[] = [];
    const context = initContext({
      script: [
        ['Account to read with', 'svx'],
        ['Password of svx@corp.test', 'wrong'],
        ['Password of svx@corp.test again', ''],
        ['Account to read with', 'svc'],
        ['Password of svc@corp.test', 'right'],
      ],
      edges: {
        surveyDirectory: (config) => {
          tried.push(config.bindDn);
          return rejected(config);
        },
      },
    });

    expect((await signIn(context, place, trusted)).bindUser).toBe('svc@corp.test');
    expect(tried).toEqual(['svx@corp.test', 'svc@corp.test']);
  });

  it('sends one password and no more in an unattended run', async () => {
    let calls = 0;
    const context = initContext({
      given: { bindUser: 'CORP\\svc', bindPassword: { kind: 'stdin' } },
      edges: {
        surveyDirectory: (config) => {
          calls += 1;
          return rejected(config);
        },
      },
    });

    await expect(signIn(context, place, trusted)).rejects.toMatchObject({ code: 'DIRECTORY_BIND_REJECTED' });
    expect(calls).toBe(1);
  });

  it('does not count a network failure as a try, and keeps the password for the next', async () => {
    const passwords: string[] = [];
    const context = initContext({
      script: [
        ['Account to read with', 'svc'],
        ['Password of', 'right'],
        ['Try again?', true],
      ],
      edges: {
        surveyDirectory: (config) => {
          passwords.push(config.password);
          return passwords.length === 1 ? Promise.reject(new RollcallError('DIRECTORY_UNREACHABLE', 'down')) : rejected(config);
        },
      },
    });

    await signIn(context, place, trusted);

    expect(passwords).toEqual(['right', 'right']);
  });

  it('prefers the CA that the domain publishes to a pinned certificate, unless it is to be pinned', async () => {
    const ca = { subject: 'CN=CA', issuer: 'CN=CA', validFrom: 0, validTo: 0, sha256: 'cd'.repeat(32), sha1: '', pem: 'PEM' };
    const found = { ...survey, publishedCa: ca };

    expect(await preferPublishedCa(initContext({}), trusted, found)).toMatchObject({ kind: 'ca', pem: 'PEM' });
    expect(await preferPublishedCa(initContext({ given: { pin: true } }), trusted, found)).toBe(trusted.trust);
    expect(await preferPublishedCa(initContext({ script: [['Trust that CA', false]] }), trusted, found)).toBe(trusted.trust);
    expect(await preferPublishedCa(initContext({}), trusted, survey)).toBe(trusted.trust);
  });
});

describe('the key of IT Glue', () => {
  function regions(answers: Readonly<Partial<Record<'us' | 'eu' | 'au', ErrorCode | null>>>) {
    const asked: string[] = [];
    const edges = {
      itGlue: (region: 'us' | 'eu' | 'au') => {
        asked.push(region);
        const fake = createFakeDocumentation();
        const code = answers[region];
        if (code != null) fake.fail('check', new RollcallError(code, code));
        return fake;
      },
    };
    return { asked, edges };
  }
  const refused = 'ITGLUE_KEY_REJECTED';

  it.each([
    ['in its own region', {}, undefined, 'us', ['us']],
    ['in another region', { us: refused }, undefined, 'eu', ['us', 'eu']],
    ['in another than the given one', { au: refused, us: refused }, 'au', 'eu', ['au', 'us', 'eu']],
    ['where an earlier region cannot be reached', { us: 'ITGLUE_UNREACHABLE' }, undefined, 'eu', ['us', 'eu']],
  ] as const)('is accepted %s', async (...[, answers, region, expected, order]) => {
    const { asked, edges } = regions(answers);
    const context = initContext({ given: region === undefined ? {} : { region }, edges });

    expect((await findRegion(context, key)).region).toBe(expected);
    expect(asked).toEqual(order);
  });

  it('is refused when no region takes it, and asked about when one could not be asked', async () => {
    const all = regions({ us: refused, eu: refused, au: refused });
    const some = regions({ us: refused, eu: 'ITGLUE_UNREACHABLE', au: refused });

    await expect(findRegion(initContext({ edges: all.edges }), key)).rejects.toMatchObject({ code: refused });
    await expect(findRegion(initContext({ edges: some.edges }), key)).rejects.toMatchObject({ code: 'ITGLUE_UNREACHABLE' });
  });

  it('goes to one address only when one is given', async () => {
    const { asked, edges } = regions({ us: refused });

    await expect(findRegion(initContext({ given: { itGlueUrl: 'https://gateway.test' }, edges }), key)).rejects.toMatchObject({
      code: refused,
    });
    expect(asked).toEqual(['us']);
  });

  it('finds the organization by exact name, whatever its case, and says when there are two', async () => {
    const fake = createFakeDocumentation();
    fake.addOrganization({ id: organizationId('1'), name: 'Acme' });
    fake.addOrganization({ id: organizationId('2'), name: 'Twin' });
    fake.addOrganization({ id: organizationId('3'), name: 'TWIN' });
    const of = (organization: string) =>
      chooseItGlue(initContext({ given: { organization, itGlueKey: { kind: 'stdin' } }, edges: { itGlue: () => fake } }));

    expect((await of('acme')).answers.organization).toEqual({ id: '1', name: 'Acme' });
    await expect(of('twin')).rejects.toThrow(/2 organizations \(2, 3\)/);
    await expect(of('nobody')).rejects.toMatchObject({ code: 'ITGLUE_ORGANIZATION_NOT_FOUND' });
  });
});

describe('the company in the PSA', () => {
  const link = { adapter: 'kaseya bms', remoteId: '251', sync: true, orphaned: false };
  const psa = () =>
    createFakePsa({
      companies: [
        { id: '250', name: 'Acme' },
        { id: '251', name: 'Acme Holdings' },
        { id: '252', name: 'Twin' },
        { id: '253', name: 'twin' },
      ],
    });

  it('is the one that IT Glue links, else the only one of equal name', async () => {
    expect(await suggestCompany(psa(), { ...acme, adapters: [link] })).toMatchObject({ company: { id: '251' }, why: 'link' });
    expect(await suggestCompany(psa(), acme)).toMatchObject({ company: { id: '250' }, why: 'name' });
    expect(await suggestCompany(psa(), { ...acme, name: 'Twin' })).toBeNull();
    expect(await suggestCompany(psa(), { ...acme, adapters: [{ ...link, remoteId: '999' }] })).toMatchObject({ why: 'name' });
  });

  it('is chosen by name when the suggestion is not it, and pinned then', async () => {
    const context = initContext({
      script: [
        ['Is Acme this customer?', false],
        ['Which company', '251'],
      ],
    });

    expect(await chooseCompany(context, psa(), acme)).toEqual({ id: '251', name: 'Acme Holdings', pinned: true });
  });

  it('may not be there yet: then nothing goes on', async () => {
    const context = initContext({ script: [['Which company', 'other']] });

    await expect(chooseCompany(context, psa(), { ...acme, name: 'New Ltd' })).rejects.toMatchObject({ code: 'PSA_COMPANY_NOT_FOUND' });
  });

  it('must be told in an unattended run when it cannot be told', async () => {
    await expect(chooseCompany(initContext({}), psa(), { ...acme, name: 'Twin' })).rejects.toThrow(/--psa-company/);
    await expect(chooseCompany(initContext({ given: { psaCompany: 'twin' } }), psa(), acme)).rejects.toThrow(/2 companies/);
  });
});

describe('e-mail and phone types', () => {
  const company = { id: '250', name: 'Acme' };

  it.each([
    [['Home', 'WORK', 'Mobile'], 'WORK'],
    [['Business'], 'Business'],
    [['Home', 'Mobile'], null],
    [[], null],
  ])('of %j propose %j', (names, expected) => {
    expect(propose(names, 'phone')).toBe(expected);
  });

  it('are written as the PSA spells them', async () => {
    const context = initContext({ given: { emailType: 'work', phoneType: 'MOBILE' } });

    expect(await chooseTypes(context, createFakePsa(), company)).toEqual({ emailType: 'Work', phoneType: 'Mobile' });
  });

  it('are refused when the PSA lacks them, and taken at their word when it shows none yet', async () => {
    const given = { emailType: 'Pigeon', phoneType: 'Work' };
    const empty = createFakePsa({ types: { email: [], phone: [], contact: [] } });
    const unknown = initContext({ given });

    await expect(chooseTypes(initContext({ given }), createFakePsa(), company)).rejects.toThrow(/it has Work/);
    expect(await chooseTypes(unknown, empty, company)).toEqual(given);
    expect(unknown.dialogue.shown.join(' ')).toContain('Nobody is pushed before the type is known');
  });

  it('must be told in an unattended run when the PSA has several and none is the usual one', async () => {
    const types = { email: ['A', 'B'].map((name, index) => ({ id: String(index), name })), phone: [], contact: [] };

    await expect(chooseTypes(initContext({}), createFakePsa({ types }), company)).rejects.toThrow(/--email-type is needed: one of A, B/);
  });
});

describe('what concerns the site', () => {
  function documentation(...names: readonly string[]) {
    const fake = createFakeDocumentation();
    for (const [index, name] of names.entries()) {
      fake.locations.set(String(index), { id: String(index), name, primary: index === 1, adapters: [], organizationId: acme.id });
    }
    return fake;
  }

  it.each([
    ['the only location', ['Head Office'], {}, 'Head Office'],
    ['none of several', ['Head Office', 'Depot'], {}, ''],
    ['the named one as IT Glue spells it', ['Head Office', 'Depot'], { location: 'DEPOT' }, 'Depot'],
    ['none', [], {}, ''],
  ] as const)('an unattended run takes %s, creates nobody, and is named after its machine', async (_what, names, given, location) => {
    expect(await chooseSite(initContext({ given }), documentation(...names), acme)).toEqual({ location, create: 'off', collector: 'srv1' });
  });

  it('a person is offered the primary location first', async () => {
    const context = initContext({
      script: [
        ['Where is this network?', ''],
        ['Create contacts', 'auto'],
        ['Name of this installation', 'acme-hq'],
      ],
    });

    const chosen = await chooseSite(context, documentation('Head Office', 'Depot'), acme);

    expect(chosen).toEqual({ location: 'Depot', create: 'auto', collector: 'acme-hq' });
  });
});

it('no step swallows an interruption', async () => {
  const edges = { itGlue: () => fails('INTERRUPTED') };
  const context = initContext({ given: { itGlueKey: { kind: 'stdin' } }, script: [], edges });

  await expect(chooseItGlue(context)).rejects.toMatchObject({ code: 'INTERRUPTED' });
  expect(context.dialogue.asked).toEqual([]);
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crossCheck } from '../../../agent/config/cross-checks.ts';
import { configSchema } from '../../../agent/config/schema.ts';
import type { InitAnswers } from '../../../agent/init/answers.ts';
import { buildConfig } from '../../../agent/init/build-config.ts';
import { psaForms } from '../../../agent/init/psa-forms.ts';
import { Redacted } from '../../../agent/secrets/redacted.ts';

const secret = fc
  .constantFrom(null, 'env:NAME', 'file:/run/secret')
  .map((reference) => ({ value: new Redacted('canary-secret'), reference }));
const word = fc.stringMatching(/^[A-Za-z][A-Za-z0-9 .'-]{0,30}[a-z]$/);

const trust: fc.Arbitrary<Extract<InitAnswers['directory'], { type: 'active-directory' }>['trust']> = fc.constantFrom(
  { kind: 'system' },
  { kind: 'ca', pem: 'PEM', sha256: 'ab'.repeat(32), subject: 'CN=CA' },
  { kind: 'pin', sha256: 'ab'.repeat(32), subject: 'CN=dc1' },
  { kind: 'ca-file', path: '/etc/ca.pem', pem: 'PEM' },
);

const answers: fc.Arbitrary<InitAnswers> = fc.record({
  directory: fc.oneof(
    fc
      .record({
        type: fc.constant('active-directory' as const),
        name: fc.constantFrom('corp', 'a.b-c'),
        domain: fc.constantFrom('corp.test', ''),
        servers: fc.constant(['ldaps://dc1.corp.test', 'ldaps://dc2.corp.test:1636']),
        areFoundByDns: fc.boolean(),
        trust,
        bindUser: fc.constantFrom('svc@corp.test', 'CORP\\svc', 'CN=svc,DC=corp,DC=test'),
        password: secret,
        searchBases: fc.constantFrom([], ['OU=Staff,DC=corp,DC=test']),
        users: fc.nat(),
      })
      // Without a domain there is nothing to ask DNS for.
      .map((directory) => ({ ...directory, areFoundByDns: directory.areFoundByDns && directory.domain !== '' })),
    fc.record({
      type: fc.constant('ldif' as const),
      name: fc.constant('users'),
      file: fc.constant('/x/users.ldif'),
      searchBases: fc.constant([]),
      users: fc.nat(),
    }),
  ),
  itGlue: fc.record({
    region: fc.constantFrom('us', 'eu', 'au'),
    baseUrl: fc.constantFrom('', 'https://gateway.test'),
    key: secret,
    organization: fc.record({ id: fc.constantFrom('4711', '7651225445526866'), name: word }),
  }),
  psa: fc.option(
    fc
      .record({
        credentials: secret,
        type: fc.constantFrom('bms', 'vorex', 'pulseway', 'connectwise', 'autotask'),
        displayName: word,
        baseUrl: fc.constantFrom('', 'https://api.bmsemea.kaseya.com'),
        field: word,
        company: fc.record({ id: fc.constant('250'), name: word, pinned: fc.boolean() }),
        emailType: fc.oneof(fc.constant(''), word),
        phoneType: fc.oneof(fc.constant(''), word),
        externalKeyField: fc.constantFrom('', 'userDefinedField10'),
      })
      .map(({ credentials, field, ...psa }) => {
        const form = psaForms[psa.type];
        const fields = Object.fromEntries(form.fields.map((question) => [question.field, field]));
        return { ...psa, credentials: { fields, secret: { field: form.secret.field, answer: credentials } } };
      }),
  ),
  proxy: fc.option(
    fc.record({
      url: fc.constantFrom('', 'http://proxy.test:3128'),
      userName: fc.constant('rollcall'),
      password: fc.option(secret),
      caFile: fc.constantFrom('', '/etc/proxy.pem'),
    }),
  ),
  collector: word,
  location: fc.oneof(fc.constant(''), word),
  create: fc.constantFrom('off', 'auto'),
});

describe('the configuration that init writes', () => {
  it('is right whatever was answered, and holds no secret', () => {
    fc.assert(
      fc.property(answers, (given) => {
        // A sign-in to a proxy goes with a proxy.
        const fitting = given.proxy?.url === '' ? { ...given, proxy: { ...given.proxy, password: null } } : given;
        const { document, vault } = buildConfig(fitting);
        const text = JSON.stringify(document);

        const parsed = configSchema.safeParse(JSON.parse(text));
        expect(parsed.error?.issues ?? []).toEqual([]);
        expect(crossCheck(JSON.parse(text))).toEqual([]);
        expect(text).not.toContain('canary-secret');
        // What is referred to in the vault is stored there, and nothing else.
        expect(new Set([...text.matchAll(/"vault:([^"]+)"/g)].map(([, name]) => name))).toEqual(new Set(vault.keys()));
      }),
    );
  });

  it('names the servers of the directory unless DNS names them anew at each read', () => {
    fc.assert(
      fc.property(answers, (given) => {
        const { directory } = given;
        if (directory.type !== 'active-directory') return;
        const [section] = buildConfig(given).document['directories'] as readonly { readonly servers?: readonly string[] }[];

        expect(section?.servers).toEqual(directory.areFoundByDns ? undefined : directory.servers);
      }),
    );
  });

  it('says nothing that is the default anyway', () => {
    const key = { value: new Redacted('x'), reference: null };
    const { document, caFile } = buildConfig({
      directory: { type: 'ldif', name: 'users', file: '/x/users.ldif', searchBases: [], users: 1 },
      itGlue: { region: 'eu', baseUrl: '', key, organization: { id: '4711', name: 'Acme' } },
      psa: null,
      proxy: null,
      collector: 'hq',
      location: '',
      create: 'off',
    });

    expect(document).toEqual({
      collector: { name: 'hq', organization: '4711' },
      directories: [{ name: 'users', type: 'ldif', file: '/x/users.ldif' }],
      itglue: { region: 'eu', apiKey: 'vault:itglue' },
    });
    expect(caFile).toBeNull();
  });
});

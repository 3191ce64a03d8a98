import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { code, counts, cron, date, hash, number, object, ruleId, runNumber, timeZone, version } from '../../../agent/bundle/allow.ts';
import { address, configFacts, settingPath } from '../../../agent/bundle/config-facts.ts';
import { doctorFacts, serviceFacts, statusFacts } from '../../../agent/bundle/document-facts.ts';
import { Pseudonyms } from '../../../agent/bundle/pseudonyms.ts';
import { configJsonSchema } from '../../../agent/config/json-schema.ts';

/** Every word that is a name of a member anywhere, so that what is made up has the shape of the real thing. */
const memberNames = [
  ...new Set(JSON.stringify(configJsonSchema()).match(/"[A-Za-z$]{2,30}"(?=:)/g) ?? []).values(),
  ...[
    'problems',
    'code',
    'part',
    'place',
    'runs',
    'error',
    'counts',
    'held',
    'reason',
    'guards',
    'kind',
    'findings',
    'seen',
    'subject',
    'state',
    'next',
    'current',
  ].map((name) => `"${name}"`),
].map((quoted) => quoted.slice(1, -1));

const canary = 'Zoraqua Quillbane';
const text = fc.constantFrom(
  canary,
  `env:${canary}`,
  `ldaps://${canary.replace(' ', '.')}:636`,
  `CN=${canary},DC=x`,
  `${canary.replace(' ', '.')}@x.test`,
  'sync',
  '2026-11-22T08:30:00Z',
);
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5, depthSize: 'small' },
    text,
    fc.oneof(fc.integer(), fc.boolean(), fc.constant(null)),
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.constantFrom(...memberNames), fc.constant(canary)), tie('tree'), { maxKeys: 6 }),
  ),
}));

describe('what may leave the machine', () => {
  it.each([
    ['configFacts', configFacts],
    ['statusFacts', statusFacts],
    ['serviceFacts', serviceFacts],
    ['doctorFacts', doctorFacts],
  ] as const)('%s lets no text of others pass, whatever it is given', (_name, facts) => {
    fc.assert(
      fc.property(tree, (value) => {
        expect(JSON.stringify(facts(value, new Pseudonyms())) ?? '').not.toMatch(/zoraqua|quillbane/i);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['a code', code, ['DIRECTORY_TIMEOUT', 'ENOSPC', 'ERR_INVALID_URL'], ['ZORA', 'Zora', 'EQ']],
    ['a rule', ruleId, ['M1', 'E10'], ['Z1', 'M100', 'Zora']],
    ['a version', version, ['0.1.0', 'v26.10.0', '1.0.0-rc.1'], ['1.0.0-zora', '1']],
    ['a hash', hash, ['0a1b2c3d'], ['4155550137x', 'ZZZZZZ']],
    ['a date', date, ['2026-11-22T08:30:00.000Z', null], ['22 Nov, Zora', '2026-11-22T08:30:00+01:00']],
    ['a schedule', cron, ['0 */4 * * *', ''], ['4155550137', 'call Zora']],
    ['a time zone', timeZone, ['Europe/Berlin', 'UTC', ''], ['Zora/Quillbane']],
    ['a run', runNumber, ['12'], ['4155550137', '12a']],
  ] as const)('%s has a form of its own', (_what, rule, right, wrong) => {
    for (const value of right) expect(rule(value)).toBe(value);
    for (const value of wrong) expect(rule(value)).toBeUndefined();
  });

  it('members that are not named are dropped, counts under other names are added up', () => {
    expect(object({ a: number })({ a: 1, b: 2, Zora: 3 })).toEqual({ a: 1 });
    expect(counts(['users'])({ users: 3, Zora: 1, Quill: 2 })).toEqual({ users: 3, '(other)': 3 });
  });

  it('addresses keep scheme and port, hosts become pseudonyms that are the same everywhere', () => {
    const names = new Pseudonyms();
    const host = names.of('host', 'dc1.corp.test');
    const rule = address(names);

    expect(rule('ldaps://DC1.corp.test:3269')).toBe(`${host}:3269 (ldaps)`);
    expect(rule('https://dc1.corp.test/hook/token')).toBe(`${host} (https, path not shown)`);
    expect(rule('dc1.corp.test')).toBe(host);
    expect(rule('ldap://127.0.0.1')).toBe('loopback (ldap)');
  });

  it('paths of settings keep only words of the schema', () => {
    expect(settingPath('directories[0].tls.mode')).toBe('directories[0].tls.mode');
    expect(settingPath('organizations["Zora Quill"].psa.zora')).toBe('organizations(…).psa.(…)');
    expect(settingPath('contacts.locationMap.Zora')).toBe('contacts.locationMap.(…)');
  });
});

describe('pseudonyms', () => {
  it('are the same within a bundle whatever the case, and others in the next', () => {
    const one = new Pseudonyms();

    expect(one.of('user', 'Zora')).toBe(one.of('user', ' zora '));
    expect(one.of('user', 'Zora')).toMatch(/^user-[0-9a-f]{10}$/);
    expect(one.of('user', 'Zora').slice(5)).not.toBe(one.of('contact', 'Zora').slice(8));
    expect(one.of('user', 'Zora')).not.toBe(new Pseudonyms().of('user', 'Zora'));
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError } from '../../../agent/config/config-error.ts';
import { loadConfig } from '../../../agent/config/load-config.ts';
import { fullConfig, type Json, smallestConfig, temporaryFolder } from './config-file.ts';

let folder: ReturnType<typeof temporaryFolder>;

beforeEach(() => {
  folder = temporaryFolder();
});

afterEach(() => folder.dispose());

/** The file with these settings on top of its directory's own. */
function withScope(base: Json, scope: Json): Json {
  const [directory] = base['directories'] as readonly Json[];
  return { ...base, psa: { type: 'none' }, directories: [{ ...directory, ...scope }] };
}

async function problemsOf(json: Json): Promise<ConfigError['problems']> {
  const error: unknown = await loadConfig(folder.write('config.json', json)).catch((refusal: unknown) => refusal);
  if (!(error instanceof ConfigError)) throw new Error('the file was taken');
  return error.problems;
}

async function noticesOf(scope: Json, base: Json = fullConfig()): Promise<readonly string[]> {
  return (await loadConfig(folder.write('config.json', withScope(base, scope)))).notices;
}

const staff = 'OU=Staff,DC=corp,DC=example,DC=test';
const sales = `OU=Sales,${staff}`;

describe('a filter of the operator', () => {
  it.each([
    ['(&(a=b)(c=d)', /: "\)" expected, at character 13; expected an LDAP filter.*; found "\(&\(a=b\)\(c=d\)"$/],
    ['(a=b)(c=d)', /: something after its end, at character 6;/],
    ['department=Sales', /: "\(" expected, at character 1; .*in parentheses like/],
    ['(department Sales)', /: a comparison without "=", at character 2;/],
    ['(&)', /: nothing follows "&", at character 3;/],
    ['(1st name=Jo)', /: a bad attribute name, at character 2;/],
    [String.raw`(&(a=b)(cn=a\zz))`, /: a backslash without two hexadecimal digits, at character 9;/],
    ['(cn=Jo (old))', /: "\(" inside a value: write \\28, at character 2;/],
    [`${'(!'.repeat(70)}(a=b)${')'.repeat(70)}`, /: it is nested too deeply, at character/],
  ])('is refused when the file is read, with its place: %s', async (filter, words) => {
    const [found, ...rest] = await problemsOf(withScope(fullConfig(), { filter }));

    expect(found).toMatchObject({
      path: 'directories[0].filter',
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(words) as unknown,
    });
    expect(found?.message.startsWith('directories[0].filter: ')).toBe(true);
    expect(rest).toEqual([]);
  });

  it('is not repeated when it holds an address', async () => {
    const [found] = await problemsOf(withScope(fullConfig(), { filter: '(mail=nora@acme.test' }));

    expect(found?.message).not.toContain('nora');
    expect(found?.message).toContain('at character');
  });

  it.each([
    ['(cn:dn:=x)', /the ":dn" option cannot be judged without a server/],
    ['(&(a=b)(cn:1.2.3.4:=x))', /the matching rule 1\.2\.3\.4 cannot be judged/],
  ])('of an export is refused when it asks for what only a server can judge: %s', async (filter, words) => {
    const [found] = await problemsOf(withScope(smallestConfig(), { filter }));

    expect(found).toMatchObject({ path: 'directories[0].filter', message: expect.stringMatching(words) as unknown });
    await expect(loadConfig(folder.write('other.json', withScope(fullConfig(), { filter })))).resolves.toBeDefined();
  });

  it('C9 is told when it makes that everything is read each time', async () => {
    const filter = '(&(department=Sales)(!(lastLogon<=1)))';
    const words =
      'directories[0].filter: the filter asks for lastlogon, which changes without a change of the user: all users are read each time, not only what changed.';

    expect(await noticesOf({ filter })).toEqual([words]);
    expect(await noticesOf({ filter, delta: false })).toEqual([]);
    expect(await noticesOf({ filter: '(memberOf=CN=A,DC=x)' })).toEqual([]);
    expect(await noticesOf({ filter }, smallestConfig())).toEqual([]);
  });
});

describe('names in a scope', () => {
  it.each<[string, Json, string, RegExp]>([
    [
      'searchBases',
      { searchBases: [staff, 'Staff'] },
      'directories[0].searchBases[1]',
      /an attribute without "=" at character 1; expected/,
    ],
    ['excludeOus', { excludeOus: ['OU=A B" C,DC=x'] }, 'directories[0].excludeOus[0]', /a quote inside a value at character 7;/],
    ['includeGroups', { includeGroups: ['CN=A,=x'] }, 'directories[0].includeGroups[0]', /a bad attribute name at character 6;/],
    ['excludeGroups', { excludeGroups: [''] }, 'directories[0].excludeGroups[0]', /it is empty;/],
  ])('are refused when they are no distinguished names: %s', async (_, scope, path, words) => {
    expect(await problemsOf(withScope(fullConfig(), scope))).toEqual([
      expect.objectContaining({ path, message: expect.stringMatching(words) as unknown }),
    ]);
  });

  it.each<[string, Json, string]>([
    [
      'an OU outside of the search bases',
      { searchBases: [sales], excludeOus: [`OU=Old,${sales}`, 'OU=Plant,DC=corp,DC=example,DC=test'] },
      'directories[0].excludeOus[1] has no effect: it lies outside of the search bases.',
    ],
    [
      'a search base that is left out whole',
      { searchBases: [sales], excludeOus: [staff.toLowerCase()] },
      'directories[0].searchBases[0] brings nobody: excludeOus[0] leaves all of it out.',
    ],
    [
      'a search base within another',
      { searchBases: [sales, staff] },
      'directories[0].searchBases[0] has no effect: it lies within searchBases[1].',
    ],
    [
      'a search base that is there twice',
      { searchBases: [staff, staff.replaceAll(',', ', ')] },
      'directories[0].searchBases[1] has no effect: it lies within searchBases[0].',
    ],
    [
      'a search base of another domain',
      { searchBases: ['OU=Staff,DC=other,DC=example,DC=test'] },
      'directories[0].searchBases[0] belongs to the domain other.example.test, not to corp.example.test: each domain is a directory of its own.',
    ],
    [
      'an excluded OU of another domain',
      { excludeOus: ['OU=Old,DC=other,DC=test'] },
      'directories[0].excludeOus[0] belongs to the domain other.test, not to corp.example.test: each domain is a directory of its own.',
    ],
    [
      'a group that is both in and out',
      { includeGroups: ['CN=A,DC=x'], excludeGroups: ['cn=a, dc=x'] },
      'directories[0].includeGroups[0] brings nobody: it is in excludeGroups too.',
    ],
  ])('are told when they hardly mean what was meant: %s', async (_, scope, notice) => {
    expect(await noticesOf(scope)).toEqual([notice]);
  });

  it.each<[string, Json]>([
    ['excluded OUs of the whole domain', { excludeOus: [sales] }],
    ['a domain written with a dot at its end', { domain: 'corp.example.test.', searchBases: [staff] }],
    ['the short name of a domain beside its servers', { domain: 'CORP', searchBases: [staff] }],
    ['an OU that holds a part of a base', { searchBases: [staff], excludeOus: [sales] }],
  ])('say nothing of %s', async (_, scope) => {
    expect(await noticesOf(scope)).toEqual([]);
  });
});

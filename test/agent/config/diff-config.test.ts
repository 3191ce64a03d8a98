import { describe, expect, it } from 'vitest';
import { diffConfig, rescopedDirectories } from '../../../agent/config/diff-config.ts';
import { type Config, configSchema } from '../../../agent/config/schema.ts';
import { fullConfig, smallestConfig, withValue } from './config-file.ts';

function parsed(raw: unknown): Config {
  return configSchema.parse(raw);
}

function edited(path: readonly (string | number)[], value: unknown): readonly [Config, Config] {
  return [parsed(fullConfig()), parsed(withValue(fullConfig(), path, value))];
}

describe('what an edit of the configuration changed', () => {
  it('is nothing when the same is written in other words', () => {
    const raw = fullConfig();
    const reordered = Object.fromEntries(Object.entries(raw).reverse());

    expect(diffConfig(parsed(raw), parsed(reordered))).toEqual([]);
    expect(diffConfig(parsed(raw), parsed({ ...raw, log: { level: 'info' } })), 'a default that is written out').toEqual([]);
  });

  it.each([
    [['schedule', 'scan'], '0 6 * * *', [{ path: 'schedule.scan', from: '"0 */4 * * *"', to: '"0 6 * * *"' }]],
    [['contacts', 'create'], 'auto', [{ path: 'contacts.create', from: '"off"', to: '"auto"' }]],
    [['limits', 'update'], { floor: 5 }, [{ path: 'limits.update.floor' }, { path: 'limits.update.share' }]],
    [['contacts', 'fields'], { title: 'clear' }, [{ path: 'contacts.fields.title', from: null, to: '"clear"' }]],
    [['directories', 0, 'filter'], '(mail=*)', [{ path: 'directories.corp.filter', from: '""', to: '"(mail=*)"' }]],
  ])('is told setting by setting: %j', (path, value, changes) => {
    const told = diffConfig(...edited(path, value));

    expect(told.length).toBeGreaterThan(0);
    for (const change of told)
      expect(
        changes.some((expected) => matches(change, expected)),
        JSON.stringify(told),
      ).toBe(true);
  });

  it('tells directories apart by name: one that moved in the list did not change, one that came is told', () => {
    const one = { name: 'corp', type: 'ldif', file: '/a.ldif' };
    const two = { name: 'plant', type: 'ldif', file: '/b.ldif' };
    const before = parsed({ ...smallestConfig(), directories: [one, two] });

    expect(diffConfig(before, parsed({ ...smallestConfig(), directories: [two, one] }))).toEqual([]);
    expect(diffConfig(before, parsed({ ...smallestConfig(), directories: [one] }))).toMatchObject([
      { path: 'directories.plant', to: null },
    ]);
    expect(diffConfig(parsed({ ...smallestConfig(), directories: [one] }), before)).toMatchObject([
      { path: 'directories.plant', from: null },
    ]);
  });

  it.each([['webhook'], ['heartbeatUrl']])('does not show notify.%s, whose path is a secret; that it changed is told', (setting) => {
    const before = parsed({ ...smallestConfig(), notify: { [setting]: 'https://hooks.example.test/canary-1' } });
    const after = parsed({ ...smallestConfig(), notify: { [setting]: 'https://hooks.example.test/canary-2' } });
    const stored = parsed({ ...smallestConfig(), notify: { [setting]: 'vault:hook' } });
    const none = parsed(smallestConfig());

    expect(diffConfig(before, after)).toEqual([{ path: `notify.${setting}`, from: '(not shown)', to: '(not shown)' }]);
    expect(diffConfig(before, stored)).toEqual([{ path: `notify.${setting}`, from: '(not shown)', to: '"vault:hook"' }]);
    expect(diffConfig(none, after)).toEqual([{ path: `notify.${setting}`, from: '""', to: '(not shown)' }]);
  });

  it('shows of secrets the references alone, for nothing else can stand in a file', () => {
    expect(diffConfig(...edited(['itglue', 'apiKey'], 'vault:it-glue'))).toEqual([
      { path: 'itglue.apiKey', from: '"env:ITGLUE_KEY"', to: '"vault:it-glue"' },
    ]);
    expect(() => edited(['itglue', 'apiKey'], 'ITG.canary-0123456789')).toThrow();
  });

  it('cuts a value that would fill the page', () => {
    const groups = Array.from({ length: 60 }, (_, index) => `CN=Group ${index},DC=corp,DC=example,DC=test`);

    const [change] = diffConfig(...edited(['directories', 0, 'excludeGroups'], groups));

    expect(change?.path).toBe('directories.corp.excludeGroups');
    expect(change?.to).toHaveLength(201);
    expect(change?.to?.endsWith('…')).toBe(true);
  });
});

function matches(change: object, expected: object): boolean {
  return Object.entries(expected).every(([key, value]) => Reflect.get(change, key) === value);
}

describe('directories whose scope an edit changed', () => {
  it.each([
    ['the filter', ['directories', 0, 'filter'], '(mail=*)', ['corp']],
    ['the search bases', ['directories', 0, 'searchBases'], ['OU=Staff,DC=corp,DC=example,DC=test'], ['corp']],
    ['the organization', ['directories', 0, 'organization'], '4712', ['corp']],
    ['the certificate, whose account may see others', ['directories', 0, 'tls'], { certFile: 'svc.pem', keyFile: 'svc.key' }, ['corp']],
    ['the account, which may see others', ['directories', 0, 'bindDn'], 'other@corp.example.test', ['corp']],
    ['another server of the same domain', ['directories', 0, 'servers'], ['ldaps://dc2.corp.example.test'], []],
    ['the schedule', ['schedule', 'scan'], '0 6 * * *', []],
  ])('%s', (_name, path, value, expected) => {
    expect(rescopedDirectories(...edited(path, value))).toEqual(expected);
  });

  it('are those of the collector’s organization too when that becomes another one', () => {
    expect(rescopedDirectories(...edited(['collector', 'organization'], '4712'))).toEqual(['corp']);
  });

  it('are also those that came or went', () => {
    const [before, after] = edited(['directories', 0, 'name'], 'plant');

    expect(rescopedDirectories(before, after)).toEqual(['corp', 'plant']);
  });
});

import { describe, expect, it } from 'vitest';
import type { ActiveDirectoryConfig } from '../../../../agent/directory/active-directory/config.ts';
import { hasScope } from '../../../../agent/directory/active-directory/has-scope.ts';
import { scopeKeyOf, searchBasesOf } from '../../../../agent/directory/active-directory/read-scope.ts';

const root = 'DC=corp,DC=example,DC=test';

function config(changes: Partial<ActiveDirectoryConfig> = {}): ActiveDirectoryConfig {
  return {
    name: 'corp',
    domain: 'corp.example.test',
    servers: ['ldaps://dc1.corp.example.test'],
    bindDn: 'svc@corp.example.test',
    password: 'x',
    searchBases: [],
    filter: '',
    excludeOus: [],
    includeGroups: [],
    excludeGroups: [],
    tls: { mode: 'ldaps', caFile: '', serverName: '', pinSha256: '', verify: true },
    pageSize: 200,
    parsePhone: (raw) => ({ raw, e164: null, extension: null }),
    ...changes,
  };
}

/** The key of a read under a configuration of the domain with this root. */
function keyOf(changes: Partial<ActiveDirectoryConfig> = {}, domainRoot = root): string {
  return scopeKeyOf(config(changes), searchBasesOf(config(changes), domainRoot));
}

const staff = `OU=Staff,${root}`;
const scopes: readonly Partial<ActiveDirectoryConfig>[] = [
  {},
  { searchBases: [staff] },
  { searchBases: [`OU=Sales,${staff}`] },
  { searchBases: [root] },
  { filter: '(department=Sales)' },
  { excludeOus: [staff] },
  { includeGroups: [`CN=All,${root}`] },
  { excludeGroups: [`CN=All,${root}`] },
  { bindDn: 'other@corp.example.test' },
  { bindDn: '', tls: { ...config().tls, certFile: '/etc/rollcall/svc.pem' } },
];

describe('whether a read had the scope that is configured now', () => {
  it.each(scopes.map((scope, index) => [index, scope] as const))('C1 is what a read would find out: %i %j', (_, scope) => {
    for (const other of scopes) expect(hasScope(config(scope), keyOf(other))).toBe(keyOf(scope) === keyOf(other));
  });

  it('does not change with the spelling, or with bases within others', () => {
    const spelt = { searchBases: ['ou=STAFF, dc=corp,dc=example,dc=test', `OU=Sales,${staff}`], bindDn: 'SVC@corp.example.test' };

    expect(hasScope(config(spelt), keyOf({ searchBases: [staff] }))).toBe(true);
  });

  it('is no when the whole of another domain was read', () => {
    const other = keyOf({}, 'DC=other,DC=test');

    expect(hasScope(config(), other)).toBe(false);
    expect(hasScope(config({ domain: 'corp.example.test.' }), keyOf())).toBe(true);
    // Nothing says which domain it is: the servers are the same.
    expect(hasScope(config({ domain: '' }), keyOf())).toBe(true);
    expect(hasScope(config({ domain: 'CORP' }), keyOf())).toBe(true);
  });

  it.each(['', 'nonsense', '{}', '[1,2]', '["",["a=b",3]]', 'null'])('is no for what is no scope: %j', (key) => {
    expect(hasScope(config(), key)).toBe(false);
    expect(hasScope(config({ searchBases: [staff] }), key)).toBe(false);
  });
});

import { describe, expect, it } from 'vitest';
import { scopeKey } from '../../../agent/directory/scope-key.ts';

const words = {
  reader: 'svc@corp.example.test',
  searchBases: ['OU=a,DC=test', 'OU=b,DC=test'],
  filter: '(mail=*)',
  excludeOus: ['OU=x,OU=a,DC=test'],
  includeGroups: ['CN=g,DC=test'],
  excludeGroups: ['CN=h,DC=test'],
};

describe('the scope of a read', () => {
  it('C1 is the same in another order and spelling', () => {
    const other = { ...words, reader: 'SVC@corp.example.test', searchBases: ['ou=B, dc=test', 'OU=a,DC=test'], filter: ' (mail=*) ' };

    expect(scopeKey(other)).toBe(scopeKey(words));
  });

  it.each([
    [{ reader: 'other@corp.example.test' }],
    [{ searchBases: ['OU=a,DC=test'] }],
    [{ filter: '' }],
    [{ excludeOus: [] }],
    [{ includeGroups: ['CN=h,DC=test'] }],
    [{ excludeGroups: [] }],
  ])('C1 changes with %j', (change) => {
    expect(scopeKey({ ...words, ...change })).not.toBe(scopeKey(words));
  });

  it('C1 keeps lists apart', () => {
    expect(scopeKey({ ...words, includeGroups: words.excludeGroups, excludeGroups: words.includeGroups })).not.toBe(scopeKey(words));
  });
});

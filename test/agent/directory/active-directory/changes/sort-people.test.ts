import { describe, expect, it } from 'vitest';
import type { ChangedObject } from '../../../../../agent/directory/active-directory/changes/changed-object.ts';
import { sortPeople } from '../../../../../agent/directory/active-directory/changes/sort-people.ts';

function changed(id: string | null, more: Partial<ChangedObject> = {}): ChangedObject {
  return { dn: `CN=${id},DC=corp,DC=test`, id, isDeleted: false, lastParent: null, attributes: new Set(), createdUsn: null, ...more };
}

const deleted = { isDeleted: true, lastParent: 'OU=Staff,DC=corp,DC=test' };

describe('users that a server names as changed', () => {
  it('are read again, or known to be deleted; without an id they are nobody', () => {
    const { evidence, wanted } = sortPeople([changed('a'), changed('b', deleted), changed(null)]);

    expect([...wanted]).toEqual(['a']);
    expect([...evidence.values()]).toEqual([{ immutableId: 'b', found: 'deleted', why: 'it was deleted from OU=Staff,DC=corp,DC=test' }]);
  });

  it('C10 count as deleted when they were deleted between two answers', () => {
    const { evidence, wanted } = sortPeople([changed('a'), changed('a', deleted)]);

    expect([[...wanted], [...evidence.keys()]]).toEqual([[], ['a']]);
  });

  it('C10 do not count as deleted when they were restored between two answers', () => {
    const { evidence, wanted } = sortPeople([changed('a', deleted), changed('a')]);

    expect([[...wanted], [...evidence.keys()]]).toEqual([['a'], []]);
  });
});

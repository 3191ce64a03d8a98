import { describe, expect, it } from 'vitest';
import { judgePutBack, type PutBackVerdict, type StoreMarks } from '../../../core/upgrade/store-put-back.ts';

const store: StoreMarks = { layout: 10, activity: '3 runs', backup: 'b' };
const backup: StoreMarks = { layout: 9, activity: '3 runs', backup: null };

describe('a store that a later release has migrated', () => {
  it.each<readonly [string, StoreMarks, StoreMarks | null, PutBackVerdict]>([
    ['gives way to its backup when nothing was done with it since', store, backup, 'put back'],
    ['stays when it is not later at all', { ...store, layout: 9 }, backup, 'not needed'],
    ['stays without a backup', store, null, 'no backup'],
    ['H1 stays when there was a run, a write or a decision since', { ...store, activity: '4 runs' }, backup, 'worked with'],
    ['H1 stays when it cannot tell', { ...store, activity: null }, backup, 'cannot be proven'],
    ['H1 stays when the backup cannot tell', store, { ...backup, activity: null }, 'cannot be proven'],
    ['looks for the backup of its backup when that is later too', { ...store, layout: 11 }, { ...backup, layout: 10 }, 'look further'],
    ['H1 does not look further when something was done between', store, { ...backup, layout: 10, activity: '2 runs' }, 'worked with'],
  ])('%s', (_, first, second, verdict) => {
    expect(judgePutBack(first, second, 9)).toBe(verdict);
  });
});

import { describe, expect, it } from 'vitest';
import { proveRead } from '../../../core/collect/prove-read.ts';
import type { ReadProof } from '../../../core/ports/directory-source.ts';
import type { ReadRecord } from '../../../core/ports/store.ts';
import { readProof, readRecord } from '../../fixtures/build.ts';

function gaps(proof: Partial<ReadProof>, latestFull: ReadRecord | null = null, latest: ReadRecord | null = latestFull) {
  const verdict = proveRead(readProof(proof), { latest, latestFull });
  return verdict.complete ? [] : verdict.gaps;
}

const before = readRecord({ proof: { users: 10, containers: 5 } });
const refused = (proof: Partial<ReadProof>) => readRecord({ id: 2, outcome: 'incomplete', proof });

describe('proveRead', () => {
  it('C1 a first read that reached its end is complete', () => {
    expect(gaps({ users: 0, containers: 1 })).toEqual([]);
  });

  it('C1 a read with gaps is incomplete, and says which', () => {
    expect(gaps({ complete: false, gaps: ['size limit exceeded'] })).toEqual(['size limit exceeded']);
    expect(gaps({ gaps: ['a value range was left unread'] })).toEqual(['a value range was left unread']);
  });

  it('C1 a read that did not prove its end is incomplete without a reason too', () => {
    expect(gaps({ complete: false })).toEqual(['the read did not reach its proven end']);
  });

  it('C1 as many or more readable containers are fine', () => {
    expect(gaps({ containers: 5 }, before)).toEqual([]);
    expect(gaps({ containers: 6 }, before)).toEqual([]);
  });

  it('C1 fewer readable containers than last time make it unproven', () => {
    expect(gaps({ containers: 4 }, before)).toEqual(['only 4 of 5 organizational units and containers can be read now']);
  });

  it.each([
    [3, 4, []],
    [3, 9, []],
    [0, 1, []],
    [4, 4, ['only 4 of 5 organizational units and containers can be read now']],
    // Old tombstones are dropped: that accounts for nothing.
    [4, 2, ['only 4 of 5 organizational units and containers can be read now']],
    [undefined, 4, ['only 4 of 5 organizational units and containers can be read now']],
    [3, undefined, ['only 4 of 5 organizational units and containers can be read now']],
  ])('C1 one container fewer, and %s deleted ones before, %s now: %j', (deletedBefore, deletedNow, expected) => {
    const seen = (count: number | undefined) => (count === undefined ? {} : { containersDeleted: count });

    expect(gaps({ containers: 4, ...seen(deletedNow) }, readRecord({ proof: { containers: 5, ...seen(deletedBefore) } }))).toEqual(
      expected,
    );
  });

  it('C1 says which of the missed ones are accounted for', () => {
    const earlier = readRecord({ proof: { containers: 9, containersDeleted: 1 } });

    expect(gaps({ containers: 4, containersDeleted: 3 }, earlier)).toEqual([
      'only 4 of 9 organizational units and containers can be read now, 2 of the others were deleted',
    ]);
  });

  it('C9 a read of changes is not held against the number of containers, or of users', () => {
    expect(gaps({ kind: 'changes', users: 0, containers: 0 }, before)).toEqual([]);
  });

  it('C1 no user where there were some makes it unproven', () => {
    expect(gaps({ users: 0 }, before)).toEqual(['it brought no user, the last complete read brought 10']);
  });

  it('C1 fewer users alone are normal', () => {
    expect(gaps({ users: 1 }, before)).toEqual([]);
  });

  it('C1 after the scope changed a read is complete for presence', () => {
    expect(gaps({ scopeKey: 'scope-2', containers: 1, users: 0 }, before)).toEqual([]);
  });

  it('C1 the number that was refused last time is how it is now', () => {
    expect(gaps({ containers: 4 }, before, refused({ containers: 4 }))).toEqual([]);
    expect(gaps({ containers: 3 }, before, refused({ containers: 4 }))).toHaveLength(1);
  });

  it('C1 a refusal under another scope says nothing about this one', () => {
    expect(gaps({ containers: 4 }, before, refused({ containers: 4, scopeKey: 'scope-2' }))).toHaveLength(1);
  });

  it('C1 a failed read in between says nothing', () => {
    expect(gaps({ containers: 4 }, before, readRecord({ id: 2, outcome: 'failed', proof: null }))).toHaveLength(1);
  });
});

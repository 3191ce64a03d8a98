import { describe, expect, it } from 'vitest';
import { judgeUpload } from '../../../../agent/pipeline/land/judge-upload.ts';
import { nextMark, readMark } from '../../../../agent/pipeline/land/landed-mark.ts';
import { ownClock } from '../../../../agent/pipeline/land/own-clock.ts';
import type { ReadProof } from '../../../../core/ports/directory-source.ts';
import { sampleProof } from '../../../contract/store.samples.ts';

const one = '1'.repeat(32);
const two = '2'.repeat(32);
const { family } = sampleProof(0);
const mark = { uploadId: 'a'.repeat(32), storeId: one, read: 7, formerStores: [two] };

function upload(
  storeId: string,
  read: number,
  base: number | null,
  change: { proof?: ReadProof; uploadId?: string; isLater?: boolean } = {},
) {
  return { uploadId: 'b'.repeat(32), isLater: false, storeId, read, base, proof: sampleProof(0), ...change };
}

describe('H2 an upload, by the state that the hub has', () => {
  it.each<[string, ReturnType<typeof upload>, typeof mark | null, string]>([
    ['whole, and the hub has none', upload(one, 1, null), null, 'land'],
    ['whole, and newer', upload(one, 8, null), mark, 'land'],
    ['whole, of a store that is new to the hub', upload('3'.repeat(32), 1, null), mark, 'land'],
    ['what changed since the state that the hub has', upload(one, 8, 7), mark, 'land'],
    ['sent twice', upload(one, 7, null, { uploadId: mark.uploadId }), mark, 'known'],
    ['sent twice, as changes', upload(one, 7, 5, { uploadId: mark.uploadId }), mark, 'known'],
    ['sent twice, in other pages', upload(one, 7, null), mark, 'known'],
    ['sent twice, as changes in other pages', upload(one, 7, 5), mark, 'HUB_BASE_UNKNOWN'],
    ['overtaken by a later one', upload(one, 6, null), mark, 'known'],
    ['of a store that was set back, with a number that was used before', upload(one, 7, null, { isLater: true }), mark, 'land'],
    ['of a store that was set back, with an earlier number', upload(one, 4, null, { isLater: true }), mark, 'land'],
    ['what changed in a store that was set back', upload(one, 7, 5, { isLater: true }), mark, 'HUB_BASE_UNKNOWN'],
    ['replayed from a store that was replaced', upload(two, 99, null), mark, 'HUB_UPLOAD_CONFLICT'],
    ['whole, of a store that was put back in place of its successor', upload(two, 9, null, { isLater: true }), mark, 'land'],
    ['what changed in a store that was put back', upload(two, 9, 8, { isLater: true }), mark, 'HUB_BASE_UNKNOWN'],
    ['what changed since an older state', upload(one, 8, 6), mark, 'HUB_BASE_UNKNOWN'],
    ['what changed since a state that a restored hub has lost', upload(one, 9, 8), mark, 'HUB_BASE_UNKNOWN'],
    ['what changed, and the hub has none', upload(one, 8, 7), null, 'HUB_BASE_UNKNOWN'],
    ['what changed in another store', upload('3'.repeat(32), 8, 7), mark, 'HUB_BASE_UNKNOWN'],
    [
      'what changed of another family (D1)',
      upload(one, 8, 7, { proof: sampleProof(0, { family: 'ad:other.test' }) }),
      mark,
      'HUB_BASE_UNKNOWN',
    ],
  ])('%s', (_name, given, has, expected) => {
    const verdict = judgeUpload(given, { mark: has, family: has === null ? null : family });

    expect(verdict.kind === 'refuse' ? verdict.code : verdict.kind).toBe(expected);
  });

  it('remembers the stores before the one that it has, so that nothing of theirs is taken again', () => {
    const replaced = nextMark(mark, { uploadId: 'b'.repeat(32), storeId: '3'.repeat(32), read: 1 });

    expect(replaced.formerStores).toEqual([one, two]);
    expect(nextMark(replaced, { uploadId: 'c'.repeat(32), storeId: '3'.repeat(32), read: 2 }).formerStores).toEqual([one, two]);
    expect(nextMark(replaced, { uploadId: 'd'.repeat(32), storeId: two, read: 9 }).formerStores).toEqual(['3'.repeat(32), one]);
    expect(readMark(JSON.parse(JSON.stringify(replaced)) as typeof replaced)).toEqual(replaced);
    expect(readMark(null)).toBeNull();
    expect(readMark({ cookie: 'of a directory' })).toBeNull();
  });
});

describe('D3 the moments of a collector, by the hub’s clock', () => {
  const noon = Date.UTC(2026, 10, 22, 12);
  const hour = 3_600_000;

  it.each([
    ['right', 0],
    ['an hour ahead', hour],
    ['a year behind', -365 * 24 * hour],
  ])('are the same whatever the collector’s clock says: %s', (_name, ahead) => {
    const clock = ownClock({ clock: noon + ahead }, noon);

    expect(clock.at(noon + ahead - hour)).toBe(noon - hour);
    expect(clock.absence({ grade: 'gone', since: noon + ahead - 2 * hour, fullReads: 1, checkedAt: noon + ahead - hour, why: '' })).toEqual(
      {
        grade: 'gone',
        since: noon - 2 * hour,
        fullReads: 1,
        checkedAt: noon - hour,
        why: '',
      },
    );
  });

  it('are moments that can be told, whatever a clock says', () => {
    const first = -8_640_000_000_000_000;

    expect(ownClock({ clock: -first }, noon).at(first)).toBe(0);
    expect(
      ownClock({ clock: -first }, noon).absence({ grade: 'gone', since: first, fullReads: 1, checkedAt: first, why: '' }),
    ).toMatchObject({
      since: 0,
      checkedAt: 0,
    });
  });

  it('never lie ahead of the hub’s own', () => {
    expect(ownClock({ clock: noon }, noon).at(noon + hour)).toBe(noon);
  });
});

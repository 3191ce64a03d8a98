import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { cutPages, largestPages } from '../../../agent/hub/client/cut-pages.ts';
import { type PackedState, packState } from '../../../agent/hub/client/pack-pages.ts';
import type { SourceState, SourceStatePage } from '../../../core/ports/store.ts';
import { sampleEntry } from '../../contract/store.samples.ts';

const size = { ...largestPages, records: 10 };

/** Counts how often it was gone through. */
class CountedState implements Pick<SourceState, 'pages'> {
  timesRead = 0;

  async *pages(mostRecords: number): AsyncGenerator<SourceStatePage> {
    this.timesRead += 1;
    for (let from = 0; from < 45; from += mostRecords) {
      const count = Math.min(mostRecords, 45 - from);
      const entries = Array.from({ length: count }, (_, index) => sampleEntry(String(from + index).padStart(3, '0')));
      yield { entries, absences: [], logons: [] };
    }
  }
}

async function sent(packed: PackedState, numbers: readonly number[]): Promise<readonly (readonly [number, string, string])[]> {
  const found: (readonly [number, string, string])[] = [];
  for await (const { number, sha256, gzip } of packed.pages(new Set(numbers))) found.push([number, sha256, gunzipSync(gzip).toString()]);
  return found;
}

async function expected(numbers: readonly number[]): Promise<readonly (readonly [number, string, string])[]> {
  const found: (readonly [number, string, string])[] = [];
  for await (const { number, sha256, text } of cutPages(new CountedState(), size)) {
    if (numbers.includes(number)) found.push([number, sha256, text]);
  }
  return found;
}

describe('packing a state', () => {
  it('H2 names all pages and hands out those that are asked for, in their order, from one reading', async () => {
    const state = new CountedState();
    const packed = await packState(state, size);
    expect(packed.digests).toEqual((await expected([1, 2, 3, 4, 5])).map(([, sha256]) => sha256));
    expect(await sent(packed, [5, 2, 3])).toEqual(await expected([2, 3, 5]));
    expect(await sent(packed, [1, 2, 3, 4, 5])).toEqual(await expected([1, 2, 3, 4, 5]));
    expect(await sent(packed, [])).toEqual([]);
    expect(state.timesRead).toBe(1);
  });

  it('H2 keeps no more bytes than it may, and packs what is beyond once more when it is asked for', async () => {
    const [first, second] = await sentSizes();
    const state = new CountedState();
    const packed = await packState(state, size, first + second);
    expect(await sent(packed, [1, 2])).toEqual(await expected([1, 2]));
    expect(state.timesRead).toBe(1);
    expect(await sent(packed, [1, 2, 3, 4, 5])).toEqual(await expected([1, 2, 3, 4, 5]));
    expect(state.timesRead).toBe(2);
    expect(packed.digests).toEqual((await expected([1, 2, 3, 4, 5])).map(([, sha256]) => sha256));
  });
});

async function sentSizes(): Promise<readonly [number, number]> {
  const sizes: number[] = [];
  for await (const { gzip } of (await packState(new CountedState(), size)).pages(new Set([1, 2]))) sizes.push(gzip.length);
  return [sizes[0] ?? 0, sizes[1] ?? 0];
}

import { describe, expect, it } from 'vitest';
import { cutPages, largestPages, type Page, type PageSize, smallerPages } from '../../../agent/hub/client/cut-pages.ts';
import { announce } from '../../../agent/hub/client/manifest.ts';
import { uploadLimits } from '../../../agent/hub/protocol/limits.ts';
import { uploadPage } from '../../../agent/hub/protocol/uploads.ts';
import { organizationId } from '../../../core/model/ids.ts';
import type { ReadRecord, SourceState, SourceStatePage } from '../../../core/ports/store.ts';
import { sampleAbsence, sampleEntry, sampleProof } from '../../contract/store.samples.ts';

function stateOf(...pages: readonly SourceStatePage[]): Pick<SourceState, 'pages'> {
  return {
    async *pages() {
      yield* pages;
    },
  };
}

async function cut(pages: readonly SourceStatePage[], size: Partial<PageSize> = {}): Promise<readonly Page[]> {
  const found: Page[] = [];
  for await (const page of cutPages(stateOf(...pages), { ...largestPages, ...size })) found.push(page);
  return found;
}

const none: SourceStatePage = { entries: [], absences: [], logons: [] };

describe('the pages of an upload', () => {
  it('H2 are the same each time, and hold everything once and in order', async () => {
    const entries = Array.from({ length: 50 }, (_, index) => sampleEntry(String(index).padStart(3, '0')));
    const absences = Array.from({ length: 5 }, (_, index) => [`x${index}`, sampleAbsence('missing')] as const);
    const logons = Array.from({ length: 9 }, (_, index) => [`l${index}`, index] as const);
    const state = [
      { ...none, entries, absences },
      { ...none, logons },
    ];
    const pages = await cut(state, { textBytes: 5_000 });
    const read = pages.map(({ text }) => uploadPage.parse(JSON.parse(text)));

    expect(pages.map(({ number }) => number)).toEqual(pages.map((_, index) => index + 1));
    expect(pages.every(({ text }) => Buffer.byteLength(text) <= 5_000)).toBe(true);
    expect(read.flatMap((page) => page.entries.map(({ immutableId }) => immutableId))).toEqual(
      entries.map(({ immutableId }) => immutableId),
    );
    expect(read.flatMap((page) => page.absences.map(([id]) => id))).toEqual(absences.map(([id]) => id));
    expect(read.flatMap((page) => page.logons.map(([id]) => id))).toEqual(logons.map(([id]) => id));
    expect(await cut(state, { textBytes: 5_000 })).toEqual(pages);
  });

  it('let a user pass who is larger than a page alone, and say when one is larger than a hub takes', async () => {
    const large = sampleEntry('a', 'x'.repeat(20_000));
    expect(await cut([{ ...none, entries: [large, sampleEntry('b')] }], { textBytes: 5_000 })).toHaveLength(2);
    const huge = sampleEntry('a', 'x'.repeat(uploadLimits.pageTextBytes));
    await expect(cut([{ ...none, entries: [huge] }])).rejects.toMatchObject({ code: 'HUB_UPLOAD_TOO_LARGE' });
  });

  it('become smaller a few times, not for ever', () => {
    let size: PageSize | null = largestPages;
    const records: number[] = [];
    while (size !== null) {
      records.push(size.records);
      size = smallerPages(size);
    }
    expect(records).toEqual([1_000, 200, 40, 10]);
  });
});

describe('the announcement of an upload', () => {
  const read: ReadRecord = {
    id: 7,
    organization: organizationId('4711'),
    collector: 'hq',
    directory: 'corp',
    sourceType: 'ldif',
    startedAt: 1,
    finishedAt: 2,
    outcome: 'complete',
    proof: sampleProof(3, { kind: 'changes', fullBecause: 'for some reason' }),
    error: null,
  };
  const state = { read, base: null, counts: { entries: 40, absences: 0, logons: 0 }, survey: null };
  const facts = { storeId: 'a'.repeat(32), pages: ['b'.repeat(64)], clock: 5 };

  it('H2 names the same content alike whenever it is sent, and other content otherwise', () => {
    const { id } = announce(state, facts);
    expect(announce(state, { ...facts, clock: 9 }).id).toBe(id);
    expect(announce({ ...state, base: 3 }, facts).id).not.toBe(id);
    expect(announce(state, { ...facts, pages: ['c'.repeat(64)] }).id).not.toBe(id);
    expect(announce(state, { ...facts, storeId: 'd'.repeat(32) }).id).not.toBe(id);
  });

  it('C1 proves what is sent, whatever the read behind it was', () => {
    expect(announce(state, facts).manifest.proof).toMatchObject({ kind: 'full', users: 40, fullBecause: 'for some reason' });
    const { proof } = announce({ ...state, base: 3 }, facts).manifest;
    expect(proof).toMatchObject({ kind: 'changes', users: 40 });
    expect(proof.fullBecause).toBeUndefined();
  });

  it('is refused here when no hub would take it', () => {
    const named = (directory: string) => () => announce({ ...state, read: { ...read, directory } }, facts);
    expect(named('x'.repeat(300))).toThrow(
      expect.objectContaining({ code: 'HUB_UPLOAD_INVALID', place: { directory: 'x'.repeat(300), where: 'directory' } }),
    );
    const pages = Array.from({ length: uploadLimits.pages + 1 }, () => 'b'.repeat(64));
    expect(() => announce(state, { ...facts, pages })).toThrow(expect.objectContaining({ code: 'HUB_UPLOAD_TOO_LARGE' }));
  });
});

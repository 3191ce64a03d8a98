import { afterEach, describe, expect, it } from 'vitest';
import type { ItGlueApi, Query } from '../../../agent/it-glue/api.ts';
import { readUpdatedContacts } from '../../../agent/it-glue/updated-contacts.ts';
import { RollcallError } from '../../../core/errors.ts';
import { type ItGlueTest, parseTestPhone, startItGlueTest } from './it-glue-harness.ts';

const start = Date.UTC(2026, 0, 5, 8);
const minuteMs = 60_000;

interface Row {
  readonly id: number;
  readonly at: number | null;
}

interface AccountOptions {
  /** Called after each page; may change the rows. */
  readonly between?: (page: number) => void;
  /** The most rows in a page. */
  readonly limit?: number;
  /** Default: true. */
  readonly sorts?: boolean;
}

/** An account of these rows. */
function account(rows: Row[], { between = () => undefined, limit = 1_000, sorts = true }: AccountOptions = {}) {
  const asked: Query[] = [];
  const api: Pick<ItGlueApi, 'read'> = {
    async read(_path, query) {
      asked.push(query);
      const number = Number(query['page[number]']);
      const size = Math.min(limit, Number(query['page[size]']));
      // As the database does it: nulls first, and nobody's order among equals unless it is asked for.
      const tie = query['sort']?.endsWith(',id') === true ? 1 : (-1) ** number;
      const newestFirst = rows.toSorted((a, b) => (b.at ?? Number.MAX_VALUE) - (a.at ?? Number.MAX_VALUE) || tie * (a.id - b.id));
      const sorted = sorts ? newestFirst : rows;
      const data = sorted.slice((number - 1) * size, number * size).map(({ id, at }) => ({
        id: String(id),
        type: 'contacts',
        attributes: { 'organization-id': 1, 'first-name': 'Ada', 'updated-at': at === null ? null : new Date(at).toISOString() },
      }));
      const json = { data, meta: { 'total-count': rows.length } };
      between(number);
      return { answer: { status: 200, headers: {}, text: '' }, json } as never;
    },
  };
  const read = async (since: number, most = 1_000) => {
    const { contacts, complete } = await readUpdatedContacts(api as ItGlueApi, parseTestPhone, { since, most });
    return { ids: contacts.map(({ id }) => Number(id)), complete };
  };
  return { read, asked };
}

/** Rows a second apart, the newest being number 1. */
function rowsOf(count: number): Row[] {
  return Array.from({ length: count }, (_, index) => ({ id: index + 1, at: start - index * 1_000 }));
}

function numbers(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

describe('P9 the list of updated contacts', () => {
  it('is not read to its end for contacts without a date, which stand before all others', async () => {
    const undated = Array.from({ length: 5_000 }, (_, index) => ({ id: index + 1, at: null }));
    const { read, asked } = account(undated);

    expect(await read(start, 200)).toEqual({ ids: [], complete: false });
    expect(asked.length).toBeLessThan(10);
  });

  it('takes no contact twice when updates move the pages down, and leaves what moved up to the next look', async () => {
    const rows = rowsOf(250);
    const { read } = account(rows, {
      between: (page) => {
        if (page === 1) rows[219] = { id: 220, at: start + minuteMs };
      },
    });

    const { ids, complete } = await read(0);

    expect(complete).toBe(true);
    expect(ids).toEqual(numbers(1, 250).filter((id) => id !== 220));
    expect((await read(start)).ids).toEqual([220, 1]);
  });

  it('is read again when a deletion moves the pages up', async () => {
    const rows = rowsOf(250);
    const { read, asked } = account(rows, {
      between: () => {
        if (rows.length === 250) rows.splice(10, 1);
      },
    });

    expect(await read(0)).toEqual({ ids: numbers(1, 250).filter((id) => id !== 11), complete: true });
    expect(asked.map((query) => query['page[number]'])).toEqual(['1', '2', '3', '1', '2', '3']);
  });

  it('is read again when a deletion makes up for a creation in another gap', async () => {
    const rows = rowsOf(250);
    let round = 0;
    const { read } = account(rows, {
      between: (page) => {
        round += page === 1 ? 1 : 0;
        if (round === 1 && page === 1) rows.unshift({ id: 900, at: start + minuteMs });
        if (round === 1 && page === 2) rows.splice(50, 1);
      },
    });

    const { ids, complete } = await read(0);

    expect(complete).toBe(true);
    expect(ids).toHaveLength(250);
  });

  it('is not complete when it shrinks each time', async () => {
    const rows = rowsOf(400);
    const { read } = account(rows, { between: () => void rows.splice(10, 1) });

    expect((await read(0)).complete).toBe(false);
  });

  it('goes on behind contacts without a date, wherever they stand', async () => {
    const rows = [...rowsOf(3), ...numbers(501, 720).map((id) => ({ id, at: null }))];

    expect(await account(rows).read(start - 2_000)).toEqual({ ids: [1, 2, 3], complete: true });
  });

  it('takes each contact of equal date once, however the pages cut them', async () => {
    const rows = numbers(1, 350).map((id) => ({ id, at: start }));
    const { ids, complete } = await account(rows).read(start);

    expect(complete).toBe(true);
    expect(ids.toSorted((a, b) => a - b)).toEqual(numbers(1, 350));
  });

  it('goes on when the server gives shorter pages than asked for', async () => {
    expect((await account(rowsOf(170), { limit: 50 }).read(0)).ids).toEqual(numbers(1, 170));
  });

  it('ends at what is asked for at most, whatever there is', async () => {
    const { read, asked } = account(rowsOf(5_000));

    expect(await read(0, 150)).toEqual({ ids: numbers(1, 150), complete: false });
    expect(asked).toHaveLength(2);
  });
});

describe('P9 the list, where the sort is ignored,', () => {
  it.each([2, 3, 250])('is refused with %i contacts', async (count) => {
    const { read } = account(rowsOf(count).toReversed(), { sorts: false });

    await expect(read(0)).rejects.toMatchObject({ code: 'ITGLUE_ANSWER_INVALID', message: expect.stringContaining('-updated_at') });
  });
});

describe('P9 against the stand-in', () => {
  let test: ItGlueTest | null = null;
  afterEach(async () => {
    await test?.stop();
    test = null;
  });

  it('is one request when nothing is new, however many contacts there are', async () => {
    const { sandbox, documentation, organization } = (test = await startItGlueTest());
    for (let index = 0; index < 450; index += 1) sandbox.data.addContact({ organizationId: organization, firstName: 'Ada' });
    const newest = Math.max(...[...sandbox.data.contacts.values()].map(({ updatedAt }) => updatedAt));
    sandbox.resetCounts();

    expect((await documentation.listUpdatedContacts(newest + 1, 1_000)).contacts).toEqual([]);
    expect((await documentation.listUpdatedContacts(newest, 1_000)).contacts).toHaveLength(1);
    expect(sandbox.counts.requests).toBe(2);
    expect(sandbox.requests.flatMap(({ dropped }) => dropped)).toEqual([]);
  });

  it.each(['not-json', 'html-200', 'unauthorized'] as const)('fails as every list when the answer is %s', async (kind) => {
    const { sandbox, documentation } = (test = await startItGlueTest());
    sandbox.faults.add({ kind, match: { path: /contacts/ }, times: Number.POSITIVE_INFINITY });

    await expect(documentation.listUpdatedContacts(0, 10)).rejects.toBeInstanceOf(RollcallError);
  });
});

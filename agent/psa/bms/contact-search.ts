import { z } from 'zod';
import { RollcallError } from '../../../core/errors.ts';
import type { BmsClient, QueryPairs } from './client.ts';
import { type SearchRow, searchRowSchema } from './schema.ts';

/** Searches contacts; whether the search matches exactly or by part is not published, so callers compare what comes back. */
export interface ContactSearch {
  /** Rows of the company that the filter brings, inactive ones too. */
  search(companyId: string, filter: QueryPairs): Promise<readonly SearchRow[]>;
}

const route = '/v2/crm/contacts/search';
const pageSize = 100;
/** The largest page size is not published; a page with fewer rows than this is the last one. */
const smallestPageLimit = 25;
/** More hits than this for one address or name mean that the filter was not applied. */
const plausibleHits = 200;

/** Makes the search; it remembers, once learned, whether a search without `Filter.IsActive` shows inactive contacts. */
export function createContactSearch(client: BmsClient): ContactSearch {
  let showsInactive: Promise<boolean> | null = null;

  async function search(companyId: string, filter: QueryPairs): Promise<readonly SearchRow[]> {
    const own: QueryPairs = [['Filter.AccountIds', companyId], ...filter];
    showsInactive ??= learnWhetherInactiveShow();
    const asked = (await showsInactive) ? [own] : [own, [...own, ['Filter.IsActive', 'false'] as const]];
    const rows = new Map<string, SearchRow>();
    for (const query of asked) {
      for (const row of await readAll(query)) if (row.accountId === companyId) rows.set(row.id, row);
    }
    return [...rows.values()];
  }

  /** Searches have no total: read on until a page brings nothing new. */
  async function readAll(query: QueryPairs): Promise<readonly SearchRow[]> {
    const rows = new Map<string, SearchRow>();
    for (let page = 1; ; page += 1) {
      const read = await readPage(query, page, pageSize);
      const before = rows.size;
      for (const row of read) rows.set(row.id, row);
      if (rows.size > plausibleHits) {
        throw new RollcallError(
          'PSA_ANSWER_INVALID',
          `${client.productName} answered a search for one contact with more than ${plausibleHits}.`,
          {
            place: { system: client.productName },
          },
        );
      }
      if (read.length < smallestPageLimit || rows.size === before) return [...rows.values()];
    }
  }

  async function readPage(query: QueryPairs, page: number, size: number): Promise<readonly SearchRow[]> {
    const what = 'searching contacts';
    const reply = await client.get(what, { route, query: [...query, ['PageSize', String(size)], ['PageNumber', String(page)]] });
    return client.parse(what, z.array(searchRowSchema), reply.value ?? []);
  }

  /**
   * Takes any inactive contact and asks for it without `Filter.IsActive`: two requests, once, that halve all later searches.
   * Not learned (no inactive contact, or refused) means that both are asked.
   */
  async function learnWhetherInactiveShow(): Promise<boolean> {
    try {
      const inactive = (await readPage([['Filter.IsActive', 'false']], 1, 1)).find((row) => row.isActive === false);
      if (inactive === undefined) return false;
      const shown = await readPage([['Filter.Ids', inactive.id]], 1, pageSize);
      return shown.some((row) => row.id === inactive.id);
    } catch (error) {
      if (error instanceof RollcallError && (error.code === 'PSA_REFUSED' || error.code === 'PSA_ANSWER_INVALID')) return false;
      throw error;
    }
  }

  return { search };
}

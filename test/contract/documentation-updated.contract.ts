import { beforeEach, describe, expect, it } from 'vitest';
import type { ContactId } from '../../core/model/ids.ts';
import type { Moment } from '../../core/model/time.ts';
import type { Documentation } from '../../core/ports/documentation.ts';
import type { DocumentationHarness } from './documentation.contract.ts';

/** What every `Documentation` tells of contacts that were updated (P9). */
export function describeUpdatedContacts(get: () => DocumentationHarness): void {
  describe('updated contacts', () => {
    let harness: DocumentationHarness;
    let documentation: Documentation;

    beforeEach(() => {
      harness = get();
      ({ documentation } = harness);
    });

    function add(count: number, organization = harness.organization): readonly ContactId[] {
      return Array.from({ length: count }, (_, index) =>
        harness.addContact(organization, { firstName: 'Ada', lastName: `Number ${index}` }),
      );
    }

    /** Dates that are apart: the first contact is the oldest. */
    function dated(ids: readonly ContactId[], first: Moment): readonly ContactId[] {
      for (const [index, id] of ids.entries()) harness.dateContact(id, first + index * 1000);
      return ids;
    }

    async function updatedSince(since: Moment, most = 1_000) {
      const { contacts, complete } = await documentation.listUpdatedContacts(since, most);
      return { ids: contacts.map(({ id }) => id), complete };
    }

    const start = Date.UTC(2026, 0, 5, 8);

    it('P9 are those of all organizations from the moment on, the newest first', async () => {
      const [a, b, c] = dated([...add(2), ...add(1, harness.other)], start);

      expect(await updatedSince(start)).toEqual({ ids: [c, b, a], complete: true });
      expect(await updatedSince(start + 1000)).toEqual({ ids: [c, b], complete: true });
      expect(await updatedSince(start + 2001)).toEqual({ ids: [], complete: true });
    });

    it('P9 are told whole, but for their links', async () => {
      const [id] = dated(add(1), start);
      const [told] = (await documentation.listUpdatedContacts(start, 10)).contacts;

      expect(told).toEqual({
        ...(await documentation.listContacts(harness.organization)).find((contact) => contact.id === id),
        adapters: [],
      });
    });

    it('P9 one that is edited comes first', async () => {
      const ids = dated(add(3), start);
      const [oldest] = ids;
      if (oldest === undefined) throw new Error('there are three');
      harness.touchContact(oldest);

      expect((await updatedSince(start)).ids[0]).toBe(oldest);
    });

    it('P9 are the newest ones when there are more than asked for', async () => {
      const ids = dated(add(5), start);

      expect(await updatedSince(start, 3)).toEqual({ ids: ids.slice(-3).toReversed(), complete: false });
      expect(await updatedSince(start, 5)).toEqual({ ids: ids.toReversed(), complete: true });
      expect(await updatedSince(start + 2000, 3)).toEqual({ ids: ids.slice(-3).toReversed(), complete: true });
    });

    it('P9 come whole over several pages, with equal dates too', async () => {
      const ids = add(230);
      for (const id of ids) harness.dateContact(id, start);
      dated(add(20), start - 60_000);

      const { ids: found, complete } = await updatedSince(start);

      expect(complete).toBe(true);
      expect(found).toHaveLength(230);
      expect(new Set(found)).toEqual(new Set(ids));
    });

    it('P9 are none where there is no contact', async () => {
      expect(await updatedSince(0)).toEqual({ ids: [], complete: true });
    });
  });
}

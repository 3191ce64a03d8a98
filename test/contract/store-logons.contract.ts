import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Moment } from '../../core/model/time.ts';
import type { LogonSurvey } from '../../core/ports/directory-source.ts';
import type { Store } from '../../core/ports/store.ts';
import type { StorePlace } from './store.contract.ts';
import { acme, globex, landOnce, readOnce, sampleAbsence, sampleEntry, sightingsOf } from './store.samples.ts';

const key = { organization: acme, collector: 'hq', directory: 'corp' } as const;

/** What every implementation of the Store port does with surveys of last logons (C4). */
export function storeLogonsContract(name: string, makePlace: () => Promise<StorePlace>): void {
  describe(`store contract: ${name}, last logons`, () => {
    let place: StorePlace;
    let store: Store;

    beforeEach(async () => {
      place = await makePlace();
      store = await place.open();
    });

    afterEach(async () => {
      await store.close();
      await place.remove();
    });

    function survey(logons: Readonly<Record<string, Moment>>, change: Partial<LogonSurvey> = {}): LogonSurvey {
      return {
        asked: [{ server: 'ldaps://dc1.corp.example.test', users: 3, requests: 1, durationMs: 12 }],
        failed: [],
        exact: true,
        logons: new Map(Object.entries(logons)),
        ...change,
      };
    }

    /** Last logons as they are shown: by immutable id, with the accuracy in short. */
    async function shown(): Promise<Readonly<Record<string, string>>> {
      return Object.fromEntries(
        (await sightingsOf(store)).map(({ entry: { immutableId, account } }) => [
          immutableId,
          `${account.lastLogon}${account.lastLogonAccuracy === 'exact' ? '' : '?'}`,
        ]),
      );
    }

    async function people(...ids: readonly string[]): Promise<void> {
      await readOnce(
        store,
        ids.map((id) => sampleEntry(id)),
        100,
      );
    }

    it('C4 shows the later logon of entry and survey, over reads and a restart', async () => {
      const entry = sampleEntry('b');
      const late = { ...entry, account: { ...entry.account, lastLogon: 900 } };
      await readOnce(store, [sampleEntry('a'), late, sampleEntry('c'), sampleEntry('d')], 100);
      await store.saveLogons(key, survey({ a: 500, b: 600, c: 0, stranger: 700 }), 200);
      const expected = { a: '500', b: '900', c: 'never', d: 'never?' };
      expect(await shown()).toEqual(expected);

      await landOnce(store, [{ ...late, person: { ...late.person, title: 'Manager' } }], 300, { proof: { kind: 'changes' } });
      await store.close();
      store = await place.open();

      expect(await shown()).toEqual(expected);
    });

    it('C4 takes an exact survey for what it is; of users that it did not bring the earlier logon stays, and is not exact', async () => {
      await people('a', 'b', 'c');
      await store.saveLogons(key, survey({ a: 500, b: 600 }), 200);
      await store.saveLogons(key, survey({ a: 400, c: 800 }), 300);

      expect(await shown()).toEqual({ a: '400', b: '600?', c: '800' });
      await store.saveLogons(key, survey({ b: 600 }), 400);
      expect(await shown()).toEqual({ a: '400?', b: '600', c: '800?' });
    });

    it('C4 shows no earlier logon because a controller did not answer', async () => {
      await people('a', 'b', 'c');
      await store.saveLogons(key, survey({ a: 500, b: 600 }), 200);
      const failed = [{ server: 'ldaps://dc2.corp.example.test', code: 'DIRECTORY_TIMEOUT', message: 'No answer.' }];
      await store.saveLogons(key, survey({ a: 400, b: 700, c: 0 }, { exact: false, failed }), 300);

      expect(await shown()).toEqual({ a: '500?', b: '700?', c: 'never?' });
      await store.saveLogons(key, survey({ a: 500, b: 700 }), 400);
      expect(await shown()).toEqual({ a: '500', b: '700', c: 'never?' });
    });

    it('C4 tells of the latest survey whom it asked, and when', async () => {
      await people('a');
      expect((await store.listReads(acme))[0]?.logons).toBeNull();
      await store.saveLogons(key, survey({ a: 500 }), 200);
      const { logons, ...rest } = survey({ a: 1 }, { exact: false, asked: [] });
      await store.saveLogons(key, { logons, ...rest }, 300);

      expect((await store.listReads(acme))[0]?.logons).toEqual({ ...rest, at: 300 });
    });

    it('keeps surveys of different sources apart, and takes one before any read', async () => {
      await store.saveLogons(key, survey({ a: 500 }), 50);
      await people('a');
      await readOnce(store, [sampleEntry('a')], 110, { collector: 'branch' });
      await readOnce(store, [sampleEntry('a')], 120, { organization: globex });
      expect((await sightingsOf(store)).map(({ entry }) => entry.account.lastLogon)).toEqual(['never', 'never']);

      await store.saveLogons({ ...key, collector: 'branch' }, survey({ a: 700 }), 200);
      await store.saveLogons({ ...key, organization: globex }, survey({ a: 800 }), 300);

      expect((await sightingsOf(store)).map(({ collector, entry }) => [collector, entry.account.lastLogon])).toEqual([
        ['hq', 'never'],
        ['branch', 700],
      ]);
      expect((await sightingsOf(store, globex)).map(({ entry }) => entry.account.lastLogon)).toEqual([800]);
    });

    it('D1 gives the logons of a forest to its own users', async () => {
      await people('a');
      await store.saveLogons(key, survey({ a: 500 }), 200);
      await readOnce(store, [sampleEntry('a')], 300, { family: 'ad:labs.example.test' });
      await store.saveLogons(key, survey({ a: 700 }), 400);

      expect((await sightingsOf(store)).map(({ entry }) => entry.account.lastLogon)).toEqual([500, 700]);
    });

    it('C10 keeps the last logon of users who are gone', async () => {
      await people('a');
      await store.saveLogons(key, survey({ a: 500 }), 200);
      await landOnce(store, [], 300, { absences: new Map([['a', sampleAbsence('gone')]]) });
      await store.saveLogons(key, survey({}), 400);

      expect(await shown()).toEqual({ a: '500?' });
    });

    it('takes more logons than one statement has room for', async () => {
      const ids = Array.from({ length: 6_001 }, (_, index) => String(index).padStart(5, '0'));
      await people(...ids);
      const logons = Object.fromEntries(ids.map((id, index) => [id, index + 1]));
      await store.saveLogons(key, survey(logons), 200);

      expect(await shown()).toEqual(Object.fromEntries(ids.map((id, index) => [id, String(index + 1)])));
    });
  });
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openStore } from '../../agent/store/open-store.ts';
import { type StorePlace, storeContract } from './store.contract.ts';
import { readOnce, sampleEntry, seen } from './store.samples.ts';
import { storeChangesContract } from './store-changes.contract.ts';
import { storeCollectorsContract } from './store-collectors.contract.ts';
import { storeLogonsContract } from './store-logons.contract.ts';
import { storeStoryContract } from './store-story.contract.ts';
import { storeUploadsContract } from './store-uploads.contract.ts';

async function sqlitePlace(): Promise<StorePlace> {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-store-'));
  return {
    open: () => openStore({ path: join(folder, 'state', 'rollcall.db'), mode: 'write', now: () => 1_800_000_000_000, version: '0.1.0' }),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

describe('the store on SQLite', () => {
  it('belongs to one writer at a time', async () => {
    const place = await sqlitePlace();
    const store = await place.open();

    await expect(place.open()).rejects.toMatchObject({ code: 'STORE_LOCKED' });
    await readOnce(store, [sampleEntry('a')], 1);

    expect(await seen(store)).toHaveLength(1);
    await store.close();
    await place.remove();
  });
});

storeContract('SQLite', sqlitePlace);
storeStoryContract('SQLite', sqlitePlace);
storeChangesContract('SQLite', sqlitePlace);
storeLogonsContract('SQLite', sqlitePlace);
storeCollectorsContract('SQLite', sqlitePlace);
storeUploadsContract('SQLite', sqlitePlace);

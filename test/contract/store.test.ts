import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../agent/store/open-store.ts';
import { type StorePlace, storeContract } from './store.contract.ts';
import { storeChangesContract } from './store-changes.contract.ts';
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

storeContract('SQLite', sqlitePlace);
storeStoryContract('SQLite', sqlitePlace);
storeChangesContract('SQLite', sqlitePlace);
storeLogonsContract('SQLite', sqlitePlace);
storeUploadsContract('SQLite', sqlitePlace);

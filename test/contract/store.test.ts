import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../agent/store/open-store.ts';
import { storeContract } from './store.contract.ts';

storeContract('SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-store-'));
  return {
    open: () => openStore({ path: join(folder, 'state', 'rollcall.db'), mode: 'write', now: () => 1_800_000_000_000, version: '0.1.0' }),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
});

import { afterAll, beforeAll, describe } from 'vitest';
import { openTestStore, type PostgresServer, startPostgres } from '../integration/postgres.ts';
import { partFor } from '../integration/real-parts.ts';
import { type StorePlace, storeContract } from './store.contract.ts';
import { storeChangesContract } from './store-changes.contract.ts';
import { storeCollectorsContract } from './store-collectors.contract.ts';
import { storeLogonsContract } from './store-logons.contract.ts';
import { storeStoryContract } from './store-story.contract.ts';
import { storeUploadsContract } from './store-uploads.contract.ts';

const { isMissing, title } = partFor('PostgreSQL', 'postgres');

describe.skipIf(isMissing)(title, () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());

  async function postgresPlace(): Promise<StorePlace> {
    const place = await server.createStore();
    return { open: () => openTestStore(place), remove: () => server.giveBack(place) };
  }

  storeContract('PostgreSQL', postgresPlace);
  storeStoryContract('PostgreSQL', postgresPlace);
  storeChangesContract('PostgreSQL', postgresPlace);
  storeLogonsContract('PostgreSQL', postgresPlace);
  storeCollectorsContract('PostgreSQL', postgresPlace);
  storeUploadsContract('PostgreSQL', postgresPlace);
});

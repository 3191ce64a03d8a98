import { afterAll, beforeAll, describe } from 'vitest';
import { openPostgresRegistry } from '../../agent/store/registry/postgres-registry.ts';
import { type PostgresServer, rolePassword, startPostgres } from '../integration/postgres.ts';
import { partFor } from '../integration/real-parts.ts';
import { type RegistryPlace, registryContract } from './registry.contract.ts';

const { isMissing, title } = partFor('a registry of collectors on PostgreSQL', 'postgres');
const tables = ['property', 'invitation', 'collector', 'collector_key', 'audit'];

describe.skipIf(isMissing)(title, () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());

  registryContract('PostgreSQL', async (): Promise<RegistryPlace> => {
    const place = await server.createDatabase();
    return {
      open: () => openPostgresRegistry({ place, password: rolePassword, command: 'rollcall run' }),
      async kept() {
        const all = tables.map((table) => `select kept::text as row from rollcall_hub.${table} as kept`).join(' union all ');
        return (await server.administer<{ row: string }>(all, place)).map(({ row }) => row).join('\n');
      },
      remove: () => Promise.resolve(),
    };
  });
});

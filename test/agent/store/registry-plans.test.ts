import { DatabaseSync } from 'node:sqlite';
import { Kysely } from 'kysely';
import { describe, expect, it } from 'vitest';
import { heartbeat, join, listCollectors } from '../../../agent/store/registry/collectors.ts';
import { invite } from '../../../agent/store/registry/invitations.ts';
import { authenticate } from '../../../agent/store/registry/keys.ts';
import { fileWhere, prepareRegistry } from '../../../agent/store/registry/layout.ts';
import { sqlRegistry } from '../../../agent/store/registry/sql-registry.ts';
import type { RegistryTables } from '../../../agent/store/registry/tables.ts';
import { oneByOne } from '../../../agent/store/registry/transactions.ts';
import { nodeSqliteDialect } from '../../../agent/store/sqlite/node-sqlite-dialect.ts';

const now = 1_800_000_000_000;
const beat = { version: '0', platform: 'linux', clock: now, subnets: [], location: '', directories: [], problems: [] };

describe('what the registry looks at', () => {
  it('is the collectors of one organization at each heartbeat, however many others there are', async () => {
    const database = new DatabaseSync(':memory:');
    const statements = new Set<string>();
    await using db = new Kysely<RegistryTables>({
      dialect: nodeSqliteDialect(database, ':memory:'),
      log: ({ query }) => void statements.add(query.sql),
    });
    await prepareRegistry(db, fileWhere(':memory:'));
    const invitation = { organization: '4711', subnets: ['10.0.0.0/8'], name: null, expiresAt: now + 1 };
    const { secret } = await invite(db, invitation, 'account root', now);
    const machine = { secret, name: 'hq', version: '0', platform: 'linux', subnets: [], location: '' };
    const { key, collector } = await join(db, machine, now, () => false);
    statements.clear();

    await authenticate(db, key, now);
    await heartbeat(db, collector.id, beat, now);
    expect(await listCollectors(db, '4711')).toMatchObject([{ name: 'hq', keyMadeAt: now }]);

    const scans = [...statements].filter((text) => {
      const parameters = Array.from({ length: text.split('?').length - 1 }, () => 1);
      const steps = database.prepare(`explain query plan ${text}`).all(...parameters);
      return steps.some(({ detail }) => String(detail).startsWith('SCAN'));
    });
    expect(statements.size).toBeGreaterThanOrEqual(3);
    expect(scans).toEqual([]);
  });

  it('is one statement for a request of a collector, one for its heartbeat and one for its organization', async () => {
    const database = new DatabaseSync(':memory:');
    const statements: string[] = [];
    const db = new Kysely<RegistryTables>({
      dialect: nodeSqliteDialect(database, ':memory:'),
      log: ({ query }) => void statements.push(query.sql),
    });
    await prepareRegistry(db, fileWhere(':memory:'));
    const registry = sqlRegistry(oneByOne(db), () => db.destroy());
    const invitation = { organization: '4711', subnets: ['10.0.0.0/8'], name: null, expiresAt: now + 1 };
    const { secret } = await registry.invite(invitation, 'account root', now);
    const { key, collector } = await registry.join({ secret, name: 'hq', version: '0', platform: 'linux', subnets: [], location: '' }, now);
    await registry.authenticate(key, now);
    statements.length = 0;

    expect(await registry.authenticate(key, now + 1)).toMatchObject({ name: 'hq' });
    expect(statements).toHaveLength(1);
    expect(await registry.collectors('4711')).toMatchObject([{ name: 'hq', keyMadeAt: now }]);
    expect(statements).toHaveLength(2);
    await registry.heartbeat(collector.id, beat, now + 2);
    expect(statements).toHaveLength(3);
    await registry.close();
  });
});

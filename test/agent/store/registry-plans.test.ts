import { DatabaseSync } from 'node:sqlite';
import { Kysely } from 'kysely';
import { describe, expect, it } from 'vitest';
import { heartbeat, join, listCollectors } from '../../../agent/store/registry/collectors.ts';
import { invite } from '../../../agent/store/registry/invitations.ts';
import { authenticate } from '../../../agent/store/registry/keys.ts';
import { fileWhere, prepareRegistry } from '../../../agent/store/registry/layout.ts';
import type { RegistryTables } from '../../../agent/store/registry/tables.ts';
import { nodeSqliteDialect } from '../../../agent/store/sqlite/node-sqlite-dialect.ts';

const now = 1_800_000_000_000;

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
    await heartbeat(
      db,
      collector.id,
      { version: '0', platform: 'linux', clock: now, subnets: [], location: '', directories: [], problems: [] },
      now,
    );
    expect(await listCollectors(db, '4711')).toMatchObject([{ name: 'hq', keyMadeAt: now }]);

    const scans = [...statements].filter((text) => {
      const parameters = Array.from({ length: text.split('?').length - 1 }, () => 1);
      const steps = database.prepare(`explain query plan ${text}`).all(...parameters);
      return steps.some(({ detail }) => String(detail).startsWith('SCAN'));
    });
    expect(statements.size).toBeGreaterThan(3);
    expect(scans).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import type { EnrolledCollector } from '../../../agent/hub/registry/registry.ts';
import { sparedReadsOf } from '../../../agent/hub/spared-reads.ts';

const now = Date.UTC(2026, 10, 22, 12);
const hour = 3_600_000;

interface Told {
  readonly revokedAt?: number | null;
  /** How far its clock is ahead. */
  readonly ahead?: number;
  /** By its clock, hours before now. */
  readonly lastFull?: number;
  readonly error?: string | null;
}

function collector(name: string, { revokedAt = null, ahead = 0, lastFull = 1, error = null }: Told = {}): EnrolledCollector {
  const clock = now - 60_000 + ahead;
  const directory = {
    name: 'corp',
    type: 'active-directory' as const,
    family: 'ad:corp.test',
    lastReadAt: clock,
    lastFullAt: clock - lastFull * hour,
    error,
    seesDeleted: true,
    unsentSince: null,
  };
  return {
    id: name.repeat(32).slice(0, 32),
    organization: '4711',
    name,
    subnets: [],
    location: '',
    version: '0.1.0',
    platform: 'linux',
    addedAt: 0,
    revokedAt,
    lastContactAt: now - 60_000,
    clockAheadMs: ahead,
    heartbeat: {
      at: now - 60_000,
      facts: { version: '0.1.0', platform: 'linux', clock, subnets: [], location: '', directories: [directory], problems: [] },
    },
    keyMadeAt: 0,
  };
}

async function sparedOf(name: string, collectors: readonly EnrolledCollector[]): Promise<readonly string[]> {
  return sparedReadsOf(
    { collectors: (organization) => Promise.resolve(organization === '4711' ? collectors : []) },
    { organization: '4711', name },
    now,
  );
}

describe('the full reads that a collector is spared', () => {
  it('are those that another one of its organization does', async () => {
    const both = [collector('a'), collector('b')];

    expect([await sparedOf('a', both), await sparedOf('b', both)]).toEqual([[], ['corp']]);
  });

  it.each([
    ['was revoked', { revokedAt: 1 }],
    ['fails', { error: 'DIRECTORY_UNREACHABLE' }],
  ])('are none when the other one %s', async (_name, told) => {
    expect(await sparedOf('b', [collector('a', told), collector('b')])).toEqual([]);
  });

  it('do not depend on the clocks of the collectors', async () => {
    const wrong = { ahead: -40 * 24 * hour };

    expect(await sparedOf('b', [collector('a', wrong), collector('b', wrong)])).toEqual(['corp']);
  });
});

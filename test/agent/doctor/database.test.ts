import { describe, expect, it } from 'vitest';
import { judgeDatabase } from '../../../agent/doctor/database.ts';

const facts = {
  version: '15.8',
  tls: 'TLSv1.3',
  isStandby: false,
  durable: true,
  isSuperuser: false,
  closedSchemas: [] as readonly string[],
  layout: 6,
  bytes: 3_000_000,
  sessions: 0,
  clock: { before: 1_000, server: 1_005, after: 1_010 },
};
const words = 'database "hub" on db.example.test:5432';

function found(change: Partial<typeof facts> | { layout: null } | { tls: null }): readonly (readonly [string, string])[] {
  return judgeDatabase({ ...facts, ...change }, words)
    .filter(({ state }) => state !== 'ok')
    .map(({ code, state }) => [code, state] as const);
}

describe('a store in a database, examined', () => {
  it('is in order when nothing is wrong, and says which one it is', () => {
    const findings = judgeDatabase(facts, words);

    expect(findings.every(({ state, subject }) => state === 'ok' && subject === words)).toBe(true);
    expect(findings.map(({ code }) => code)).toEqual(['STORE', 'STORE_SERVER', 'STORE_TLS', 'STORE_RIGHTS', 'STORE_CLOCK', 'BACKUP']);
  });

  it.each([
    [{ layout: null }, 'STORE', 'note'],
    [{ isStandby: true }, 'STORE_SERVER', 'problem'],
    [{ durable: false }, 'STORE_SERVER', 'problem'],
    [{ tls: null }, 'STORE_TLS', 'note'],
    [{ closedSchemas: ['rollcall', 'rollcall_queue'] }, 'STORE_RIGHTS', 'problem'],
    [{ isSuperuser: true }, 'STORE_RIGHTS', 'warning'],
    [{ clock: { before: 1_000, server: 21_000, after: 1_010 } }, 'STORE_CLOCK', 'warning'],
    [{ clock: { before: 90_000, server: 1_000, after: 90_010 } }, 'STORE_CLOCK', 'warning'],
  ] as const)('%j is told', (change, code, state) => {
    expect(found(change)).toEqual([[code, state]]);
  });

  it('a slow answer is no skew', () => {
    expect(found({ clock: { before: 0, server: 30_000, after: 60_000 } })).toEqual([]);
  });
});

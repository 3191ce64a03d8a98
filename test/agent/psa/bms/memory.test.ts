import { describe, expect, it } from 'vitest';
import type { BmsMemory } from '../../../../agent/psa/bms/memory.ts';
import { answer, done, type Handler } from './fake-http.ts';
import { contactRow, makeBms, start } from './make-bms.ts';

const row = contactRow(1, { createdOn: new Date(start).toISOString(), modifiedOn: new Date(start).toISOString() });
const handler: Handler = ({ path }) => (path.includes('tenantlookup') || path.includes('system/lookup') ? answer('', 404) : done([row], 1));
const hourMs = 3_600_000;

/** Each job of a service makes its own adapter: what the process learned of the tenant stays. */
describe('the adapters of one process', () => {
  it('sign in once while the token is good', async () => {
    const memory: BmsMemory = new Map();
    const first = makeBms(handler, { memory });
    const second = makeBms(handler, { memory });

    await first.psa.listContacts('250');
    await second.psa.listContacts('250');
    second.advance(hourMs);
    await second.psa.listContacts('250');

    expect(first.http.seen.map(({ path }) => path)).toContain('/v2/security/authenticate');
    // The fake server refuses to renew the token.
    expect(second.http.seen.map(({ path }) => path.split('/')[2])).toEqual(['crm', 'crm', 'security', 'security', 'crm', 'crm']);
  });

  it('sign in anew with another password, and after the token was refused', async () => {
    const memory: BmsMemory = new Map();
    await makeBms(handler, { memory }).psa.listContacts('250');
    const other = makeBms(handler, { memory, password: 'a new one' });
    let refusals = 1;
    const refused = makeBms((request, seen) => (refusals-- > 0 ? answer('', 401) : handler(request, seen)), { memory });

    await other.psa.listContacts('250');
    await refused.psa.listContacts('250');

    expect(other.http.seen[0]?.path).toBe('/v2/security/authenticate');
    expect(refused.http.seen.map(({ path }) => path.split('/')[2]).slice(0, 3)).toEqual(['crm', 'security', 'crm']);
  });

  it('P9 ask once how the filter by date works: a look is one request then', async () => {
    const memory: BmsMemory = new Map();
    // The first one signs in, the second one asks once more: two requests at most.
    await makeBms(handler, { memory }).psa.listChangedContacts(null, start);
    await makeBms(handler, { memory }).psa.listChangedContacts(null, start);
    const second = makeBms(handler, { memory });

    const changed = await second.psa.listChangedContacts(null, start);

    expect(changed).toHaveLength(1);
    expect(second.http.seen.map(({ path }) => path)).toEqual(['/v2/crm/contacts/summary']);
  });

  it('P9 bring a change that is told by the beginning of its second', async () => {
    const row = contactRow(7, { modifiedOn: '2026-03-02T08:00:00Z', createdOn: '2026-01-01T00:00:00Z' });
    const { psa } = makeBms(({ path }) => (path.endsWith('/contacts/summary') ? done([row], 1) : done(null)));

    expect((await psa.listChangedContacts(null, Date.parse('2026-03-02T08:00:00.400Z')))?.map(({ id }) => id)).toEqual(['7']);
  });

  it('try the tables of types once in an hour', async () => {
    const memory: BmsMemory = new Map();
    const first = makeBms(handler, { memory });
    await first.psa.listTypes([]);
    const second = makeBms(handler, { memory });
    await second.psa.listTypes([]);
    const later = makeBms(handler, { memory });
    later.advance(hourMs);
    await later.psa.listTypes([]);

    expect(first.http.calls.length).toBeGreaterThan(2);
    expect(second.http.calls).toEqual([]);
    expect(later.http.calls).toHaveLength(first.http.calls.length);
  });

  it('P12 know the types that contacts have shown to another one', async () => {
    const memory: BmsMemory = new Map();
    await makeBms(handler, { memory }).psa.listContacts('250');

    const { email, phone } = await makeBms(handler, { memory }).psa.listTypes([]);

    expect([email, phone]).toEqual([[{ id: '5', name: 'Work' }], [{ id: '7', name: 'Work' }]]);
  });

  it('ask the table that had the types, and try all when it has them no more', async () => {
    const memory: BmsMemory = new Map();
    const types = [{ id: 5, name: 'Work', isDefault: true, isActive: true }];
    const table =
      (name: string): Handler =>
      ({ path }) =>
        path === `/v2/system/lookup/${name}` ? done(types) : answer('', 404);
    await makeBms(table('EmailTypes'), { memory }).psa.listTypes([]);
    const second = makeBms(table('EmailTypes'), { memory });
    const moved = makeBms(table('ContactEmailType'), { memory });

    const known = await second.psa.listTypes([]);
    const found = await moved.psa.listTypes([]);

    expect(second.http.calls).toEqual(['GET /v2/system/lookup/EmailTypes']);
    expect(known.email).toEqual([{ id: '5', name: 'Work' }]);
    expect(found.email).toEqual([{ id: '5', name: 'Work' }]);
  });
});

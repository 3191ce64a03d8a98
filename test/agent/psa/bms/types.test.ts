import { describe, expect, it } from 'vitest';
import { RollcallError } from '../../../../core/errors.ts';
import { answer, done, failed } from './fake-http.ts';
import { contactRow, makeBms } from './make-bms.ts';

const table = [
  { id: 5, name: 'Work', isDefault: true, isActive: true },
  { id: 6, name: 'Personal', isDefault: false, isActive: true },
  { id: 9, name: 'Old', isDefault: false, isActive: false },
];

describe('e-mail and phone types', () => {
  it('P12 come from a look-up table, without inactive ones', async () => {
    const { psa } = makeBms(({ path }) => (path === '/v2/system/tenantlookup/EmailType' ? done(table) : answer('', 404)));

    expect((await psa.listTypes([])).email).toEqual([
      { id: '5', name: 'Work' },
      { id: '6', name: 'Personal' },
    ]);
  });

  it.each([
    ['404', answer('', 404)],
    ['400', answer('Unknown table', 400)],
    ['success:false', failed('Table not supported')],
    ['an empty list', done([])],
    ['something else', done({ rows: [] })],
    ['no right to it', answer('', 403)],
  ])('are learned from contacts when the tables answer %s, asked once', async (_name, result) => {
    const { psa, http } = makeBms(({ path }) => (path.includes('lookup') ? result : done([contactRow(1, { isActive: false })], 1)));
    const samples = await psa.listContacts('250');

    expect(await psa.listTypes(samples)).toEqual({ email: [{ id: '5', name: 'Work' }], phone: [{ id: '7', name: 'Work' }], contact: [] });
    const asked = http.calls.length;
    await psa.listTypes(samples);

    expect(http.calls).toHaveLength(asked);
  });

  it('are learned from placeholder phones too, although those read back as blank', async () => {
    const phones = [{ phone: '000-000-0000', phoneTypeId: 7, phoneType: 'Work', isDefault: true }];
    const { psa } = makeBms(({ path }) =>
      path.includes('lookup') ? answer('', 404) : done([contactRow(1, { isActive: false, phones })], 1),
    );
    const samples = await psa.listContacts('250');

    expect(samples[0]?.phones).toEqual([]);
    expect((await psa.listTypes(samples)).phone).toEqual([{ id: '7', name: 'Work' }]);
  });

  it('do not come from a table that contradicts what contacts show', async () => {
    const other = [{ id: 5, name: 'Invoice', isDefault: true, isActive: true }];
    const { psa } = makeBms(({ path }) => (path.includes('lookup') ? done(other) : done([contactRow(1, { isActive: false })], 1)));

    const types = await psa.listTypes(await psa.listContacts('250'));

    expect(types.email).toEqual([{ id: '5', name: 'Work' }]);
  });

  it('that are pinned win over look-up and learning', async () => {
    const { psa } = makeBms(({ path }) => (path.endsWith('/EmailType') ? done(table) : answer('', 404)), {
      pinnedEmail: { id: '42', name: 'work' },
    });

    expect((await psa.listTypes([])).email).toEqual([
      { id: '42', name: 'work' },
      { id: '6', name: 'Personal' },
    ]);
  });

  it('are none when nothing tells them', async () => {
    const { psa } = makeBms(() => answer('', 404));

    expect(await psa.listTypes([])).toEqual({ email: [], phone: [], contact: [] });
  });

  it('survive a server that fails for unknown tables, without repeating the question', async () => {
    const { psa, http } = makeBms(() => {
      throw new RollcallError('PSA_SERVER_ERROR', 'the server answered 500');
    });

    expect(await psa.listTypes([])).toEqual({ email: [], phone: [], contact: [] });
    expect(http.seen.filter((request) => request.path.includes('lookup')).every((request) => request.attempts === 1)).toBe(true);
  });

  it('end with the error when the PSA cannot be reached, and are asked for again', async () => {
    let isDown = true;
    const { psa } = makeBms(() => {
      if (isDown) throw new RollcallError('PSA_UNREACHABLE', 'no connection');
      return done(table);
    });
    await expect(psa.listTypes([])).rejects.toMatchObject({ code: 'PSA_UNREACHABLE' });
    isDown = false;

    expect((await psa.listTypes([])).email).toHaveLength(2);
  });
});

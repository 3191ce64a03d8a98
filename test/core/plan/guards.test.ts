import { describe, expect, it } from 'vitest';
import { contactId } from '../../../core/model/ids.ts';
import type { Change, MatchChange, PushChange, UpdateChange } from '../../../core/model/plan.ts';
import { type GuardKind, guardKinds } from '../../../core/model/settings.ts';
import { countGuards } from '../../../core/plan/guards.ts';
import { organizationSettings, testUserId } from '../../fixtures/build.ts';
import { nameAt } from '../../fixtures/build-plan.ts';

const { limits } = organizationSettings();

function base(position: number) {
  const name = nameAt(position);
  return { user: testUserId(name), label: name, record: null, fields: {}, reason: '', system: 'it-glue' as const };
}

function update(position: number, blanks = 0): UpdateChange {
  const id = contactId(String(1000 + position));
  return { ...base(position), id: `update:${id}`, kind: 'update', rule: 'E4', contactId: id, patch: {}, before: {}, bases: {}, blanks };
}

function rematch(position: number): MatchChange {
  return {
    ...base(position),
    id: `match:${position}`,
    kind: 'match',
    rule: 'M1',
    contactId: contactId('1'),
    previousContactId: contactId('2'),
    pushWant: null,
  };
}

function push(position: number, rule: 'P3' | 'P5' = 'P3'): PushChange {
  const name = { firstName: 'A', lastName: null, title: null };
  const input = { companyId: '250', locationId: null, ...name, emails: [], phones: [], contactTypeId: null, externalKey: null };
  return {
    ...base(position),
    id: `push:${position}`,
    kind: 'push',
    rule,
    contactId: contactId(String(1000 + position)),
    input,
    turn: 'go',
    pushWant: { rule, since: 0 },
  };
}

function create(position: number): Change {
  return {
    ...base(position),
    id: `create:${position}`,
    kind: 'create',
    rule: 'E3',
    contact: {},
    bases: {},
    pushWant: null,
    user: testUserId(nameAt(position)),
  };
}

function many(count: number, make: (position: number) => Change): readonly Change[] {
  return Array.from({ length: count }, (_, position) => make(position));
}

function guards(changes: readonly Change[], usersInScope: number, deactivated: readonly string[] = []) {
  return countGuards({ changes, limits, usersInScope, deactivated });
}

function guard(kind: GuardKind, count: number, usersInScope: number) {
  const makers: Readonly<Record<Exclude<GuardKind, 'deactivate'>, (position: number) => Change>> = {
    create,
    update: (position) => update(position),
    blank: (position) => update(position, 1),
    rematch,
    push: (position) => push(position),
  };
  const names = Array.from({ length: count }, (_, position) => nameAt(position));
  const all = kind === 'deactivate' ? guards([], usersInScope, names) : guards(many(count, makers[kind]), usersInScope);
  const found = all.find((each) => each.kind === kind);
  if (found === undefined) throw new Error(`no guard ${kind}`);
  return found;
}

describe('countGuards', () => {
  const floors: Readonly<Record<GuardKind, number>> = { create: 20, update: 20, blank: 3, rematch: 3, deactivate: 3, push: 20 };
  const shares: Readonly<Record<GuardKind, number>> = {
    create: 0.1,
    update: 0.25,
    blank: 0.01,
    rematch: 0.01,
    deactivate: 0.05,
    push: 0.1,
  };

  it('A3 there are six kinds', () => {
    expect(guards([], 0).map((each) => each.kind)).toEqual(['create', 'update', 'blank', 'rematch', 'deactivate', 'push']);
  });

  it.each(guardKinds)('A3 %s: at its floor it is not held, one beyond it is', (kind) => {
    expect(guard(kind, floors[kind], 10)).toMatchObject({ count: floors[kind], limit: floors[kind], exceeded: false });
    expect(guard(kind, floors[kind] + 1, 10)).toMatchObject({ count: floors[kind] + 1, exceeded: true });
  });

  it.each(guardKinds)('A3 %s: at its share of the users in scope it is not held, one beyond it is', (kind) => {
    const limit = Math.round(shares[kind] * 1000);
    expect(guard(kind, limit, 1000)).toMatchObject({ limit, exceeded: false });
    expect(guard(kind, limit + 1, 1000)).toMatchObject({ limit, exceeded: true });
  });

  it('A3 at a share that binary fractions cannot tell exactly it is not held either', () => {
    for (let percent = 1; percent <= 100; percent++) {
      const share = { ...limits, guards: { ...limits.guards, create: { floor: 0, share: percent / 100 } } };
      const changes = many(percent, create);
      expect(countGuards({ changes, limits: share, usersInScope: 100, deactivated: [] })[0]).toMatchObject({
        limit: percent,
        exceeded: false,
      });
    }
  });

  it('A3 a share that is no whole number is not rounded up', () => {
    expect(guard('update', 25, 103)).toMatchObject({ limit: 25.75, exceeded: false });
    expect(guard('update', 26, 103).exceeded).toBe(true);
  });

  it('A3 update counts a contact that is changed in IT Glue and in the PSA once', () => {
    const { contactId: id } = update(1);
    const psa = {
      ...base(1),
      id: `psa-update:${id}`,
      kind: 'psa-update' as const,
      rule: 'E9',
      contactId: id,
      psaContactId: '9' as never,
      patch: {},
      bases: {},
    };
    const link = {
      ...base(1),
      id: `link:${id}`,
      kind: 'link' as const,
      rule: 'P8',
      contactId: id,
      psaContactId: '9' as never,
      companyId: '250',
      patch: { title: 'x' },
    };
    expect(guards([update(1), psa, link], 10)[1]?.count).toBe(1);
    expect(guards([psa], 10)[1]?.count).toBe(1);
    expect(guards([link], 10)[1]?.count).toBe(1);
    expect(guards([{ ...link, patch: {} }], 10)[1]?.count).toBe(0);
  });

  it('A3 blank counts fields, not contacts', () => {
    expect(guards([update(1, 3), update(2, 1)], 10)[2]).toMatchObject({ count: 4, exceeded: true });
  });

  it('A3 a first match is no rematch', () => {
    expect(guards([{ ...rematch(1), previousContactId: null }], 10)[3]?.count).toBe(0);
  });

  it('A3 a one-time push is outside the guard', () => {
    expect(
      guards(
        many(50, (position) => push(position, 'P5')),
        10,
      )[5]?.count,
    ).toBe(0);
  });

  it('A3 names whom it is about, ten at most', () => {
    expect(guard('create', 25, 10).names).toEqual(Array.from({ length: 10 }, (_, position) => nameAt(position)));
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Guard } from '../../../core/model/plan.ts';
import { type GuardKind, guardKinds, type StandingApproval } from '../../../core/model/settings.ts';
import { standingApproval } from '../../../core/plan/standing-approval.ts';

/** Guards with these counts against a limit of 20 each. */
function guards(counts: Partial<Record<GuardKind, number>>): readonly Guard[] {
  return guardKinds.map((kind) => {
    const count = counts[kind] ?? 0;
    return { kind, count, limit: 20, exceeded: count > 20, names: [] };
  });
}

function reasonsOf(counted: readonly Guard[]): readonly string[] {
  return counted.filter(({ exceeded }) => exceeded).map(({ kind }) => kind);
}

const both: StandingApproval = { kinds: ['create', 'update'], most: 50 };

interface Case {
  readonly counts: Partial<Record<GuardKind, number>>;
  readonly also?: readonly string[];
  readonly onboarded?: boolean;
  readonly policy?: StandingApproval | undefined;
}

describe('a standing approval', () => {
  it.each<[string, boolean, Case]>([
    ['creates beyond their limit', true, { counts: { create: 30 } }],
    ['both kinds up to the bound', true, { counts: { create: 25, update: 25 } }],
    ['both kinds beyond the bound', false, { counts: { create: 25, update: 26 } }],
    ['a kind within its own limit that goes beyond the bound', false, { counts: { create: 35, update: 16 } }],
    ['what stays within the limits of other kinds', true, { counts: { create: 30, push: 20, blank: 3, deactivate: 20 } }],
    ['creates in the PSA', false, { counts: { create: 30, push: 30 } }],
    ['values that become empty', false, { counts: { update: 30, blank: 21 } }],
    ['changed matches', false, { counts: { rematch: 21 } }],
    ['leavers', false, { counts: { create: 30, deactivate: 21 } }],
    ['a kind that is not named', false, { counts: { update: 30 }, policy: { kinds: ['create'], most: 50 } }],
    ['a first sync', false, { counts: { create: 30 }, also: ['onboarding'] }],
    ['a first sync that is not held as one', false, { counts: { create: 30 }, onboarded: false }],
    ['a second push by IT Glue', false, { counts: { create: 30 }, also: ['PSA_DOUBLE_PUSH'] }],
    ['nothing that would be held', false, { counts: { create: 20 } }],
    ['anything while none is given', false, { counts: { create: 30 }, policy: undefined }],
    ['anything while it names nothing', false, { counts: { create: 30 }, policy: { kinds: [], most: 50 } }],
  ])('about %s: %s', (_about, isLetThrough, one) => {
    const counted = guards(one.counts);
    const reasons = [...(one.also ?? []), ...reasonsOf(counted)];
    const policy = 'policy' in one ? one.policy : both;
    const decided = standingApproval({ reasons, guards: counted, onboarded: one.onboarded ?? true, policy });
    expect(decided !== null).toBe(isLetThrough);
  });

  it('says by which setting, and what it compared', () => {
    expect(standingApproval({ reasons: ['create'], guards: guards({ create: 30, update: 4 }), onboarded: true, policy: both })).toEqual({
      rule: 'limits.standingApproval',
      kinds: ['create'],
      contacts: 34,
      most: 50,
    });
  });

  const count = fc.nat({ max: 60 });
  const counts = fc.record({ create: count, update: count, push: count, blank: count, rematch: count, deactivate: count });
  const policy = fc.record({ kinds: fc.subarray<'create' | 'update'>(['create', 'update']), most: fc.nat({ max: 120 }) });
  const others = fc.subarray(['onboarding', 'PSA_DOUBLE_PUSH', 'a reason of a later version']);

  it('A3 never lets through what exceeds another guard, has another reason, or touches more contacts than it says', () => {
    fc.assert(
      fc.property(counts, policy, others, (each, given, also) => {
        const counted = guards(each);
        const reasons = [...also, ...reasonsOf(counted)];
        const decided = standingApproval({ reasons, guards: counted, onboarded: true, policy: given });
        if (decided === null) return;
        expect(also).toEqual([]);
        expect(each.create + each.update).toBeLessThanOrEqual(given.most);
        expect(Math.max(each.push, each.blank, each.rematch, each.deactivate)).toBeLessThanOrEqual(20);
        expect(given.kinds).toEqual(expect.arrayContaining([...reasons]));
      }),
    );
  });

  it('A3 that allows less lets through no more', () => {
    fc.assert(
      fc.property(counts, policy, fc.nat({ max: 120 }), (each, given, less) => {
        const counted = guards(each);
        const ask = (of: StandingApproval) =>
          standingApproval({ reasons: reasonsOf(counted), guards: counted, onboarded: true, policy: of }) !== null;
        const stricter = [
          { ...given, most: Math.min(less, given.most) },
          { ...given, kinds: given.kinds.slice(1) },
        ];
        for (const strict of stricter) if (ask(strict)) expect(ask(given)).toBe(true);
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NotifiableProblem } from '../../../agent/notify/notice.ts';
import { createWorld, day, hour, minute, problem, type World } from './notify-world.ts';

const someProblem: fc.Arbitrary<NotifiableProblem> = fc
  .record({
    code: fc.constantFrom('A', 'B', 'C'),
    organization: fc.constantFrom('1', '2'),
    severity: fc.constantFrom('degraded' as const, 'failed' as const),
    hash: fc.constantFrom(null, null, 'h1', 'h2'),
  })
  .map(({ hash, ...rest }) => problem({ ...rest, ...(hash === null ? {} : { place: { hash } }) }));

type Step =
  | { readonly kind: 'report'; readonly problems: readonly NotifiableProblem[] }
  | { readonly kind: 'pass' | 'back'; readonly ms: number };

const story: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.array(someProblem, { maxLength: 5 }).map((problems) => ({ kind: 'report' as const, problems })) },
    {
      weight: 6,
      arbitrary: fc
        .oneof(fc.integer({ min: 1, max: 40 * minute }), fc.integer({ min: 1, max: 30 * hour }))
        .map((ms) => ({ kind: 'pass' as const, ms })),
    },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 3 * day }).map((ms) => ({ kind: 'back' as const, ms })) },
  ),
  { maxLength: 60 },
);

function play(world: World, steps: readonly Step[]): World {
  for (const step of steps) {
    if (step.kind === 'report') world.report(...step.problems);
    else if (step.kind === 'pass') world.pass(step.ms);
    else world.setClockBack(step.ms);
  }
  return world;
}

interface Saying {
  readonly at: number;
  readonly event: string;
  readonly severity: string;
  readonly hash: string | null;
}

/** What was said of each problem, in order. */
function sayings(world: World): ReadonlyMap<string, readonly Saying[]> {
  const byKey = new Map<string, Saying[]>();
  for (const [index, { event, items }] of world.sent.entries()) {
    for (const { key, severity, hash } of items) {
      const list = byKey.get(key) ?? [];
      list.push({ at: world.sentAt[index] ?? 0, event, severity, hash });
      byKey.set(key, list);
    }
  }
  return byKey;
}

/** What was said before the index, but not before it was over the last time. */
function sinceOver(list: readonly Saying[], index: number): readonly Saying[] {
  const before = list.slice(0, index);
  return before.slice(before.findLastIndex(({ event }) => event === 'recovered') + 1);
}

describe('whatever happens', () => {
  it('an unchanged problem is told at most once a day', () => {
    fc.assert(
      fc.property(story, (steps) => {
        for (const list of sayings(play(createWorld(), steps)).values()) {
          for (const [index, saying] of list.entries()) {
            const before = list[index - 1];
            if (before === undefined || before.event === 'recovered' || saying.event === 'recovered') continue;
            const isWorse = before.severity === 'degraded' && saying.severity === 'failed';
            const isNewPlan = saying.hash !== null && !sinceOver(list, index).some(({ hash }) => hash === saying.hash);
            if (!isWorse && !isNewPlan) expect(saying.at - before.at).toBeGreaterThanOrEqual(day);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('each problem that was told and went gets exactly one word that it is over', () => {
    fc.assert(
      fc.property(story, (steps) => {
        const world = play(createWorld(), steps).report().pass(day);
        for (const list of sayings(world).values()) {
          expect(list.at(-1)?.event).toBe('recovered');
          expect(list[0]?.event).not.toBe('recovered');
          for (const [index, { event }] of list.entries()) if (event === 'recovered') expect(list[index - 1]?.event).not.toBe('recovered');
        }
        const told = world.sent.length;
        expect(world.pass(10 * day).sent).toHaveLength(told);
      }),
      { numRuns: 300 },
    );
  });

  it('a restart at any moment changes nothing', () => {
    fc.assert(
      fc.property(story, (steps) => {
        const [steady, restarted] = [play(createWorld(), steps), play(createWorld({ restarts: true }), steps)];

        expect(restarted.sent).toEqual(steady.sent);
        expect(restarted.sentAt).toEqual(steady.sentAt);
      }),
      { numRuns: 150 },
    );
  });

  it('no hour brings more than six messages', () => {
    fc.assert(
      fc.property(story, (steps) => {
        const { sentAt } = play(createWorld(), steps);
        for (const [index, at] of sentAt.entries())
          expect(at - (sentAt[index - 6] ?? Number.NEGATIVE_INFINITY)).toBeGreaterThanOrEqual(hour);
      }),
      { numRuns: 300 },
    );
  });

  it('what stays is told within an hour and a half, and again within a day and two hours', () => {
    fc.assert(
      fc.property(story, someProblem, (steps, found) => {
        const world = play(createWorld(), steps).report(found);
        const before = world.sent.length;
        world.pass(90 * minute);
        const key = JSON.stringify([found.code, found.organization ?? null, '']);
        expect(sayings(world).get(key)?.at(-1)?.event ?? 'nothing').not.toMatch(/nothing|recovered/);
        world.pass(26 * hour);
        expect(world.sent.slice(before).some(({ items }) => items.some((item) => item.key === key))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('a message names each problem once, and no two messages of one moment share one', () => {
    fc.assert(
      fc.property(story, (steps) => {
        const world = play(createWorld(), steps);
        for (const { items } of world.sent) expect(new Set(items.map(({ key }) => key)).size).toBe(items.length);
        expect(new Set(world.sent.map(({ id }) => id)).size).toBe(world.sent.length);
      }),
      { numRuns: 300 },
    );
  });
});

import { describe, expect, it } from 'vitest';
import { afterDelivery, decideNotifications } from '../../../agent/notify/decide.ts';
import { emptyMemory } from '../../../agent/notify/memory.ts';
import type { NotifiableProblem } from '../../../agent/notify/notice.ts';
import { createWorld, day, hour, minute, problem, start } from './notify-world.ts';

describe('a new problem', () => {
  it.each<[string, NotifiableProblem, number]>([
    ['failed', problem({ severity: 'failed' }), 5 * minute],
    ['degraded', problem({ severity: 'degraded' }), 15 * minute],
  ])('that is %s is told when it settled', (_name, found, settle) => {
    const world = createWorld();
    world.report(found);

    world.pass(settle - 1);
    expect(world.sent).toEqual([]);
    world.pass(1);

    expect(world.sent).toHaveLength(1);
    expect(world.pass(23 * hour).sent).toHaveLength(1);
  });

  it('that passes before it settled pages nobody, however often it comes', () => {
    const world = createWorld();
    for (let run = 0; run < 10; run += 1) {
      world.report(problem({ severity: 'failed' })).pass(4 * minute);
      world.report().pass(hour);
    }

    expect(world.sent).toEqual([]);
  });

  it('that comes again long after a blip nobody looked at settles anew', () => {
    const seen = decideNotifications(emptyMemory, [problem()], start).memory;
    const gone = decideNotifications(seen, [], start + minute).memory;

    expect(decideNotifications(gone, [problem()], start + 3 * hour).notices).toEqual([]);
  });

  it('that keeps blinking is told all the same', () => {
    const world = createWorld();
    for (let run = 0; run < 10; run += 1) {
      world.report(problem()).pass(4 * minute);
      world.report().pass(minute);
    }
    world.report(problem()).pass(minute);

    expect(world.log()).toEqual(['problem X']);
  });

  it('that is degraded at first and then failed does not wait longer than either', () => {
    const world = createWorld();
    world.report(problem()).pass(12 * minute);
    world.report(problem({ severity: 'failed' })).pass(3 * minute);

    expect(world.log()).toEqual(['problem X']);
  });

  it('takes others along that are about to settle, in one message with the worst first', () => {
    const world = createWorld();
    world.report(problem({ code: 'A' })).pass(minute);
    world.report(problem({ code: 'A' }), problem({ code: 'B' })).pass(9 * minute);
    world.report(problem({ code: 'A' }), problem({ code: 'B' }), problem({ code: 'C', severity: 'failed' })).pass(5 * minute);

    expect(world.log()).toEqual(['problem C+A+B']);
  });

  it('is another one for another organization, directory or server, and the same one with other words', () => {
    const world = createWorld();
    world.report(
      problem({ organization: '1' }),
      problem({ organization: '2' }),
      problem({ organization: '1', place: { directory: 'corp' } }),
      problem({ organization: '1', place: { directory: 'corp', server: 'dc1' } }),
    );
    world.pass(15 * minute);
    expect(world.sent[0]?.items).toHaveLength(4);
    world.report(
      problem({ organization: '1', message: 'Other words', place: { run: 17 } }),
      problem({ organization: '2', since: '2026-01-01T00:00:00.000Z' }),
      problem({ organization: '1', place: { directory: 'corp' } }),
      problem({ organization: '1', place: { directory: 'corp', server: 'dc1' } }),
    );

    expect(world.pass(hour).sent).toHaveLength(1);
  });
});

describe('a problem with its cause beside it', () => {
  const cause = problem({ code: 'KEY', severity: 'failed' });
  const result = problem({ code: 'WATCH', organization: null, place: { cause: 'KEY' } });

  it('is not told while the cause is there, nor before the word that the cause is over', () => {
    const world = createWorld();
    world.report(cause, result).pass(3 * hour);
    world.report(result).pass(4 * minute);
    world.report().pass(hour);

    expect(world.log()).toEqual(['problem KEY', 'recovered KEY']);
  });

  it('is told when it stays longer than the cause', () => {
    const world = createWorld();
    world.report(cause, result).pass(hour);
    world.report(result).pass(hour);

    expect(world.log()).toEqual(['problem KEY', 'recovered KEY', 'problem WATCH']);
  });

  it('is told without the cause, and taken back when both are over', () => {
    const world = createWorld();
    world.report(result).pass(hour);
    world.report(cause, result).pass(hour);
    world.report().pass(hour);

    expect(world.log()).toEqual(['problem WATCH', 'problem KEY', 'recovered KEY+WATCH']);
  });
});

describe('a problem that was told', () => {
  it('is told again when it got worse, not when it got better, and once', () => {
    const world = createWorld();
    world.report(problem()).pass(15 * minute);
    world.report(problem({ severity: 'failed' })).pass(5 * minute);
    expect(world.log()).toEqual(['problem X', 'problem X']);
    expect(world.sent[1]?.items[0]).toMatchObject({ isWorse: true, thread: world.sent[0]?.id });

    world.report(problem()).pass(hour);
    world.report(problem({ severity: 'failed' })).pass(hour);

    expect(world.sent).toHaveLength(2);
  });

  it('is told once, as worse, when its reminder is due at that moment', () => {
    const world = createWorld()
      .report(problem())
      .pass(15 * minute);
    const { memory } = decideNotifications(world.memory(), [problem({ severity: 'failed' })], start + day);
    const { notices } = decideNotifications(memory, [problem({ severity: 'failed' })], start + day + hour);

    expect(notices.map(({ event }) => event)).toEqual(['problem']);
  });

  it('is told as worse again after a reminder told that it is better', () => {
    const world = createWorld();
    world.report(problem({ severity: 'failed' })).pass(5 * minute);
    world.report(problem()).pass(day);
    world.report(problem({ severity: 'failed' })).pass(5 * minute);

    expect(world.log()).toEqual(['problem X', 'reminder X', 'problem X']);
    expect(world.sent[2]?.items[0]?.thread).toBe(world.sent[0]?.id);
  });

  it('is reminded of once a day, all of them together', () => {
    const world = createWorld();
    world.report(problem({ code: 'A' })).pass(30 * minute);
    world.report(problem({ code: 'A' }), problem({ code: 'B' }));
    world.pass(3 * day);

    expect(world.log()).toEqual(['problem A', 'problem B', 'reminder A+B', 'reminder A+B']);
  });

  it('is over once, when it was gone for a while', () => {
    const world = createWorld();
    world.report(problem()).pass(hour);
    world.report().pass(5 * minute - 1);
    expect(world.log()).toEqual(['problem X']);
    world.pass(1);
    expect(world.log()).toEqual(['problem X', 'recovered X']);
    expect(world.sent[1]?.items[0]?.thread).toBe(world.sent[0]?.id);

    expect(world.pass(10 * day).sent).toHaveLength(2);
  });

  it('is over without a word about what was never told', () => {
    const world = createWorld();
    world.report(problem({ code: 'A' })).pass(hour);
    world.report(problem({ code: 'B' })).pass(minute);
    world.report().pass(hour);

    expect(world.log()).toEqual(['problem A', 'recovered A']);
  });

  it('floods nobody when it comes and goes', () => {
    const world = createWorld();
    for (let run = 0; run < 144; run += 1) {
      world.report(problem({ severity: 'failed' })).pass(6 * minute);
      world.report().pass(6 * minute);
    }

    // More than a day of coming and going every twelve minutes.
    expect(world.sent.length).toBeLessThan(8);
    expect(world.sent.length).toBeGreaterThan(2);
  });
});

describe('a held plan', () => {
  const held = (hash: string): NotifiableProblem => problem({ code: 'PLAN_HELD', place: { hash } });

  it('is told at once: it does not pass by itself', () => {
    expect(createWorld().report(held('a1')).log()).toEqual(['held PLAN_HELD']);
  });

  it('is told once per hash, and is over when nothing is held any more', () => {
    const world = createWorld();
    world.report(held('a1')).pass(hour);
    world.report(held('b2')).pass(hour);
    world.report(held('a1')).pass(hour);
    world.report().pass(hour);

    expect(world.log()).toEqual(['held PLAN_HELD', 'held PLAN_HELD', 'recovered PLAN_HELD']);
    expect(world.sent.map(({ items }) => items[0]?.hash)).toEqual(['a1', 'b2', 'a1']);
  });
});

describe('the hour', () => {
  it('has room for six messages; the rest waits and goes as one', () => {
    const world = createWorld();
    const all = Array.from({ length: 12 }, (_, index) => problem({ code: `P${index}`, severity: 'failed' }));
    for (let count = 1; count <= all.length; count += 1) world.report(...all.slice(0, count)).pass(3 * minute);
    world.pass(9 * minute);
    expect(world.sent).toHaveLength(6);
    expect(world.sent.map(({ quietUntil }) => quietUntil !== null)).toEqual([false, false, false, false, false, true]);

    world.pass(hour);

    expect(world.sent).toHaveLength(7);
    expect(world.sent[6]?.items).toHaveLength(6);
    expect(world.sent[5]?.quietUntil).toBe(world.sentAt[6]);
  });
});

describe('a clock that is set back', () => {
  it('tells nothing twice and silences nothing for ever', () => {
    const world = createWorld();
    world.report(problem()).pass(hour);
    world.setClockBack(day);
    expect(world.pass(23 * hour).log()).toEqual(['problem X']);
    expect(world.pass(2 * hour).log()).toEqual(['problem X', 'reminder X']);
  });

  it('delays a new problem by its settle time at most, and what is over by the same', () => {
    const world = createWorld();
    world.report(problem()).pass(10 * minute);
    world.setClockBack(30 * day);
    expect(world.pass(15 * minute).log()).toEqual(['problem X']);
    world.report().pass(4 * minute);
    world.setClockBack(30 * day);
    expect(world.pass(5 * minute).log()).toEqual(['problem X', 'recovered X']);
  });

  it('keeps the limit of the hour, for an hour', () => {
    const sentAt = [1, 2, 3, 4, 5, 6].map((times) => start + times * day);
    const held = problem({ code: 'PLAN_HELD', place: { hash: 'a1' } });
    const decision = decideNotifications({ ...emptyMemory, sentAt }, [held], start);

    expect(decision.notices).toEqual([]);
    expect(decision.nextAt).toBe(start + hour);
    expect(decideNotifications(decision.memory, [held], start + hour).notices).toHaveLength(1);
  });
});

describe('a message that did not arrive', () => {
  it('is decided anew: it has the same id while it says the same, and says what is true by then', () => {
    const world = createWorld({ delivers: false });
    world.report(problem({ code: 'A', severity: 'failed' })).pass(10 * minute);
    const [first, ...again] = world.tried;
    expect(again.length).toBeGreaterThan(0);
    expect(again.every(({ id }) => id === first?.id)).toBe(true);

    world.report().pass(hour);
    world.delivers = true;
    world.pass(day);

    expect(world.sent).toEqual([]);
  });

  it('leaves the others as they are when only one of them is told', () => {
    const problems = [problem({ code: 'A' }), problem({ code: 'PLAN_HELD', place: { hash: 'a1' } })];
    const seen = decideNotifications(emptyMemory, problems, start).memory;
    const { notices, memory } = decideNotifications(seen, problems, start + hour);
    const [told, other] = notices;
    if (told === undefined) throw new Error('nothing to tell');
    const after = decideNotifications(afterDelivery(memory, told, start + hour), problems, start + hour);

    expect(notices.map(({ event }) => event)).toEqual(['problem', 'held']);
    expect(after.notices).toEqual([other]);
  });
});

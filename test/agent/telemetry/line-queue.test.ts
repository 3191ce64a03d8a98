import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineQueue } from '../../../agent/telemetry/line-queue.ts';

/** Takes all that waits, as texts; a gap is the number of lines that it stands for. */
function takeAll(queue: LineQueue): readonly (string | number)[] {
  const taken: (string | number)[] = [];
  for (let next = queue.peek(0); next !== undefined; next = queue.peek(0)) {
    taken.push(next.kind === 'line' ? next.bytes.toString('utf8') : next.gap.lost);
    queue.drop(1);
  }
  return taken;
}

describe('lines that wait for the disk', () => {
  it('come out as they went in', () => {
    const queue = new LineQueue(1_000);
    for (const line of ['a\n', 'b\n', 'ü\n']) queue.push(line, 0);

    expect(takeAll(queue)).toEqual(['a\n', 'b\n', 'ü\n']);
    expect(queue.isEmpty).toBe(true);
  });

  it('are lost where they do not fit, counted at their place, until half of the room is free', () => {
    const queue = new LineQueue(10);
    for (let moment = 0; moment < 6; moment += 1) queue.push(`${moment}234\n`, moment);

    expect(queue.lost).toBe(4);
    expect(queue.peek(2)).toEqual({ kind: 'gap', gap: { lost: 4, from: 2, to: 5 } });
    queue.drop(1);
    queue.push('later', 7);
    expect(takeAll(queue)).toEqual(['1234\n', 4, 'later']);
  });

  it('count a loss behind what is being written at the moment', () => {
    const queue = new LineQueue(4);
    queue.push('abcd', 1);
    queue.push('lost', 2);
    queue.reserve(2);
    queue.push('lost', 3);
    queue.drop(2);

    expect(queue.peek(0)).toEqual({ kind: 'gap', gap: { lost: 1, from: 3, to: 3 } });
  });

  it('are all written or counted, in order, and never more than there is room for', () => {
    const steps = fc.array(fc.oneof(fc.nat({ max: 60 }), fc.constant('take' as const)), { maxLength: 400 });
    fc.assert(
      fc.property(steps, (what) => {
        const queue = new LineQueue(200);
        const taken: (string | number)[] = [];
        let pushed = 0;
        for (const step of what) {
          if (step === 'take') {
            const next = queue.peek(0);
            if (next !== undefined) taken.push(next.kind === 'line' ? next.bytes.toString('utf8') : next.gap.lost);
            queue.drop(1);
          } else {
            queue.push(`${pushed} ${'x'.repeat(step)}`, pushed);
            pushed += 1;
          }
        }
        taken.push(...takeAll(queue));

        let expected = 0;
        for (const item of taken) {
          if (typeof item === 'number') expected += item;
          else {
            expect(Number.parseInt(item, 10)).toBe(expected);
            expected += 1;
          }
        }
        expect(expected).toBe(pushed);
      }),
    );
  });
});

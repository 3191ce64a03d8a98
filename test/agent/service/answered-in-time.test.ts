import { expect, it } from 'vitest';
import { answeredInTime } from '../../../agent/service/answered-in-time.ts';

it('S2 a question that nobody answers is a no, so that the runs behind it go on', async () => {
  expect(await answeredInTime(new Promise(() => undefined), 5)).toBe(false);
  expect(await answeredInTime(Promise.resolve(true), 5_000)).toBe(true);
  expect(await answeredInTime(Promise.resolve(false), 5_000)).toBe(false);
});

import { describeEachOutsideCall } from './each-outside-call.ts';

describeEachOutsideCall({
  name: 'when there were too many requests, with Retry-After',
  fault: (nth) => ({ kind: 'rate-limited', nth, retryAfter: 1 }),
  exits: [0],
});

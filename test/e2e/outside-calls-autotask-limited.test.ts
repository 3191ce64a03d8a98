import { describeEachOutsideCall } from './each-outside-call.ts';

const psa = 'autotask';

describeEachOutsideCall({
  psa,
  name: 'when there were too many requests, with Retry-After',
  fault: (nth) => ({ kind: 'rate-limited', nth, retryAfter: 1 }),
  exits: [0],
});

describeEachOutsideCall({
  psa,
  name: 'when there were too many requests, without Retry-After',
  fault: (nth) => ({ kind: 'rate-limited', nth }),
  exits: [0],
});

describeEachOutsideCall({
  psa,
  name: 'when too many requests came at once',
  fault: (nth) => ({ kind: 'thread-limit', nth }),
  // The first is the look-up of the zone, which has no such limit and is not waited for.
  exits: [0, 1],
});

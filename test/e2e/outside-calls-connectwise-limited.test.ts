import { describeEachOutsideCall } from './each-outside-call.ts';

const psa = 'connectwise';

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

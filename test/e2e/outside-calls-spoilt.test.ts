import { describeEachOutsideCall } from './each-outside-call.ts';

describeEachOutsideCall({
  name: 'when the request was carried out and answered by an HTML page of 500',
  fault: (nth) => ({ kind: 'server-error', nth, commit: true }),
  exits: [0, 3],
});

describeEachOutsideCall({
  name: 'when the answer is cut off',
  fault: (nth) => ({ kind: 'truncated', nth }),
  exits: [0, 1, 3],
});

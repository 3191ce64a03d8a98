import { describeEachOutsideCall } from './each-outside-call.ts';

describeEachOutsideCall({
  name: 'when the server has a fault and did not carry the request out',
  fault: (nth) => ({ kind: 'bad-gateway', nth }),
  exits: [0, 3],
});

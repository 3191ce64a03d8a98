import { describeEachOutsideCall } from './each-outside-call.ts';

const psa = 'connectwise';

describeEachOutsideCall({
  psa,
  name: 'when the API says that the request is not valid',
  fault: (nth) => ({ kind: 'bad-request', nth }),
  exits: [0, 1, 3],
});

describeEachOutsideCall({
  psa,
  name: 'when the keys are refused in mid-run',
  fault: (nth) => ({ kind: 'unauthorized', nth }),
  exits: [1, 3],
});

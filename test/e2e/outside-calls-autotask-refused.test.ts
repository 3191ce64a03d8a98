import { describeEachOutsideCall } from './each-outside-call.ts';

const psa = 'autotask';

describeEachOutsideCall({
  psa,
  name: 'when a 500 says that the request is not valid',
  fault: (nth) => ({ kind: 'bad-request', nth }),
  exits: [0, 1, 3],
});

describeEachOutsideCall({
  psa,
  name: 'when the API user is refused in mid-run',
  fault: (nth) => ({ kind: 'unauthorized', nth }),
  exits: [0, 1, 3],
});

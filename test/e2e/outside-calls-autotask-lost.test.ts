import { describeEachOutsideCall } from './each-outside-call.ts';

const psa = 'autotask';

describeEachOutsideCall({
  psa,
  name: 'when the connection breaks before the request was carried out',
  fault: (nth) => ({ kind: 'lost-before', nth }),
  exits: [0, 3],
});

describeEachOutsideCall({
  psa,
  name: 'when the connection breaks after the request was carried out',
  fault: (nth) => ({ kind: 'lost-after', nth }),
  exits: [0, 3],
});

describeEachOutsideCall({
  psa,
  name: 'when the answer is cut off',
  fault: (nth) => ({ kind: 'truncated', nth }),
  exits: [0, 1, 3],
});

describeEachOutsideCall({
  psa,
  name: 'when a page of somebody in between stands for the answer of what was carried out',
  fault: (nth) => ({ kind: 'html-200', nth }),
  exits: [0, 1, 3],
});

import { describeEachOutsideCall } from './each-outside-call.ts';

describeEachOutsideCall({
  name: 'when the connection breaks before the request was carried out',
  fault: (nth) => ({ kind: 'lost-before', nth }),
  exits: [0, 3],
});

describeEachOutsideCall({
  name: 'when the connection breaks after the request was carried out',
  fault: (nth) => ({ kind: 'lost-after', nth }),
  exits: [0, 3],
});

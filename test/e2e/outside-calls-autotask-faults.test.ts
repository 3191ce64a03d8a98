import { describeEachOutsideCall } from './each-outside-call.ts';

const psa = 'autotask';

describeEachOutsideCall({
  psa,
  name: 'when a 500 tells of a fault and the request was carried out',
  fault: (nth) => ({ kind: 'error-body', nth, commit: true }),
  exits: [0, 3],
});

describeEachOutsideCall({
  psa,
  name: 'when a 500 is empty and the request was carried out',
  fault: (nth) => ({ kind: 'empty-error', nth, commit: true }),
  exits: [0, 3],
});

describeEachOutsideCall({
  psa,
  name: 'when a 500 is empty and the request was not carried out',
  fault: (nth) => ({ kind: 'empty-error', nth }),
  exits: [0, 3],
});

describeEachOutsideCall({
  psa,
  name: 'when the tenant moves to another zone after the answer',
  fault: (nth, site) => ({ kind: 'change', nth, change: () => void site.psa.relocate?.() }),
  exits: [0],
});

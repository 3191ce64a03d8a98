import { describeEachOutsideCall } from './each-outside-call.ts';

const psa = 'connectwise';

describeEachOutsideCall({
  psa,
  name: 'when the server has a fault, says so, and did carry the request out',
  fault: (nth) => ({ kind: 'timeout-body', nth, commit: true }),
  exits: [0, 1, 3],
});

describeEachOutsideCall({
  psa,
  name: 'when the proxy in front has a fault and the request was not carried out',
  fault: (nth) => ({ kind: 'bad-gateway', nth }),
  exits: [0, 3],
});

describeEachOutsideCall({
  psa,
  name: 'when the cloud is upgraded after the answer',
  fault: (nth, site) => ({ kind: 'change', nth, change: () => void site.psa.relocate?.() }),
  exits: [0],
});

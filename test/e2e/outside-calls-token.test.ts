import { describeEachOutsideCall } from './each-outside-call.ts';

describeEachOutsideCall({
  psa: 'bms',
  systems: ['psa'],
  name: 'when all tokens end in mid-run',
  fault: (nth) => ({ kind: 'token-expired', nth }),
  exits: [0],
});

import type { SandboxRequest } from '../sandbox/exchange.ts';
import { describeEachOutsideCall } from './each-outside-call.ts';

describeEachOutsideCall({
  name: 'when a request fails however often it is repeated',
  fault: (nth) => ({ kind: 'unavailable', match: sameAsNth(nth), times: Number.POSITIVE_INFINITY }),
  exits: [0, 1, 3],
});

/** Matches the nth request and all that ask the same again. */
function sameAsNth(nth: number): (request: SandboxRequest) => boolean {
  let seen = 0;
  let address: string | null = null;
  return (request) => {
    seen += 1;
    const own = `${request.method} ${request.path} ${request.query.toString()}`;
    if (seen === nth) address = own;
    return own === address;
  };
}

import type { ReadRequest } from '../ports/directory-source.ts';

/** A request without a past: everything is read, and nothing is remembered. */
export const firstReadRequest: ReadRequest = {
  checkpoint: null,
  full: true,
  fullBecause: null,
  recheck: [],
  attended: true,
  memory: { value: null, keep: () => Promise.resolve() },
};

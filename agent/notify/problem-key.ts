import type { NotifiableProblem } from './notice.ts';

/** Members of `place` that tell one part from another. Runs, records and paths change from time to time: they are none. */
const partKeys = ['collector', 'subnet', 'directory', 'server', 'channel', 'setting', 'file', 'variable'] as const;

/** Which part a problem concerns: `corp`, `corp, ldaps://dc1.corp.example.com`; empty when it does not say. */
export function partOf(problem: NotifiableProblem): string {
  return partKeys
    .flatMap((key) => {
      const value = problem.place?.[key];
      return value === undefined || value === null || value === '' ? [] : [String(value)];
    })
    .join(', ');
}

/** What makes two reports the same problem: code, organization and part, not the words. */
export function keyOf(problem: NotifiableProblem): string {
  return JSON.stringify([problem.code, problem.organization ?? null, partOf(problem)]);
}

/** The hash of the held plan that the problem is about, if it is about one. */
export function hashOf(problem: NotifiableProblem): string | null {
  const hash = problem.place?.['hash'];
  return typeof hash === 'string' && hash !== '' ? hash : null;
}

/** The code of the failure that brings this one about, where it is told as a failure of something else. */
export function causeOf(problem: NotifiableProblem): string | null {
  const cause = problem.place?.['cause'];
  return typeof cause === 'string' && cause !== '' ? cause : null;
}

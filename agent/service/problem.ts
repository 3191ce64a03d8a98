import type { ErrorDocument } from '../cli/documents.ts';
import type { ServiceProblem } from './service-facts.ts';

/** What a problem says; a `RollcallError` says it too. */
export type ProblemWords = Pick<ErrorDocument, 'code' | 'message' | 'hint' | 'place'>;

/** A failure as a problem of the service. */
function problemOf(error: ProblemWords, severity: ServiceProblem['severity'], since: number): ServiceProblem {
  const { code, message, hint, place } = error;
  return { code, message, hint, place, severity, since: new Date(since).toISOString() };
}

/** The service's own problems, one of a kind each: what is put twice keeps the time of the first. */
export class Problems {
  readonly #known = new Map<string, ServiceProblem>();
  readonly #onChange: () => void;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  put(kind: string, error: ProblemWords, severity: ServiceProblem['severity'], now: number): void {
    const known = this.#known.get(kind);
    if (known !== undefined && known.code === error.code && known.message === error.message) return;
    const since = known?.code === error.code && known.since !== null ? Date.parse(known.since) : now;
    this.#known.set(kind, problemOf(error, severity, since));
    this.#onChange();
  }

  /** The problem of the kind, or that there is none any more. */
  note(kind: string, error: ProblemWords | null, severity: ServiceProblem['severity'], now: number): void {
    if (error === null) this.clear(kind);
    else this.put(kind, error, severity, now);
  }

  clear(kind: string): void {
    if (this.#known.delete(kind)) this.#onChange();
  }

  list(): readonly ServiceProblem[] {
    return [...this.#known.values()];
  }
}

/** The outcome of something that is expected to go wrong at times. Failures of the run itself are thrown as `RollcallError`. */
export type Result<Value, Problem> = Ok<Value> | Err<Problem>;

export interface Ok<Value> {
  readonly ok: true;
  readonly value: Value;
}

export interface Err<Problem> {
  readonly ok: false;
  readonly error: Problem;
}

/** Wraps a success. */
export function ok<Value>(value: Value): Ok<Value> {
  return { ok: true, value };
}

/** Wraps an expected failure. */
export function err<Problem>(error: Problem): Err<Problem> {
  return { ok: false, error };
}

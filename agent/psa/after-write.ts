import { RollcallError } from '../../core/errors.ts';
import type { WriteOutcome } from '../../core/ports/write-outcome.ts';

/**
 * Goes on after the PSA took a part of a change. Errors of unsent requests say "nothing was written" (A2), which does not hold any more:
 * whatever fails from here on makes the outcome unknown.
 */
export async function afterWriting<Value>(
  work: () => Promise<WriteOutcome<Value>>,
  unclear: (reason: string) => WriteOutcome<Value>,
): Promise<WriteOutcome<Value>> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof RollcallError)) throw error;
    return unclear(`written in part or not looked at; ${error.message.replace(/\.$/, '')}`);
  }
}

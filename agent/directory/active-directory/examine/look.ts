import { RollcallError } from '../../../../core/errors.ts';
import type { Look } from '../../../../core/ports/directory-examination.ts';
import { err, ok } from '../../../../core/result.ts';

/** Makes one look; what it throws becomes its result. Throws `INTERRUPTED` only. */
export async function look<Value>(work: () => Promise<Value>): Promise<Look<Value>> {
  try {
    return ok(await work());
  } catch (error) {
    if (!(error instanceof RollcallError)) return err({ code: 'INTERNAL', message: 'rollcall failed while it looked at this' });
    if (error.code === 'INTERRUPTED') throw error;
    return err({ code: error.code, message: error.message });
  }
}

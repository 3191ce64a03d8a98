import type { z } from 'zod';
import { RollcallError } from '../../core/errors.ts';

/** Parses an answer; throws `PSA_ANSWER_INVALID` with the place of the first misfit, and never with what stands there. */
export function parseAnswer<Schema extends z.ZodType>(productName: string, what: string, schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue === undefined || issue.path.length === 0 ? 'the whole' : issue.path.map(String).join('.');
  throw new RollcallError('PSA_ANSWER_INVALID', `${productName} answered with something else than expected (${what}, at ${where}).`, {
    place: { system: productName, field: where },
  });
}

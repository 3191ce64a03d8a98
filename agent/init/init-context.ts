import { type ErrorCode, RollcallError } from '../../core/errors.ts';
import type { Redacted } from '../secrets/redacted.ts';
import type { Redactor } from '../telemetry/redactor.ts';
import type { SecretAnswer } from './answers.ts';
import type { Dialogue } from './dialogue.ts';
import type { InitEdges } from './edges.ts';
import type { Given } from './given.ts';
import type { SecretReader, SecretSource, StdinName } from './secret-sources.ts';

/** What every step of init is given. */
export interface InitContext {
  readonly given: Given;
  readonly dialogue: Dialogue;
  readonly edges: InitEdges;
  readonly secrets: SecretReader;
  readonly redactor: Redactor;
  readonly signal: AbortSignal;
}

/** Times that the same user name is tried: domains commonly lock an account at the fifth wrong password, some at the third. */
export const mostTries = 3;

/** An answer that nobody can be asked for. */
export function missing(option: string, why: string): RollcallError {
  return new RollcallError('USAGE', `${option} is needed: ${why}.`, { place: { option } });
}

export function isCode(error: unknown, ...codes: readonly ErrorCode[]): error is RollcallError {
  return error instanceof RollcallError && codes.includes(error.code);
}

/** The secret from its source. */
export async function givenSecret(
  context: Pick<InitContext, 'given' | 'secrets'>,
  source: SecretSource,
  words: { readonly option: string; readonly name: StdinName },
): Promise<SecretAnswer> {
  const value = await context.secrets.read(source, words.option, words.name);
  const stays = source.kind === 'vault' || (source.kind !== 'stdin' && context.given.keepReferences);
  return { value, reference: stays ? source.reference : null };
}

/** Asks for it; what is typed goes into the vault. */
export async function typedSecret(context: InitContext, message: string): Promise<SecretAnswer> {
  const value: Redacted = await context.dialogue.secret(message);
  context.redactor.register(value);
  return { value, reference: null };
}

/** Shows what went wrong and asks whether to try once more. Unattended, and when the answer is no, it is thrown. */
export async function tryAgain(context: InitContext, error: unknown): Promise<void> {
  const { dialogue } = context;
  if (!dialogue.attended || !(error instanceof RollcallError) || error.code === 'INTERRUPTED' || error.code === 'INTERNAL') throw error;
  dialogue.objection(error);
  if (!(await dialogue.confirm('Try again?', true))) throw error;
}

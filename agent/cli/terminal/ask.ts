import { createInterface } from 'node:readline/promises';
import type { Readable, Writable } from 'node:stream';
import { RollcallError } from '../../../core/errors.ts';

export interface Question {
  readonly edge: {
    readonly stdin: Readable & { readonly isTTY?: boolean };
    readonly stderr: Writable & { readonly isTTY?: boolean };
    readonly signal: AbortSignal;
  };
  /** What the question is about. */
  readonly shown: string;
  readonly question: string;
  readonly json: boolean;
}

/**
 * Asks on standard error, so that standard output stays the command's own. Anything but `y` or `yes` is a no. Throws
 * `CONFIRMATION_NEEDED` when there is nobody to ask, `INTERRUPTED` when the answer is Ctrl-C.
 */
export async function askPerson({ edge, shown, question, json }: Question): Promise<boolean> {
  if (json || edge.stdin.isTTY !== true || edge.stderr.isTTY !== true) {
    throw new RollcallError('CONFIRMATION_NEEDED', `${question} Nobody can be asked here; nothing was done.`);
  }
  edge.stderr.write(`${shown}\n\n`);
  const lines = createInterface({ input: edge.stdin, output: edge.stderr });
  const stopped = new AbortController();
  lines.once('SIGINT', () => stopped.abort());
  lines.once('close', () => stopped.abort());
  try {
    const answer = await lines.question(`${question} [y/N] `, { signal: AbortSignal.any([edge.signal, stopped.signal]) });
    return /^y(?:es)?$/i.test(answer.trim());
  } catch (cause) {
    throw new RollcallError('INTERRUPTED', 'The question was not answered; nothing was done.', { cause });
  } finally {
    lines.close();
  }
}

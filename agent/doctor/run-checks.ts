import { RollcallError } from '../../core/errors.ts';
import type { FindingDocument } from '../cli/documents-doctor.ts';
import { failed, notOk, type Topic } from './finding.ts';

/** One look at something. It stands by itself: what it throws becomes a finding of its topic. */
export interface Check {
  readonly topic: Topic;
  /** How long it may take, in milliseconds. */
  readonly limitMs: number;
  readonly look: () => Promise<readonly FindingDocument[]> | readonly FindingDocument[];
}

/**
 * Makes all looks at once and waits for each no longer than its time, so that one that hangs holds up none of the others. The findings
 * come in the order of the checks. Throws `INTERRUPTED` when the signal is aborted.
 */
export async function runChecks(checks: readonly Check[], signal: AbortSignal): Promise<readonly FindingDocument[]> {
  const findings = await Promise.all(checks.map((check) => runCheck(check, signal)));
  if (signal.aborted) throw new RollcallError('INTERRUPTED', 'The examination was stopped.');
  return findings.flat();
}

async function runCheck({ topic, limitMs, look }: Check, signal: AbortSignal): Promise<readonly FindingDocument[]> {
  const { promise, resolve } = Promise.withResolvers<readonly FindingDocument[]>();
  const timer = setTimeout(() => {
    const seen = `no result within ${Math.round(limitMs / 1000)} s`;
    resolve([notOk(topic, 'problem', seen, 'Look at the other findings first; then try again, with --log-level debug.')]);
  }, limitMs);
  const stop = (): void => resolve([]);
  signal.addEventListener('abort', stop);
  try {
    // What comes too late is nobody's any more.
    looked(look, topic).then(resolve, stop);
    return await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}

async function looked(look: Check['look'], topic: Topic): Promise<readonly FindingDocument[]> {
  try {
    return await look();
  } catch (error) {
    return [failed(topic, error)];
  }
}

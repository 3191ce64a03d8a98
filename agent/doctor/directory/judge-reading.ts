import type { ChangesFacts, ForestFacts } from '../../../core/ports/directory-examination.ts';
import type { ReadRecord, SourceReads, StoredLogonSurvey } from '../../../core/ports/store.ts';
import type { FindingDocument } from '../../cli/documents-doctor.ts';
import { notOk, ok } from '../finding.ts';
import { countWords, fewOf, spanWords, topicOf } from './topics.ts';

/** How the next read finds out what changed (C9). */
export function judgeChanges(directory: string, { method, because }: ChangesFacts): FindingDocument {
  const topic = topicOf(directory, 'DIRECTORY_CHANGES');
  if (method === 'DirSync') return ok(topic, 'read by DirSync, which works with the rights that the account has');
  if (method === 'uSNChanged') {
    return notOk(topic, 'note', `read by uSNChanged: ${because}. Another controller, or a restored one, means a full read`, null);
  }
  return notOk(topic, 'note', `not read: ${because}. Everything is read each time`, null);
}

/** Cost and age of the reads that the store knows; `told`: codes of errors that other findings have. */
export function judgeStoredReads(
  directory: string,
  reads: SourceReads | null,
  { now, told }: { readonly now: number; readonly told: ReadonlySet<string> },
): FindingDocument {
  const topic = topicOf(directory, 'DIRECTORY_READS');
  if (reads === null) return ok(topic, 'nothing was read yet');
  const { latest, latestComplete, latestFull } = reads;
  const known = [
    ...(latestFull === null ? [] : [`in full ${readWords(latestFull, 'user', now)}`]),
    ...(latestComplete === null || latestComplete.proof?.kind !== 'changes'
      ? []
      : [`changes ${readWords(latestComplete, 'changed user', now)}`]),
  ];
  const seen = known.length === 0 ? 'no read was complete yet' : known.join('; ');
  if (latest.outcome === 'failed' || latest.outcome === 'incomplete') {
    const words = `${seen}; the newest one, ${spanWords(now - latest.startedAt)} ago, ${latest.outcome === 'failed' ? 'failed' : 'was not proven complete'}`;
    // What keeps failing is told where it fails.
    if (latest.error !== null && told.has(latest.error)) return notOk(topic, 'note', words, null);
    return { ...notOk(topic, 'warning', words, 'Look at the other findings, then run "rollcall scan".'), error: latest.error };
  }
  return ok(topic, seen);
}

function readWords({ proof, startedAt, finishedAt }: ReadRecord, unit: string, now: number): string {
  const took = finishedAt === null ? '' : ` in ${spanWords(finishedAt - startedAt)}`;
  return `${countWords(proof?.users ?? 0, unit)}${took}, ${spanWords(now - (finishedAt ?? startedAt))} ago`;
}

/** Cost and accuracy of the survey of last logons (C4), and which controllers did not answer. */
export function judgeLogons(
  directory: string,
  survey: StoredLogonSurvey | null,
  { controllers, now }: { readonly controllers: ForestFacts['controllers'] | null; readonly now: number },
): FindingDocument {
  const topic = topicOf(directory, 'DIRECTORY_LOGONS');
  const all = controllers === null ? '' : `; the domain has ${countWords(controllers.length, 'controller')}`;
  if (survey === null) return ok(topic, `not asked of the controllers yet: right within 14 days${all}`);
  const { asked, failed, exact, at } = survey;
  const requests = asked.reduce((sum, server) => sum + server.requests, 0);
  const longest = Math.max(0, ...asked.map(({ durationMs }) => durationMs));
  const cost = asked.length === 0 ? '' : `, ${countWords(requests, 'request')}, at most ${spanWords(longest)} each`;
  const seen = `asked ${spanWords(now - at)} ago, ${asked.length} of ${countWords(asked.length + failed.length, 'controller')} answered${cost}`;
  if (exact) return ok(topic, `exact: ${seen}${all}`);
  const silent = failed.map(({ server, code }) => `${server} (${code})`);
  const words = `right within 14 days only: ${seen}${silent.length === 0 ? '' : `; no answer from ${fewOf(silent)}`}${all}`;
  return notOk(topic, 'warning', words, 'Have this machine reach every controller of the domain by LDAPS, or set "lastLogon" to "one-dc".');
}

import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { FindingDocument } from '../cli/documents-doctor.ts';
import type { Services } from '../pipeline/services.ts';
import type { ServiceView } from '../service/service-facts.ts';
import { newestBackup } from '../store/sqlite/backup.ts';
import { version } from '../version.ts';
import { databaseChecks } from './database.ts';
import { notOk, ok, type Topic } from './finding.ts';
import { sizeText } from './judge.ts';
import type { Check } from './run-checks.ts';

const lockNote = z.object({ pid: z.number(), command: z.string(), since: z.string() });

/** Looks at the service of this state directory and at the store. */
export function serviceAndStoreChecks(services: Services): readonly Check[] {
  const service: Topic = { part: 'service', subject: null, code: 'SERVICE' };
  const { store: where } = services.surroundings;
  return [
    { topic: service, limitMs: 10_000, look: async () => [judgeService(await services.service(), services.configFile)] },
    ...(where.kind === 'postgresql' ? databaseChecks(where) : embeddedChecks(services, where.path)),
  ];
}

/** Whether somebody sees to the schedule. */
export function judgeService(view: ServiceView, configFile: string): FindingDocument {
  const topic: Topic = { part: 'service', subject: null, code: 'SERVICE' };
  if (view.state === 'none') {
    return notOk(
      topic,
      'note',
      'no service ever ran for this state folder',
      'Start it with "rollcall run", or see to the syncs in another way.',
    );
  }
  const { facts } = view;
  if (view.state === 'not-running') {
    return facts.stoppedAt === null
      ? notOk(
          topic,
          'problem',
          `not running: it ended without a word, last seen ${facts.at}`,
          'Start the service; its log says why it ended.',
        )
      : notOk(
          topic,
          'warning',
          `not running: it was stopped ${facts.stoppedAt}`,
          'Start it again with "rollcall run", or by your service manager.',
        );
  }
  const seen = `running since ${facts.startedAt} (process ${facts.pid}), ${sizeText(facts.rssBytes)}, event loop at most ${Math.round(facts.eventLoop.max)} ms late`;
  if (facts.version !== version) {
    return notOk(topic, 'warning', `${seen}; it is rollcall ${facts.version}, this is ${version}`, 'Restart the service.');
  }
  if (facts.configFile !== configFile) {
    return notOk(
      topic,
      'warning',
      `${seen}; it uses ${facts.configFile}`,
      `Give doctor the same --config, or restart the service with ${configFile}.`,
    );
  }
  const [problem] = facts.problems;
  if (problem !== undefined) return { ...notOk(topic, 'warning', `${seen}; ${problem.message}`, problem.hint), error: problem.code };
  return ok(topic, seen);
}

function embeddedChecks(services: Services, storePath: string): readonly Check[] {
  const store: Topic = { part: 'store', subject: null, code: 'STORE' };
  const lock: Topic = { part: 'store', subject: null, code: 'LOCK' };
  return [
    { topic: store, limitMs: 60_000, look: () => storeFindings(services, storePath, store) },
    { topic: lock, limitMs: 10_000, look: () => lockFindings(storePath, lock) },
  ];
}

/** Opening it reads its structure through. */
async function storeFindings(services: Services, storePath: string, topic: Topic): Promise<readonly FindingDocument[]> {
  const store = await services.readableStore();
  if (store === null) return [notOk(topic, 'note', `no store at ${storePath} yet: the first scan makes it`, null)];
  const [disk, backup] = await Promise.all([services.disk(), newestBackup(storePath)]);
  const size = disk === null ? '' : `, ${sizeText(disk.store)}`;
  const saved = backup === null ? 'none yet: one is made before a new version changes the layout' : backup;
  return [ok(topic, `whole${size}, ${storePath}`), ok({ ...topic, code: 'BACKUP' }, saved)];
}

/** The note beside the lock; that nobody can read it says nothing. */
async function lockFindings(storePath: string, topic: Topic): Promise<readonly FindingDocument[]> {
  try {
    const note = lockNote.parse(JSON.parse(await readFile(`${storePath}.lock.json`, 'utf8')));
    return [ok(topic, `held by "${note.command}" (process ${note.pid}) since ${note.since}`)];
  } catch {
    return [ok(topic, 'nobody writes now')];
  }
}

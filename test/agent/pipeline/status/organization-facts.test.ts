import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { judgeRuns } from '../../../../agent/pipeline/status/judge-runs.ts';
import { organizationFacts } from '../../../../agent/pipeline/status/organization-facts.ts';
import { openStore } from '../../../../agent/store/open-store.ts';
import { organizationId } from '../../../../core/model/ids.ts';
import type { RunOutcome, Store } from '../../../../core/ports/store.ts';

const organization = organizationId('4711');
const minute = 60_000;
const noon = Date.UTC(2026, 10, 22, 12);

let folder: string;
let store: Store;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-facts-'));
  store = await openStore({ path: join(folder, 'rollcall.db'), mode: 'write', now: () => noon, version: '0.1.0', command: 'test' });
});

afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

async function addRun(command: string, at: number, outcome: RunOutcome, code = 'DIRECTORY_TIMEOUT'): Promise<void> {
  const run = await store.startRun({ organization, command, trigger: 'test', at });
  const error = outcome === 'failed' ? { code, message: 'No.' } : null;
  await store.finishRun(run, { outcome, planHash: null, counts: {}, error, at });
}

describe('the newest runs of an organization', () => {
  it('P9 a sync that failed is still told after a hundred runs of the watch, and the last one that went well is known', async () => {
    await addRun('sync', noon, 'done');
    await addRun('sync', noon + minute, 'failed');
    for (let index = 0; index < 120; index += 1) await addRun('watch', noon + (2 + index) * minute, 'done');

    const facts = await organizationFacts(store, organization, noon + 200 * minute);

    expect(facts.lastRuns.map(({ command }) => command)).toEqual(['watch', 'sync']);
    expect(judgeRuns(facts).map(({ code }) => code)).toEqual(['DIRECTORY_TIMEOUT']);
    expect(facts.lastSuccess?.startedAt).toBe(noon);
  });

  it.each(['CONFIRMATION_NEEDED', 'CONTACT_NOT_FOUND'])(
    'P5 a push that was not begun (%s) hides nothing and is no failure',
    async (code) => {
      await addRun('push', noon, 'done');
      await addRun('push', noon + minute, 'failed', code);

      const facts = await organizationFacts(store, organization, noon + 2 * minute);

      expect(facts.lastRuns.map(({ startedAt }) => startedAt)).toEqual([noon]);
      expect(judgeRuns(facts)).toEqual([]);
    },
  );

  it('P5 a push that failed is told, also when one was not begun after it', async () => {
    await addRun('push', noon, 'failed', 'PSA_UNREACHABLE');
    await addRun('push', noon + minute, 'failed', 'CONFIRMATION_NEEDED');

    const facts = await organizationFacts(store, organization, noon + 2 * minute);

    expect(judgeRuns(facts).map(({ code }) => code)).toEqual(['PSA_UNREACHABLE']);
  });
});

import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { judgeUpgrade } from '../../../agent/pipeline/status/judge-upgrade.ts';
import { problemDocument } from '../../../agent/pipeline/status/problem.ts';
import { type RefusedRelease, refusedRelease } from '../../../agent/upgrade/refused-release.ts';
import { recordUnwell, upgradeFolder } from '../../../agent/upgrade/upgrade-files.ts';

const refusedAt = Date.UTC(2026, 10, 22, 10);
const told: RefusedRelease = {
  release: '0.2.0+b',
  own: '0.1.0+a',
  since: refusedAt,
  unwell: { code: 'STORE_UNUSABLE', message: 'The disk is full.' },
  reason: 'it was started twice',
  folder: '/state/upgrade',
};

describe('a release that was refused', () => {
  let state = '';
  beforeEach(() => {
    state = mkdtempSync(join(tmpdir(), 'rollcall-refused-'));
    mkdirSync(upgradeFolder(state));
  });
  afterEach(() => rmSync(state, { recursive: true, force: true }));

  function refuse(text: string): void {
    const file = join(upgradeFolder(state), 'refused');
    writeFileSync(file, text);
    utimesSync(file, refusedAt / 1_000, refusedAt / 1_000);
  }

  it('is told with the time, and what it found itself', async () => {
    refuse('0.2.0+b\nit was started twice\n');
    await recordUnwell(state, { release: '0.2.0+b', code: 'STORE_UNUSABLE', message: 'The disk is full.', at: '2026-11-22T09:59:00.000Z' });

    expect(await refusedRelease(state)).toEqual({ ...told, own: null, folder: upgradeFolder(state) });
  });

  it('is not told with what another release found', async () => {
    refuse('0.2.0+b\n');
    await recordUnwell(state, { release: '0.3.0+c', code: 'STORE_UNUSABLE', message: 'The disk is full.', at: '2026-11-22T09:59:00.000Z' });

    expect(await refusedRelease(state)).toMatchObject({ release: '0.2.0+b', unwell: null, reason: null });
  });

  it('is not told once it is confirmed, nor where none was', async () => {
    expect(await refusedRelease(state)).toBeNull();
    refuse('0.2.0+b\n');
    writeFileSync(join(upgradeFolder(state), 'confirmed'), '0.2.0+b\n');

    expect(await refusedRelease(state)).toBeNull();
  });

  it.each<readonly [string, Partial<RefusedRelease>, string]>([
    ['what it found', {}, 'Release 0.2.0+b was refused (STORE_UNUSABLE: The disk is full). Release 0.1.0+a runs in its place.'],
    [
      'what made it be given up',
      { unwell: null },
      'Release 0.2.0+b was refused (it was started twice). Release 0.1.0+a runs in its place.',
    ],
    [
      'that nobody knows why',
      { unwell: null, reason: null, own: null },
      'Release 0.2.0+b was refused (it was never well, and ended before it could say why). The release before it runs in its place.',
    ],
  ])('is a problem of the service that says %s, and what to do', (_, change, message) => {
    const [finding] = judgeUpgrade({ ...told, ...change });
    if (finding === undefined) throw new Error('nothing was found');

    expect(problemDocument(finding, null)).toMatchObject({
      code: 'UPGRADE_REFUSED',
      part: 'service',
      severity: 'degraded',
      message,
      since: '2026-11-22T10:00:00.000Z',
      hint: expect.stringContaining('delete upgrade/refused in the state directory') as string,
    });
  });

  it('is no problem where none was', () => {
    expect(judgeUpgrade(null)).toEqual([]);
  });
});

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { Redacted } from '../../../agent/secrets/redacted.ts';
import type { StartConfig } from '../../../agent/service/config-in-force.ts';
import type { Logger } from '../../../agent/telemetry/logger.ts';
import { Redactor } from '../../../agent/telemetry/redactor.ts';
import { UpgradeAttendant } from '../../../agent/upgrade/attend-upgrade.ts';
import { upgradeFolder } from '../../../agent/upgrade/upgrade-files.ts';
import { type ErrorCode, RollcallError } from '../../../core/errors.ts';
import type { ReleaseFacts } from '../../../core/upgrade/standing.ts';

const onTrial: ReleaseFacts = { own: '0.2.0+b', isPrevious: false, hasPrevious: true, confirmed: '0.1.0+a', refused: null };
const fallback: ReleaseFacts = { own: '0.1.0+a', isPrevious: true, hasPrevious: false, confirmed: '0.1.0+a', refused: '0.2.0+b' };
const now = Date.UTC(2026, 10, 22, 10);

describe('a start of the service', () => {
  let state = '';
  let redactor: Redactor;
  beforeEach(() => {
    state = mkdtempSync(join(tmpdir(), 'rollcall-attend-'));
    mkdirSync(upgradeFolder(state));
    redactor = new Redactor();
    for (const name of ['tried', 'refused', 'unwell']) writeFileSync(join(upgradeFolder(state), name), '0.2.0+b\n');
  });
  afterEach(() => rmSync(state, { recursive: true, force: true }));

  function begin(facts: ReleaseFacts): Promise<UpgradeAttendant> {
    return UpgradeAttendant.begin({ stateDirectory: state, redactor, now: () => now, facts: () => Promise.resolve(facts) });
  }

  function written(name: string): string | null {
    const file = join(upgradeFolder(state), name);
    return existsSync(file) ? readFileSync(file, 'utf8') : null;
  }

  async function fails(attendant: UpgradeAttendant, code: ErrorCode, message = 'It failed.'): Promise<void> {
    const error = new RollcallError(code, message);
    await expect(attendant.judged(() => Promise.reject(error))).rejects.toBe(error);
  }

  it('of a release on trial writes down what fails, without secrets', async () => {
    redactor.register(new Redacted('open-sesame'));

    await fails(await begin(onTrial), 'STORE_UNUSABLE', 'The word open-sesame was wrong.');

    const { message, ...facts } = JSON.parse(written('unwell') ?? '') as { message: string };
    expect(facts).toEqual({ release: '0.2.0+b', code: 'STORE_UNUSABLE', at: '2026-11-22T10:00:00.000Z' });
    expect(message).not.toContain('open-sesame');
  });

  it.each(['SERVICE_RUNNING', 'STORE_LOCKED', 'INTERRUPTED'] as const)(
    'that comes to %s says nothing of the release: its try is taken back',
    async (code) => {
      await fails(await begin(onTrial), code);

      expect([written('tried'), written('unwell')]).toEqual(['', '0.2.0+b\n']);
    },
  );

  it.each([
    ['a confirmed release', { ...onTrial, confirmed: '0.2.0+b' }],
    ['the first release', { ...onTrial, hasPrevious: false }],
    ['the release before', fallback],
    ['a checkout', { ...onTrial, own: null }],
  ])('of %s that fails is no trial: nothing is written down', async (_, facts) => {
    await fails(await begin(facts), 'STORE_UNUSABLE');

    expect([written('tried'), written('unwell')]).toEqual(['0.2.0+b\n', '0.2.0+b\n']);
  });

  describe('on trial', () => {
    const logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined } as unknown as Logger;
    const stop = new AbortController();
    const options = { patienceMs: 60_000, stopped: stop.signal, logger };

    it('is confirmed when the service says so, not before', async () => {
      const before: unknown[] = [];

      await (await begin(onTrial)).started(async (confirm) => {
        before.push(written('confirmed'));
        await confirm();
        before.push(written('confirmed'));
      }, options);

      expect(before).toEqual([null, '0.2.0+b\n']);
    });

    it('whose start fails before that is not confirmed, and told why', async () => {
      const error = new RollcallError('STORE_UNUSABLE', 'It failed.');

      await expect((await begin(onTrial)).started(() => Promise.reject(error), options)).rejects.toBe(error);

      expect(written('confirmed')).toBeNull();
      expect(written('unwell')).toContain('STORE_UNUSABLE');
    });

    it('whose start fails after that is confirmed', async () => {
      const error = new RollcallError('STORE_UNUSABLE', 'It failed.');
      const start = async (confirm: () => Promise<void>): Promise<void> => {
        await confirm();
        throw error;
      };

      await expect((await begin(onTrial)).started(start, options)).rejects.toBe(error);

      expect([written('confirmed'), written('unwell')]).toEqual(['0.2.0+b\n', null]);
    });

    it('whose start hangs is unwell when its time is over, and cannot be confirmed any more', async () => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      onTestFinished(() => void vi.useRealTimers());
      const gate = Promise.withResolvers<void>();
      const late = Promise.withResolvers<unknown>();
      const start = async (confirm: () => Promise<void>): Promise<void> => {
        await gate.promise;
        await confirm().catch((error: unknown) => late.resolve(error));
      };
      const attendant = await begin(onTrial);
      const started = attendant.started(start, options);
      vi.advanceTimersByTime(options.patienceMs);
      gate.resolve();

      await expect(started).rejects.toMatchObject({ code: 'UPGRADE_UNWELL' });
      expect(await late.promise).toMatchObject({ code: 'INTERRUPTED' });
      expect(written('confirmed')).toBeNull();
      expect(written('unwell')).toContain('UPGRADE_UNWELL');
    });

    it('that is stopped before that is not judged: its try is taken back', async () => {
      const stopped = new AbortController();
      const start = (): Promise<void> => {
        stopped.abort();
        return Promise.resolve();
      };

      await (await begin(onTrial)).started(start, { ...options, stopped: stopped.signal });

      expect([written('confirmed'), written('tried'), written('unwell')]).toEqual([null, '', '0.2.0+b\n']);
    });
  });

  it('S3 does with the last good configuration, but not on trial', async () => {
    const refused = new RollcallError('CONFIG_NOT_JSON', 'It is none.');
    const start = { refused } as unknown as StartConfig;

    const attendant = await begin(onTrial);
    expect(() => attendant.assertTaken(start)).toThrow(refused);
    (await begin(fallback)).assertTaken(start);
    (await begin({ ...onTrial, confirmed: '0.2.0+b' })).assertTaken(start);
  });

  it('in the place of a refused release makes room when a command has confirmed that one', async () => {
    await expect(begin({ ...fallback, confirmed: '0.2.0+b' })).rejects.toMatchObject({ code: 'SERVICE_MISMATCH' });
  });

  it('of the first release that runs confirms it', async () => {
    await (await begin({ ...onTrial, hasPrevious: false, confirmed: null })).settle();

    expect([written('confirmed'), written('tried')]).toEqual(['0.2.0+b\n', null]);
  });

  it('of a confirmed release that runs forgets what spoke against it or another', async () => {
    await (await begin({ ...onTrial, confirmed: '0.2.0+b' })).settle();

    expect([written('tried'), written('refused'), written('unwell')]).toEqual([null, null, null]);
  });

  it('in the place of a refused release keeps the refusal, and forgets the tries: deleting the refusal is enough', async () => {
    await (await begin(fallback)).settle();

    expect([written('tried'), written('refused'), written('unwell')]).toEqual([null, '0.2.0+b\n', '0.2.0+b\n']);
    expect(written('confirmed')).toBeNull();
  });

  it('in the place of a release whose refusal could not be written keeps the tries: they are all there is', async () => {
    await (await begin({ ...fallback, refused: null })).settle();

    expect(written('tried')).toBe('0.2.0+b\n');
  });

  it('of a checkout writes nothing', async () => {
    await (await begin({ ...onTrial, own: null })).settle();

    expect([written('confirmed'), written('tried')]).toEqual([null, '0.2.0+b\n']);
  });
});

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LoadedConfig } from '../../../agent/config/load-config.ts';
import { type JobAnswer, type JobListener, JobRunner, type JobRunnerOptions } from '../../../agent/service/job-runner.ts';
import { silentLogger } from '../../../agent/telemetry/logger.ts';

const workerFile = fileURLToPath(new URL('./echo-worker.ts', import.meta.url));
const loaded = { file: 'config.json' } as unknown as LoadedConfig;
const waiting = { timeout: 10_000, interval: 10 };

let folder: string;
let runners: JobRunner[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-jobs-'));
});

afterEach(async () => {
  await Promise.all(runners.map((runner) => runner.close(500)));
  runners = [];
  rmSync(folder, { recursive: true, force: true });
});

/** A runner whose worker does what each job says, and writes down what it did. */
function startRunner(options: Partial<JobRunnerOptions> = {}): JobRunner {
  const runner = new JobRunner({ stateDirectory: join(folder, 'log'), logger: silentLogger(), workerFile, ...options });
  runners.push(runner);
  return runner;
}

/** What the workers wrote down. */
function diary(): readonly string[] {
  try {
    return readFileSync(join(folder, 'log'), 'utf8').trimEnd().split('\n');
  } catch {
    return [];
  }
}

function run(runner: JobRunner, does: string, label: string, listener: JobListener = {}): Promise<JobAnswer> {
  return runner.run({ name: 'sync', options: { does, label }, loaded, logLevel: 'info', trigger: 'test' }, listener);
}

function look(runner: JobRunner, label: string, rssBytes = 0): Promise<JobAnswer> {
  return runner.run({ name: 'watch', options: { does: 'answer', label, rssBytes }, loaded, logLevel: 'info', trigger: 'watch' });
}

describe('the runner of jobs', () => {
  it('S2 does one job after the other in one worker, in the order in which they came, and says who waits for what', async () => {
    const runner = startRunner();
    const behind: string[] = [];
    const listener = { waiting: (name: string) => behind.push(name) };

    const answers = await Promise.all(['a', 'b', 'c'].map((label) => run(runner, 'answer', label, listener)));

    expect(answers.map(({ text }) => text)).toEqual(['"a"', '"b"', '"c"']);
    expect(diary()).toEqual(['started', 'begin a', 'end a', 'begin b', 'end b', 'begin c', 'end c']);
    expect(behind).toHaveLength(2);
    expect(runner.busy).toBe(false);
  });

  it('tells the job under way, and that there is none', async () => {
    const seen: (string | null)[] = [];
    const runner = startRunner({ onCurrent: (current) => seen.push(current === null ? null : `${current.name} ${current.trigger}`) });

    await run(runner, 'answer', 'a');

    expect(seen).toEqual(['sync test', null]);
  });

  it('hands on a failure with its code, message and place', async () => {
    const runner = startRunner();

    await expect(run(runner, 'fail', 'a')).rejects.toMatchObject({ code: 'STORE_LOCKED', message: 'Busy.', place: { file: 'x' } });
    await expect(run(runner, 'answer', 'b')).resolves.toMatchObject({ text: '"b"' });
  });

  it.each([
    ['yes', { question: () => Promise.resolve(true) }, 'true'],
    ['no', { question: () => Promise.resolve(false) }, 'false'],
    ['nobody to ask', {}, 'false'],
    ['a question that fails', { question: () => Promise.reject(new Error('gone')) }, 'false'],
  ])('asks before a write: %s', async (_name, listener, answer) => {
    await expect(run(startRunner(), 'ask', 'a', listener)).resolves.toMatchObject({ text: answer });
  });

  it('stops the job under way alone; the next one is done', async () => {
    const runner = startRunner();
    const stop = new AbortController();
    const first = run(runner, 'wait', 'a', { signal: stop.signal });
    const second = run(runner, 'answer', 'b');
    await vi.waitFor(() => expect(diary()).toContain('begin a'), waiting);

    stop.abort();

    await expect(first).rejects.toMatchObject({ code: 'INTERRUPTED' });
    await expect(second).resolves.toMatchObject({ text: '"b"' });
    expect(diary()).toContain('stopped a');
  });

  it('S2 P9 a look of the watch gives way to whoever comes, a look to nobody', async () => {
    const runner = startRunner();
    const seen = runner.run({ name: 'watch', options: { does: 'wait', label: 'a' }, loaded, logLevel: 'info', trigger: 'watch' });
    await vi.waitFor(() => expect(diary()).toContain('begin a'), waiting);
    const next = look(runner, 'b');
    expect(diary()).not.toContain('stopped a');

    const command = run(runner, 'answer', 'c');

    await expect(seen).rejects.toMatchObject({ code: 'INTERRUPTED' });
    await expect(command).resolves.toMatchObject({ text: '"c"' });
    await next;
  });

  it('lets go at once of who gives up while waiting, and never begins that job', async () => {
    const runner = startRunner();
    const [giveUp, stop] = [new AbortController(), new AbortController()];
    const first = run(runner, 'wait', 'a', { signal: stop.signal });
    const second = run(runner, 'answer', 'b', { signal: giveUp.signal });
    await vi.waitFor(() => expect(diary()).toContain('begin a'), waiting);

    giveUp.abort();

    await expect(second).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(diary()).not.toContain('stopped a');
    stop.abort();
    await expect(first).rejects.toMatchObject({ code: 'INTERRUPTED' });
    await run(runner, 'answer', 'c');
    expect(diary()).not.toContain('begin b');
  });

  it('A2 a worker that ends in mid-job costs that job, and the next one has a new worker', async () => {
    const runner = startRunner();

    await expect(run(runner, 'exit', 'a')).rejects.toMatchObject({
      code: 'SERVICE_JOB_LOST',
      message: expect.stringContaining('exit 7') as unknown,
    });
    await expect(run(runner, 'answer', 'b')).resolves.toMatchObject({ text: '"b"' });
    expect(diary()).toEqual(['started', 'begin a', 'started', 'begin b', 'end b']);
  });

  it('ends a worker that hangs, and goes on with a new one', async () => {
    const runner = startRunner({ hangMs: 2_000 });

    await expect(run(runner, 'hang', 'a')).rejects.toMatchObject({ code: 'SERVICE_JOB_LOST' });
    await expect(run(runner, 'answer', 'b')).resolves.toMatchObject({ text: '"b"' });
  });

  it('ends an idle worker, so that its memory goes back, and starts another one when there is work again', async () => {
    const runner = startRunner({ idleMs: 20 });

    await run(runner, 'answer', 'a');
    await vi.waitFor(() => expect(diary()).toContain('closing'), waiting);
    await run(runner, 'answer', 'b');

    expect(diary()).toEqual(['started', 'begin a', 'end a', 'closing', 'started', 'begin b', 'end b']);
  });

  it('P9 keeps a worker that does nothing but looks, and ends it as always after it did more', async () => {
    const runner = startRunner({ idleMs: 20, smallIdleMs: 60_000 });

    await look(runner, 'a');
    await new Promise((resolve) => {
      setTimeout(resolve, 200);
    });
    await look(runner, 'b');
    await run(runner, 'answer', 'sync');
    await vi.waitFor(() => expect(diary()).toContain('closing'), waiting);
    await look(runner, 'c');

    const first = ['started', 'begin a', 'end a', 'begin b', 'end b', 'begin sync', 'end sync', 'closing'];
    expect(diary()).toEqual([...first, 'started', 'begin c', 'end c']);
  });

  it('P9 ends a worker that has grown by what a look found to do', async () => {
    const runner = startRunner({ idleMs: 20, smallIdleMs: 60_000 });

    await look(runner, 'a', 300 * 1024 * 1024);

    await vi.waitFor(() => expect(diary()).toContain('closing'), waiting);
  });

  it('P9 ends a worker of which no more looks come', async () => {
    const runner = startRunner({ smallIdleMs: 20 });

    await look(runner, 'a');

    await vi.waitFor(() => expect(diary()).toContain('closing'), waiting);
  });

  it('loses no job that comes at the very moment at which the idle worker ends', async () => {
    const runner = startRunner({ idleMs: 1 });
    const answers: string[] = [];

    // The worker takes 50 ms to end: jobs come before, while and after it does.
    for (let pause = 0; pause <= 80; pause += 8) {
      const { text } = await run(runner, 'answer', String(pause));
      answers.push(text);
      await new Promise((resolve) => {
        setTimeout(resolve, pause);
      });
    }

    expect(answers).toEqual(Array.from({ length: 11 }, (_, index) => `"${index * 8}"`));
    const lives = diary().filter((line) => line === 'started').length;
    expect(lives, 'some jobs met an ending worker').toBeGreaterThan(3);
  });

  it('close stops the job under way, refuses those that wait, and ends the worker', async () => {
    const runner = startRunner();
    const first = run(runner, 'wait', 'a');
    const second = run(runner, 'answer', 'b');
    const ends = Promise.allSettled([first, second]);
    await vi.waitFor(() => expect(diary()).toContain('begin a'), waiting);

    await runner.close(5_000);

    expect(await ends).toMatchObject([{ reason: { code: 'INTERRUPTED' } }, { reason: { code: 'INTERRUPTED' } }]);
    expect(diary()).toEqual(['started', 'begin a', 'stopped a', 'closing']);
    await expect(run(runner, 'answer', 'c')).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });

  it('close waits no longer than its deadline for a job that does not stop', async () => {
    const runner = startRunner();
    const begun = Promise.withResolvers<void>();
    const job = run(runner, 'ignore stops', 'a', { news: () => begun.resolve() });
    const end = job.catch((error: unknown) => error);
    await begun.promise;

    const asked = performance.now();
    await runner.close(200);

    expect(performance.now() - asked).toBeLessThan(2_000);
    expect(await end).toMatchObject({ code: 'SERVICE_JOB_LOST' });
  });
});

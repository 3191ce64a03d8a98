import { mkdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { watchFile } from '../../../agent/service/watch-file.ts';
import { temporaryFolder } from '../config/config-file.ts';

/** As in service, but quicker. */
const times = { settle: 50, pollEvery: 1_500 };
const waiting = { timeout: 15_000, interval: 20 };

let folder: ReturnType<typeof temporaryFolder>;
let file: string;
let changes: number;
let watcher: { close(): void } | null = null;

beforeEach(() => {
  folder = temporaryFolder();
  file = folder.write('config.json', '{}');
  changes = 0;
});

afterEach(() => {
  watcher?.close();
  watcher = null;
  folder.dispose();
});

/** Watches, and proves by a first edit that the watch stands. */
async function watch(): Promise<void> {
  watcher = watchFile(file, () => void (changes += 1), times);
  let edits = 0;
  await vi.waitFor(
    () => {
      edits += 1;
      writeFileSync(file, `{"probe": ${edits}}`);
      expect(changes).toBeGreaterThan(0);
    },
    { timeout: 15_000, interval: 100 },
  );
  await settled();
}

/** Until the changes so far are told: a change of another kind would come behind them. */
async function settled(): Promise<void> {
  let last = -1;
  await vi.waitFor(
    () => {
      const before = last;
      last = changes;
      expect(changes).toBe(before);
    },
    { timeout: 15_000, interval: 150 },
  );
}

describe('watching a file', () => {
  it.each([
    ['is edited in place', () => writeFileSync(file, '{ "a": 1 }')],
    [
      'is replaced by another one, as careful editors do',
      () => {
        writeFileSync(`${file}~`, '{ "a": 2 }');
        renameSync(`${file}~`, file);
      },
    ],
    [
      'is replaced by one of the same size and text',
      () => {
        writeFileSync(`${file}~`, readFileSync(file));
        renameSync(`${file}~`, file);
      },
    ],
    ['is deleted', () => rmSync(file)],
  ])('tells that it %s', async (_name, edit) => {
    await watch();
    const before = changes;

    edit();

    await vi.waitFor(() => expect(changes).toBe(before + 1), waiting);
  });

  it('tells once what an editor does in several steps', async () => {
    await watch();
    const before = changes;

    for (const step of ['{', '{ "a"', '{ "a": 1 }']) writeFileSync(file, step);
    rmSync(file);
    writeFileSync(file, '{ "a": 3 }');
    await settled();

    expect(changes).toBe(before + 1);
  });

  it('tells that a file which was deleted is there again', async () => {
    await watch();
    rmSync(file);
    await settled();
    const before = changes;

    writeFileSync(file, '{ "a": 1 }');

    await vi.waitFor(() => expect(changes).toBe(before + 1), waiting);
  });

  it('says nothing of other files of the folder', async () => {
    await watch();
    const before = changes;

    folder.write('other.json', '{}');
    utimesSync(folder.path, new Date(), new Date());
    await settled();

    expect(changes).toBe(before);
  });

  it('finds a change by looking where the file system gives no notice: the folder itself was replaced', async () => {
    await watch();
    const before = changes;

    renameSync(dirname(file), `${dirname(file)}-old`);
    mkdirSync(dirname(file));
    writeFileSync(file, '{ "in": "another folder" }');

    try {
      await vi.waitFor(() => expect(changes).toBeGreaterThan(before), waiting);
    } finally {
      rmSync(`${dirname(file)}-old`, { recursive: true });
    }
  });

  it('is silent when it was closed, also about an edit of just before', async () => {
    await watch();
    const before = changes;

    writeFileSync(file, '{ "a": 1 }');
    watcher?.close();
    await settled();

    expect(changes).toBe(before);
  });

  it('does without a folder that is not there', () => {
    watcher = watchFile(join(folder.path, 'nowhere', 'config.json'), () => {
      changes += 1;
    });

    expect(changes).toBe(0);
  });
});

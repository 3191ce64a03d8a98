import { readdir, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { useTemporaryStore } from './temporary-store.ts';

const place = useTemporaryStore();
const may = Date.UTC(2026, 4, 1);

async function backups(): Promise<readonly string[]> {
  return (await readdir(place.folder)).filter((name) => name.endsWith('.backup')).sort();
}

describe('retention of backups', () => {
  it('deletes those that are older, but never the newest, and none that somebody named otherwise', async () => {
    const store = await place.open();
    const names = [
      'rollcall.db.20260101T000000Z.0.1.0.backup',
      'rollcall.db.20260430T235959Z.0.2.0.backup',
      'rollcall.db.20260501T000000Z.0.3.0.backup',
    ];
    for (const name of [...names, 'rollcall.db.before-the-move.backup']) await writeFile(`${place.folder}/${name}`, 'x');

    expect(await store.prune(may)).toMatchObject({ backups: 2 });
    expect(await backups()).toEqual([names[2], 'rollcall.db.before-the-move.backup']);
  });

  it('keeps the only one, however old', async () => {
    const store = await place.open();
    await writeFile(`${place.folder}/rollcall.db.20200101T000000Z.0.1.0.backup`, 'x');

    expect(await store.prune(may)).toMatchObject({ backups: 0 });
    expect(await backups()).toHaveLength(1);
  });

  it('asks the store that is opened for reading for nothing', async () => {
    await (await place.open()).close();
    const reader = await place.open({ mode: 'read' });

    await expect(reader.prune(may)).rejects.toMatchObject({ code: 'INTERNAL' });
  });
});

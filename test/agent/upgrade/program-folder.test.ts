import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { releaseId } from '../../../agent/build-facts.ts';
import { installedRelease } from '../../../agent/upgrade/program-folder.ts';

describe('an executable in a program folder', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rollcall-program-'));
    put('', 'new');
    put('previous', 'old');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function put(place: string, release: string): void {
    mkdirSync(join(folder, place), { recursive: true });
    writeFileSync(join(folder, place, 'rollcall'), 'program');
    writeFileSync(join(folder, place, 'release'), `${release}\r\n`);
  }

  it('is the installed release, with the one before beside it', async () => {
    expect(await installedRelease(join(folder, 'rollcall'), 'new')).toEqual({ release: 'new', isPrevious: false, hasPrevious: true });
  });

  it('is the one before', async () => {
    const found = await installedRelease(join(folder, 'previous', 'rollcall'), 'old');

    expect(found).toEqual({ release: 'old', isPrevious: true, hasPrevious: false });
  });

  it('was not installed when nothing beside it names its release', async () => {
    rmSync(join(folder, 'release'));

    expect(await installedRelease(join(folder, 'rollcall'), 'new')).toBeNull();
  });

  it('was installed by halves when it holds another release than is named beside it', async () => {
    expect(await installedRelease(join(folder, 'rollcall'), 'old')).toBeNull();
  });

  it.each([
    ['is missing', () => rmSync(join(folder, 'previous'), { recursive: true })],
    ['is empty', () => writeFileSync(join(folder, 'previous', 'rollcall'), '')],
    ['has no name', () => writeFileSync(join(folder, 'previous', 'release'), '')],
    ['is the same', () => put('previous', 'new')],
  ])('has none to go back to when the one before %s', async (_, harm) => {
    harm();

    expect(await installedRelease(join(folder, 'rollcall'), 'new')).toMatchObject({ hasPrevious: false });
  });
});

describe('the id of a release', () => {
  it('tells version and commit, and whether files differed', () => {
    const commit = '1a2b3c4d5e6f7a8b9c0d1a2b3c4d5e6f7a8b9c0d';

    expect(releaseId({ version: '0.1.0', commit, modified: false })).toBe('0.1.0+1a2b3c4d5e6f');
    expect(releaseId({ version: '0.1.0', commit, modified: true })).toBe('0.1.0+1a2b3c4d5e6f.modified');
  });
});

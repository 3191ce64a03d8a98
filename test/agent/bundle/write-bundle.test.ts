import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeBundle } from '../../../agent/bundle/write-bundle.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-bundle-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const bytes = new TextEncoder().encode('zip');

describe('the file of a bundle', () => {
  it('is written for the own account only, and nothing is left beside it', async () => {
    await writeBundle(join(folder, 'out.zip'), bytes, false);

    expect(readFileSync(join(folder, 'out.zip'), 'utf8')).toBe('zip');
    expect(statSync(join(folder, 'out.zip')).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['out.zip']);
  });

  it('does not take the place of one that came up in the meantime', async () => {
    writeFileSync(join(folder, 'out.zip'), 'mine');

    await expect(writeBundle(join(folder, 'out.zip'), bytes, false)).rejects.toMatchObject({ code: 'BUNDLE_EXISTS' });

    expect(readFileSync(join(folder, 'out.zip'), 'utf8')).toBe('mine');
    expect(readdirSync(folder)).toEqual(['out.zip']);
  });

  it('takes its place when that is wanted', async () => {
    writeFileSync(join(folder, 'out.zip'), 'mine');

    await writeBundle(join(folder, 'out.zip'), bytes, true);

    expect(readFileSync(join(folder, 'out.zip'), 'utf8')).toBe('zip');
  });

  it('that cannot be written is a failure with its place', async () => {
    const file = join(folder, 'nowhere', 'out.zip');

    await expect(writeBundle(file, bytes, true)).rejects.toMatchObject({ code: 'BUNDLE_UNWRITABLE', place: { file } });
  });
});

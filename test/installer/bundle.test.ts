import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bundle, writeBundle } from '../../installer/bundle.ts';
import { collectLicences } from '../../installer/licences.ts';
import { readLockFile } from '../../installer/lock-file.ts';
import { repository } from '../../installer/repository.ts';
import manifest from '../../package.json' with { type: 'json' };

let folder: string;
let file: string;
let bundle: Bundle;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-bundle-'));
  file = join(folder, 'rollcall.js');
  bundle = await writeBundle(file);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the bundle', () => {
  it('holds what the program needs and nothing of tests, of the build or for developers', async () => {
    const locked = await readLockFile();
    const names = bundle.packages.map((place) => locked.get(place)?.name ?? place);
    const developers = Object.keys(manifest.devDependencies);

    expect(names).toEqual(expect.arrayContaining(['pg', 'kysely', 'ldapts', 'undici', 'winston', 'fastify']));
    expect(names.filter((name) => developers.includes(name))).toEqual([]);
    expect(bundle.sources).toContain('agent/service/job-worker.ts');
    expect(bundle.sources.filter((source) => !/^(?:core|agent)\/|^package\.json$/.test(source))).toEqual([]);
  });

  it('names no place of the machine that built it, and asks for no file beside it', () => {
    const text = readFileSync(file, 'utf8');
    const asked = [...text.matchAll(/\brequire\("([^"]+)"\)/g)].map(([, name = '']) => name);

    expect(text).not.toContain(repository);
    expect(text).not.toContain(folder);
    expect([...new Set(asked)].filter((name) => name.startsWith('.') || name.startsWith('/'))).toEqual([]);
  });

  it('is the same for the same sources', async () => {
    const again = join(folder, 'again.js');
    await writeBundle(again);

    expect(readFileSync(again).equals(readFileSync(file))).toBe(true);
  });

  it('comes with the licence of each package in it, and all of them allow it', async () => {
    const locked = await readLockFile();
    const free = ['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', '0BSD', 'MIT-0', 'BlueOak-1.0.0', 'Unlicense'];
    const licences = bundle.packages.map((place) => [place, locked.get(place)?.license]);
    const text = await collectLicences(bundle.packages);

    expect(licences.filter(([, licence]) => !free.includes(licence ?? ''))).toEqual([]);
    for (const place of bundle.packages) expect(text).toContain(`\n${locked.get(place)?.name} ${locked.get(place)?.version} (`);
  });
});

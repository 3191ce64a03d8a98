import { describe, expect, it } from 'vitest';
import { makeSbom } from '../../installer/sbom.ts';
import { targets } from '../../installer/targets.ts';
import manifest from '../../package.json' with { type: 'json' };

const source = { commit: 'c0ffee'.repeat(6).padEnd(40, '0'), modified: false, date: '2026-11-02T08:00:00Z' };
const packages = Object.entries(manifest.dependencies).map(([name, version]) => `${name}@${version}`);

interface Sbom {
  readonly serialNumber: string;
  readonly specVersion: string;
  readonly metadata: { readonly timestamp: string; readonly component: { readonly name: string; readonly version: string } };
  readonly components: readonly {
    readonly name: string;
    readonly version: string;
    readonly hashes?: unknown;
    readonly licenses?: unknown;
  }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

describe('the bill of materials', () => {
  it('lists what is in the executables, Node included, each with its hash and its licence, and nothing else', async () => {
    const { components, metadata } = JSON.parse(await makeSbom(source, packages)) as Sbom;

    const names = components.map(({ name, version }) => `${name}@${version}`).sort();
    expect(names).toEqual([...packages, ...targets.map(({ nodePackage }) => `${nodePackage}@${process.versions.node}`)].sort());
    expect(components.filter(({ hashes, licenses }) => hashes === undefined || licenses === undefined)).toEqual([]);
    expect(metadata).toMatchObject({ component: { name: 'rollcall', version: manifest.version }, timestamp: source.date });
  });

  it('names dependencies only among what it lists', async () => {
    const { components, dependencies } = JSON.parse(await makeSbom(source, packages)) as Sbom;

    const listed = new Set([`rollcall@${manifest.version}`, ...components.map(({ name, version }) => `${name}@${version}`)]);
    expect(dependencies.flatMap(({ ref, dependsOn }) => [ref, ...dependsOn]).filter((name) => !listed.has(name))).toEqual([]);
    expect(dependencies.some(({ dependsOn }) => dependsOn.length > 0)).toBe(true);
  });

  it('is the same for the same commit, and has another serial number for another one', async () => {
    const first = await makeSbom(source, packages);
    const other = JSON.parse(await makeSbom({ ...source, commit: 'd'.repeat(40) }, packages)) as Sbom;

    expect(await makeSbom(source, packages)).toBe(first);
    expect(other.serialNumber).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(other.serialNumber).not.toBe((JSON.parse(first) as Sbom).serialNumber);
  });
});

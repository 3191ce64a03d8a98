import { createHash } from 'node:crypto';
import { repository } from './repository.ts';
import { run } from './run.ts';
import type { SourceFacts } from './source-facts.ts';
import { targets } from './targets.ts';

interface Component {
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
}

interface Document {
  readonly metadata: { readonly component: Component } & Readonly<Record<string, unknown>>;
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

/**
 * The bill of materials of the executables (CycloneDX 1.5, JSON): npm's, of the whole lock file (its own `--omit dev` forgets
 * packages that developers' packages use too), brought down to what is in them. `packages` are
 * `name@version`. The same for the same commit.
 */
export async function makeSbom(source: SourceFacts, packages: readonly string[]): Promise<string> {
  const words = ['sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--package-lock-only'];
  const whole = JSON.parse(await run('npm', words, { cwd: repository })) as Document;
  const ownReference = whole.metadata.component['bom-ref'];
  const parts = new Set([...packages, ...whole.components.filter(isNode).map(({ name, version }) => `${name}@${version}`)]);
  const components = whole.components.filter(({ name, version }) => parts.has(`${name}@${version}`));
  const references = new Set([ownReference, ...components.map((component) => component['bom-ref'])]);
  const dependencies = whole.dependencies
    .filter(({ ref }) => references.has(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((other) => references.has(other)) }));
  const document = {
    ...whole,
    metadata: {
      ...whole.metadata,
      timestamp: source.date,
      lifecycles: [{ phase: 'build' }],
      // npm names it after the folder.
      component: { ...whole.metadata.component, name: 'rollcall' },
    },
    components,
    dependencies,
  };
  return `${JSON.stringify({ ...document, serialNumber: serialNumber(`${source.commit} ${JSON.stringify(components)}`) }, null, 2)}\n`;
}

function isNode({ name }: Component): boolean {
  return targets.some(({ nodePackage }) => nodePackage === name);
}

/** A UUID (of version 8, RFC 9562) that belongs to what is described. */
function serialNumber(described: string): string {
  const digits = createHash('sha256').update(described).digest('hex');
  const parts = [digits.slice(0, 8), digits.slice(8, 12), `8${digits.slice(13, 16)}`, `8${digits.slice(17, 20)}`, digits.slice(20, 32)];
  return `urn:uuid:${parts.join('-')}`;
}

import { closest, distance } from 'fastest-levenshtein';
import { z } from 'zod';
import { configSchema } from './schema.ts';

/** As much of JSON Schema as the walk needs. */
interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly additionalProperties?: Node | boolean;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
  readonly oneOf?: readonly Node[];
}

type Path = readonly PropertyKey[];

/** Tells what an unknown key was probably meant to be: `did you mean "apiKey"?`, or where it belongs; empty when nothing is near. */
export function adviceForUnknownKey(path: Path, key: string): string {
  const root = z.toJSONSchema(configSchema, { io: 'input' }) as Node;
  const here = [...new Set(nodesAt(root, path).flatMap((node) => Object.keys(node.properties ?? {})))];
  const near = nearest(key, here);
  const elsewhere = placesOf(root, key);
  if (near !== null && near.toLowerCase() === key.toLowerCase()) {
    return `did you mean "${near}"?`;
  }
  if (elsewhere.length > 0) {
    return `"${key}" belongs in ${elsewhere.map((place) => (place === '' ? 'the top level' : `"${place}"`)).join(' or ')}`;
  }
  return near === null ? '' : `did you mean "${near}"?`;
}

/** The nearest of some words, when it is near enough to be meant. */
export function nearest(word: string, words: readonly string[]): string | null {
  if (words.length === 0) {
    return null;
  }
  const lower = words.map((known) => known.toLowerCase());
  const best = closest(word.toLowerCase(), lower);
  const near = distance(word.toLowerCase(), best) <= Math.max(2, Math.floor(best.length * 0.4));
  return near ? (words[lower.indexOf(best)] ?? null) : null;
}

function nodesAt(root: Node, path: Path): readonly Node[] {
  let nodes: readonly Node[] = [root];
  for (const part of path) {
    nodes = nodes.flatMap(branchesOf).flatMap((node) => {
      const next = typeof part === 'number' ? node.items : (node.properties?.[String(part)] ?? node.additionalProperties);
      return typeof next === 'object' ? [next] : [];
    });
  }
  return nodes.flatMap(branchesOf);
}

function branchesOf(node: Node): readonly Node[] {
  return [node, ...[...(node.anyOf ?? []), ...(node.oneOf ?? [])].flatMap(branchesOf)];
}

/** Where in the file a key of exactly this name is known, at most three places; overrides of organizations are left out. */
function placesOf(root: Node, key: string): readonly string[] {
  const places = new Set<string>();
  const visit = (node: Node, place: string): void => {
    for (const branch of branchesOf(node)) {
      for (const [name, child] of Object.entries(branch.properties ?? {})) {
        if (name === key) {
          places.add(place);
        }
        visit(child, place === '' ? name : `${place}.${name}`);
      }
      if (branch.items !== undefined) {
        visit(branch.items, `${place}[]`);
      }
    }
  };
  visit(root, '');
  return [...places].slice(0, 3);
}

import type { Handling } from '../exchange.ts';
import type { Tenant } from './answers.ts';
import { unreadable } from './answers.ts';
import { readJson, readObject, readValue } from './body.ts';
import { scalarText } from './scalar.ts';
import type { Shape } from './shapes.ts';

/** One operation of a patch; the path without its leading slash. */
export interface Operation {
  readonly op: 'add' | 'replace' | 'remove';
  readonly path: readonly string[];
  readonly value: unknown;
}

const operationShape: Shape = { kind: 'list', of: { kind: 'any' } };
/** A list of operations as every PATCH route takes it. */
export function readOperations(tenant: Tenant, handling: Handling): readonly Operation[] {
  const alsoTaken = tenant.switches.jsonPatchMediaType === 'accepted' ? ['application/json-patch+json'] : [];
  const body = readValue(tenant, handling, readJson(handling, alsoTaken), { shape: operationShape, path: '' });
  if (!Array.isArray(body) || body.length === 0) {
    throw unreadable('A list of operations is expected. ');
  }
  return body.map((item: unknown) => {
    const sent = readObject(tenant, handling, item, {
      type: 'PatchOperation',
      members: { op: { kind: 'text' }, path: { kind: 'text' }, value: { kind: 'any' } },
    });
    const op = scalarText(sent['op']).toLowerCase();
    if (op !== 'add' && op !== 'replace' && op !== 'remove') {
      throw unreadable(`The operation '${op}' is not supported. `);
    }
    const path = scalarText(sent['path'])
      .replace(/^\//, '')
      .split('/')
      .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
    return { op, path, value: sent['value'] ?? null };
  });
}

export function noTarget(path: readonly string[]): Error {
  return unreadable(`The target location specified by path '${path.join('/')}' was not found. `);
}

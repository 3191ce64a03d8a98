import type { Handling } from '../exchange.ts';
import { Refusal } from '../exchange.ts';
import { isRecord, parseJson } from '../json.ts';
import type { Tenant } from './answers.ts';
import { unreadable } from './answers.ts';
import { scalarText } from './scalar.ts';
import type { Members, Shape } from './shapes.ts';

/** Reads a JSON body; other media types are refused with 415. */
export function readJson(handling: Handling, alsoTaken: readonly string[] = []): unknown {
  const [mediaType = ''] = (handling.request.headers['content-type'] ?? '').split(';');
  if (!['application/json', ...alsoTaken].includes(mediaType.trim().toLowerCase())) {
    throw new Refusal({ status: 415, body: { message: "The request entity's media type is not supported for this resource." } });
  }
  try {
    return parseJson(new TextDecoder('utf-8', { fatal: true }).decode(handling.request.body));
  } catch {
    throw unreadable('Unexpected character encountered while parsing value. ');
  }
}

/** An object of the type: members that it does not have and values of another sort are refused. */
export function readObject(
  tenant: Tenant,
  handling: Handling,
  value: unknown,
  { type, members }: { readonly type: string; readonly members: Members },
): Record<string, unknown> {
  const shape: Shape = { kind: 'object', type, members };
  const read = new Reader(tenant, handling.request.body.toString('utf8')).value(value, shape, '');
  if (!isRecord(read)) {
    throw unreadable(`A ${type} is expected. `);
  }
  return read;
}

/** A value for one member, as a patch carries it. */
export function readValue(
  tenant: Tenant,
  handling: Handling,
  value: unknown,
  place: { readonly shape: Shape; readonly path: string },
): unknown {
  return new Reader(tenant, handling.request.body.toString('utf8')).value(value, place.shape, place.path);
}

class Reader {
  readonly #tenant: Tenant;
  readonly #source: string;

  constructor(tenant: Tenant, source: string) {
    this.#tenant = tenant;
    this.#source = source;
  }

  value(value: unknown, shape: Shape, path: string): unknown {
    if (value === null || shape.kind === 'any' || shape.kind === 'hidden') {
      return value;
    }
    switch (shape.kind) {
      case 'object':
        return this.#object(value, shape, path);
      case 'list':
        return this.#list(value, shape.of, path);
      case 'boolean':
        return typeof value === 'boolean' ? value : this.#refuse(value, 'boolean', path);
      case 'integer':
        return this.#integer(value, path);
      case 'moment':
        return typeof value === 'string' ? value : this.#refuse(value, 'string', path);
      case 'text':
        return typeof value === 'string' && shape.oneOf?.includes(value) !== false ? value : this.#refuse(value, 'string', path);
      default:
        return value;
    }
  }

  #object(value: unknown, { type, members }: Extract<Shape, { kind: 'object' }>, path: string): Record<string, unknown> {
    if (!isRecord(value)) {
      return this.#refuse(value, type, path);
    }
    const read: Record<string, unknown> = {};
    for (const [name, member] of Object.entries(value)) {
      const memberPath = path === '' ? name : `${path}.${name}`;
      const shape = Object.hasOwn(members, name) ? members[name] : undefined;
      if (shape === undefined) {
        throw unreadable(`Could not find member '${name}' on object of type '${type}'. ${this.#where(memberPath, name)}`);
      }
      read[name] = this.value(member, shape, memberPath);
    }
    return read;
  }

  #list(value: unknown, of: Shape, path: string): readonly unknown[] {
    if (!Array.isArray(value)) {
      return this.#refuse(value, 'list', path);
    }
    return value.map((item: unknown, index) => this.value(item, of, `${path}[${index}]`));
  }

  #integer(value: unknown, path: string): number {
    if (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < 2 ** 31) {
      return value;
    }
    const convertible = typeof value === 'string' && /^-?\d{1,9}$/.test(value);
    return convertible && this.#tenant.switches.textForInteger === 'converted' ? Number(value) : this.#refuse(value, 'integer', path);
  }

  #refuse(value: unknown, wanted: string, path: string): never {
    const shown = typeof value === 'object' ? typeof value : scalarText(value);
    throw unreadable(`Could not convert ${typeof value} to ${wanted}: ${shown}. ${this.#where(path, path.split(/[.[]/).at(-1) ?? '')}`);
  }

  #where(path: string, name: string): string {
    const at = this.#source.indexOf(`"${name}"`);
    return `Path '${path}', line 1, position ${at < 0 ? 0 : at + name.length + 3}.`;
  }
}

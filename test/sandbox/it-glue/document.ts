import type { Handling, SandboxRequest } from '../exchange.ts';
import { idText, isRecord, parseJson } from '../json.ts';
import { badRequest, unprocessable, unsupportedMediaType } from './refusals.ts';

/** The attributes of one resource object as sent, keys in kebab case. */
export interface SentAttributes {
  readonly values: ReadonlyMap<string, unknown>;
  readonly relationships: Record<string, unknown>;
}

export type SentDocument =
  | { readonly bulk: false; readonly one: SentAttributes }
  | { readonly bulk: true; readonly many: readonly SentAttributes[] };

/** Reads the JSON:API document of a write; members outside `attributes` are dropped, as IT Glue does, without a word. */
export function readDocument(handling: Handling, type: string): SentDocument {
  const document = readBody(handling.request);
  if (!isRecord(document) || !('data' in document)) {
    throw badRequest('The data member is missing');
  }
  const { data } = document;
  return Array.isArray(data)
    ? { bulk: true, many: data.map((item) => readResource(handling, item, type)) }
    : { bulk: false, one: readResource(handling, data, type) };
}

/** A document that must carry one resource object. */
export function readOne(handling: Handling, type: string): SentAttributes {
  const document = readDocument(handling, type);
  if (document.bulk) {
    throw badRequest('This route takes one resource object');
  }
  return document.one;
}

/** The id that a bulk write carries inside `attributes`. */
export function attributeId(sent: SentAttributes): string {
  const id = idText(sent.values.get('id'));
  if (id === null) {
    throw unprocessable('Valid id is required', 'data/attributes/id');
  }
  return id;
}

/** Notes attributes that are not among the known ones: they are ignored without a word. */
export function dropUnknown(handling: Handling, sent: SentAttributes, known: readonly string[]): void {
  for (const name of sent.values.keys()) {
    if (!known.includes(name)) {
      handling.dropped.push(`attribute ${name}`);
    }
  }
}

/** `first_name` and `First-Name` are `first-name`. */
export function kebab(name: string): string {
  return name.toLowerCase().replaceAll('_', '-');
}

function readBody(request: SandboxRequest): unknown {
  const [mediaType = ''] = (request.headers['content-type'] ?? '').split(';');
  if (mediaType.trim().toLowerCase() !== 'application/vnd.api+json') {
    throw unsupportedMediaType();
  }
  try {
    return parseJson(new TextDecoder('utf-8', { fatal: true }).decode(request.body));
  } catch {
    throw badRequest('The body is not JSON in UTF-8');
  }
}

function readResource(handling: Handling, item: unknown, type: string): SentAttributes {
  if (!isRecord(item)) {
    throw badRequest('A resource object is missing');
  }
  if (typeof item['type'] !== 'string' || kebab(item['type']) !== type) {
    throw badRequest(`The type must be ${type}`);
  }
  for (const name of Object.keys(item)) {
    if (!['type', 'id', 'attributes', 'relationships'].includes(name)) {
      handling.dropped.push(`member ${name} outside attributes`);
    }
  }
  const attributes = isRecord(item['attributes']) ? item['attributes'] : {};
  return {
    values: new Map(Object.entries(attributes).map(([name, value]) => [kebab(name), value])),
    relationships: isRecord(item['relationships']) ? item['relationships'] : {},
  };
}

import { isIP } from 'node:net';
import { dirname, isAbsolute, resolve } from 'node:path';
import { readAddress } from '../config/address.ts';
import { configJsonSchema } from '../config/json-schema.ts';
import { country } from '../config/value-types.ts';
import { cron, percentage, type Rule, span, timeZone } from './allow.ts';
import type { PseudonymKind, Pseudonyms } from './pseudonyms.ts';

interface Schema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

/** What names of settings say about the text in them. Texts that are not told here are pseudonyms of the kind `text`. */
const kinds: Readonly<Record<string, PseudonymKind>> = {
  'collector.name': 'collector',
  'directories.name': 'directory',
  organization: 'org',
  bindDn: 'account',
  userName: 'account',
  searchBases: 'dn',
  excludeOus: 'dn',
  includeGroups: 'dn',
  excludeGroups: 'dn',
  group: 'dn',
  ou: 'dn',
  domain: 'host',
  serverName: 'host',
  file: 'path',
  path: 'path',
  caFile: 'path',
  certFile: 'path',
  keyFile: 'path',
  directory: 'path',
  company: 'org',
  tenant: 'org',
};
const secretName = /pass|secret|key$|token|pin|clientId|integrationCode|webhook|heartbeat|email$/i;
const root = configJsonSchema() as Schema;

/**
 * The configuration by its schema: which settings there are, with numbers, switches and words of the schema as they are, and
 * pseudonyms or shapes of everything else. What the schema does not know is counted. Takes any JSON: a refused file too.
 */
export function configFacts(raw: unknown, names: Pseudonyms): unknown {
  return shown(raw, [root], '', names);
}

/** A setting's path without words that the schema does not have: those may be anything. */
export function settingPath(path: string): string {
  return path.replaceAll(/\["(?:[^"\\]|\\.)*"\]|[^.[\]]+/g, (part) => (/^\d{1,4}$/.test(part) || knownNames.has(part) ? part : '(…)'));
}

/** The directory of the log files that the file asks for; `null`: none. */
export function logDirectoryOf(raw: unknown, configFile: string): string | null {
  const log = member(raw, 'log');
  const directory = member(log, 'directory');
  if (typeof directory !== 'string' || directory === '' || directory.includes('\0')) return null;
  return isAbsolute(directory) ? directory : resolve(dirname(configFile), directory);
}

/** Where the file says that the store is; `null`: at the usual place. */
export function storePathOf(raw: unknown, configFile: string): string | null {
  const path = member(member(raw, 'store'), 'path');
  return typeof path !== 'string' || path === '' || path.includes('\0') ? null : resolve(dirname(configFile), path);
}

/** Whether the file names a database as the store. */
export function isDatabase(raw: unknown): boolean {
  const url = member(member(raw, 'store'), 'url');
  return typeof url === 'string' && url !== '';
}

const knownNames: ReadonlySet<string> = new Set(namesIn(root));

function namesIn(schema: Schema): readonly string[] {
  const own = Object.entries(schema.properties ?? {}).flatMap(([name, child]) => [name, ...namesIn(child)]);
  const below = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.items === undefined ? [] : [schema.items])];
  const values = typeof schema.additionalProperties === 'object' ? [schema.additionalProperties] : [];
  return [...own, ...[...below, ...values].flatMap(namesIn)];
}

/** All forms that a value may have. */
function variants(schemas: readonly Schema[]): readonly Schema[] {
  return schemas.flatMap((schema) => {
    const below = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
    return below.length === 0 ? [schema] : variants(below);
  });
}

function shown(value: unknown, schemas: readonly Schema[], name: string, names: Pseudonyms): unknown {
  const forms = variants(schemas);
  if (Array.isArray(value)) {
    const items = forms.flatMap((form) => (form.items === undefined ? [] : [form.items]));
    return value.slice(0, 200).map((item) => shown(item, items, name, names));
  }
  if (typeof value === 'object' && value !== null) return shownObject(value, forms, name, names);
  if (typeof value === 'boolean') return forms.some((form) => form.type === 'boolean') ? value : '(a switch where none belongs)';
  if (typeof value === 'number') {
    const fits = forms.some(({ type, minimum, maximum }) => type !== undefined && value >= (minimum ?? 0) && value <= (maximum ?? -1));
    return fits ? value : '(a number that does not fit)';
  }
  if (typeof value !== 'string') return value === null ? null : undefined;
  const words = forms.flatMap((form) => [...(form.enum ?? []), form.const, form.default]);
  return value === '' || words.includes(value) ? value : shownText(value, name, names);
}

function shownObject(value: object, forms: readonly Schema[], name: string, names: Pseudonyms): unknown {
  const kept: Record<string, unknown> = {};
  let unknown = 0;
  for (const [key, item] of Object.entries(value)) {
    const own = forms.flatMap((form) =>
      form.properties !== undefined && Object.hasOwn(form.properties, key) ? [form.properties[key] ?? {}] : [],
    );
    const rest = forms.flatMap((form) => (typeof form.additionalProperties === 'object' ? [form.additionalProperties] : []));
    if (own.length > 0) kept[key] = shown(item, own, `${name}.${key}` in kinds ? `${name}.${key}` : key, names);
    else if (rest.length > 0) kept[names.of(/^\d+$/.test(key) ? 'org' : 'text', key)] = shown(item, rest, '', names);
    else unknown += 1;
  }
  return unknown === 0 ? kept : { ...kept, '(unknown settings)': unknown };
}

const forms: Readonly<Record<string, Rule>> = { scan: cron, fullScan: cron, timezone: timeZone, share: percentage, journal: span };

function shownText(value: string, name: string, names: Pseudonyms): string {
  const reference = /^(env|file|vault):/.exec(value);
  if (reference !== null) return `${reference[1] ?? ''}:`;
  if (value.includes('://')) return shownAddress(value, names);
  if (secretName.test(name)) return '(set)';
  if (name === 'phoneCountry' && country.safeParse(value).success) return value;
  const form = forms[name]?.(value);
  if (typeof form === 'string') return form;
  if (name === 'subnets') return `${names.of('subnet', value)}${/\/\d{1,3}$/.exec(value)?.[0] ?? ''}`;
  if (name === 'listen') return shownListen(value, names);
  return names.of(kinds[name] ?? 'text', value);
}

/** Host and scheme of an address, or the host alone: `host-3f2a6f2d01:636 (ldaps)`. */
export function address(names: Pseudonyms): Rule {
  return (value) => {
    if (typeof value !== 'string' || value === '') return value === null || value === '' ? value : undefined;
    return value.includes('://')
      ? shownAddress(value, names)
      : shownListen(value.includes(':') ? value : `${value}:0`, names).replace(/:0$/, '');
  };
}

function shownAddress(value: string, names: Pseudonyms): string {
  const address = readAddress(value);
  if (address === null || !/^[a-z]{2,10}$/.test(address.scheme)) return '(an address that cannot be read)';
  const port = /:(\d{1,5})(?:[/?#]|$)/.exec(value.slice(address.scheme.length + 3))?.[1];
  const host = address.isLoopback ? 'loopback' : names.of('host', address.host);
  const schemes = ['ldap', 'ldaps', 'http', 'https', 'postgres', 'postgresql', 'smtp', 'smtps'];
  const more = [schemes.includes(address.scheme) ? address.scheme : 'another scheme', ...(address.hasPath ? ['path not shown'] : [])];
  return `${host}${port === undefined ? '' : `:${port}`} (${more.join(', ')})`;
}

function shownListen(value: string, names: Pseudonyms): string {
  const [, host = '', port = ''] = /^\[?(.*?)\]?:(\d{1,5})$/.exec(value) ?? [];
  const isAny = ['0.0.0.0', '::'].includes(host);
  const isLoopback = host === '::1' || (isIP(host) === 4 && host.startsWith('127.')) || host.toLowerCase() === 'localhost';
  if (isAny) return `${host}:${port}`;
  return `${isLoopback ? 'loopback' : names.of('host', host)}:${port}`;
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
}

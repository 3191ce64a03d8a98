import type { z } from 'zod';
import { isVaultName } from '../secrets/vault/vault-name.ts';
import { adviceForUnknownKey, nearest } from './known-keys.ts';
import { plainSecret } from './value-types.ts';

/** One thing that is wrong with the file. */
export interface ConfigProblem {
  /** For example `directories[0].tls.mode`; empty for the file as a whole. */
  readonly path: string;
  readonly expected: string;
  /** What was there. Secrets, addresses with a password and long texts are described, not repeated. */
  readonly found: string;
  readonly message: string;
  readonly code: 'CONFIG_INVALID' | 'CONFIG_PLAIN_SECRET';
}

type Path = readonly PropertyKey[];
type Issue = z.core.$ZodIssue;

const longestShown = 60;
const secretName = /pass|secret|key$|token|credential|privateKey|webhook|heartbeat|^url$/i;

/** Puts a problem together; `found` is worked out from the value at the path. */
export function problem(path: Path, expected: string, raw: unknown): ConfigProblem {
  const value = valueAt(raw, path);
  const place = pathText(path);
  const found = describe(value, path);
  const message = value === undefined ? `${place} is missing; expected ${expected}` : `${place}: expected ${expected}; found ${found}`;
  return { path: place, expected, found, message, code: 'CONFIG_INVALID' };
}

/** A problem whose sentence says more than "expected … found …". */
export function problemInWords(path: Path, expected: string, found: string, message: string): ConfigProblem {
  return { path: pathText(path), expected, found, message: `${pathText(path)}: ${message}`, code: 'CONFIG_INVALID' };
}

/** Says what zod found in the words of the configuration file. */
export function problemsOfIssue(issue: Issue, raw: unknown): readonly ConfigProblem[] {
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(issue.path, key));
    case 'invalid_key':
      return [invalidKey(issue)];
    case 'invalid_value':
      return [withSuggestion(issue.path, issue.values.map(String), raw)];
    case 'invalid_union':
      return [invalidUnion(issue, raw)];
    case 'custom':
      return [issue.params?.['kind'] === plainSecret ? plain(issue, raw) : explained(issue, raw)];
    case 'too_big':
    case 'too_small':
      return [problem(issue.path, sizeWords(issue), raw)];
    case 'invalid_type':
      return [problem(issue.path, typeWords(issue.expected), raw)];
    case 'invalid_element':
    case 'invalid_format':
    case 'not_multiple_of':
    default:
      return [problem(issue.path, 'another value', raw)];
  }
}

/** `directories[0].tls.mode`. */
export function pathText(path: Path): string {
  return path
    .map((part, index) => {
      if (typeof part === 'number') {
        return `[${part}]`;
      }
      const name = String(part);
      const plainName = /^[A-Za-z_$][\w$-]*$/.test(name) ? name : JSON.stringify(name.slice(0, longestShown));
      return plainName === name ? `${index === 0 ? '' : '.'}${name}` : `[${plainName}]`;
    })
    .join('');
}

function unknownKey(path: Path, key: string): ConfigProblem {
  const advice = adviceForUnknownKey(path, key);
  const place = pathText([...path, key]);
  const message = `${place} is not a setting${advice === '' ? '' : `; ${advice}`}`;
  return {
    path: place,
    expected: advice === '' ? 'no such key' : advice,
    found: `the key "${key.slice(0, longestShown)}"`,
    message,
    code: 'CONFIG_INVALID',
  };
}

function invalidKey(issue: Extract<Issue, { code: 'invalid_key' }>): ConfigProblem {
  const expected = issue.issues[0]?.message ?? 'another key';
  return problemInWords(issue.path, expected, 'another key', `this key is not right; expected ${expected}`);
}

function invalidUnion(issue: Extract<Issue, { code: 'invalid_union' }>, raw: unknown): ConfigProblem {
  if (issue.discriminator === undefined) {
    return problem(issue.path, 'one of { "group": DN }, { "ou": DN }, { "status": NAME }', raw);
  }
  if (valueAt(raw, issue.path) === 'entra') {
    return problemInWords(issue.path, '"active-directory" or "ldif"', '"entra"', 'directories of type "entra" come with a later version');
  }
  return withSuggestion(issue.path, ['active-directory', 'ldif'], raw);
}

function withSuggestion(path: Path, values: readonly string[], raw: unknown): ConfigProblem {
  const value = valueAt(raw, path);
  const near = typeof value === 'string' ? nearest(value, values) : null;
  const basic = problem(path, `${values.length > 1 ? 'one of ' : ''}${values.map((word) => JSON.stringify(word)).join(', ')}`, raw);
  return near === null ? basic : { ...basic, message: `${basic.message}; did you mean "${near}"?` };
}

/** With what is wrong in front, when the check says so. */
function explained(issue: Issue, raw: unknown): ConfigProblem {
  const basic = problem(issue.path, issue.message, raw);
  const why: unknown = issue.code === 'custom' ? issue.params?.['why'] : undefined;
  if (typeof why !== 'string') return basic;
  return { ...basic, message: `${basic.path}: ${why}; expected ${basic.expected}; found ${basic.found}` };
}

function plain(issue: Issue, raw: unknown): ConfigProblem {
  const place = pathText(issue.path);
  const value = valueAt(raw, issue.path);
  if (typeof value === 'string' && value.includes('://')) {
    return {
      ...problem(issue.path, issue.message, raw),
      found: 'an address with a password in it (not shown)',
      message: `${place}: an address must not contain a password; give user name and password in their own settings, the password as a reference`,
      code: 'CONFIG_PLAIN_SECRET',
    };
  }
  const name = vaultNameFor(issue.path, raw);
  return {
    ...problem(issue.path, issue.message, raw),
    found: 'a plain value (not shown)',
    message:
      `${place} is a plain value; a secret does not stand in this file. Store it with "rollcall secret set ${name}" and write ` +
      `"vault:${name}" here ("env:NAME" and "file:PATH" are taken too)`,
    code: 'CONFIG_PLAIN_SECRET',
  };
}

/** A name for the secret of a setting: that of its directory, or of its section. */
function vaultNameFor(path: Path, raw: unknown): string {
  const [section, index, member] = path;
  if (section === 'directories' && typeof index === 'number') {
    const name = valueAt(raw, ['directories', index, 'name']);
    return typeof name === 'string' && isVaultName(name) ? name : `directory-${index + 1}`;
  }
  return section === 'itglue' || (section === 'psa' && member !== undefined) ? section : path.map(String).join('-');
}

function sizeWords(issue: Extract<Issue, { code: 'too_big' | 'too_small' }>): string {
  const bound = issue.code === 'too_big' ? `at most ${issue.maximum}` : `at least ${issue.minimum}`;
  return issue.origin === 'array' ? `${bound} ${bound.endsWith(' 1') ? 'entry' : 'entries'}` : `a number of ${bound}`;
}

function typeWords(expected: string): string {
  const words: Readonly<Record<string, string>> = {
    string: 'a text in quotes',
    number: 'a number',
    int: 'a whole number',
    boolean: 'true or false',
    array: 'a list [ … ]',
    object: 'an object { … }',
    record: 'an object { … }',
  };
  return words[expected] ?? expected;
}

function describe(value: unknown, path: Path): string {
  if (value === undefined) {
    return 'nothing';
  }
  if (value === null || typeof value === 'boolean' || typeof value === 'number') {
    return `${typeof value === 'number' ? 'the number ' : ''}${String(value)}`;
  }
  if (typeof value !== 'string') {
    return Array.isArray(value) ? 'a list' : 'an object';
  }
  if (path.some((part) => secretName.test(String(part))) || value.includes('@')) {
    return 'a text (not shown)';
  }
  return value.length > longestShown ? `${JSON.stringify(value.slice(0, longestShown))}…` : JSON.stringify(value);
}

/** The value in what was read, `undefined` when it is not there. */
export function valueAt(raw: unknown, path: Path): unknown {
  let value = raw;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) {
      return undefined;
    }
    value = Reflect.get(value, part);
  }
  return value;
}

import { isDeepStrictEqual } from 'node:util';
import type { Config } from './schema.ts';
import { isSecretReference } from './value-types.ts';

/** One setting that has another value in a newer configuration; `null`: not there. Values are JSON text. */
export interface SettingChange {
  readonly path: string;
  readonly from: string | null;
  readonly to: string | null;
}

const longestValue = 200;

/** What an edit changed, setting by setting, defaults written out. Directories are told apart by name, not by their place in the list. */
export function diffConfig(before: Config, after: Config): readonly SettingChange[] {
  return compare('', withNamedDirectories(before), withNamedDirectories(after));
}

function withNamedDirectories(config: Config): Readonly<Record<string, unknown>> {
  return { ...config, directories: Object.fromEntries(config.directories.map((directory) => [directory.name, directory])) };
}

function compare(path: string, before: unknown, after: unknown): readonly SettingChange[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (isRecord(before) && isRecord(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    return keys.flatMap((key) => compare(path === '' ? key : `${path}.${key}`, before[key], after[key]));
  }
  return [{ path, from: text(path, before), to: text(path, after) }];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Addresses that may be known to their owner alone. */
const privateSettings: ReadonlySet<string> = new Set(['notify.webhook', 'notify.heartbeatUrl']);

function text(path: string, value: unknown): string | null {
  if (value === undefined) return null;
  if (privateSettings.has(path) && typeof value === 'string' && value !== '' && !isSecretReference(value)) return '(not shown)';
  const json = JSON.stringify(value);
  return json.length > longestValue ? `${json.slice(0, longestValue)}…` : json;
}

/** Settings that say who is read (C1): a change of one of them takes users in or leaves them out. */
const scopeKeys = ['type', 'file', 'domain', 'bindDn', 'searchBases', 'filter', 'excludeOus', 'includeGroups', 'excludeGroups'];

/** Names of the directories of which an edit changed who is read; those that came or went too. */
export function rescopedDirectories(before: Config, after: Config): readonly string[] {
  const scopes = (config: Config): ReadonlyMap<string, unknown> =>
    new Map(
      config.directories.map((directory) => [
        directory.name,
        {
          organization: directory.organization ?? config.collector.organization,
          ...Object.fromEntries(scopeKeys.map((key) => [key, Reflect.get(directory, key)])),
          certificate: directory.type === 'active-directory' ? directory.tls.certFile : '',
        },
      ]),
    );
  const [old, fresh] = [scopes(before), scopes(after)];
  return [...new Set([...old.keys(), ...fresh.keys()])].filter((name) => !isDeepStrictEqual(old.get(name), fresh.get(name)));
}

import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { basename, dirname, extname, isAbsolute, resolve } from 'node:path';
import Conf from 'conf';
import { RollcallError } from '../../core/errors.ts';
import { ConfigError } from './config-error.ts';
import { crossCheck } from './cross-checks.ts';
import { findJsonProblem } from './json-text.ts';
import { noticesOf } from './notices.ts';
import { problemsOfIssue } from './problems.ts';
import { type Config, configSchema } from './schema.ts';

/** A configuration file that was read and found right. */
export interface LoadedConfig {
  /** Defaults are filled in; relative paths have become absolute, from the file's folder. */
  readonly config: Config;
  /** The file, absolute. */
  readonly file: string;
  /** Sentences about settings that are accepted but have no effect (yet). */
  readonly notices: readonly string[];
  /** The file as it was read: it may be another one by now. */
  readonly text: string;
}

const largestFileBytes = 4 * 1024 * 1024;

/**
 * Reads and checks the configuration file; never writes or creates it. A copy is read as if it lay in the place of the file that it is
 * a copy of. Throws `CONFIG_NOT_FOUND`, `CONFIG_UNREADABLE`,
 * `CONFIG_NOT_JSON`, and `CONFIG_INVALID` or `CONFIG_PLAIN_SECRET` (as `ConfigError`) with all problems.
 */
export async function loadConfig(file: string, copyOf: string = file): Promise<LoadedConfig> {
  const path = resolve(file);
  await proveReadable(path);
  const { raw, text } = read(path);
  const parsed = configSchema.safeParse(raw);
  const problems = [...(parsed.error?.issues ?? []).flatMap((issue) => problemsOfIssue(issue, raw)), ...crossCheck(raw)];
  if (!parsed.success || problems.length > 0) {
    throw new ConfigError(path, problems);
  }
  const original = resolve(copyOf);
  return { config: withAbsolutePaths(parsed.data, dirname(original)), file: original, notices: noticesOf(parsed.data, raw), text };
}

async function proveReadable(path: string): Promise<void> {
  const place = { file: path };
  let facts: Awaited<ReturnType<typeof stat>>;
  try {
    facts = await stat(path);
    await access(path, constants.R_OK);
  } catch (cause) {
    const code = String((cause as NodeJS.ErrnoException).code);
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new RollcallError('CONFIG_NOT_FOUND', `There is no configuration file at ${path}.`, { place, cause });
    }
    throw new RollcallError('CONFIG_UNREADABLE', `The configuration file ${path} cannot be read (${code}).`, { place, cause });
  }
  if (!facts.isFile()) {
    throw new RollcallError('CONFIG_UNREADABLE', `${path} is not a file.`, { place });
  }
  if (facts.size > largestFileBytes) {
    throw new RollcallError('CONFIG_UNREADABLE', `The configuration file ${path} is larger than ${largestFileBytes} bytes.`, { place });
  }
}

/**
 * Without defaults, schema and migrations `conf` has nothing to add to a file that exists, so it does not write it; the schema
 * is zod's, whose faults can be put into words.
 */
function read(path: string): { readonly raw: unknown; readonly text: string } {
  const extension = extname(path);
  let text = '';
  try {
    const store = new Conf({
      cwd: dirname(path),
      configName: basename(path, extension),
      fileExtension: extension.slice(1),
      deserialize: (content) => {
        text = content;
        return parseObject(content, path);
      },
      clearInvalidConfig: false,
      accessPropertiesByDotNotation: false,
    });
    const raw = store.store;
    return { raw, text };
  } catch (cause) {
    if (cause instanceof RollcallError) {
      throw cause;
    }
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown reason';
    throw new RollcallError('CONFIG_UNREADABLE', `The configuration file ${path} cannot be read (${code}).`, {
      place: { file: path },
      cause,
    });
  }
}

function parseObject(text: string, path: string): Record<string, unknown> {
  // Editors on Windows put a byte order mark in front of UTF-8.
  const json = text.replace(/^\uFEFF/, '');
  if (json.includes('\0')) {
    throw notJson(path, 1, 1, 'the file is not UTF-8 (UTF-16?): save it as UTF-8');
  }
  const found = findJsonProblem(json);
  if (found !== null) {
    throw notJson(path, found.line, found.column, found.message);
  }
  const value: unknown = JSON.parse(json);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw notJson(path, 1, 1, 'expected an object { … }');
  }
  return { ...value };
}

function notJson(path: string, line: number, column: number, message: string): RollcallError {
  return new RollcallError('CONFIG_NOT_JSON', `${path}, line ${line}, column ${column}: ${message}.`, {
    place: { file: path, line, column },
  });
}

function withAbsolutePaths(config: Config, folder: string): Config {
  const absolute = (path: string): string => (path === '' || isAbsolute(path) ? path : resolve(folder, path));
  const reference = (text: string): string => (text.startsWith('file:') ? `file:${absolute(text.slice('file:'.length))}` : text);
  return {
    ...config,
    directories: config.directories.map((directory) =>
      directory.type === 'ldif'
        ? { ...directory, file: absolute(directory.file) }
        : {
            ...directory,
            password: reference(directory.password),
            tls: {
              ...directory.tls,
              caFile: absolute(directory.tls.caFile),
              certFile: absolute(directory.tls.certFile),
              keyFile: absolute(directory.tls.keyFile),
            },
          },
    ),
    itglue: { ...config.itglue, apiKey: reference(config.itglue.apiKey) },
    psa: {
      ...config.psa,
      credentials: {
        ...config.psa.credentials,
        password: reference(config.psa.credentials.password),
        privateKey: reference(config.psa.credentials.privateKey),
        secret: reference(config.psa.credentials.secret),
      },
    },
    store: { ...config.store, path: absolute(config.store.path), password: reference(config.store.password) },
    hub: {
      ...config.hub,
      certFile: absolute(config.hub.certFile),
      keyFile: absolute(config.hub.keyFile),
      caFile: absolute(config.hub.caFile),
    },
    notify: {
      ...config.notify,
      webhook: reference(config.notify.webhook),
      heartbeatUrl: reference(config.notify.heartbeatUrl),
      smtp: { ...config.notify.smtp, password: reference(config.notify.smtp.password), caFile: absolute(config.notify.smtp.caFile) },
    },
    proxy: { ...config.proxy, password: reference(config.proxy.password), caFile: absolute(config.proxy.caFile) },
    log: { ...config.log, directory: absolute(config.log.directory) },
  };
}

import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { strToU8, zipSync } from 'fflate';
import { RollcallError } from '../../core/errors.ts';
import { asRollcallError } from '../cli/failure.ts';
import type { OpenOperations, Operations, OperationsContext } from '../cli/operations.ts';
import { ConfigError } from '../config/config-error.ts';
import { defaultConfigFile, defaultStateDirectory } from '../config/default-paths.ts';
import { loadConfig } from '../config/load-config.ts';
import { inspectStore } from '../store/inspect-store.ts';
import { code as codeRule } from './allow.ts';
import { configFacts, isDatabase, logDirectoryOf, settingPath, storePathOf } from './config-facts.ts';
import { decisionFacts } from './decision-facts.ts';
import { doctorFacts, serviceFacts, statusFacts } from './document-facts.ts';
import { readLogs } from './log-lines.ts';
import { machineFacts } from './machine-facts.ts';
import { Pseudonyms } from './pseudonyms.ts';
import { readmeText } from './readme-text.ts';
import { journalFacts, runFacts, storeFacts } from './store-facts.ts';
import { vaultFacts } from './vault-facts.ts';

/** One file of the bundle. `code`: why it has no more in it. */
interface BundlePart {
  readonly name: string;
  readonly bytes: number;
  readonly code: string | null;
}

export interface Bundle {
  readonly zip: Uint8Array;
  readonly parts: readonly BundlePart[];
}

export interface BundleSettings extends Omit<OperationsContext, 'loaded'> {
  readonly configFile: string;
  readonly platform: NodeJS.Platform;
  readonly openOperations: OpenOperations;
}

const mostBundleBytes = 5 * 1000 * 1000;
const doctorDeadlineMs = 30_000;
const mostLogBytes = 2 * 1024 * 1024;
const mostConfigBytes = 4 * 1024 * 1024;

interface Content {
  readonly name: string;
  readonly text: string;
  readonly code: string | null;
}

/** Makes a support bundle out of what there is. A part that is broken brings its error's code; no part keeps another from being made. */
export async function makeBundle(settings: BundleSettings): Promise<Bundle> {
  const names = new Pseudonyms();
  const { configFile, stateDirectory } = settings;
  const raw = await rawConfig(configFile);
  const usual = {
    configFile: defaultConfigFile(settings.platform, settings.environment),
    stateDirectory: defaultStateDirectory(settings.platform, settings.environment),
  };
  const contents: Content[] = [
    await part('facts.json', () => machineFacts({ stateDirectory, configFile, platform: settings.platform, usual })),
    await part('config.json', () => configPart(configFile, raw, names)),
    await part('service.json', () => jsonFile(join(stateDirectory, 'service.json'), (value) => serviceFacts(value, names))),
    await part('vault.json', () => vaultFacts(stateDirectory)),
    ...(await storeParts(raw, settings, names)),
    ...(await operationParts(settings, names)),
    ...(await logParts(logDirectoryOf(raw, configFile), names)),
  ];
  return zipped(contents);
}

async function part(name: string, work: () => unknown): Promise<Content> {
  try {
    const value = await work();
    return { name, text: `${JSON.stringify(value ?? null, null, 1)}\n`, code: errorIn(value) };
  } catch (thrown) {
    const code = codeOf(thrown);
    return { name, text: `${JSON.stringify({ error: code })}\n`, code };
  }
}

function errorIn(value: unknown): string | null {
  const error: unknown = typeof value === 'object' && value !== null && 'error' in value ? value.error : null;
  return typeof error === 'string' ? error : null;
}

/** The code alone: what an error says may name anything. */
function codeOf(thrown: unknown): string {
  const own = thrown instanceof RollcallError ? thrown.code : (thrown as NodeJS.ErrnoException | null)?.code;
  const known = codeRule(own ?? asRollcallError(thrown).code);
  return typeof known === 'string' ? known : 'INTERNAL';
}

/** What stands in the file, right or not; `undefined` when it cannot be read as JSON. */
async function rawConfig(file: string): Promise<unknown> {
  try {
    const { size } = await stat(file);
    return size > mostConfigBytes ? undefined : JSON.parse((await readFile(file, 'utf8')).replace(/^\uFEFF/, ''));
  } catch {
    return undefined;
  }
}

async function configPart(file: string, raw: unknown, names: Pseudonyms): Promise<unknown> {
  const shown = raw === undefined ? null : configFacts(raw, names);
  try {
    const { notices } = await loadConfig(file);
    return { error: null, notices: notices.length, configuration: shown };
  } catch (thrown) {
    const { line = null, column = null } = thrown instanceof RollcallError ? thrown.place : {};
    const at = { line: typeof line === 'number' ? line : null, column: typeof column === 'number' ? column : null };
    const problems = thrown instanceof ConfigError ? thrown.problems : [];
    return {
      error: codeOf(thrown),
      ...at,
      problems: problems.slice(0, 100).map(({ path, code }) => ({ path: settingPath(path), code })),
      configuration: shown,
    };
  }
}

async function jsonFile(file: string, read: (value: unknown) => unknown): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  return text === null ? null : read(JSON.parse(text));
}

/** A database is not looked into: `status.json` and `doctor.json` tell of it. */
async function storeParts(raw: unknown, { configFile, stateDirectory }: BundleSettings, names: Pseudonyms): Promise<readonly Content[]> {
  if (isDatabase(raw)) return [await part('store.json', () => ({ error: null, kind: 'postgresql' }))];
  const path = storePathOf(raw, configFile) ?? join(stateDirectory, 'rollcall.db');
  const store = await inspectStore(path);
  try {
    const health = store.integrity.value === 'damaged' ? 'STORE_CORRUPT' : store.integrity.code;
    const decisions = { made: null as ReturnType<typeof decisionFacts> | null };
    const decided = (): ReturnType<typeof decisionFacts> => (decisions.made ??= decisionFacts(store, names));
    return [
      await part('store.json', () => ({ error: health, kind: 'embedded', ...(storeFacts(store) as object) })),
      await part('runs.json', () => runFacts(store, names)),
      await part('journal.json', () => journalFacts(store, names)),
      await part('decisions.json', () => decided().summary),
      await part('users-in-trouble.json', () => decided().users),
    ];
  } finally {
    store.close();
  }
}

/** `status` and `doctor` need a configuration that can be loaded; `doctor` also asks others, and has only so much time. */
async function operationParts(settings: BundleSettings, names: Pseudonyms): Promise<readonly Content[]> {
  const inTime = AbortSignal.any([settings.signal, AbortSignal.timeout(doctorDeadlineMs)]);
  return [
    await part('status.json', () =>
      withOperations(settings, async (opened) => statusFacts(await opened.status({ organization: null }), names)),
    ),
    await part('doctor.json', () => withOperations({ ...settings, signal: inTime }, async (opened) => doctorFacts(await opened.doctor()))),
  ];
}

async function withOperations<Value>(settings: BundleSettings, work: (operations: Operations) => Promise<Value>): Promise<Value> {
  const loaded = await loadConfig(settings.configFile);
  const operations = await settings.openOperations({ ...settings, loaded });
  try {
    return await work(operations);
  } finally {
    await operations.close();
  }
}

async function logParts(directory: string | null, names: Pseudonyms): Promise<readonly Content[]> {
  if (directory === null) return [];
  try {
    const { lines, unreadable, codes } = await readLogs(directory, mostLogBytes, names);
    const head = JSON.stringify({ events: lines.length, unreadableLines: unreadable, unreadableFiles: codes });
    return [{ name: 'log.jsonl', text: `${[head, ...lines].join('\n')}\n`, code: codes[0] ?? null }];
  } catch (thrown) {
    return [
      await part('log.jsonl', () => {
        throw thrown;
      }),
    ];
  }
}

/** Should it ever be too large, older log lines go first, then whole parts. */
function zipped(all: readonly Content[]): Bundle {
  let contents = all;
  for (;;) {
    const files = [{ name: 'README.txt', text: readmeText(contents), code: null }, ...contents];
    const zip = zipSync(Object.fromEntries(files.map(({ name, text }) => [name, strToU8(text)])), { level: 9 });
    if (zip.length <= mostBundleBytes) {
      return { zip, parts: files.map(({ name, text, code }) => ({ name, bytes: Buffer.byteLength(text), code })) };
    }
    contents = smaller(contents);
  }
}

function smaller(contents: readonly Content[]): readonly Content[] {
  const largest = contents.reduce((most, content) => (content.text.length > most.text.length ? content : most));
  return contents.map((content) => {
    if (content.name !== largest.name) return content;
    const isLog = content.name === 'log.jsonl' && content.text.length > 100_000;
    const lines = isLog ? content.text.split('\n') : [];
    const text = isLog ? lines.slice(Math.ceil(lines.length / 2)).join('\n') : '{"error":"EFBIG"}\n';
    return { ...content, text, code: 'EFBIG' };
  });
}

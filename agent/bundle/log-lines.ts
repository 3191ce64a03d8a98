import { existsSync } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isLogMessage } from '../telemetry/log-messages.ts';
import { logFileName } from '../telemetry/rotating-file.ts';
import { boolean, code, date, list, named, number, object, oneOf, type Rule, ruleId, runNumber, version } from './allow.ts';
import { address } from './config-facts.ts';
import { commands, intentStates, levels, operations, outcomes, services, triggers } from './known-words.ts';
import type { Pseudonyms } from './pseudonyms.ts';

export interface LogPart {
  /** Oldest first, one JSON text each. */
  readonly lines: readonly string[];
  /** Lines that are no events of ours; nothing of them is shown. */
  readonly unreadable: number;
  /** Files that could not be read. */
  readonly codes: readonly string[];
}

/** The newest events of the log files, up to so many bytes as they are on the disk, reduced to what may leave the machine. */
export async function readLogs(directory: string, mostBytes: number, names: Pseudonyms): Promise<LogPart> {
  const texts: string[] = [];
  const codes: string[] = [];
  let left = mostBytes;
  for (const name of await logFiles(directory)) {
    if (left <= 0) break;
    try {
      const text = await tailOf(join(directory, name), left);
      left -= Buffer.byteLength(text);
      texts.unshift(text);
    } catch (error) {
      const known = code((error as NodeJS.ErrnoException).code);
      codes.push(typeof known === 'string' ? known : 'INTERNAL');
    }
  }
  const event = eventRule(names);
  const raw = texts.flatMap((text) => text.split('\n')).filter((line) => line.trim() !== '');
  const lines = raw.flatMap((line) => {
    const shown = event(parse(line));
    return shown === undefined || shown === null ? [] : [JSON.stringify(shown)];
  });
  return { lines, unreadable: raw.length - lines.length, codes };
}

/** Newest first. */
async function logFiles(directory: string): Promise<readonly string[]> {
  const age = (name: string): number => (name === logFileName ? 0 : Number(name.slice(logFileName.length + 1)));
  const names = await readdir(directory);
  return names
    .filter((name) => name === logFileName || new RegExp(`^${logFileName}\\.\\d{1,3}$`).test(name))
    .sort((a, b) => age(a) - age(b));
}

/** The end of the file, without the line that is cut in two. */
async function tailOf(path: string, mostBytes: number): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const start = Math.max(0, size - mostBytes);
    const buffer = Buffer.alloc(Math.min(size, mostBytes));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, start);
    const text = buffer.toString('utf8', 0, bytesRead);
    return start === 0 ? text : text.slice(text.indexOf('\n') + 1);
  } finally {
    await file.close();
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** An event: time, level, the message when it is one of the program's own, and of the data what is named here. */
function eventRule(names: Pseudonyms): Rule {
  const error: Rule = (value) => errorFacts(value, 0);
  const count = [
    'count',
    'users',
    'ms',
    'attempt',
    'status',
    'problems',
    'failures',
    'lost',
    'minutes',
    'pid',
    'entry',
    'changes',
    'applied',
  ];
  const facts = object({
    ...Object.fromEntries(
      [...count, 'failed', 'skipped', 'bytes', 'retries', 'port', 'line', 'column', 'seconds'].map((key) => [key, number]),
    ),
    full: boolean,
    held: boolean,
    interrupted: boolean,
    code,
    rule: ruleId,
    version,
    from: date,
    to: date,
    service: oneOf(services),
    method: oneOf(['GET', 'POST', 'PATCH', 'PUT', 'DELETE', 'HEAD', 'CONNECT']),
    operation: oneOf(operations),
    state: oneOf(intentStates),
    outcome: oneOf(outcomes),
    command: oneOf(commands),
    job: oneOf(commands),
    trigger: oneOf(triggers),
    channel: oneOf(['webhook', 'email', 'heartbeat']),
    organization: named('org', names),
    directory: named('directory', names),
    collector: named('collector', names),
    server: address(names),
    listen: address(names),
    user: named('user', names),
    contact: named('contact', names),
    contactId: named('contact', names),
    record: named('record', names),
    run: runNumber,
    codes: list(code, 50),
    error,
  });
  return (value) => {
    const head = object({ time: date, level: oneOf(levels) })(value);
    if (typeof head !== 'object' || head === null || !('time' in head) || !('level' in head)) return undefined;
    const message: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'message') : undefined;
    const own = typeof message === 'string' && isLogMessage(message);
    return { ...head, message: own ? message : '(not shown)', ...(facts(value) as object) };
  };
}

const errorNames = [
  'Error',
  'TypeError',
  'RangeError',
  'SyntaxError',
  'ReferenceError',
  'RollcallError',
  'AbortError',
  'TimeoutError',
  'AggregateError',
];

/** Name, code, causes and the places in our own files; never what it says. */
function errorFacts(value: unknown, depth: number): unknown {
  if (depth > 5) return undefined;
  const shown = object({ name: oneOf(errorNames), code, cause: (cause) => errorFacts(cause, depth + 1), stack: ownPlaces })(value);
  return shown === null ? undefined : shown;
}

const programRoot = fileURLToPath(new URL('../..', import.meta.url));
const ownFiles = new Map<string, boolean>();

/** Whether the program has such a file: a path that only looks like one of ours may hold anything. */
function isOwnFile(file: string): boolean {
  const known = ownFiles.get(file) ?? existsSync(join(programRoot, file));
  ownFiles.set(file, known);
  return known;
}

/** `agent/store/journal.ts:12:3`: the files of the program, without where they lie and without names of functions. */
const ownPlaces: Rule = (value) =>
  typeof value === 'string'
    ? value.split('\n').flatMap((line) => {
        const start = Math.max(line.lastIndexOf('/agent/'), line.lastIndexOf('/core/'));
        const found = start < 0 ? null : /^\/([a-z0-9/-]{1,100}\.ts)(:\d{1,5}:\d{1,5})\)?$/.exec(line.slice(start));
        return found !== null && isOwnFile(found[1] ?? '') ? [`${found[1] ?? ''}${found[2] ?? ''}`] : [];
      })
    : undefined;

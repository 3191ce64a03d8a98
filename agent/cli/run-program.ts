import { resolve } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { RollcallError } from '../../core/errors.ts';
import { defaultConfigFile, defaultStateDirectory } from '../config/default-paths.ts';
import { type LoadedConfig, loadConfig } from '../config/load-config.ts';
import { loadStartConfig } from '../service/config-in-force.ts';
import { readFacts } from '../service/facts-file.ts';
import { isJournalStream } from '../telemetry/journal.ts';
import { createLogger, type Logger, type LogLevel } from '../telemetry/logger.ts';
import { Redactor } from '../telemetry/redactor.ts';
import type { Answer, View } from './answer.ts';
import { formatVersion } from './documents.ts';
import { type ExitCode, exitCodes, exitOfError } from './exit-codes.ts';
import { asRollcallError, errorDocument, failureDocument, renderError, stackOf } from './failure.ts';
import type { GlobalOptions } from './global-options.ts';
import type { OpenOperations, Progress } from './operations.ts';
import { type Invocation, parseWords } from './program.ts';
import { askPerson } from './terminal/ask.ts';
import { createProgress } from './terminal/progress.ts';
import { createStyle, wantsColour } from './terminal/style.ts';

/** Commands that are started on a schedule, too. */
const readsByItself: ReadonlySet<string> = new Set(['scan', 'plan', 'sync']);

/** A stream of the process, with what a terminal adds. */
type Output = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** The process as the program sees it; tests hand in another one. */
export interface ProcessEdge {
  /** The words after the program's name. */
  readonly words: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Output;
  readonly stderr: Output;
  readonly version: string;
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  readonly openOperations: OpenOperations;
  /** Told when the process gets SIGHUP; gives back how to listen no more. Without it nobody is told. */
  readonly onHangUp?: (listener: () => void) => () => void;
}

const narrowestView = 60;
const widestHelp = 100;

/** Understands the words, runs the command, prints its answer and returns the exit code. Never throws. */
export async function runProgram(edge: ProcessEdge): Promise<ExitCode> {
  // Somebody may stop reading (`| head`): what was begun is still brought to its end.
  edge.stdout.on('error', () => undefined);
  edge.stderr.on('error', () => undefined);
  const redactor = new Redactor();
  const wantsJson = edge.words.includes('--json');
  try {
    const invocation = await parseWords(edge.words, {
      version: edge.version,
      width: helpColumns(edge.stdout.columns ?? 0),
    });
    if (invocation.kind === 'local') {
      return await runLocal(edge, invocation, redactor);
    }
    if (invocation.kind !== 'command') {
      print(edge, wantsJson || invocation.kind === 'document' ? json(plainDocument(invocation)) : plainText(invocation));
      return exitCodes.done;
    }
    return await runCommand(edge, invocation, redactor);
  } catch (thrown) {
    return report(edge, thrown, { json: wantsJson, stack: saysDebug(edge.words), redactor });
  }
}

async function runCommand(edge: ProcessEdge, invocation: Extract<Invocation, { kind: 'command' }>, redactor: Redactor): Promise<ExitCode> {
  const { options } = invocation;
  const file = options.config ?? defaultConfigFile(edge.platform, edge.environment);
  // Whoever asks how all is, or what happened, must hear it also while the file is broken.
  const { loaded, refused } = tellers.has(invocation.name)
    ? await loadToTell(file, stateOf(edge, options))
    : { loaded: await loadConfig(file), refused: null };
  const level = options.logLevel ?? quietLevel(loaded.config.log.level, edge.stderr.isTTY === true);
  const logger = createLogger({
    level,
    json: options.json || edge.stderr.isTTY !== true,
    stream: edge.stderr,
    redactor,
    journal: isJournal(edge),
  });
  try {
    if (refused !== null && invocation.name !== 'status') {
      logger.warn('The configuration file is not right; the one that was in force before is used', { code: refused.code });
    }
    return await answerCommand(edge, invocation, { redactor, logger, loaded, refused });
  } catch (thrown) {
    return report(edge, thrown, { json: options.json, stack: level === 'debug', redactor });
  } finally {
    await logger.close();
  }
}

/** Commands that only tell what is stored. */
const tellers: ReadonlySet<string> = new Set(['status', 'runs', 'runs list', 'runs show', 'contacts list', 'contacts show', 'explain']);

/** The file, or the one in force while the service refuses it. */
async function loadToTell(
  file: string,
  stateDirectory: string,
): Promise<{ readonly loaded: LoadedConfig; readonly refused: RollcallError | null }> {
  const { loaded, refused, lastGood } = await loadStartConfig(file, stateDirectory);
  const facts = await readFacts(stateDirectory);
  const isRefused = facts?.stoppedAt === null && facts.problems.some(({ code }) => code === 'CONFIG_ORGANIZATION_IN_USE');
  return { loaded: isRefused ? (lastGood ?? loaded) : loaded, refused };
}

/** A command that needs no configuration file. */
async function runLocal(edge: ProcessEdge, invocation: Extract<Invocation, { kind: 'local' }>, redactor: Redactor): Promise<ExitCode> {
  const { options } = invocation;
  const level = options.logLevel ?? 'warn';
  const logger = createLogger({
    level,
    json: options.json || edge.stderr.isTTY !== true,
    stream: edge.stderr,
    redactor,
    journal: isJournal(edge),
  });
  try {
    const answer = await invocation.run({
      configFile: resolve(options.config ?? defaultConfigFile(edge.platform, edge.environment)),
      stateDirectory: stateOf(edge, options),
      environment: edge.environment,
      platform: edge.platform,
      stdin: edge.stdin,
      stdout: edge.stdout,
      stderr: edge.stderr,
      redactor,
      logger,
      progress: await progressOf(edge, options.json),
      signal: edge.signal,
      json: options.json,
      view: viewOf(edge, edge.stderr, options),
      ask: (shown, question) => askPerson({ edge, shown, question, json: options.json }),
      openOperations: edge.openOperations,
      logLevel: options.logLevel,
      onHangUp: edge.onHangUp ?? (() => () => undefined),
    });
    return show(edge, answer, options, redactor);
  } catch (thrown) {
    return report(edge, thrown, { json: options.json, stack: level === 'debug', redactor });
  } finally {
    await logger.close();
  }
}

async function answerCommand(
  edge: ProcessEdge,
  invocation: Extract<Invocation, { kind: 'command' }>,
  parts: { readonly redactor: Redactor; readonly logger: Logger; readonly loaded: LoadedConfig; readonly refused: RollcallError | null },
): Promise<ExitCode> {
  const { options } = invocation;
  const operations = await edge.openOperations({
    loaded: parts.loaded,
    refused: parts.refused,
    stateDirectory: stateOf(edge, options),
    environment: edge.environment,
    logger: parts.logger,
    redactor: parts.redactor,
    progress: await progressOf(edge, options.json),
    signal: edge.signal,
    // What reads without a terminal is cron's or a monitor's, which come again and again; a test of the settings is a person's.
    attended: !readsByItself.has(invocation.name) || edge.stdin.isTTY === true || edge.stderr.isTTY === true,
  });
  let answer: Answer;
  try {
    answer = await invocation.run({
      operations,
      organization: options.organization,
      view: viewOf(edge, edge.stderr, options),
      ask: (shown, question) => askPerson({ edge, shown, question, json: options.json }),
    });
  } finally {
    await operations.close();
  }
  return show(edge, answer, options, parts.redactor);
}

/** Prints the answer, without secrets. */
function show(edge: ProcessEdge, answer: Answer, options: GlobalOptions, redactor: Redactor): ExitCode {
  const shown = options.json
    ? json(maskedValue(answer.document, redactor) as object)
    : redactor.text(answer.text(viewOf(edge, edge.stdout, options)));
  print(edge, shown.endsWith('\n') ? shown : `${shown}\n`);
  return answer.exit;
}

function report(
  edge: ProcessEdge,
  thrown: unknown,
  settings: { readonly json: boolean; readonly stack: boolean; readonly redactor: Redactor },
): ExitCode {
  const known = asRollcallError(thrown);
  const wasStopped = edge.signal.aborted && known.code === 'INTERNAL';
  const error = wasStopped ? new RollcallError('INTERRUPTED', 'The command was interrupted.', { cause: thrown }) : known;
  const clean = (text: string): string => settings.redactor.text(text);
  if (settings.json) {
    print(edge, json(failureDocument(error, clean)));
  } else {
    const view = viewOf(edge, edge.stderr, { config: null, state: null });
    edge.stderr.write(`${renderError(errorDocument(error, clean), view)}\n`);
  }
  if (settings.stack) {
    edge.stderr.write(`${stackOf(thrown, clean)}\n`);
  }
  return exitOfError(error.code);
}

function viewOf(edge: ProcessEdge, stream: Output, options: { readonly config: string | null; readonly state: string | null }): View {
  const isTerminal = stream.isTTY === true;
  const asked = Number(edge.environment['COLUMNS'] ?? '');
  const columns = isTerminal ? (stream.columns ?? asked) : asked;
  return {
    style: createStyle(wantsColour(isTerminal, edge.environment)),
    width: Number.isInteger(columns) && columns > 0 ? Math.max(narrowestView, columns) : Number.POSITIVE_INFINITY,
    isTerminal,
    now: Date.now(),
    sameOptions: [...option('--config', options.config), ...option('--state', options.state)].join(''),
  };
}

/** Started by systemd, even once by a timer: the journal is told how grave each line is. */
function isJournal(edge: ProcessEdge): boolean {
  return isJournalStream(edge.stderr, edge.environment);
}

function stateOf(edge: ProcessEdge, options: GlobalOptions): string {
  return resolve(options.state ?? defaultStateDirectory(edge.platform, edge.environment));
}

function helpColumns(columns: number): number {
  return columns > 0 ? Math.min(columns, widestHelp) : widestHelp;
}

function option(name: string, value: string | null): readonly string[] {
  if (value === null) {
    return [];
  }
  return [/^[\w@%+=:,./\\-]+$/.test(value) ? ` ${name} ${value}` : ` ${name} ${JSON.stringify(value)}`];
}

/** On a terminal progress and results are shown anyway: the log speaks of what is not as it should be, unless it is asked. */
function quietLevel(configured: LogLevel, isTerminal: boolean): LogLevel {
  return isTerminal && configured === 'info' ? 'warn' : configured;
}

async function progressOf(edge: ProcessEdge, quiet: boolean): Promise<Progress> {
  const colour = wantsColour(edge.stderr.isTTY === true, edge.environment);
  const spinner = isInteractive(edge) && !quiet ? (await import('ora')).default : null;
  return createProgress({ stream: edge.stderr, spinner, quiet, colour });
}

/** A terminal that does not know its width (0 columns) would keep the spinner counting lines for ever. */
function isInteractive(edge: ProcessEdge): boolean {
  return (
    (edge.stderr.columns ?? 0) > 0 &&
    edge.stderr.isTTY === true &&
    edge.environment['TERM'] !== 'dumb' &&
    (edge.environment['CI'] ?? '') === ''
  );
}

function saysDebug(words: readonly string[]): boolean {
  return words.some((word, index) => word === '--log-level=debug' || (word === '--log-level' && words[index + 1] === 'debug'));
}

function plainDocument(invocation: Exclude<Invocation, { kind: 'command' | 'local' }>): object {
  return invocation.kind === 'document' ? invocation.document : { formatVersion, text: invocation.text };
}

function plainText(invocation: Exclude<Invocation, { kind: 'command' | 'local' }>): string {
  return invocation.kind === 'text' ? invocation.text : json(invocation.document);
}

function json(document: object): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

function print(edge: ProcessEdge, text: string): void {
  edge.stdout.write(text);
}

/** A copy of a document in which no text carries a secret; names of members are ours and stay. */
function maskedValue(value: unknown, redactor: Redactor): unknown {
  if (typeof value === 'string') return redactor.text(value);
  if (Array.isArray(value)) return value.map((item) => maskedValue(item, redactor));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, maskedValue(member, redactor)]));
}

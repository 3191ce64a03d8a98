import type { Readable, Writable } from 'node:stream';
import type { Logger, LogLevel } from '../telemetry/logger.ts';
import type { Redactor } from '../telemetry/redactor.ts';
import { formatVersion, type ManyDocument } from './documents.ts';
import type { ExitCode } from './exit-codes.ts';
import type { OpenOperations, Operations, Progress } from './operations.ts';
import type { Style } from './terminal/style.ts';
import { printableDocument } from './terminal/text-width.ts';

/** What rendering needs to know of the place where the text goes. */
export interface View {
  readonly style: Style;
  /** Columns; infinite when standard output is no terminal. */
  readonly width: number;
  readonly isTerminal: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** `--config FILE` and `--state DIR` as they were given, so that a command shown to be typed works as it is. */
  readonly sameOptions: string;
}

/** The outcome of a command: the document for programs, the text for people, the exit code for both. */
export interface Answer {
  readonly document: object;
  readonly text: (view: View) => string;
  readonly exit: ExitCode;
}

/** What a command is given when it runs. */
export interface CommandContext {
  readonly operations: Operations;
  /** `--organization`; `null`: all. */
  readonly organization: string | null;
  readonly view: View;
  /**
   * Asks a person, on standard error. Throws `CONFIRMATION_NEEDED` when nobody can be asked (`--json`, no terminal).
   * `shown` is what the question is about; it goes to standard error too.
   */
  readonly ask: (shown: string, question: string) => Promise<boolean>;
}

export type CommandRun = (context: CommandContext) => Promise<Answer>;

/** What a command that needs no configuration is given when it runs (`secret`, `init`). */
export interface LocalContext {
  /** Where the configuration file is, or would be; absolute. */
  readonly configFile: string;
  readonly stateDirectory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable;
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly redactor: Redactor;
  readonly logger: Logger;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly json: boolean;
  readonly view: View;
  readonly ask: CommandContext['ask'];
  readonly openOperations: OpenOperations;
  /** `--log-level`; `null`: not given. */
  readonly logLevel: LogLevel | null;
  /** Told when the process gets SIGHUP; gives back how to listen no more. */
  readonly onHangUp: (listener: () => void) => () => void;
}

export type LocalRun = (context: LocalContext) => Promise<Answer>;

/** One organization: its document; several: one such object each in `organizations`. */
export function documentOf<Document extends object>(documents: readonly Document[]): Document | ManyDocument<Document> {
  const [only] = documents;
  return documents.length === 1 && only !== undefined ? only : { formatVersion, organizations: documents };
}

/**
 * Renders documents for people, with an empty line between them. What stands in a name must not command the terminal, so texts
 * are made printable first.
 */
export function textOf<Document>(
  documents: readonly Document[],
  render: (document: Document, view: View) => string,
): (view: View) => string {
  return (view) =>
    documents.length === 0
      ? 'No organization is configured.'
      : documents.map((document) => render(printableDocument(document), view)).join('\n\n');
}

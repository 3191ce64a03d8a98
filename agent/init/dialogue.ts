import type { RollcallError } from '../../core/errors.ts';
import type { Redacted } from '../secrets/redacted.ts';

interface Choice {
  readonly value: string;
  readonly label: string;
  readonly hint?: string;
}

/** What init shows, and what it asks when there is somebody to ask. */
export interface Dialogue extends Disposable {
  /** Somebody sits there: questions may be asked, and a refused answer may be asked for again. */
  readonly attended: boolean;
  open(title: string): void;
  /** One thing that was found or settled. */
  say(text: string): void;
  warn(text: string): void;
  /** Lines that belong together. */
  note(title: string, lines: readonly string[]): void;
  /** Why something was refused, with its remedy; the dialogue goes on. */
  objection(error: RollcallError): void;
  /** Shows that something is under way; `done` words the line that stays (empty: none). A failure is thrown on. */
  work<Value>(label: string, task: (update: (text: string) => void) => Promise<Value>, done: (value: Value) => string): Promise<Value>;
  text(question: TextQuestion): Promise<string>;
  /** The answer is not shown. */
  secret(message: string, options?: { readonly mayBeEmpty?: boolean }): Promise<Redacted>;
  choose(question: ChoiceQuestion): Promise<string>;
  /** Several of the list, or none. */
  chooseSeveral(question: ChoiceQuestion): Promise<readonly string[]>;
  confirm(message: string, initial: boolean): Promise<boolean>;
  close(text: string): void;
}

interface TextQuestion {
  readonly message: string;
  /** Taken when nothing is typed. */
  readonly initial?: string;
  /** What is wrong with the answer, or `null`. */
  readonly problem?: (answer: string) => string | null;
}

export interface ChoiceQuestion {
  readonly message: string;
  readonly choices: readonly Choice[];
  readonly initial?: string;
}

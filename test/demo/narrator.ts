import { stripVTControlCharacters } from 'node:util';
import { createStyle, type Style } from '../../agent/cli/terminal/style.ts';
import { wrapText } from '../../agent/cli/terminal/text-width.ts';

/** How much of a command's output is shown: so many lines from its start and from its end. */
export interface Cut {
  readonly head: number;
  readonly tail?: number;
}

/** Tells the story on standard output: scenes, a word or two, commands as typed, and what they answered. */
export class Narrator {
  readonly style: Style;
  readonly #columns: number;
  readonly #write: (text: string) => void;
  #scene = 0;

  constructor(settings: { readonly colour: boolean; readonly columns: number; readonly write: (text: string) => void }) {
    this.style = createStyle(settings.colour);
    this.#columns = settings.columns;
    this.#write = settings.write;
  }

  line(text = ''): void {
    this.#write(`${text}\n`);
  }

  /** Opens the next part of the story. */
  scene(title: string): void {
    this.#scene += 1;
    const head = `── ${this.#scene}  ${title} `;
    this.line();
    this.line(this.style.strong(head) + this.style.quiet('─'.repeat(Math.max(3, Math.min(this.#columns, 110) - head.length))));
  }

  /** A word to the person. */
  say(text: string): void {
    for (const line of wrapText(text, Math.min(this.#columns, 110) - 2)) this.line(`  ${line}`);
  }

  typed(words: readonly string[]): void {
    this.line();
    this.line(`${this.style.accent('$')} ${this.style.strong(`rollcall ${words.join(' ')}`)}`);
  }

  /** What a command answered, its middle left out when it is long. */
  output(text: string, cut: Cut): void {
    const lines = text.trimEnd().split('\n');
    const tail = cut.tail ?? 0;
    const left = lines.length - cut.head - tail;
    if (left <= 2) {
      for (const line of lines) this.line(line);
      return;
    }
    for (const line of lines.slice(0, cut.head)) this.line(line);
    this.line(this.style.quiet(`  ⋮ ${left} lines not shown here`));
    for (const line of tail === 0 ? [] : lines.slice(-tail)) this.line(line);
  }

  good(text: string): void {
    this.#marked(this.style.good('✔'), text);
  }

  bad(text: string): void {
    this.#marked(this.style.bad('✘'), text);
  }

  detail(text: string): void {
    this.line(`      ${this.style.quiet(text)}`);
  }

  #marked(mark: string, text: string): void {
    const [first = '', ...rest] = wrapText(text, Math.min(this.#columns, 110) - 4);
    this.line(`  ${mark} ${first}`);
    for (const line of rest) this.line(`    ${line}`);
  }
}

/** The text without colours. */
export function plain(text: string): string {
  return stripVTControlCharacters(text);
}

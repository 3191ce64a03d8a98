import type { Readable, Writable } from 'node:stream';
import * as clack from '@clack/prompts';
import { RollcallError } from '../../core/errors.ts';
import type { Style } from '../cli/terminal/style.ts';
import { printable, wrapText } from '../cli/terminal/text-width.ts';
import { Redacted } from '../secrets/redacted.ts';
import type { ChoiceQuestion, Dialogue } from './dialogue.ts';
import { takeKeyboard } from './keyboard.ts';

export interface TerminalOptions {
  readonly input: Readable;
  readonly output: Writable & { readonly columns?: number };
  readonly signal: AbortSignal;
  /** Ctrl-C while nothing is asked; aborts the signal. */
  readonly interrupt: () => void;
  readonly style: Style;
  /** Moves while something is under way. */
  readonly animated: boolean;
  readonly columns: number;
}

const frames = ['◒', '◐', '◓', '◑'];
const frameMs = 100;
/** Lists longer than this are searched by typing. */
const shortList = 9;
const shownItems = 8;
/** Bar and two blanks before each line. */
const margin = 4;

/** The dialogue with a person at a terminal; all of it goes to `output`. Ctrl-C ends it as `INTERRUPTED`. */
export function createTerminalDialogue(options: TerminalOptions): Dialogue {
  const { output, signal, style, columns } = options;
  const keyboard = takeKeyboard(options.input, options.interrupt);
  const common = { input: keyboard.input, output, signal };
  // Escape is pressed by habit; only Ctrl-C ends everything.
  clack.settings.aliases.delete('escape');

  function lines(text: string): string {
    return text
      .split('\n')
      .flatMap((line) => {
        const indent = /^ */.exec(line)?.[0] ?? '';
        return wrapText(printable(line.trimStart()), Math.max(30, columns - margin - indent.length)).map((part) => `${indent}${part}`);
      })
      .join('\n');
  }

  async function answer<Value>(asked: Promise<Value>): Promise<Exclude<Value, symbol>> {
    keyboard.prompting(true);
    const value = await asked.finally(() => keyboard.prompting(false));
    if (typeof value === 'symbol') {
      throw new RollcallError('INTERRUPTED', 'Stopped before anything was written.');
    }
    return value as Exclude<Value, symbol>;
  }

  function optionsOf({ choices }: ChoiceQuestion): { value: string; label: string; hint?: string }[] {
    const room = Math.max(20, columns - 12);
    return choices.map(({ value, label, hint }) => {
      const shown = printable(label);
      return { value, label: shown, ...(hint === undefined || shown.length + hint.length > room ? {} : { hint: printable(hint) }) };
    });
  }

  return {
    attended: true,
    open(title) {
      clack.intro(`${style.strong(title)}  ${style.quiet('Ctrl-C leaves nothing behind')}`, { output });
    },
    say(text) {
      clack.log.step(lines(text), { output });
    },
    warn(text) {
      clack.log.warn(lines(text), { output });
    },
    note(title, content) {
      clack.log.message([style.strong(title), ...content.flatMap((line) => lines(line).split('\n'))], { output });
    },
    objection(error) {
      clack.log.error(`${lines(error.message)}\n${style.quiet(lines(error.hint))}`, { output });
    },
    async work(label, task, done) {
      const shown = startWork(options, printable(label));
      try {
        const value = await task((text) => shown.update(printable(text)));
        shown.stop();
        const settled = done(value);
        if (settled !== '') clack.log.step(lines(settled), { output });
        return value;
      } catch (error) {
        shown.stop();
        throw error;
      }
    },
    async text({ message, initial, problem }) {
      const given = await answer(
        clack.text({
          ...common,
          message,
          ...(initial === undefined || initial === '' ? {} : { placeholder: initial, defaultValue: initial }),
          validate: (value) => problem?.((value ?? '').trim() === '' ? (initial ?? '') : (value ?? '').trim()) ?? undefined,
        }),
      );
      return given.trim();
    },
    async secret(message, { mayBeEmpty = false } = {}) {
      const problem = (value = '') => (value.trim() === '' ? 'It must not be empty.' : undefined);
      const given: string | undefined = await answer(clack.password({ ...common, message, ...(mayBeEmpty ? {} : { validate: problem }) }));
      return new Redacted(given ?? '');
    },
    choose(question) {
      const { message, choices, initial } = question;
      const start = initial === undefined ? {} : { initialValue: initial };
      const asked =
        choices.length > shortList
          ? clack.autocomplete({
              ...common,
              ...start,
              message: `${message} (type to search)`,
              options: optionsOf(question),
              maxItems: shownItems,
              filter: matches,
              // Nothing that matches would be an answer otherwise.
              validate: (value) => (value === undefined ? 'Nothing on the list matches: type less.' : undefined),
            })
          : clack.select({ ...common, ...start, message, options: optionsOf(question), showInstructions: false });
      return answer(asked);
    },
    chooseSeveral(question) {
      return answer(
        clack.autocompleteMultiselect({
          ...common,
          message: question.message,
          options: optionsOf(question),
          maxItems: shownItems,
          required: false,
          filter: matches,
        }),
      );
    },
    confirm(message, initial) {
      return answer(clack.confirm({ ...common, message, initialValue: initial }));
    },
    close(text) {
      clack.outro(text, { output });
    },
    [Symbol.dispose]() {
      keyboard.release();
    },
  };
}

/** Every word that was typed stands somewhere in the label, the hint or the id. */
function matches(search: string, option: { value: string; label?: string; hint?: string }): boolean {
  const text = `${option.label ?? ''} ${option.hint ?? ''} ${option.value}`.toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** One moving line. */
function startWork({ output, style, animated, columns }: TerminalOptions, label: string): { update(text: string): void; stop(): void } {
  if (!animated) return { update: () => undefined, stop: () => undefined };
  let text = label;
  let frame = 0;
  function draw(): void {
    frame += 1;
    const cut = `${text} …`.slice(0, Math.max(10, columns - margin));
    output.write(`\r\u001B[2K${style.accent(frames[frame % frames.length] ?? '')}  ${cut}`);
  }
  output.write(`${style.quiet('│')}\n\u001B[?25l`);
  draw();
  const timer = setInterval(draw, frameMs);
  return {
    update(next) {
      text = next;
    },
    stop() {
      clearInterval(timer);
      // Back to the line of the bar, which the line that stays draws anew.
      output.write('\r\u001B[2K\u001B[1A\r\u001B[2K\u001B[?25h');
    },
  };
}

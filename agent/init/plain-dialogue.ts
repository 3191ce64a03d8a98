import { RollcallError } from '../../core/errors.ts';
import type { Progress } from '../cli/operations.ts';
import type { Dialogue } from './dialogue.ts';

/** The dialogue of `--non-interactive`: it shows what happens as other commands do, and can ask nobody. */
export function createPlainDialogue(progress: Progress, write: (line: string) => void): Dialogue {
  function nobody(message: string): Promise<never> {
    return Promise.reject(new RollcallError('USAGE', `${message}: nobody can be asked.`));
  }
  return {
    attended: false,
    open: () => undefined,
    say: write,
    warn: (text) => write(`Note: ${text}`),
    note: () => undefined,
    objection: (error) => write(error.message),
    async work(label, task, done) {
      const shown = progress.start(label);
      try {
        const value = await task(() => undefined);
        const settled = done(value);
        shown.done(settled === '' ? undefined : settled);
        return value;
      } catch (error) {
        shown.fail();
        throw error;
      }
    },
    text: ({ message }) => nobody(message),
    secret: (message) => nobody(message),
    choose: ({ message }) => nobody(message),
    chooseSeveral: ({ message }) => nobody(message),
    confirm: (message) => nobody(message),
    close: () => undefined,
    [Symbol.dispose]: () => undefined,
  };
}

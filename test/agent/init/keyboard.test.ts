import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { takeKeyboard } from '../../../agent/init/keyboard.ts';

function terminal() {
  const modes: boolean[] = [];
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: (raw: boolean) => void modes.push(raw) });
  let interrupts = 0;
  const keyboard = takeKeyboard(stdin, () => {
    interrupts += 1;
  });
  return { stdin, modes, keyboard, interrupts: () => interrupts };
}

it('keeps what is typed while nothing is asked for the next prompt, line by line', () => {
  const { stdin, keyboard } = terminal();
  stdin.write('one\rtwo');
  stdin.write('\r');

  expect([1, 2, 3].map(() => String(keyboard.input.read()))).toEqual(['one\r', 'two', '\r']);
});

it('takes Ctrl-C for an interruption, unless a prompt waits for it', () => {
  const { stdin, keyboard, interrupts } = terminal();
  stdin.write('abc\u0003');
  expect(interrupts()).toBe(1);
  expect(keyboard.input.read()).toBeNull();

  keyboard.prompting(true);
  stdin.write('\u0003');

  expect(interrupts()).toBe(1);
  expect(String(keyboard.input.read())).toBe('\u0003');
});

it('gives the terminal back as it was', () => {
  const { stdin, modes, keyboard } = terminal();
  keyboard.release();

  expect(modes).toEqual([true, false]);
  expect(stdin.listenerCount('data')).toBe(0);
  expect(stdin.isPaused()).toBe(true);
});

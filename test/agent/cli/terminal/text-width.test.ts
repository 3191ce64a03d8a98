import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitText, printable, printableDocument, textWidth, wrapText } from '../../../../agent/cli/terminal/text-width.ts';

describe('text on a terminal', () => {
  it.each([
    ['', 0],
    ['Ann', 3],
    ['Zoë', 3],
    ['Zoe\u0308', 3],
    ['山田 太郎', 9],
    ['김철수', 6],
    ['ﾔﾏﾀ', 3],
    ['ＡＢ', 4],
    ['👩‍👩‍👧', 2],
    ['🇨🇭', 2],
    ['🌡', 1],
    ['🌡️', 2],
    ['हिन्दी', 2],
    ['\u1112\u1161\u11AB', 2],
    ['a\u200Bb', 2],
  ])('%j takes %i columns', (text, width) => {
    expect(textWidth(text)).toBe(width);
  });

  it.each([
    ['Ann Example', 20, 'Ann Example'],
    ['Ann Example', 5, 'Ann …'],
    ['山田太郎', 5, '山田…'],
    ['山田太郎', 4, '山…'],
    ['👩‍👩‍👧👩‍👩‍👧', 3, '👩‍👩‍👧…'],
    ['Ann', 1, '…'],
    ['Ann', 0, ''],
  ])('%j fits %i columns as %j', (text, width, fitted) => {
    expect(fitText(text, width)).toBe(fitted);
  });

  it('never takes more columns than there are, and never breaks a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 0, max: 40 }), (text, width) => {
        const fitted = fitText(text, width);
        return textWidth(fitted) <= width && fitted.isWellFormed() === text.isWellFormed();
      }),
    );
  });

  it('loses what would command the terminal', () => {
    const hostile = 'a\u001B[2Jb\nc\u0007d\u009B31me\u202Ef\u2066g';

    // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
    expect(printable(hostile)).not.toMatch(/[\u0000-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/);
    expect(printableDocument({ list: [{ name: 'a\u001Bb', count: 1, none: null }] })).toEqual({
      list: [{ name: 'a b', count: 1, none: null }],
    });
  });

  it('wraps at blanks and keeps every word', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 }), fc.integer({ min: 12, max: 40 }), (words, width) => {
        const lines = wrapText(words.join(' '), width);
        return lines.join(' ') === words.join(' ') && lines.every((line) => line.length <= width);
      }),
    );
  });
});

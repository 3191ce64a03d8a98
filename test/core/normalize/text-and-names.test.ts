import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldCase } from '../../../core/normalize/case-fold.ts';
import { looseNameKey } from '../../../core/normalize/loose-name.ts';
import { nameKey, personNameKey } from '../../../core/normalize/person-name.ts';
import { sameValue, textKey } from '../../../core/normalize/text.ts';

const anyText = fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }));

describe('text', () => {
  it.each([
    ['  Sales Manager ', 'Sales Manager'],
    ['Cafe\u0301', 'Café'],
    ['   ', null],
    ['', null],
    [null, null],
    ['two  spaces', 'two  spaces'],
  ])('trims %j and puts it into NFC', (text, key) => {
    expect(textKey(text)).toBe(key);
  });

  it('takes blank and absent for the same value, and letters of different case for different ones', () => {
    expect(sameValue(null, '  ')).toBe(true);
    expect(sameValue('Café', ' Cafe\u0301')).toBe(true);
    expect(sameValue('Sales', 'sales')).toBe(false);
    expect(sameValue('Sales', null)).toBe(false);
  });
});

describe('M2 case folding', () => {
  it.each([
    ['Straße', 'STRASSE'],
    ['STRAẞE', 'strasse'],
    ['ΟΔΥΣΣΕΥΣ', 'οδυσσευς'],
    ['οδυσσευσ', 'οδυσσευς'],
    ['ﬁnn', 'FINN'],
    ['İpek', 'i\u0307pek'],
    ['\u1fb3', '\u03b1\u03b9'],
    ['Åsa', 'A\u030aSA'],
    ['Ꭰ', 'ꭰ'],
    ['ſ', 'S'],
  ])('takes %s and %s for equal', (left, right) => {
    expect(foldCase(left)).toBe(foldCase(right));
  });

  it.each([
    ['Işık', 'Isik'],
    ['José', 'Jose'],
    ['Ann Marie', 'AnnMarie'],
    ['Ann Marie', 'Ann  Marie'],
  ])('takes %s and %s for different', (left, right) => {
    expect(foldCase(left)).not.toBe(foldCase(right));
  });

  it('knows every letter that a regular expression takes for equal without regard to case', () => {
    const missed: string[] = [];
    const isSameLetter = /^(.)\1$/iu;
    for (let code = 0x80; code < 0x1e944; code++) {
      if (code >= 0xd800 && code <= 0xdfff) continue;
      const letter = String.fromCodePoint(code);
      for (const other of [letter.toLowerCase(), letter.toUpperCase()]) {
        if (isSameLetter.test(letter + other) && foldCase(letter) !== foldCase(other)) missed.push(letter);
      }
    }

    expect(missed).toEqual([]);
  });

  it('is done once and for all', () => {
    fc.assert(fc.property(anyText, (text) => foldCase(foldCase(text)) === foldCase(text)));
    fc.assert(fc.property(anyText, (text) => nameKey(nameKey(text)) === nameKey(text)));
    fc.assert(fc.property(anyText, (text) => textKey(textKey(text)) === textKey(text)));
  });
});

describe('M2 name key', () => {
  it('needs both names', () => {
    expect(personNameKey('Jane', null)).toBeNull();
    expect(personNameKey(' ', 'Doe')).toBeNull();
    expect(personNameKey('Jane', 'Doe')).not.toBeNull();
  });

  it('trims and folds each name', () => {
    expect(personNameKey(' JANE\u00a0', 'Doe')).toBe(personNameKey('jane', 'DOE'));
  });

  it('is equal only when both names are, wherever the border between them is', () => {
    const name = fc.string({ unit: fc.constantFrom('a', 'B', ' ', '1', ':', '\n', 'é'), maxLength: 4 });
    fc.assert(
      fc.property(name, name, name, name, (first, last, otherFirst, otherLast) => {
        const left = personNameKey(first, last);
        const right = personNameKey(otherFirst, otherLast);
        const bothEqual = nameKey(first) === nameKey(otherFirst) && nameKey(last) === nameKey(otherLast);
        return left === null || right === null || (left === right) === bothEqual;
      }),
      { numRuns: 2000 },
    );
  });
});

describe('M10 loose names', () => {
  it.each([
    ['José Muñoz', 'Jose Munoz'],
    ['Müller', 'Mueller'],
    ['Jürgen Groß', 'JUERGEN GROSS'],
    ['Søren Łuczak', 'Soren Luczak'],
    ["O'Brien", 'OBrien'],
    ['Smith-Jones', 'Smith Jones'],
    ['Ann  Marie', 'AnnMarie'],
    ['Æsa', 'Aesa'],
  ])('takes %s and %s for alike', (left, right) => {
    expect(looseNameKey(left)).toBe(looseNameKey(right));
  });

  it('keeps different names apart and gives nothing for text without letters', () => {
    expect(looseNameKey('Jane Doe')).not.toBe(looseNameKey('Jan Doe'));
    expect(looseNameKey(' -.- ')).toBe('');
  });

  it('is done once and for all', () => {
    fc.assert(fc.property(anyText, (text) => looseNameKey(looseNameKey(text)) === looseNameKey(text)));
  });
});

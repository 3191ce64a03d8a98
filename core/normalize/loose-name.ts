import { foldCase, isAscii } from './case-fold.ts';

/** Letters that have no decomposition into a base letter and a mark, with their usual plain spelling. */
const plainLetters: Readonly<Record<string, string>> = {
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  ħ: 'h',
  ı: 'i',
  æ: 'a',
  œ: 'o',
  þ: 'th',
};

/**
 * Gives a form for suggestions only (M10), in which names are equal that differ in case, accents, spaces, punctuation or the
 * spelling of umlauts (`Müller`, `Mueller`). Empty when the text has no letter and no digit. Idempotent.
 */
export function looseNameKey(text: string): string {
  const folded = foldCase(text);
  const letters = isAscii(folded) ? folded.replace(/[^a-z0-9]+/gu, '') : plainText(folded);
  return letters.replace(/([aou])e+/gu, '$1');
}

function plainText(folded: string): string {
  return foldCase(bareLetters(folded)).replace(/[øłđðħıæœþ]/gu, (letter) => plainLetters[letter] ?? letter);
}

/** Marks go with everything else that is neither letter nor digit. */
function bareLetters(text: string): string {
  return text.normalize('NFKD').replace(/[^\p{L}\p{N}]/gu, '');
}

/**
 * Folds case as Unicode's default full case folding does (CaseFolding.txt, status C and F), with the result in NFC: `ß`, `ẞ`
 * and `SS` are equal, so are `σ`, `ς` and `Σ`; the dotless `ı` stays another letter than `i`. Idempotent.
 *
 * JavaScript has no case folding. Lower case of upper case of lower case has the same classes of equal letters, with one
 * exception that is made good here: `ı` would become `i`.
 */
export function foldCase(text: string): string {
  if (isAscii(text)) return text.toLowerCase();
  return text.normalize('NFC').split('ı').map(foldPiece).join('ı').normalize('NFC');
}

function foldPiece(text: string): string {
  return text.toLowerCase().toUpperCase().toLowerCase();
}

/** Whether normalization forms and special casing cannot matter: the short way for most text. */
export function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0x7f) return false;
  return true;
}

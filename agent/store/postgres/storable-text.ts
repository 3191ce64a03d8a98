/**
 * PostgreSQL's text holds neither NUL nor half a surrogate pair; our keys and fingerprints may. U+0001 introduces what stands for
 * them, and for itself. NUL and U+0001 keep their order. Within JSON all three are escaped anyway, so that bodies stay as they are.
 */
const introducer = '\u0001';
const nul = '\u0001\u0001';
const itself = '\u0001\u0002';
const half = '\u0001\u0003';

/** The text as it is sent and stored. */
export function toStorable(text: string): string {
  if (!text.includes('\u0000') && !text.includes(introducer) && text.isWellFormed()) return text;
  let storable = '';
  for (const character of text) {
    if (character === '\u0000') storable += nul;
    else if (character === introducer) storable += itself;
    else if (character.isWellFormed()) storable += character;
    else storable += `${half}${character.charCodeAt(0).toString(16)}`;
  }
  return storable;
}

/** The text that `toStorable` was given. */
export function fromStorable(text: string): string {
  if (!text.includes(introducer)) return text;
  let original = '';
  for (let at = 0; at < text.length; at += 1) {
    const pair = text.slice(at, at + 2);
    if (pair !== nul && pair !== itself && pair !== half) {
      original += text.charAt(at);
      continue;
    }
    at += 1;
    if (pair === half) {
      original += String.fromCharCode(Number.parseInt(text.slice(at + 1, at + 5), 16));
      at += 4;
    } else original += pair === nul ? '\u0000' : introducer;
  }
  return original;
}

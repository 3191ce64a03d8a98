const hexPairs: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Position in the wire bytes of each byte of the text form: the first three fields are little-endian (MS-DTYP 2.3.4). */
const wireOrder = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15] as const;

/** Writes the 16 wire bytes of an objectGUID as text in lower case; `null` when they are not 16. */
export function formatGuid(bytes: Uint8Array): string | null {
  if (bytes.length !== 16) return null;
  let text = '';
  for (let position = 0; position < 16; position += 1) {
    if (position === 4 || position === 6 || position === 8 || position === 10) text += '-';
    text += hexPairs[bytes[wireOrder[position] ?? 0] ?? 0];
  }
  return text;
}

/** Reads the text form, in any case and with or without braces, into the 16 wire bytes; `null` when it is none. */
export function parseGuid(text: string): Uint8Array | null {
  const match = /^\{?([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})\}?$/i.exec(text.trim());
  if (match === null) return null;
  const digits = match.slice(1).join('');
  const bytes = new Uint8Array(16);
  for (const [position, place] of wireOrder.entries()) bytes[place] = Number.parseInt(digits.slice(position * 2, position * 2 + 2), 16);
  return bytes;
}

/** Writes bytes as the value of a filter, each escaped, in wire order (RFC 4515 section 3). */
export function escapeFilterBytes(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += `\\${hexPairs[byte]}`;
  return text;
}

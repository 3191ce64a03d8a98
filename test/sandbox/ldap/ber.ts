/** One BER element: its tag byte and its contents (X.690, the definite-length subset that LDAP uses, RFC 4511 §5.1). */
export interface BerElement {
  readonly tag: number;
  readonly contents: Buffer;
}

export const berTag = {
  boolean: 0x01,
  integer: 0x02,
  octetString: 0x04,
  enumerated: 0x0a,
  sequence: 0x30,
  set: 0x31,
} as const;

/** Reads the first element of `bytes`; `null` when it has not arrived as a whole yet. Throws on an indefinite or absurd length. */
export function readElement(bytes: Buffer, offset = 0): { readonly element: BerElement; readonly next: number } | null {
  const header = readLength(bytes, offset + 1);
  const tag = bytes[offset];
  if (header === null || tag === undefined || bytes.length < header.next + header.length) return null;
  const end = header.next + header.length;
  return { element: { tag, contents: bytes.subarray(header.next, end) }, next: end };
}

function readLength(bytes: Buffer, offset: number): { readonly length: number; readonly next: number } | null {
  const first = bytes[offset];
  if (first === undefined) return null;
  if (first < 0x80) return { length: first, next: offset + 1 };
  const size = first & 0x7f;
  if (size === 0 || size > 4) throw new Error(`BER length of ${size} bytes`);
  if (bytes.length < offset + 1 + size) return null;
  return { length: bytes.readUIntBE(offset + 1, size), next: offset + 1 + size };
}

/** All elements of a constructed element's contents. */
export function readElements(contents: Buffer): BerElement[] {
  const elements: BerElement[] = [];
  let offset = 0;
  while (offset < contents.length) {
    const read = readElement(contents, offset);
    if (read === null) throw new Error('BER element is cut off');
    elements.push(read.element);
    offset = read.next;
  }
  return elements;
}

/** The element at `index`, or an error that names what was expected. */
export function elementAt(elements: readonly BerElement[], index: number, what: string): BerElement {
  const element = elements[index];
  if (element === undefined) throw new Error(`BER: ${what} is missing`);
  return element;
}

/** A signed integer of at most six bytes. */
export function readInteger(element: BerElement): number {
  return element.contents.length === 0 ? 0 : element.contents.readIntBE(0, Math.min(6, element.contents.length));
}

/** Writes one element; `parts` are joined as its contents. */
export function element(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([header(tag, length), ...parts]);
}

/** Tag and length alone, for announcing contents that never come. */
export function header(tag: number, length: number): Buffer {
  if (length < 0x80) return Buffer.from([tag, length]);
  if (length < 0x100) return Buffer.from([tag, 0x81, length]);
  if (length < 0x1_0000) return Buffer.from([tag, 0x82, length >> 8, length & 0xff]);
  const bytes = Buffer.alloc(6);
  bytes[0] = tag;
  bytes[1] = 0x84;
  bytes.writeUInt32BE(length, 2);
  return bytes;
}

export function integer(value: number, tag: number = berTag.integer): Buffer {
  const bytes = Buffer.alloc(6);
  bytes.writeIntBE(value, 0, 6);
  let start = 0;
  // The shortest form that keeps the sign (X.690 §8.3.2).
  while (start < 5 && isRedundant(bytes, start)) start += 1;
  return element(tag, bytes.subarray(start));
}

function isRedundant(bytes: Buffer, index: number): boolean {
  const next = bytes[index + 1] ?? 0;
  return (bytes[index] === 0 && next < 0x80) || (bytes[index] === 0xff && next >= 0x80);
}

export function octets(value: string | Uint8Array, tag: number = berTag.octetString): Buffer {
  return element(tag, typeof value === 'string' ? Buffer.from(value, 'utf8') : value);
}

export function sequence(...parts: readonly Uint8Array[]): Buffer {
  return element(berTag.sequence, ...parts);
}

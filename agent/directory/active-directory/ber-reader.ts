/** The bytes are not what RFC 4511 allows. The message tells what, never the bytes. */
export class BerError extends Error {
  override readonly name = 'BerError';
}

export const berTags = { boolean: 0x01, integer: 0x02, octetString: 0x04, enumerated: 0x0a, sequence: 0x30, set: 0x31 } as const;

/**
 * Reads BER within fixed bounds, forward only. ldapts has a reader too, but one that an answer can move backwards (a length of
 * four bytes with the top bit set is taken as negative), so that its loops need not end.
 */
export class BerReader {
  readonly bytes: Buffer;
  readonly end: number;
  position: number;

  constructor(bytes: Buffer, start = 0, end = bytes.length) {
    this.bytes = bytes;
    this.position = start;
    this.end = end;
  }

  get done(): boolean {
    return this.position >= this.end;
  }

  /** The tag that comes next; -1 at the end. */
  peek(): number {
    return this.position < this.end ? (this.bytes[this.position] ?? -1) : -1;
  }

  /** Reads tag and length, and returns where the value ends; `position` is then at its start. */
  enter(tag: number): number {
    if (this.peek() !== tag) throw new BerError(`tag ${tag} expected, ${this.peek()} found`);
    this.position += 1;
    return this.readLength();
  }

  /** Steps over one element, whatever it is. */
  skip(): void {
    if (this.done) throw new BerError('an element is missing');
    this.position += 1;
    this.position = this.readLength();
  }

  /** A reader of the inside of an element; this one steps over it. */
  inside(tag: number): BerReader {
    const end = this.enter(tag);
    const inner = new BerReader(this.bytes, this.position, end);
    this.position = end;
    return inner;
  }

  readBytes(tag: number = berTags.octetString): Buffer {
    const end = this.enter(tag);
    const value = this.bytes.subarray(this.position, end);
    this.position = end;
    return value;
  }

  readText(tag: number = berTags.octetString): string {
    const end = this.enter(tag);
    const value = this.bytes.toString('utf8', this.position, end);
    this.position = end;
    return value;
  }

  readInteger(tag: number = berTags.integer): number {
    const end = this.enter(tag);
    const length = end - this.position;
    if (length < 1 || length > 4) throw new BerError(`an integer of ${length} bytes`);
    const value = this.bytes.readIntBE(this.position, length);
    this.position = end;
    return value;
  }

  /** Reads a length and returns where the value ends. Short lengths, nearly all of them, without a further call. */
  private readLength(): number {
    const first = this.position < this.end ? (this.bytes[this.position] ?? 0) : 0x80;
    if (first < 0x80) {
      this.position += 1;
      const end = this.position + first;
      if (end > this.end) throw new BerError('an element that is longer than what holds it');
      return end;
    }
    const { length, next } = readBerLength(this.bytes, this.position, this.end);
    if (next < 0 || length > this.end - next) throw new BerError('an element that is longer than what holds it');
    this.position = next;
    return next + length;
  }
}

/** Reads a definite length; `next` is where the value starts, -1 when bytes are missing. */
export function readBerLength(bytes: Buffer, start: number, end: number): { readonly length: number; readonly next: number } {
  if (start >= end) return { length: 0, next: -1 };
  const first = bytes[start] ?? 0;
  if (first < 0x80) return { length: first, next: start + 1 };
  const count = first & 0x7f;
  if (count === 0 || count > 4) throw new BerError('a length that LDAP does not allow');
  if (end - start - 1 < count) return { length: 0, next: -1 };
  return { length: bytes.readUIntBE(start + 1, count), next: start + 1 + count };
}

import { BerError, berTags, readBerLength } from './ber-reader.ts';

/** Where one LDAP message lies in the bytes that were received. */
export interface Frame {
  readonly bytes: Buffer;
  /** First byte inside the outer SEQUENCE, and the byte after its last. */
  readonly start: number;
  readonly end: number;
}

/** No entry that is asked for comes near it; a bigger one is an attack or no LDAP. */
const maxMessageBytes = 8 * 1024 * 1024;

/**
 * Cuts a stream of bytes into LDAP messages. Bytes are joined only when a message is cut by the end of a chunk, and memory is
 * bounded by the biggest message allowed. A loop, not a recursion: one chunk may hold thousands of small messages, which
 * overflows the stack of ldapts' parser.
 */
export class FrameSplitter {
  private parts: Buffer[] = [];
  private size = 0;
  private needed = 2;

  /** Hands over each whole message; throws `BerError` on bytes that cannot be LDAP. */
  push(chunk: Buffer, onFrame: (frame: Frame) => void): void {
    this.parts.push(chunk);
    this.size += chunk.length;
    if (this.size < this.needed) return;
    const bytes = this.parts.length === 1 ? chunk : Buffer.concat(this.parts, this.size);
    let position = 0;
    this.needed = 2;
    while (position < bytes.length) {
      const bounds = this.findMessage(bytes, position);
      if (bounds === null) break;
      onFrame({ bytes, start: bounds.start, end: bounds.end });
      position = bounds.end;
    }
    this.size = bytes.length - position;
    this.parts = this.size === 0 ? [] : [bytes.subarray(position)];
  }

  private findMessage(bytes: Buffer, position: number): { start: number; end: number } | null {
    if (bytes[position] !== berTags.sequence) throw new BerError('bytes that do not begin an LDAP message');
    const { length, next } = readBerLength(bytes, position + 1, bytes.length);
    if (next < 0) {
      this.needed = bytes.length - position + 1;
      return null;
    }
    if (length > maxMessageBytes) throw new BerError(`a message of ${length} bytes`);
    if (next + length > bytes.length) {
      this.needed = next + length - position;
      return null;
    }
    return { start: next, end: next + length };
  }
}

/**
 * Finds attribute names in received bytes without making a string of each: 26 names times 100,000 users would be most of the
 * cost of reading. Names are compared without regard to case, whole.
 */
export class AttributeNames<Name extends string> {
  private readonly candidates = new Map<number, { readonly name: Name; readonly bytes: Buffer }[]>();

  constructor(names: readonly Name[]) {
    for (const name of names) {
      const bytes = Buffer.from(name.toLowerCase(), 'latin1');
      const key = keyOf(bytes, 0, bytes.length);
      this.candidates.set(key, [...(this.candidates.get(key) ?? []), { name, bytes }]);
    }
  }

  /** The name in its own spelling, or `null` when it is none of those given. */
  find(bytes: Buffer, start: number, end: number): Name | null {
    const candidates = this.candidates.get(keyOf(bytes, start, end));
    if (candidates === undefined) return null;
    for (const candidate of candidates) {
      if (isSame(candidate.bytes, bytes, start)) return candidate.name;
    }
    return null;
  }
}

const lowerCaseBit = 0x20;

/** Length, first, middle and last letter tell nearly all names apart. */
function keyOf(bytes: Buffer, start: number, end: number): number {
  const first = (bytes[start] ?? 0) | lowerCaseBit;
  const middle = (bytes[(start + end) >> 1] ?? 0) | lowerCaseBit;
  const last = (bytes[end - 1] ?? 0) | lowerCaseBit;
  return (end - start) * 0x1000000 + first * 0x10000 + middle * 0x100 + last;
}

function isSame(name: Buffer, bytes: Buffer, start: number): boolean {
  for (let place = 0; place < name.length; place += 1) {
    const byte = bytes[start + place] ?? 0;
    // Only letters have a case: the hyphen keeps its own value.
    const folded = byte >= 0x41 && byte <= 0x5a ? byte | lowerCaseBit : byte;
    if (folded !== name[place]) return false;
  }
  return true;
}

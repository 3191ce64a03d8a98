import { berTags } from '../../../../agent/directory/active-directory/ber-reader.ts';

/** One BER element, its length in the shortest form. */
export function element(tag: number, value: Buffer): Buffer {
  const { length } = value;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), value]);
  const digits = length.toString(16);
  const bytes = Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex');
  return Buffer.concat([Buffer.from([tag, 0x80 | bytes.length]), bytes, value]);
}

export function text(value: string | Buffer, tag: number = berTags.octetString): Buffer {
  return element(tag, Buffer.from(value));
}

export function integer(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return element(berTags.integer, bytes);
}

/** A SearchResultEntry (RFC 4511 section 4.5.2). */
export function searchEntry(dn: string | Buffer, attributes: Readonly<Record<string, readonly (string | Buffer)[]>>): Buffer {
  const list = Object.entries(attributes).map(([name, values]) =>
    element(berTags.sequence, Buffer.concat([text(name), element(berTags.set, Buffer.concat(values.map((value) => text(value))))])),
  );
  return element(0x64, Buffer.concat([text(dn), element(berTags.sequence, Buffer.concat(list))]));
}

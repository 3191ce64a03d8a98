import { BerError, type BerReader, berTags } from './ber-reader.ts';
import { answerTags } from './messages.ts';

/** An entry as the server sent it. Names in lower case, with their options; values as bytes, copied. */
export interface LdapEntry {
  readonly dn: string;
  readonly attributes: ReadonlyMap<string, readonly Buffer[]>;
}

/** Reads any entry: the root, a group, an account. Users are read by the faster decoder of their own. */
export function decodeEntry(reader: BerReader): LdapEntry {
  const entry = reader.inside(answerTags.searchEntry);
  const dn = entry.readText();
  const attributes = new Map<string, readonly Buffer[]>();
  const list = entry.inside(berTags.sequence);
  while (!list.done) {
    const attribute = list.inside(berTags.sequence);
    const name = attribute.readText().toLowerCase();
    const values = attribute.inside(berTags.set);
    const copies: Buffer[] = [];
    while (!values.done) copies.push(Buffer.from(values.readBytes()));
    attributes.set(name, copies);
  }
  if (!entry.done) throw new BerError('an entry with something after its attributes');
  return { dn, attributes };
}

/** The first value as text; `null` when there is none. */
export function firstText(entry: LdapEntry, attribute: string): string | null {
  return entry.attributes.get(attribute.toLowerCase())?.[0]?.toString('utf8') ?? null;
}

/** The first value as bytes; `null` when there is none. */
export function firstBytes(entry: LdapEntry, attribute: string): Buffer | null {
  return entry.attributes.get(attribute.toLowerCase())?.[0] ?? null;
}

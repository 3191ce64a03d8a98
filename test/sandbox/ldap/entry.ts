/** An entry that the stand-in serves. Names are in schema case, values as they go over the wire. */
export interface LdapEntry {
  readonly dn: string;
  readonly attributes: Readonly<Record<string, readonly (string | Uint8Array)[]>>;
  /**
   * What the account may not see of it: searches do not find it, and a base read of it says that there is no such object, brings no
   * entry, or refers elsewhere. `bare`: it is found, without any attribute.
   */
  readonly hidden?: 'no-object' | 'no-entry' | 'referral' | 'bare';
}

/** Values of an attribute, whatever the case of its name; empty when it has none. */
export function valuesOf(entry: LdapEntry, attribute: string): readonly (string | Uint8Array)[] {
  const wanted = attribute.toLowerCase();
  if (wanted === 'distinguishedname') return [entry.dn];
  const name = Object.keys(entry.attributes).find((candidate) => candidate.toLowerCase() === wanted);
  return name === undefined ? [] : (entry.attributes[name] ?? []);
}

/** The relative names of a DN, from the entry up, in a form that compares: lower case, no blanks around separators. */
function dnParts(dn: string): string[] {
  return dn === ''
    ? []
    : dn.split(/(?<!\\),/).map((part) =>
        part
          .trim()
          .replace(/\s*=\s*/, '=')
          .toLowerCase(),
      );
}

export function sameDn(left: string, right: string): boolean {
  return dnParts(left).join(',') === dnParts(right).join(',');
}

/** The entry that a base names: by its DN, or by its objectGUID (`<GUID=…>`, MS-ADTS 3.1.1.3.1.2.4). */
export function entryNamed(base: string, entries: readonly LdapEntry[]): LdapEntry | undefined {
  const digits = /^<GUID=([0-9a-f-]{36})>$/i.exec(base)?.[1]?.replaceAll('-', '');
  if (digits === undefined) return entries.find((entry) => sameDn(entry.dn, base));
  const bytes = Buffer.from(digits, 'hex');
  const wire = Buffer.concat([
    bytes.subarray(0, 4).reverse(),
    bytes.subarray(4, 6).reverse(),
    bytes.subarray(6, 8).reverse(),
    bytes.subarray(8),
  ]);
  return entries.find((entry) => valuesOf(entry, 'objectGUID').some((value) => typeof value !== 'string' && wire.equals(value)));
}

export function isDeleted(entry: LdapEntry): boolean {
  return valuesOf(entry, 'isDeleted')[0] === 'TRUE';
}

export type Scope = 'base' | 'one' | 'sub';

export function isInScope(dn: string, base: string, scope: Scope): boolean {
  const parts = dnParts(dn);
  const baseParts = dnParts(base);
  const depth = parts.length - baseParts.length;
  if (depth < 0 || parts.slice(depth).join(',') !== baseParts.join(',')) return false;
  if (scope === 'sub') return true;
  return scope === 'base' ? depth === 0 : depth === 1;
}

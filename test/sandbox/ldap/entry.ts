/** An entry that the stand-in serves. Names are in schema case, values as they go over the wire. */
export interface LdapEntry {
  readonly dn: string;
  readonly attributes: Readonly<Record<string, readonly (string | Uint8Array)[]>>;
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

export type Scope = 'base' | 'one' | 'sub';

export function isInScope(dn: string, base: string, scope: Scope): boolean {
  const parts = dnParts(dn);
  const baseParts = dnParts(base);
  const depth = parts.length - baseParts.length;
  if (depth < 0 || parts.slice(depth).join(',') !== baseParts.join(',')) return false;
  if (scope === 'sub') return true;
  return scope === 'base' ? depth === 0 : depth === 1;
}

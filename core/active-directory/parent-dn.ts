/** The name of the container of an entry, as it is written in the entry's name; `null` when it has none. */
export function parentDn(dn: string): string | null {
  let quoted = false;
  for (let place = 0; place < dn.length; place += 1) {
    const char = dn[place];
    if (char === '\\') place += 1;
    else if (char === '"') quoted = !quoted;
    else if ((char === ',' || char === ';') && !quoted) return dn.slice(place + 1).trimStart();
  }
  return null;
}

import { err, ok, type Result } from '../result.ts';

/** One `type=value` of a relative distinguished name; the type in lower case, the value unescaped. */
interface DnAttribute {
  readonly type: string;
  readonly value: string;
}

/** A relative distinguished name: one attribute, rarely several joined by `+`. */
export type Rdn = readonly DnAttribute[];

const typePattern = /^(?:[a-z][a-z0-9-]*|(?:oid\.)?\d+(?:\.\d+)*)$/i;

/**
 * Reads a distinguished name (RFC 4514, and the quoted values of RFC 2253), leaf first. The empty text is the root, an empty
 * list. The error says what is wrong with it.
 */
export function parseDn(text: string): Result<readonly Rdn[], string> {
  if (text.trim() === '') return ok([]);
  const rdns: Rdn[] = [];
  let current: DnAttribute[] = [];
  let position = 0;
  for (;;) {
    const equals = text.indexOf('=', position);
    if (equals === -1) return err(`an attribute without "=" at character ${position + 1}`);
    const type = text.slice(position, equals).trim();
    if (!typePattern.test(type)) return err(`a bad attribute name at character ${position + 1}`);
    const value = readValue(text, equals + 1);
    if (!value.ok) return value;
    current.push({ type: type.toLowerCase().replace(/^oid\./, ''), value: value.value.text });
    position = value.value.next;
    const separator = text[position];
    if (separator !== '+') {
      rdns.push(current);
      current = [];
    }
    if (separator === undefined) return ok(rdns);
    position += 1;
  }
}

/**
 * The one text form under which equal names are equal: lower case, escapes and spaces alike. `null` when it is no
 * distinguished name.
 */
export function canonicalDn(text: string): string | null {
  const parsed = parseDn(text);
  return parsed.ok ? parsed.value.map(canonicalRdn).join(',') : null;
}

/** Tells whether `dn` is strictly below `base`; false when one of them is no distinguished name. */
export function isBelow(dn: string, base: string): boolean {
  const name = canonicalDn(dn);
  const top = canonicalDn(base);
  return name !== null && top !== null && name !== top && isCanonicallyWithin(name, top);
}

/** Tells whether `dn` is `base` or below it. */
export function isWithin(dn: string, base: string): boolean {
  const name = canonicalDn(dn);
  const top = canonicalDn(base);
  return name !== null && top !== null && isCanonicallyWithin(name, top);
}

/** Makes `isWithin` for one base and many names: names in the form that AD writes are compared without being parsed. */
export function createSubtreeTest(base: string): (dn: string) => boolean {
  const top = canonicalDn(base);
  if (top === null) return () => false;
  const plainBase = isPlain(base);
  return (dn) => {
    if (plainBase && isPlain(dn)) return isCanonicallyWithin(dn.toLowerCase(), top);
    const name = canonicalDn(dn);
    return name !== null && isCanonicallyWithin(name, top);
  };
}

/** Leaves out bases that lie within another one, so that no entry is read twice; keeps the order. */
export function withoutNested(bases: readonly string[]): readonly string[] {
  return bases.filter(
    (base, index) => !bases.some((other, place) => place !== index && isWithin(base, other) && !(isWithin(other, base) && place > index)),
  );
}

/** The DNS name that the DC parts of a distinguished name spell (`corp.example.com`); `null` when it has none. */
export function dnsNameOf(dn: string): string | null {
  const parsed = parseDn(dn);
  if (!parsed.ok) return null;
  const labels = parsed.value.flatMap((rdn) => rdn.filter((part) => part.type === 'dc').map((part) => part.value.toLowerCase()));
  return labels.length === 0 ? null : labels.join('.');
}

function isCanonicallyWithin(name: string, top: string): boolean {
  if (top === '') return true;
  return name === top || (name.endsWith(top) && name[name.length - top.length - 1] === ',');
}

/** Without anything that could be written in two ways, lower case is the canonical form. */
function isPlain(dn: string): boolean {
  return !/[\\"#+;]|\s[\s,=]|[,=]\s|^\s|\s$/.test(dn);
}

function canonicalRdn(rdn: Rdn): string {
  const parts = rdn.map(({ type, value }) => `${type}=${escapeValue(value.toLowerCase().trim().replace(/\s+/g, ' '))}`);
  return parts.length === 1 ? (parts[0] ?? '') : parts.sort().join('+');
}

function escapeValue(value: string): string {
  return value.replace(/[\\,+"<>;=#]/g, (char) => `\\${char}`);
}

interface ReadValue {
  readonly text: string;
  /** Where the separator after the value stands, or the end. */
  readonly next: number;
}

function readValue(text: string, start: number): Result<ReadValue, string> {
  let position = start;
  while (text[position] === ' ') position += 1;
  if (text[position] === '"') return readQuoted(text, position + 1);
  if (text[position] === '#') return readHexValue(text, position + 1);
  let value = '';
  let lastEscaped = 0;
  while (position < text.length) {
    const char = text[position] ?? '';
    if (char === ',' || char === ';' || char === '+') break;
    if (char === '"') return err(`a quote inside a value at character ${position + 1}`);
    if (char === '\\') {
      const escaped = readEscape(text, position);
      if (!escaped.ok) return escaped;
      value += escaped.value.text;
      position = escaped.value.next;
      lastEscaped = value.length;
    } else {
      value += char;
      position += 1;
    }
  }
  // Spaces before the separator do not belong to the value, unless the last one was escaped.
  let end = value.length;
  while (end > lastEscaped && value[end - 1] === ' ') end -= 1;
  return ok({ text: value.slice(0, end), next: position });
}

function readQuoted(text: string, start: number): Result<ReadValue, string> {
  let value = '';
  let position = start;
  for (;;) {
    const char = text[position];
    if (char === undefined) return err('a quoted value without its end');
    if (char === '"') break;
    if (char === '\\') {
      const escaped = readEscape(text, position);
      if (!escaped.ok) return escaped;
      value += escaped.value.text;
      position = escaped.value.next;
    } else {
      value += char;
      position += 1;
    }
  }
  return endOfValue(text, position + 1, value);
}

function readHexValue(text: string, start: number): Result<ReadValue, string> {
  const digits = matchAt(/(?:[0-9a-f]{2})+/iy, text, start);
  if (digits === null) return err(`a "#" value without hexadecimal digits at character ${start + 1}`);
  return endOfValue(text, start + digits.length, `#${digits.toLowerCase()}`);
}

function endOfValue(text: string, start: number, value: string): Result<ReadValue, string> {
  let position = start;
  while (text[position] === ' ') position += 1;
  const char = text[position];
  if (char !== undefined && char !== ',' && char !== ';' && char !== '+') return err(`text after a value at character ${position + 1}`);
  return ok({ text: value, next: position });
}

/** A run of `\XX` pairs is UTF-8; anything else after a backslash stands for itself. */
function readEscape(text: string, start: number): Result<ReadValue, string> {
  const run = matchAt(/(?:\\[0-9a-f]{2})+/iy, text, start);
  if (run === null) {
    const char = text[start + 1];
    return char === undefined ? err('a backslash at the end') : ok({ text: char, next: start + 2 });
  }
  try {
    return ok({ text: decodeURIComponent(run.replaceAll('\\', '%')), next: start + run.length });
  } catch {
    return err(`escaped bytes that are no UTF-8 at character ${start + 1}`);
  }
}

function matchAt(sticky: RegExp, text: string, position: number): string | null {
  const pattern = new RegExp(sticky);
  pattern.lastIndex = position;
  return pattern.exec(text)?.[0] ?? null;
}

/** Where a text stops being JSON. The text itself is not repeated: it may hold secrets. */
export interface JsonProblem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

const maxDepth = 64;

class Stop extends Error {
  readonly offset: number;

  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

/**
 * Finds the first place where `text` is not JSON (RFC 8259), or names a key twice; `null` when it is right. It exists beside
 * `JSON.parse` because that one keeps the last of two equal keys, gives no position for some faults, and quotes the text.
 */
export function findJsonProblem(text: string): JsonProblem | null {
  try {
    const end = skipSpace(text, readValue(text, skipSpace(text, 0), 0));
    if (end < text.length) {
      throw new Stop(end, 'expected the end of the file');
    }
    return null;
  } catch (error) {
    if (!(error instanceof Stop)) {
      throw error;
    }
    const before = text.slice(0, error.offset).split(/\r\n|\n|\r/);
    return { line: before.length, column: (before.at(-1) ?? '').length + 1, message: error.message };
  }
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && ' \t\n\r'.includes(text.charAt(at))) {
    at += 1;
  }
  if (text.startsWith('//', at) || text.startsWith('/*', at)) {
    throw new Stop(at, 'comments are not part of JSON');
  }
  return at;
}

function readValue(text: string, at: number, depth: number): number {
  if (depth > maxDepth) {
    throw new Stop(at, 'nested too deep');
  }
  const first = text.charAt(at);
  if (first === '{') {
    return readObject(text, at, depth);
  }
  if (first === '[') {
    return readArray(text, at, depth);
  }
  if (first === '"') {
    return readString(text, at);
  }
  const token = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.+-])/.exec(text.slice(at, at + 64));
  if (token === null) {
    throw new Stop(
      at,
      first === '' ? 'the file ends before the value' : 'expected a value: text in double quotes, number, true, false, null, { or [',
    );
  }
  return at + token[0].length;
}

function readObject(text: string, start: number, depth: number): number {
  const keys = new Set<string>();
  let at = skipSpace(text, start + 1);
  if (text.charAt(at) === '}') {
    return at + 1;
  }
  for (;;) {
    if (text.charAt(at) !== '"') {
      throw new Stop(at, keys.size > 0 && text.charAt(at) === '}' ? 'a comma before "}"' : 'expected a key in double quotes');
    }
    const keyEnd = readString(text, at);
    const key = String(JSON.parse(text.slice(at, keyEnd)));
    if (keys.has(key)) {
      throw new Stop(at, `the key "${key.slice(0, 40)}" is there twice`);
    }
    keys.add(key);
    at = expect(text, skipSpace(text, keyEnd), ':', 'expected ":" after the key');
    at = skipSpace(text, readValue(text, skipSpace(text, at), depth + 1));
    if (text.charAt(at) === '}') {
      return at + 1;
    }
    at = skipSpace(text, expect(text, at, ',', 'expected "," or "}"'));
  }
}

function readArray(text: string, start: number, depth: number): number {
  let at = skipSpace(text, start + 1);
  if (text.charAt(at) === ']') {
    return at + 1;
  }
  for (;;) {
    at = skipSpace(text, readValue(text, at, depth + 1));
    if (text.charAt(at) === ']') {
      return at + 1;
    }
    at = skipSpace(text, expect(text, at, ',', 'expected "," or "]"'));
    if (text.charAt(at) === ']') {
      throw new Stop(at, 'a comma before "]"');
    }
  }
}

function readString(text: string, start: number): number {
  let at = start + 1;
  for (;;) {
    const character = text.charAt(at);
    if (character === '"') {
      return at + 1;
    }
    if (character === '' || character < ' ') {
      throw new Stop(
        at,
        character === '' || character === '\n' || character === '\r' ? 'a text in quotes does not end' : 'a control character in a text',
      );
    }
    const escape = character === '\\' ? /^\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})/.exec(text.slice(at, at + 6)) : null;
    if (character === '\\' && escape === null) {
      throw new Stop(at, 'a backslash that starts no escape: write it twice');
    }
    at += escape === null ? 1 : escape[0].length;
  }
}

function expect(text: string, at: number, character: string, message: string): number {
  if (text.charAt(at) !== character) {
    throw new Stop(at, at >= text.length ? 'the file ends too early' : message);
  }
  return at + 1;
}

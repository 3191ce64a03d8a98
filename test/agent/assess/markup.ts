const voidElements = new Set(['meta', 'col']);

/** One tag of a page: its name, and its attributes without their values. */
interface Tag {
  readonly name: string;
  readonly attributes: readonly string[];
}

export interface Page {
  /** Tags in order, closing ones with `/`. */
  readonly tags: readonly Tag[];
  /** Character data, entities resolved. */
  readonly texts: readonly string[];
  /** Values of attributes, entities resolved. */
  readonly values: readonly string[];
}

const attribute = /\s+([a-z-]+(?::[a-z]+)?)(?:="([^"<>]*)")?/giy;

/** Reads a page strictly: every tag closed in its turn, attributes quoted, no stray `<`, `>` or `&`. Throws where that does not hold. */
export function readPage(html: string): Page {
  const tags: Tag[] = [];
  const texts: string[] = [];
  const values: string[] = [];
  const open: string[] = [];
  let at = 0;
  if (!html.startsWith('<!DOCTYPE html>\n')) throw new Error('no doctype');
  at = '<!DOCTYPE html>'.length;
  while (at < html.length) {
    if (open.at(-1) === 'style') {
      const end = html.indexOf('</style>', at);
      if (html.slice(at, end).includes('<')) throw new Error('markup in the style sheet');
      at = end;
    }
    const next = html.indexOf('<', at);
    const text = html.slice(at, next < 0 ? html.length : next);
    if (text.includes('>')) throw new Error(`a stray > in ${text.slice(0, 60)}`);
    texts.push(resolved(text));
    if (next < 0) break;
    const end = /^<(\/?)([a-z][a-z0-9]*)((?:\s+[a-zA-Z-]+(?:="[^"<>]*")?)*)\s*>/.exec(html.slice(next, next + 20_000));
    if (end === null) throw new Error(`no tag: ${html.slice(next, next + 60)}`);
    const [whole, slash = '', name = '', rest = ''] = end;
    const attributes: string[] = [];
    attribute.lastIndex = 0;
    for (let found = attribute.exec(rest); found !== null; found = attribute.exec(rest)) {
      attributes.push(found[1] ?? '');
      values.push(resolved(found[2] ?? ''));
    }
    tags.push({ name: slash + name, attributes });
    if (slash === '/') {
      if (open.pop() !== name) throw new Error(`</${name}> closes nothing`);
    } else if (!voidElements.has(name)) open.push(name);
    at = next + whole.length;
  }
  if (open.length > 0) throw new Error(`not closed: ${open.join(', ')}`);
  return { tags, texts, values };
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

function resolved(text: string): string {
  return text.replace(/&([^;\s]*;?)/g, (whole, name: string) => {
    const character = name.endsWith(';') ? entities[name.slice(0, -1)] : undefined;
    if (character === undefined) throw new Error(`a stray & in ${whole}`);
    return character;
  });
}

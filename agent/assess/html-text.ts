/** Markup that may be put into a page as it is. Only `html` makes it, so every other text was escaped. */
export class Html {
  readonly markup: string;

  private constructor(markup: string) {
    this.markup = markup;
  }

  /** Fills a template; every value that is no markup is escaped. */
  static fill(parts: TemplateStringsArray, values: readonly HtmlValue[]): Html {
    let markup = parts[0] ?? '';
    for (const [index, value] of values.entries()) markup += toMarkup(value) + (parts[index + 1] ?? '');
    return new Html(markup);
  }

  /** A style sheet as it is. Throws when it could end the element that it stands in. */
  static styleSheet(css: string): Html {
    if (css.includes('<')) throw new RangeError('a style sheet of a page has no <');
    return new Html(css);
  }
}

type HtmlValue = string | number | null | Html | readonly Html[];

/** Builds markup: html`<td>${value}</td>`. Attributes are to be quoted with `"`. */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return Html.fill(parts, values);
}

function toMarkup(value: HtmlValue): string {
  if (value === null) return '';
  if (value instanceof Html) return value.markup;
  if (typeof value === 'string') return escapeText(value);
  return typeof value === 'number' ? String(value) : value.map(({ markup }) => markup).join('');
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escapeText(text: string): string {
  return visibleText(text).replace(/[&<>"']/g, (character) => entities[character] ?? '');
}

// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const unshowable = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u2028\u2029\u202A-\u202E\u2066-\u2069\uFFFE\uFFFF]/g;

/** The text with `�` for what is no character of a page, or would turn the writing direction of what stands around it. */
export function visibleText(text: string): string {
  return text.toWellFormed().replace(unshowable, '\uFFFD');
}

/** A text within quotes of a style sheet: everything but plain letters and digits is written as its number. */
export function cssString(text: string): string {
  const escaped = visibleText(text).replace(/[^A-Za-z0-9 ]/gu, (character) => `\\${(character.codePointAt(0) ?? 0).toString(16)} `);
  return `"${escaped}"`;
}

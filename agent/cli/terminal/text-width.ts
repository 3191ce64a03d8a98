const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const wide =
  /^(?:[\u1100-\u115F\u2329\u232A\u2E80-\u303E\u3041-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]|[\u{1F200}-\u{1F265}\u{20000}-\u{3FFFD}]|\p{Emoji_Presentation}|\p{Emoji}\uFE0F)/u;
const invisible = /^[\p{Mark}\p{Default_Ignorable_Code_Point}]+$/u;
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const control = /[\u0000-\u001F\u007F-\u009F\u2028\u2029\u202A-\u202E\u2066-\u2069]/g;

/** Columns that the text takes on a terminal; it holds no colours. */
export function textWidth(text: string): number {
  if (/^[ -~]*$/.test(text)) {
    return text.length;
  }
  let width = 0;
  for (const { segment } of segmenter.segment(text)) {
    width += segmentWidth(segment);
  }
  return width;
}

/** The text, cut with `…` when it is wider. A character is kept or left out as a whole. */
export function fitText(text: string, width: number): string {
  if (textWidth(text) <= width) {
    return text;
  }
  let fitted = '';
  let used = 0;
  for (const { segment } of segmenter.segment(text)) {
    used += segmentWidth(segment);
    if (used > width - 1) {
      break;
    }
    fitted += segment;
  }
  return width <= 0 ? '' : `${fitted}…`;
}

/** The text without what would move the cursor, change colours or turn the writing direction: names come from outside. */
export function printable(text: string): string {
  return text.replace(control, ' ');
}

/** A copy of a document whose texts are all printable. */
export function printableDocument<Document>(document: Document): Document {
  return withPrintableText(document) as Document;
}

/** Breaks a text into lines of at most `width` columns at its blanks; a longer word keeps its line to itself. */
export function wrapText(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && textWidth(longer) > width) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  return [...lines, line];
}

function segmentWidth(segment: string): number {
  if (invisible.test(segment)) {
    return 0;
  }
  return wide.test(segment) ? 2 : 1;
}

function withPrintableText(value: unknown): unknown {
  if (typeof value === 'string') {
    return printable(value);
  }
  if (Array.isArray(value)) {
    return value.map(withPrintableText);
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [printable(key), withPrintableText(item)]));
  }
  return value;
}

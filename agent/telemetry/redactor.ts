import { RollcallError } from '../../core/errors.ts';
import { Redacted, reveal } from '../secrets/redacted.ts';

const mask = '<redacted>';
const personalMask = '<personal>';
const maxDepth = 8;
const maxItems = 200;
const maxTextLength = 4_000;
/** A longer run of characters without a blank is no address. */
const longestWord = 400;
/** A shorter secret cannot be masked in running text without masking half of it, and the gaps would give it away. */
const shortestMaskable = 4;

const secretKey =
  /pass(word|phrase)?$|^pwd$|secret|token|authori[sz]ation|api[-_]?key|private[-_]?key|integration[-_]?code|credential|cookie/i;

/** Keys under which callers put what tells who a person is. Ids stay. */
const personalKeys: ReadonlySet<string> = new Set(
  [
    'name',
    'firstName',
    'lastName',
    'displayName',
    'label',
    'email',
    'emails',
    'mail',
    'phone',
    'phones',
    'mobile',
    'title',
    'office',
    'manager',
    'aliases',
    'dn',
    'distinguishedName',
    'samAccountName',
    'userPrincipalName',
    'upn',
    'person',
    'from',
    'to',
    'ours',
    'theirs',
    'body',
  ].map((key) => key.toLowerCase()),
);

/** What names a person wherever it stands. A distinguished name may hold blanks: it is masked up to its last domain part. */
const personalText =
  /[^\s"'<>()[\],;:=]{1,256}@[^\s"'<>()[\],;:=]+|\b(?:CN|OU|UID)=[^"'<>\n]{0,1000}?DC=[\w-]+(?:, ?DC=[\w-]+)*|\b(?:CN|UID)=[^"'<>\n]*/gi;

/**
 * Second net under the callers' care: masks registered secret values wherever they turn up, masks what stands under a key that
 * names a secret. Unless `personal`, it also drops what stands under a key that names a person's data, masks e-mail addresses and
 * distinguished names, and leaves out what errors of others say: they quote what they choked on. Never throws.
 */
export class Redactor {
  readonly #needles = new Set<string>();
  #pattern: RegExp | null = null;

  /** Makes the value, and the forms it takes in addresses, JSON and basic authentication, unprintable from now on. */
  register(secret: Redacted): void {
    const value = reveal(secret);
    for (const form of [value, encodeURIComponent(value.toWellFormed()), JSON.stringify(value).slice(1, -1), toBase64(value)]) {
      if (form.length >= shortestMaskable) {
        this.#needles.add(form);
      }
    }
    // Longest first: a secret that contains another one is masked whole.
    const alternatives = [...this.#needles]
      .sort((left, right) => right.length - left.length)
      .map((needle) => needle.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`));
    this.#pattern = alternatives.length === 0 ? null : new RegExp(alternatives.join('|'), 'g');
  }

  /** The text without registered secrets. */
  text(text: string): string {
    return this.#pattern === null ? text : text.replace(this.#pattern, mask);
  }

  /** A copy of `value` that is fit for JSON: secrets masked, personal keys dropped unless `personal`, depth and length bounded. */
  value(value: unknown, options: { readonly personal: boolean; readonly stacks: boolean }): unknown {
    return this.#walk(value, options, 0, new Set());
  }

  #walk(
    value: unknown,
    options: { readonly personal: boolean; readonly stacks: boolean },
    depth: number,
    above: ReadonlySet<object>,
  ): unknown {
    if (typeof value === 'string') {
      // Secrets first: one that is cut in two would not be known any more.
      const text = cut(this.text(value));
      return options.personal ? text : text.replace(personalText, personalMask);
    }
    if (typeof value === 'bigint') {
      return value.toString();
    }
    if (typeof value !== 'object' || value === null) {
      return typeof value === 'function' || typeof value === 'symbol' ? undefined : value;
    }
    if (value instanceof Redacted) {
      return mask;
    }
    if (value instanceof Date) {
      return Number.isNaN(value.getTime()) ? null : value.toISOString();
    }
    if (ArrayBuffer.isView(value)) {
      return `<${value.byteLength} bytes>`;
    }
    if (above.has(value)) {
      return '<circular>';
    }
    if (depth >= maxDepth) {
      return '<deep>';
    }
    const path = new Set(above).add(value);
    if (Array.isArray(value)) {
      return value.slice(0, maxItems).map((item) => this.#walk(item, options, depth + 1, path) ?? null);
    }
    return this.#object(value, options, depth, path);
  }

  #object(
    value: object,
    options: { readonly personal: boolean; readonly stacks: boolean },
    depth: number,
    path: ReadonlySet<object>,
  ): Record<string, unknown> {
    const copy: Record<string, unknown> = {};
    for (const [key, read] of membersOf(value, options).slice(0, maxItems)) {
      if (secretKey.test(key)) {
        copy[key] = mask;
      } else if (options.personal || value instanceof Error || !personalKeys.has(key.toLowerCase())) {
        copy[options.personal ? this.text(key) : this.text(key).replace(personalText, personalMask)] = this.#walk(
          readSafely(read),
          options,
          depth + 1,
          path,
        );
      }
    }
    return copy;
  }
}

function membersOf(
  value: object,
  options: { readonly personal: boolean; readonly stacks: boolean },
): readonly (readonly [string, () => unknown])[] {
  if (value instanceof Error) {
    const says = options.personal || value instanceof RollcallError ? ['message'] : [];
    // A stack begins with the message.
    const stack = options.stacks && says.length > 0 ? ['stack'] : [];
    const facts = ['name', 'code', ...says, 'place', 'cause', ...stack];
    return facts.filter((key) => key in value).map((key) => [key, () => Reflect.get(value, key)] as const);
  }
  if (value instanceof Map) {
    return [...value].map(([key, item]) => [String(key), () => item] as const);
  }
  if (value instanceof Set) {
    return [['values', () => [...value]]];
  }
  return Object.keys(value).map((key) => [key, () => Reflect.get(value, key)] as const);
}

/** Cuts a long text between words, so that no address is cut in two. */
function cut(text: string): string {
  if (text.length <= maxTextLength) return text;
  const head = text.slice(0, maxTextLength);
  const end = head.lastIndexOf(' ');
  return `${end > maxTextLength - longestWord ? head.slice(0, end) : head}…`;
}

function readSafely(read: () => unknown): unknown {
  try {
    return read();
  } catch {
    return '<unreadable>';
  }
}

function toBase64(value: string): string {
  return Buffer.from(value, 'utf8').toString('base64');
}

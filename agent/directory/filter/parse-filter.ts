import { isUtf8 } from 'node:buffer';
import { err, ok, type Result } from '../../../core/result.ts';

/** An assertion value: text, or bytes when the escapes in it spell no UTF-8 (an objectGUID, say). */
export type FilterValue = string | Buffer;

/** A search filter (RFC 4511 section 4.5.1.7). Attribute names as they were written. */
export type LdapFilter =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly LdapFilter[] }
  | { readonly kind: 'not'; readonly part: LdapFilter }
  | { readonly kind: 'present'; readonly attribute: string }
  | { readonly kind: 'equal'; readonly attribute: string; readonly value: FilterValue }
  | { readonly kind: 'atLeast' | 'atMost' | 'approximate'; readonly attribute: string; readonly value: string }
  | {
      readonly kind: 'substrings';
      readonly attribute: string;
      /** Empty: it may begin with anything. */
      readonly initial: string;
      readonly any: readonly string[];
      readonly final: string;
    }
  | {
      readonly kind: 'extensible';
      readonly attribute: string;
      readonly rule: string;
      readonly dnAttributes: boolean;
      readonly value: string;
    };

const maxDepth = 60;
const attributePattern = /^(?:[a-z][a-z0-9-]*|\d+(?:\.\d+)+)(?:;[a-z0-9-]+)*$/i;
const rulePattern = /^(?:[a-z][a-z0-9-]*|\d+(?:\.\d+)+)$/i;

/**
 * Reads the text of a filter (RFC 4515); outer parentheses may be left out. The error says where it goes wrong. ldapts' parser
 * is not used: it accepts a missing parenthesis, and sends escaped bytes above 7f doubly encoded, so that the filter silently
 * finds nobody.
 */
export function parseFilter(text: string): Result<LdapFilter, string> {
  const trimmed = text.trim();
  const whole = trimmed.startsWith('(') ? trimmed : `(${trimmed})`;
  const parsed = parseWhole(whole);
  return parsed.ok ? parsed : err(`${parsed.error.what}, at character ${parsed.error.position + 1} of ${whole}`);
}

/** What is wrong with a filter in parentheses, and at which character of the text, the first one being 1; `null`: nothing. */
export function filterProblem(text: string): { readonly what: string; readonly character: number } | null {
  const parsed = parseWhole(text);
  return parsed.ok ? null : { what: parsed.error.what, character: parsed.error.position + 1 };
}

function parseWhole(text: string): Result<LdapFilter, FilterSyntaxError> {
  try {
    return ok(new FilterTextParser(text).parse());
  } catch (error) {
    if (error instanceof FilterSyntaxError) return err(error);
    throw error;
  }
}

class FilterSyntaxError extends Error {
  readonly what: string;
  /** Of the character, from 0. */
  readonly position: number;

  constructor(what: string, position: number) {
    super(what);
    this.what = what;
    this.position = position;
  }
}

class FilterTextParser {
  private readonly text: string;
  private position = 0;

  constructor(text: string) {
    this.text = text;
  }

  parse(): LdapFilter {
    const filter = this.readFilter(0);
    this.skipSpaces();
    if (this.position < this.text.length) throw this.wrong('something after its end');
    return filter;
  }

  private readFilter(depth: number): LdapFilter {
    if (depth > maxDepth) throw this.wrong('it is nested too deeply');
    this.skipSpaces();
    this.expect('(');
    this.skipSpaces();
    const filter = this.readComponent(depth);
    this.expect(')');
    return filter;
  }

  private readComponent(depth: number): LdapFilter {
    const char = this.text[this.position] ?? '';
    switch (char) {
      case '&':
      case '|': {
        this.position += 1;
        const parts: LdapFilter[] = [];
        for (this.skipSpaces(); this.text[this.position] === '('; this.skipSpaces()) parts.push(this.readFilter(depth + 1));
        if (parts.length === 0) throw this.wrong(`nothing follows "${char}"`);
        return { kind: char === '&' ? 'and' : 'or', parts };
      }
      case '!': {
        this.position += 1;
        const part = this.readFilter(depth + 1);
        this.skipSpaces();
        return { kind: 'not', part };
      }
      default:
        return this.readItem();
    }
  }

  private readItem(): LdapFilter {
    const start = this.position;
    const end = this.text.indexOf(')', start);
    if (end === -1) throw this.wrong('a parenthesis is not closed');
    const item = this.text.slice(start, end);
    if (item.includes('(')) throw this.wrong('"(" inside a value: write \\28');
    const equals = item.indexOf('=');
    if (equals === -1) throw this.wrong('a comparison without "="');
    this.position = end;
    const left = item.slice(0, equals);
    const right = item.slice(equals + 1);
    const operator = left.at(-1) ?? '';
    if (operator === ':') return this.extensible(left.slice(0, -1), right, start);
    const comparison = { '>': 'atLeast', '<': 'atMost', '~': 'approximate' } as const;
    if (operator === '>' || operator === '<' || operator === '~') {
      return { kind: comparison[operator], attribute: this.attribute(left.slice(0, -1), start), value: this.textValue(right, start) };
    }
    const attribute = this.attribute(left, start);
    if (right === '*') return { kind: 'present', attribute };
    if (!right.includes('*')) return { kind: 'equal', attribute, value: this.value(right, start) };
    const pieces = right.split('*').map((piece) => this.textValue(piece, start));
    const any = pieces.slice(1, -1).filter((piece) => piece !== '');
    return { kind: 'substrings', attribute, initial: pieces[0] ?? '', any, final: pieces.at(-1) ?? '' };
  }

  private extensible(left: string, right: string, start: number): LdapFilter {
    const [name = '', ...options] = left.split(':').map((field) => field.trim());
    const dnAttributes = options[0]?.toLowerCase() === 'dn';
    const [rule = '', ...rest] = dnAttributes ? options.slice(1) : options;
    if (rest.length > 0 || (rule !== '' && !rulePattern.test(rule))) throw this.wrong('a bad matching rule', start);
    if (name === '' && rule === '') throw this.wrong('neither attribute nor matching rule', start);
    const attribute = name === '' ? '' : this.attribute(name, start);
    return { kind: 'extensible', attribute, rule, dnAttributes, value: this.textValue(right, start) };
  }

  private attribute(text: string, start: number): string {
    const name = text.trim();
    if (!attributePattern.test(name)) throw this.wrong('a bad attribute name', start);
    return name;
  }

  private value(text: string, start: number): FilterValue {
    if (!text.includes('\\')) return text;
    const bytes: Buffer[] = [];
    for (const part of text.split(/(\\[0-9a-f]{2})/i)) {
      if (/^\\[0-9a-f]{2}$/i.test(part)) bytes.push(Buffer.from(part.slice(1), 'hex'));
      else if (part.includes('\\')) throw this.wrong('a backslash without two hexadecimal digits', start);
      else bytes.push(Buffer.from(part, 'utf8'));
    }
    const all = Buffer.concat(bytes);
    return isUtf8(all) ? all.toString('utf8') : all;
  }

  private textValue(text: string, start: number): string {
    const value = this.value(text, start);
    if (typeof value !== 'string') throw this.wrong('escaped bytes that are no UTF-8', start);
    return value;
  }

  private expect(char: string): void {
    this.skipSpaces();
    if (this.text[this.position] !== char) throw this.wrong(`"${char}" expected`);
    this.position += 1;
  }

  private skipSpaces(): void {
    while (/\s/.test(this.text[this.position] ?? '')) this.position += 1;
  }

  private wrong(what: string, position = this.position): FilterSyntaxError {
    return new FilterSyntaxError(what, position);
  }
}

import { badCondition } from './answers.ts';

export type Operator = '=' | '!=' | '<' | '<=' | '>' | '>=' | 'contains' | 'like' | 'in';

export type Operand =
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'integer'; readonly value: number }
  | { readonly kind: 'boolean'; readonly value: boolean }
  /** Milliseconds since 1970. */
  | { readonly kind: 'moment'; readonly value: number }
  | { readonly kind: 'null' };

export type Condition =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Condition[] }
  | { readonly kind: 'not'; readonly part: Condition }
  | { readonly kind: 'comparison'; readonly path: readonly string[]; readonly operator: Operator; readonly operands: readonly Operand[] };

type Token =
  | { readonly kind: 'word' | 'sign'; readonly text: string }
  | { readonly kind: 'operand'; readonly text: string; readonly operand: Operand };

/**
 * Parses `conditions`: comparisons with `= != < <= > >= contains like in`, each word also after `not`; `and` before `or`;
 * parentheses; text in either quotes, moments in brackets, references by slash. Throws the vendor's 400 for anything else.
 */
export function parseConditions(source: string, quoteEscape: 'backslash' | 'doubled'): Condition {
  const tokens = readTokens(source, quoteEscape);
  const parser = new Parser(tokens);
  const condition = parser.alternatives();
  parser.end();
  return condition;
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  alternatives(): Condition {
    const parts = [this.#all()];
    while (this.#takeWord('or')) {
      parts.push(this.#all());
    }
    return parts.length === 1 ? (parts[0] as Condition) : { kind: 'or', parts };
  }

  end(): void {
    const token = this.#tokens[this.#at];
    if (token !== undefined) {
      throw badCondition(`Unexpected '${token.text}' in the conditions.`);
    }
  }

  #all(): Condition {
    const parts = [this.#one()];
    while (this.#takeWord('and')) {
      parts.push(this.#one());
    }
    return parts.length === 1 ? (parts[0] as Condition) : { kind: 'and', parts };
  }

  #one(): Condition {
    if (this.#takeWord('not')) {
      return { kind: 'not', part: this.#one() };
    }
    if (this.#takeSign('(')) {
      const inner = this.alternatives();
      this.#demandSign(')');
      return inner;
    }
    return this.#comparison();
  }

  #comparison(): Condition {
    const name = this.#next();
    if (name.kind !== 'word' || !/^[A-Za-z_][\w]*(\/[A-Za-z_][\w]*)*$/.test(name.text)) {
      throw badCondition(`${name.text} is not a recognized name.`);
    }
    const path = name.text.split('/');
    const negated = this.#takeWord('not');
    const operator = this.#operator(negated);
    const operands = operator === 'in' ? this.#list() : [this.#operand()];
    const comparison: Condition = { kind: 'comparison', path, operator, operands };
    return negated ? { kind: 'not', part: comparison } : comparison;
  }

  #operator(negated: boolean): Operator {
    const token = this.#next();
    const text = token.text.toLowerCase();
    const words = ['contains', 'like', 'in'];
    const signs = ['=', '!=', '<', '<=', '>', '>='];
    if ((token.kind === 'word' && words.includes(text)) || (token.kind === 'sign' && !negated && signs.includes(text))) {
      return text as Operator;
    }
    throw badCondition(`'${token.text}' is not an operator.`);
  }

  #list(): readonly Operand[] {
    this.#demandSign('(');
    const operands = [this.#operand()];
    while (this.#takeSign(',')) {
      operands.push(this.#operand());
    }
    this.#demandSign(')');
    return operands;
  }

  #operand(): Operand {
    const token = this.#next();
    if (token.kind !== 'operand') {
      throw badCondition(`'${token.text}' is not a value.`);
    }
    return token.operand;
  }

  #next(): Token {
    const token = this.#tokens[this.#at];
    if (token === undefined) {
      throw badCondition('The conditions end too early.');
    }
    this.#at += 1;
    return token;
  }

  #takeWord(word: string): boolean {
    return this.#take('word', word);
  }

  #takeSign(sign: string): boolean {
    return this.#take('sign', sign);
  }

  #demandSign(sign: string): void {
    if (!this.#take('sign', sign)) {
      throw badCondition(`'${sign}' is missing in the conditions.`);
    }
  }

  #take(kind: 'word' | 'sign', text: string): boolean {
    const token = this.#tokens[this.#at];
    const taken = token?.kind === kind && token.text.toLowerCase() === text;
    this.#at += taken ? 1 : 0;
    return taken;
  }
}

function readTokens(source: string, quoteEscape: 'backslash' | 'doubled'): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < source.length) {
    const rest = source.slice(at);
    const space = /^\s+/.exec(rest)?.[0] ?? '';
    const quoted = /^["']/.test(rest) ? readQuoted(rest, quoteEscape) : null;
    const plain = quoted === null ? readPlain(rest) : null;
    if (space !== '') {
      at += space.length;
    } else if (quoted !== null) {
      tokens.push({ kind: 'operand', text: rest.slice(0, quoted.length), operand: { kind: 'text', value: quoted.value } });
      at += quoted.length;
    } else if (plain !== null) {
      tokens.push(plain);
      at += plain.text.length;
    } else {
      throw badCondition(`Unexpected '${rest.charAt(0)}' in the conditions.`);
    }
  }
  return tokens;
}

function readQuoted(rest: string, quoteEscape: 'backslash' | 'doubled'): { readonly value: string; readonly length: number } {
  const quote = rest.charAt(0);
  let value = '';
  let at = 1;
  while (at < rest.length) {
    const here = rest.charAt(at);
    const next = rest.charAt(at + 1);
    const escaped = quoteEscape === 'backslash' ? here === '\\' && /["'\\]/.test(next) : here === quote && next === quote;
    if (escaped) {
      value += next;
      at += 2;
    } else if (here === quote) {
      return { value, length: at + 1 };
    } else {
      value += here;
      at += 1;
    }
  }
  throw badCondition('A quote is not closed in the conditions.');
}

function readPlain(rest: string): Token | null {
  const date = /^\[([^\]]*)\]/.exec(rest);
  if (date !== null) {
    const value = Date.parse(date[1] ?? '');
    if (!/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/.test(date[1] ?? '') || Number.isNaN(value)) {
      throw badCondition(`'${date[1]}' is not a date.`);
    }
    return { kind: 'operand', text: date[0], operand: { kind: 'moment', value } };
  }
  const number = /^-?\d+(\.\d+)?(?![\w/])/.exec(rest)?.[0];
  if (number !== undefined) {
    return { kind: 'operand', text: number, operand: { kind: 'integer', value: Number(number) } };
  }
  const sign = /^(?:!=|<=|>=|[=<>(),])/.exec(rest)?.[0];
  if (sign !== undefined) {
    return { kind: 'sign', text: sign };
  }
  const word = /^[\w/]+/.exec(rest)?.[0];
  return word === undefined ? null : readWord(word);
}

function readWord(word: string): Token {
  switch (word.toLowerCase()) {
    case 'true':
    case 'false':
      return { kind: 'operand', text: word, operand: { kind: 'boolean', value: word.toLowerCase() === 'true' } };
    case 'null':
      return { kind: 'operand', text: word, operand: { kind: 'null' } };
    default:
      return { kind: 'word', text: word };
  }
}

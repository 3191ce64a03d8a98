import { isRecord } from '../json.ts';
import { badCondition } from './answers.ts';
import type { Condition, Operand, Operator } from './condition-parser.ts';
import { scalarText } from './scalar.ts';
import type { Members, Shape } from './shapes.ts';
import type { ConnectWiseSwitches } from './switches.ts';

/** Reads a member of a record as the API would tell it; `undefined` and `null` alike are nothing. */
export type ReadMember = (member: string) => unknown;

type Comparison = Extract<Condition, { kind: 'comparison' }>;
type Rules = Pick<ConnectWiseSwitches, 'text' | 'childConditions'>;

/** Refuses names that are not there, and values of the wrong sort. In `conditions` no lists, in `childConditions` nothing else. */
export function checkConditions(condition: Condition, members: Members, where: 'conditions' | 'childConditions'): void {
  if (condition.kind === 'not') {
    checkConditions(condition.part, members, where);
  } else if (condition.kind !== 'comparison') {
    for (const part of condition.parts) {
      checkConditions(part, members, where);
    }
  } else {
    checkComparison(condition, members, where);
  }
}

/** Whether a record meets the condition. */
export function meets(condition: Condition, read: ReadMember, rules: Rules): boolean {
  switch (condition.kind) {
    case 'and':
      return condition.parts.every((part) => meets(part, read, rules));
    case 'or':
      return condition.parts.some((part) => meets(part, read, rules));
    case 'not':
      return !meets(condition.part, read, rules);
    case 'comparison': {
      const start = read(condition.path[0] ?? '');
      const values = Array.isArray(start) ? start : [start];
      return values.some((item: unknown) => {
        const value = valueAt(item, condition.path);
        return condition.operands.some((operand) => compare(value, condition, operand, rules));
      });
    }
  }
}

/** The test whether the items of a record meet `childConditions`: one item all of them, or each of them some item. */
export function childTest(condition: Condition, rules: Rules): (read: ReadMember) => boolean {
  const [list = '', ...others] = listsIn(condition);
  if (rules.childConditions === 'any-item') {
    return (read) => meets(condition, read, rules);
  }
  if (others.length > 0) {
    return (read) => bindings([list, ...others], read).some((bound) => meets(condition, (member) => bound.get(member), rules));
  }
  return (read) => {
    const items = read(list);
    return Array.isArray(items) && items.some((item: unknown) => meets(condition, () => item, rules));
  };
}

function checkComparison({ path, operator, operands }: Comparison, members: Members, where: 'conditions' | 'childConditions'): void {
  const [first = '', ...rest] = path;
  const start = Object.hasOwn(members, first) ? members[first] : undefined;
  const isList = start?.kind === 'list';
  const shape = (where === 'childConditions') === isList ? follow(isList ? start.of : start, rest) : undefined;
  if (shape === undefined || shape.kind === 'object' || shape.kind === 'list' || shape.kind === 'hidden') {
    throw badCondition(`${path.join('/')} is not a recognized name.`);
  }
  for (const operand of operands) {
    const fits = shape.kind === 'any' || operand.kind === 'null' || operand.kind === shape.kind;
    const wordy = operator === 'like' || operator === 'contains';
    if (!fits || (wordy && operand.kind !== 'text')) {
      throw badCondition(`The value for ${path.join('/')} is not valid.`);
    }
  }
}

function follow(shape: Shape | undefined, path: readonly string[]): Shape | undefined {
  let found = shape;
  for (const name of path) {
    found = found?.kind === 'object' && Object.hasOwn(found.members, name) ? found.members[name] : undefined;
  }
  return found;
}

/** What the path's steps after the first lead to. */
function valueAt(item: unknown, path: readonly string[]): unknown {
  let value = item;
  for (let step = 1; step < path.length; step += 1) {
    value = isRecord(value) ? value[path[step] ?? ''] : null;
  }
  return value ?? null;
}

function compare(value: unknown, { operator }: Comparison, operand: Operand, rules: Rules): boolean {
  if (operand.kind === 'null') {
    return operator === '!=' ? value !== null : value === null;
  }
  if (value === null || value === undefined) {
    return false;
  }
  if (operand.kind === 'text') {
    return compareText(folded(scalarText(value), rules), operator, folded(operand.value, rules));
  }
  // A moment is told as text.
  const found = operand.kind === 'moment' ? Date.parse(scalarText(value)) : value;
  return ordered(found === operand.value ? 0 : Math.sign(Number(found) - Number(operand.value)), operator);
}

function compareText(value: string, operator: Operator, wanted: string): boolean {
  if (operator === 'contains') {
    return value.includes(wanted);
  }
  if (operator === 'like') {
    const pattern = wanted
      .split(/[%*]/)
      .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('[^]*');
    return new RegExp(`^${pattern}$`).test(value);
  }
  if (value === wanted) {
    return ordered(0, operator);
  }
  return ordered(value < wanted ? -1 : 1, operator);
}

function ordered(sign: number, operator: Operator): boolean {
  switch (operator) {
    case '=':
    case 'in':
      return sign === 0;
    case '!=':
      return sign !== 0;
    case '<':
      return sign < 0;
    case '<=':
      return sign <= 0;
    case '>':
      return sign > 0;
    case '>=':
      return sign >= 0;
    case 'contains':
    case 'like':
      return false;
  }
}

function folded(value: string, rules: Rules): string {
  return rules.text === 'case-insensitive' ? value.toLowerCase() : value;
}

function listsIn(condition: Condition): readonly string[] {
  if (condition.kind === 'comparison') {
    return condition.path.slice(0, 1);
  }
  const parts = condition.kind === 'not' ? [condition.part] : condition.parts;
  return [...new Set(parts.flatMap(listsIn))];
}

/** Every choice of one item from each list. */
function bindings(lists: readonly string[], read: ReadMember): readonly ReadonlyMap<string, unknown>[] {
  let chosen: readonly ReadonlyMap<string, unknown>[] = [new Map()];
  for (const list of lists) {
    const items = read(list);
    chosen = chosen.flatMap((bound) => (Array.isArray(items) ? items.map((item: unknown) => new Map(bound).set(list, item)) : []));
  }
  return chosen;
}

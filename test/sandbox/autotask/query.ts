import { isRecord } from '../json.ts';
import type { Entity, Row } from './entities.ts';
import { isQueryable, valueOf } from './entities.ts';
import type { Tenant } from './envelope.ts';
import { failure, keptMoment } from './envelope.ts';
import type { FieldRule } from './fields.ts';
import { fieldNamed } from './fields.ts';

const maximumRecords = 500;
const maximumAlternatives = 500;

/** A query that was understood. */
export interface Query {
  readonly maxRecords: number;
  /** `null`: all fields. */
  readonly include: readonly FieldRule[] | null;
  matches(row: Row): boolean;
}

type Condition = (row: Row) => boolean;
type Value = string | number | boolean;

interface Reading {
  readonly tenant: Tenant;
  readonly entity: Entity;
  alternatives: number;
  readonly udfs: Set<string>;
}

const textOperators = ['beginswith', 'endswith', 'contains'];
const orderOperators = ['gt', 'gte', 'lt', 'lte'];

/** Checks a query as the vendor does; all conditions of `filter` must hold. */
export function readQuery(tenant: Tenant, entity: Entity, sent: Record<string, unknown>): Query {
  for (const name of Object.keys(sent)) {
    if (!['maxrecords', 'includefields', 'filter'].includes(name.toLowerCase())) {
      throw failure(tenant, `Could not find member '${name}' on object of type 'QueryModel'.`);
    }
  }
  const members = new Map(Object.entries(sent).map(([name, value]) => [name.toLowerCase(), value]));
  const maxRecords = members.get('maxrecords') ?? maximumRecords;
  if (typeof maxRecords !== 'number' || !Number.isInteger(maxRecords) || maxRecords < 1 || maxRecords > maximumRecords) {
    throw failure(tenant, `MaxRecords must be between 1 and ${maximumRecords}.`);
  }
  const filter = members.get('filter');
  if (!Array.isArray(filter) || filter.length === 0) {
    throw failure(tenant, 'The query filter must have at least one condition.');
  }
  const reading: Reading = { tenant, entity, alternatives: 0, udfs: new Set() };
  const conditions = filter.map((item) => readCondition(reading, item));
  if (reading.alternatives > maximumAlternatives) {
    throw failure(tenant, `A query may have at most ${maximumAlternatives} OR conditions.`);
  }
  if (reading.udfs.size > 1) {
    throw failure(tenant, 'A query may have only one user-defined field.');
  }
  return {
    maxRecords,
    include: readInclude(tenant, entity, members.get('includefields') ?? null),
    matches: (row) => conditions.every((condition) => condition(row)),
  };
}

function readInclude(tenant: Tenant, entity: Entity, sent: unknown): readonly FieldRule[] | null {
  if (sent === null) {
    return null;
  }
  if (!Array.isArray(sent)) {
    throw failure(tenant, 'IncludeFields must be a list of field names.');
  }
  return sent.length === 0 ? null : sent.map((name) => knownField(tenant, entity, name));
}

function readCondition(reading: Reading, item: unknown): Condition {
  const { tenant } = reading;
  if (!isRecord(item)) {
    throw failure(tenant, 'A filter condition must be an object.');
  }
  for (const name of Object.keys(item)) {
    if (!['op', 'field', 'value', 'udf', 'items'].includes(name)) {
      throw failure(tenant, `Could not find member '${name}' on object of type 'Filter'.`);
    }
  }
  const op = typeof item['op'] === 'string' ? item['op'].toLowerCase() : '';
  if (op === 'and' || op === 'or') {
    return readGroup(reading, op, item['items']);
  }
  if (item['udf'] === true) {
    return readUdf(reading, op, item);
  }
  const rule = knownField(tenant, reading.entity, item['field']);
  if (!isQueryable(tenant, reading.entity, rule)) {
    throw failure(tenant, `The field ${rule.name} of the ${reading.entity.name} Entity cannot be queried.`);
  }
  const decide = readOperator(reading, op, rule, item['value']);
  return (row) => decide(comparable(tenant, rule, valueOf(row, rule.name)));
}

function readGroup(reading: Reading, op: 'and' | 'or', items: unknown): Condition {
  if (!Array.isArray(items) || items.length === 0) {
    throw failure(reading.tenant, `The operator ${op} needs items.`);
  }
  reading.alternatives += op === 'or' ? items.length : 0;
  const conditions = items.map((item) => readCondition(reading, item));
  return op === 'and' ? (row) => conditions.every((condition) => condition(row)) : (row) => conditions.some((condition) => condition(row));
}

function readUdf(reading: Reading, op: string, item: Record<string, unknown>): Condition {
  const { tenant, entity } = reading;
  const name = item['field'];
  const known = entity.name === 'Contact' && [...tenant.data.contactUdfs].find((udf) => udf === name);
  if (typeof known !== 'string') {
    throw failure(tenant, `Unable to find user-defined field ${String(name)} in the ${entity.name} Entity.`);
  }
  reading.udfs.add(known);
  const decide = readOperator(reading, op, { name: known, dataType: 'string' }, item['value']);
  return (row) => {
    const udf = 'userDefinedFields' in row ? row.userDefinedFields.find((candidate) => candidate.name === known) : undefined;
    return decide(comparable(tenant, { dataType: 'string' }, udf?.value ?? null));
  };
}

/** How an operator decides; gets the record's value, as `comparable` makes it. */
function readOperator(
  reading: Reading,
  op: string,
  rule: Pick<FieldRule, 'name' | 'dataType'>,
  sent: unknown,
): (value: Value | null) => boolean {
  const { tenant } = reading;
  if (op === 'exist' || op === 'notexist') {
    return (value) => (value !== null && value !== '') === (op === 'exist');
  }
  if (op === 'in' || op === 'notin') {
    if (!Array.isArray(sent) || sent.length === 0) {
      throw failure(tenant, `The operator ${op} needs a list of values.`);
    }
    reading.alternatives += sent.length;
    const wanted = new Set(sent.map((value) => readValue(tenant, rule, value)));
    return (value) => (value !== null && wanted.has(value)) === (op === 'in');
  }
  const wanted = readValue(tenant, rule, sent);
  if (op === 'eq' || op === 'noteq') {
    return (value) => (value === wanted) === (op === 'eq');
  }
  if (textOperators.includes(op) && rule.dataType === 'string') {
    const text = String(wanted);
    return (value) =>
      typeof value === 'string' &&
      { beginswith: value.startsWith(text), endswith: value.endsWith(text), contains: value.includes(text) }[op] === true;
  }
  if (orderOperators.includes(op) && rule.dataType !== 'boolean') {
    return (value) => value !== null && { gt: value > wanted, gte: value >= wanted, lt: value < wanted, lte: value <= wanted }[op] === true;
  }
  throw failure(tenant, `The operator ${op} is not valid for the field ${rule.name}.`);
}

/** A value of a filter; its type must be that of the field. */
function readValue(tenant: Tenant, rule: Pick<FieldRule, 'name' | 'dataType'>, sent: unknown): Value {
  const wrong = failure(tenant, `The value is not valid for the field ${rule.name} of type ${rule.dataType}.`);
  switch (rule.dataType) {
    case 'string':
      if (typeof sent !== 'string') {
        throw wrong;
      }
      return comparable(tenant, rule, sent) ?? '';
    case 'boolean':
      if (typeof sent !== 'boolean') {
        throw wrong;
      }
      return sent;
    case 'datetime':
      return readMoment(sent) ?? raise(wrong);
    case 'integer':
    case 'long':
    case 'double':
      if (typeof sent !== 'number') {
        throw wrong;
      }
      return sent;
  }
}

/** A date with or without a time; without a zone it is UTC. */
function readMoment(sent: unknown): number | null {
  if (typeof sent !== 'string' || !/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/.test(sent)) {
    return null;
  }
  const zoned = /T/.test(sent) && !/(Z|[+-]\d\d:\d\d)$/.test(sent) ? `${sent}Z` : sent;
  const at = Date.parse(zoned);
  return Number.isNaN(at) ? null : at;
}

function comparable(tenant: Tenant, rule: Pick<FieldRule, 'dataType'>, value: unknown): Value | null {
  if (typeof value === 'string') {
    return tenant.switches.textCase === 'exact' ? value : value.toLowerCase();
  }
  if (typeof value === 'number') {
    return rule.dataType === 'datetime' ? keptMoment(tenant, value) : value;
  }
  return typeof value === 'boolean' ? value : null;
}

function knownField(tenant: Tenant, entity: Entity, name: unknown): FieldRule {
  const rule = typeof name === 'string' ? fieldNamed(entity.fields, name) : null;
  return rule ?? raise(failure(tenant, `Unable to find ${String(name)} in the ${entity.name} Entity.`));
}

function raise(error: Error): never {
  throw error;
}

import type { Tenant } from './envelope.ts';
import { momentText } from './envelope.ts';
import type { FieldRule } from './fields.ts';
import { companyFields, contactFields, locationFields } from './fields.ts';
import type { AutotaskCompanyRecord, AutotaskContactRecord, AutotaskLocationRecord } from './records.ts';

/** A record of any kind. */
export type Row = AutotaskCompanyRecord | AutotaskLocationRecord | AutotaskContactRecord;

/** A kind of records as the routes see it. */
export interface Entity {
  /** As error texts name it. */
  readonly name: 'Contact' | 'Company' | 'CompanyLocation';
  readonly fields: readonly FieldRule[];
  readonly hasUserDefinedFields: boolean;
  records(tenant: Tenant): Iterable<Row>;
}

export const contactEntity: Entity = {
  name: 'Contact',
  fields: contactFields,
  hasUserDefinedFields: true,
  records: ({ data }) => data.contacts.values(),
};

export const companyEntity: Entity = {
  name: 'Company',
  fields: companyFields,
  hasUserDefinedFields: true,
  records: ({ data }) => data.companies.values(),
};

export const locationEntity: Entity = {
  name: 'CompanyLocation',
  fields: locationFields,
  hasUserDefinedFields: false,
  records: ({ data }) => data.locations.values(),
};

/** The records that match, in the order of their ids. */
export function matching(tenant: Tenant, entity: Entity, matches: (row: Row) => boolean): readonly Row[] {
  return [...entity.records(tenant)].filter(matches).sort((one, other) => one.id - other.id);
}

/** The value of a field; `null` where the record has none. */
export function valueOf(row: Row, name: string): unknown {
  return (row as unknown as Readonly<Record<string, unknown>>)[name] ?? null;
}

/** A record as the API shows it; `include`: only these fields. */
export function shown(tenant: Tenant, entity: Entity, row: Row, include: readonly FieldRule[] | null): Record<string, unknown> {
  const members: Record<string, unknown> = {};
  for (const rule of include ?? entity.fields) {
    const value = valueOf(row, rule.name);
    members[rule.name] = rule.dataType === 'datetime' && typeof value === 'number' ? momentText(tenant, value) : value;
  }
  if (include === null && entity.hasUserDefinedFields) {
    members['userDefinedFields'] = valueOf(row, 'userDefinedFields') ?? [];
  }
  return members;
}

/** Whether a filter may have the field. */
export function isQueryable(tenant: Tenant, entity: Entity, rule: FieldRule): boolean {
  return entity.name !== 'Contact' || !tenant.switches.notQueryable.includes(rule.name);
}

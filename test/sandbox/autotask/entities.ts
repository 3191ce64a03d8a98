import type { Tenant } from './envelope.ts';
import { momentText } from './envelope.ts';
import type { FieldRule } from './fields.ts';
import { companyFields, contactFields, locationFields } from './fields.ts';
import type { AutotaskUserDefinedField } from './records.ts';

/** One record, by the vendor's names. */
export interface Row {
  readonly id: number;
  readonly values: Readonly<Record<string, unknown>>;
  readonly userDefinedFields: readonly AutotaskUserDefinedField[] | null;
}

/** A kind of records as the routes see it. */
export interface Entity {
  /** As error texts name it. */
  readonly name: 'Contact' | 'Company' | 'CompanyLocation';
  readonly fields: readonly FieldRule[];
  rows(tenant: Tenant): readonly Row[];
}

export const contactEntity: Entity = {
  name: 'Contact',
  fields: contactFields,
  rows: ({ data }) =>
    sorted([...data.contacts.values()].map((row) => ({ id: row.id, values: { ...row }, userDefinedFields: row.userDefinedFields }))),
};

export const companyEntity: Entity = {
  name: 'Company',
  fields: companyFields,
  rows: ({ data }) => sorted([...data.companies.values()].map((row) => ({ id: row.id, values: { ...row }, userDefinedFields: [] }))),
};

export const locationEntity: Entity = {
  name: 'CompanyLocation',
  fields: locationFields,
  rows: ({ data }) => sorted([...data.locations.values()].map((row) => ({ id: row.id, values: { ...row }, userDefinedFields: null }))),
};

/** A record as the API shows it; `include`: only these fields. */
export function shown(tenant: Tenant, entity: Entity, row: Row, include: readonly FieldRule[] | null): Record<string, unknown> {
  const members: Record<string, unknown> = {};
  for (const rule of include ?? entity.fields) {
    const value = row.values[rule.name] ?? null;
    members[rule.name] = rule.dataType === 'datetime' && typeof value === 'number' ? momentText(tenant, value) : value;
  }
  return include !== null || row.userDefinedFields === null ? members : { ...members, userDefinedFields: row.userDefinedFields };
}

/** Whether a filter may have the field. */
export function isQueryable(tenant: Tenant, entity: Entity, rule: FieldRule): boolean {
  return entity.name !== 'Contact' || !tenant.switches.notQueryable.includes(rule.name);
}

function sorted(rows: readonly Row[]): readonly Row[] {
  return [...rows].sort((one, other) => one.id - other.id);
}

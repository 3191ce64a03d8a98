import { idNumber, idText } from '../json.ts';
import type { ItGlueData } from './data.ts';
import { isPsaAdapter, isSyncing, psaAdapters } from './data.ts';
import type { SentAttributes } from './document.ts';
import type { ResourceObject } from './listing.ts';
import type { AdapterRecord, OrganizationRecord } from './records.ts';
import { invalidAttribute, recordNotFound, unauthorizedResource, unprocessable } from './refusals.ts';
import type { ItGlueSwitches } from './switches.ts';

/** The account as the routes see it. */
export interface Account {
  readonly data: ItGlueData;
  readonly switches: ItGlueSwitches;
  /** The sandbox's address. */
  readonly url: () => string;
}

/** The organization of a nested route that reads. */
export function readableOrganization(account: Account, id: string): OrganizationRecord {
  const organization = account.data.organizations.get(id);
  if (organization === undefined || organization.foreign) {
    throw recordNotFound();
  }
  return organization;
}

/** The organization that a write refers to, in its address or its attributes. */
export function writableOrganization(account: Account, id: string): OrganizationRecord {
  const organization = account.data.organizations.get(id);
  if (organization === undefined || organization.foreign) {
    throw unauthorizedResource();
  }
  return organization;
}

/** The organization of a create: of the nested route, else of the attributes. */
export function organizationOfCreate(account: Account, sent: SentAttributes, nested: string | undefined): OrganizationRecord {
  const id = nested ?? idText(sent.values.get('organization-id'));
  if (id === null) {
    throw unprocessable('Valid organization_id is required', 'data/attributes/organization_id');
  }
  return writableOrganization(account, id);
}

/** An RFC 3339 moment with milliseconds. */
export function moment(at: number): string {
  return new Date(at).toISOString();
}

/** `psa-integration`: the state of the record's PSA adapter; `null` without one. */
export function psaIntegration(adapters: readonly AdapterRecord[]): string | null {
  const adapter = adapters.find(isPsaAdapter);
  if (adapter === undefined) {
    return null;
  }
  if (adapter.orphaned) {
    return 'orphaned';
  }
  return adapter.sync ? 'enabled' : 'disabled';
}

/** The two members that `include=adapters_resources` adds. */
export function adapterMembers(account: Account, adapters: readonly AdapterRecord[], includes: ReadonlySet<string>) {
  if (!includes.has('adapters_resources')) {
    return { relationships: {}, included: [] };
  }
  const included: ResourceObject[] = adapters
    .filter((adapter) => !account.switches.hiddenAdapters.includes(adapter.adapterName))
    .map((adapter) => ({
      id: adapter.id,
      type: 'adapters-resources',
      attributes: {
        'adapter-type-name': adapter.adapterName,
        'remote-id': adapter.remoteId,
        sync: adapter.sync,
        orphaned: adapter.orphaned,
      },
    }));
  return { relationships: { 'adapters-resources': { data: included.map(({ id, type }) => ({ id, type })) } }, included };
}

/** Filters by PSA: `psa_id` counts only together with `psa_integration_type`. */
export const psaFilters = {
  psa_id: (row: { readonly adapters: readonly AdapterRecord[] }, value: string, filters: ReadonlyMap<string, readonly string[]>) =>
    row.adapters.some(
      (adapter) =>
        adapter.remoteId === value && (filters.get('psa_integration_type') ?? []).some((type) => psaAdapters[type] === adapter.adapterName),
    ),
  psa_integration_type: (row: { readonly adapters: readonly AdapterRecord[] }, value: string) =>
    row.adapters.some((adapter) => psaAdapters[value] === adapter.adapterName),
} as const;

export const psaFilterNeeds = { psa_id: 'psa_integration_type' } as const;

/** Whether an integration keeps the record, so that writes to it are refused. */
export function isExternallySynced(account: Account, adapters: readonly AdapterRecord[]): boolean {
  return adapters.some((adapter) => isSyncing(adapter) && (account.switches.syncedBy === 'any' || isPsaAdapter(adapter)));
}

/** A foreign key as a JSON number. */
export function key(id: string | null): unknown {
  return idNumber(id);
}

/** A text attribute as sent; `undefined` when it was not. */
export function sentText(sent: SentAttributes, name: string): string | null | undefined {
  const value = sent.values.get(name);
  if (value === undefined || value === null) {
    return value;
  }
  if (typeof value !== 'string') {
    throw invalidAttribute(name, 'is invalid');
  }
  if (value.length > 255 && name !== 'notes' && name !== 'description') {
    throw invalidAttribute(name, 'is too long (maximum is 255 characters)');
  }
  return value;
}

/** A yes-or-no attribute: true, false, 1, 0 or null. */
export function sentFlag(sent: SentAttributes, name: string): boolean | null | undefined {
  const value = sent.values.get(name);
  if (value === undefined || value === null || typeof value === 'boolean') {
    return value;
  }
  if (value === 1 || value === 0) {
    return value === 1;
  }
  throw invalidAttribute(name, 'is invalid');
}

/** A reference by id to a record that must exist; `attribute` is the reference without `-id`. */
export function sentReference(sent: SentAttributes, attribute: string, records: ReadonlyMap<string, unknown>): string | null | undefined {
  const value = sent.values.get(`${attribute}-id`);
  if (value === undefined || value === null) {
    return value;
  }
  const id = idText(value);
  if (id === null || !records.has(id)) {
    throw invalidAttribute(attribute, 'must exist');
  }
  return id;
}

/** The members of a change that were sent: `undefined` ones are left out. */
export function sentOnly<Fields extends object>(fields: Fields): { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Name in keyof Fields]?: Exclude<Fields[Name], undefined>;
  };
}

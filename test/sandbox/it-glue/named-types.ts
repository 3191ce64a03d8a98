import type { Answer, Handling, Prepared } from '../exchange.ts';
import type { Account } from './account.ts';
import { key, moment, sentText } from './account.ts';
import type { ItGlueData } from './data.ts';
import { dropUnknown, readOne } from './document.ts';
import type { ListRules, Rendered } from './listing.ts';
import { answerList, answerOne } from './listing.ts';
import type { CountryRecord, NamedRecord, RegionRecord } from './records.ts';
import { invalidAttribute, recordNotFound } from './refusals.ts';

type Parameters = Readonly<Record<string, string>>;

/** Contact types, organization types and organization statuses: records that are a name. */
export type NamedResource = 'contact-types' | 'organization-types' | 'organization-statuses';

export function listNamed(account: Account, handling: Handling, resource: NamedResource): Answer {
  const rows = [...recordsOf(account.data, resource).values()];
  const rules: ListRules<NamedRecord> = {
    sorts: { id: (row) => row.id, name: (row) => row.name, created_at: (row) => row.createdAt, updated_at: (row) => row.updatedAt },
    filters: { id: (row, value) => row.id === value, name: (row, value) => row.name === value },
    includes: [],
    name: (row) => row.name,
    render: (row) => renderNamed(resource, row),
  };
  return answerList(handling, { switches: account.switches, url: account.url(), nested: false }, rows, { rules, everything: rows });
}

export function showNamed(account: Account, resource: NamedResource, { id = '' }: Parameters): Answer {
  const record = recordsOf(account.data, resource).get(id);
  if (record === undefined) {
    throw recordNotFound();
  }
  return answerOne(renderNamed(resource, record), 200, new Set(), account.switches);
}

export function createNamed(account: Account, handling: Handling, resource: NamedResource): Prepared {
  const name = readName(handling, resource);
  return {
    commit() {
      const at = account.data.moment();
      const record = { id: account.data.newId(), name, createdAt: at, updatedAt: at };
      recordsOf(account.data, resource).set(record.id, record);
      return answerOne(renderNamed(resource, record), 201, new Set(), account.switches);
    },
  };
}

export function updateNamed(account: Account, handling: Handling, resource: NamedResource, { id = '' }: Parameters): Prepared {
  const record = recordsOf(account.data, resource).get(id);
  if (record === undefined) {
    throw recordNotFound();
  }
  const name = readName(handling, resource);
  return {
    commit() {
      Object.assign(record, { name, updatedAt: account.data.moment() });
      return answerOne(renderNamed(resource, record), 200, new Set(), account.switches);
    },
  };
}

export function listCountries(account: Account, handling: Handling): Answer {
  return listReference(account, handling, [...account.data.countries.values()], renderCountry);
}

export function listRegions(account: Account, handling: Handling, { country }: Parameters): Answer {
  const rows = [...account.data.regions.values()].filter((region) => country === undefined || region.countryId === country);
  return listReference(account, handling, rows, renderRegion);
}

export function showReference(account: Account, resource: 'countries' | 'regions', { id = '' }: Parameters): Answer {
  const country = resource === 'countries' ? account.data.countries.get(id) : undefined;
  const region = resource === 'regions' ? account.data.regions.get(id) : undefined;
  if (country === undefined && region === undefined) {
    throw recordNotFound();
  }
  const rendered = region === undefined ? renderCountry(country as CountryRecord) : renderRegion(region);
  return answerOne(rendered, 200, new Set(), account.switches);
}

function listReference<Row extends CountryRecord>(
  account: Account,
  handling: Handling,
  rows: readonly Row[],
  render: (row: Row) => Rendered,
): Answer {
  const rules: ListRules<Row> = {
    sorts: { id: (row) => row.id, name: (row) => row.name, created_at: () => null, updated_at: () => null },
    filters: { id: (row, value) => row.id === value, name: (row, value) => row.name === value, iso: (row, value) => row.iso === value },
    includes: [],
    name: (row) => row.name,
    render,
    reference: true,
  };
  return answerList(handling, { switches: account.switches, url: account.url(), nested: false }, rows, { rules, everything: rows });
}

function recordsOf(data: ItGlueData, resource: NamedResource): Map<string, NamedRecord> {
  return {
    'contact-types': data.contactTypes,
    'organization-types': data.organizationTypes,
    'organization-statuses': data.organizationStatuses,
  }[resource];
}

function readName(handling: Handling, resource: NamedResource): string {
  const sent = readOne(handling, resource);
  dropUnknown(handling, sent, ['name']);
  const name = sentText(sent, 'name');
  if (name === undefined || name === null || name.trim() === '') {
    throw invalidAttribute('name', "can't be blank");
  }
  return name;
}

function renderNamed(resource: NamedResource, record: NamedRecord): Rendered {
  return {
    resource: {
      id: record.id,
      type: resource,
      attributes: { name: record.name, 'created-at': moment(record.createdAt), 'updated-at': moment(record.updatedAt) },
      relationships: {},
    },
    included: [],
  };
}

function renderCountry(country: CountryRecord): Rendered {
  return { resource: { id: country.id, type: 'countries', attributes: { name: country.name, iso: country.iso } }, included: [] };
}

function renderRegion(region: RegionRecord): Rendered {
  return {
    resource: {
      id: region.id,
      type: 'regions',
      attributes: { name: region.name, iso: region.iso, 'country-id': key(region.countryId) },
    },
    included: [],
  };
}

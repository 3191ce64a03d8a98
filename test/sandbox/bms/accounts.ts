import type { Answer, Handling } from '../exchange.ts';
import { idNumber } from '../json.ts';
import type { Tenant } from './envelope.ts';
import { bare, failure, moment, success } from './envelope.ts';
import { cutPage, filterRows, isFiltered, textMatches } from './paging.ts';
import type { BmsAccountRecord, BmsLocationRecord } from './records.ts';

type Parameters = Readonly<Record<string, string>>;

export function listAccountSummaries(tenant: Tenant, handling: Handling): Answer {
  const found = filterRows<BmsAccountRecord>(handling, [...tenant.data.accounts.values()], {
    AccountName: (row, value) => textMatches(tenant, row.name, value),
    AccountCode: (row, value) => textMatches(tenant, row.code, value),
    AccountTypeName: (row, value) => textMatches(tenant, row.typeName, value),
    IsActive: (row, value) => String(row.active) === value.toLowerCase(),
    CreatedOnFrom: (row, value) => row.createdOn >= Date.parse(value),
    CreatedOnTo: (row, value) => row.createdOn <= Date.parse(value),
    ModifiedOnFrom: (row, value) => row.modifiedOn >= Date.parse(value),
    ModifiedOnTo: (row, value) => row.modifiedOn <= Date.parse(value),
  });
  const page = cutPage(tenant, handling, found, { AccountName: (row) => row.name });
  return success(
    tenant,
    page.rows.map((row) => summary(tenant, row)),
    page.total,
  );
}

export function showAccountSummary(tenant: Tenant, _handling: Handling, { id = '' }: Parameters): Answer {
  const account = findAccount(tenant, id);
  return tenant.switches.summary === 'bare' ? bare(tenant, summary(tenant, account)) : success(tenant, summary(tenant, account));
}

export function lookUpAccounts(tenant: Tenant, handling: Handling): Answer {
  const inactiveToo = handling.request.query.get('Filter.WithInactiveAccounts')?.toLowerCase() === 'true';
  const rows = [...tenant.data.accounts.values()].filter((account) => account.active || inactiveToo);
  const found = filterRows<BmsAccountRecord>(handling, rows, {
    Ids: (row, value) => value.split(',').includes(String(row.id)),
    Name: (row, value) => textMatches(tenant, row.name, value),
    WithSecurityScope: () => true,
    WithInactiveAccounts: () => true,
  });
  const page = cutPage(tenant, handling, found, { Name: (row) => row.name });
  const tenantName = tenant.data.users[0]?.tenant ?? null;
  return success(
    tenant,
    page.rows.map((row) => ({ id: row.id, name: row.name, tenantName, isActive: row.active })),
  );
}

export function lookUpLocations(tenant: Tenant, _handling: Handling, { account: id = '' }: Parameters): Answer {
  const account = findAccount(tenant, id);
  return success(
    tenant,
    [...tenant.data.locations.values()]
      .filter((location) => location.accountId === account.id && location.active)
      .map((location) => ({ id: location.id, name: location.name, accountId: location.accountId, isMain: location.main })),
  );
}

export function showLocation(tenant: Tenant, _handling: Handling, { account = '', location: id = '' }: Parameters): Answer {
  const location = tenant.data.locations.get(Number(id));
  if (location === undefined || location.accountId !== findAccount(tenant, account).id) {
    throw failure(tenant, 404, 'Location not found');
  }
  return success(tenant, locationDetail(location));
}

export function lookUpContacts(tenant: Tenant, handling: Handling, { account: id = '' }: Parameters): Answer {
  const account = findAccount(tenant, id);
  const rows = tenant.data.contactsOf(account.id).filter((contact) => contact.active);
  const name = (row: { readonly firstName: string; readonly lastName: string | null }) => `${row.firstName} ${row.lastName ?? ''}`.trim();
  const found = filterRows(handling, rows, {
    Name: (row, value) => textMatches(tenant, name(row), value),
    LocationId: (row, value) => String(row.locationId) === value,
  });
  const page = cutPage(tenant, handling, found, { Name: name });
  return success(
    tenant,
    page.rows.map((row) => ({
      id: row.id,
      name: name(row),
      locationId: row.locationId,
      locationName: tenant.data.locations.get(row.locationId)?.name ?? null,
      phone: row.phones.find((phone) => phone.isDefault)?.phone ?? null,
      emailAddress: row.emails.find((email) => email.isDefault)?.emailAddress ?? null,
    })),
  );
}

/** A table of names; which tables hold the e-mail and phone types is not public. */
export function lookUpTable(
  tenant: Tenant,
  { route, table }: { readonly route: 'lookup' | 'tenantlookup'; readonly table: string },
): Answer {
  const { typeTables } = tenant.switches;
  const same = (name: string | undefined): boolean => typeTables?.route === route && name?.toLowerCase() === table.toLowerCase();
  if (!same(typeTables?.email) && !same(typeTables?.phone)) {
    throw failure(tenant, 404, 'Unknown lookup table');
  }
  const types = same(typeTables?.email) ? tenant.data.emailTypes : tenant.data.phoneTypes;
  return success(
    tenant,
    [...types].map(([id, name], index) => ({ id, name, isDefault: index === 0, isActive: true })),
  );
}

/** Which IT Glue record one of BMS's is linked with. */
export function lookUpItGlue(tenant: Tenant, kind: 'contacts' | 'accounts' | 'locations', id: string): Answer {
  const { itGlueBridge, itGlueUnlinked } = tenant.switches;
  const { data } = tenant;
  const known = { contacts: data.contacts, accounts: data.accounts, locations: data.locations }[kind].has(Number(id));
  if (itGlueBridge === 'not-enabled') {
    throw failure(tenant, 400, 'The IT Glue integration is not enabled');
  }
  const links = { contacts: data.itGlueContacts, accounts: data.itGlueAccounts, locations: data.itGlueLocations }[kind];
  const link = links.get(Number(id));
  if (!known || (link === undefined && itGlueUnlinked === 'not-found')) {
    throw failure(tenant, 404, 'Record not found');
  }
  if (link === undefined) {
    return success(tenant, itGlueUnlinked === 'null' ? null : { id: 0, name: null });
  }
  return success(tenant, { id: idNumber(link.id), name: link.name });
}

export function showItGlueStatus(tenant: Tenant): Answer {
  const isEnabled = tenant.switches.itGlueBridge === 'enabled';
  return success(tenant, { itGlueAccountId: isEnabled ? 1 : null, isEnabled, subdomain: isEnabled ? 'sandbox' : null, region: 'US' });
}

export function hidesInactive(tenant: Tenant, handling: Handling): boolean {
  return tenant.switches.inactiveUnlessAsked === 'hidden' && !isFiltered(handling, 'IsActive');
}

function findAccount(tenant: Tenant, id: string): BmsAccountRecord {
  const account = tenant.data.accounts.get(Number(id));
  if (account === undefined) {
    throw failure(tenant, 404, 'Account not found');
  }
  return account;
}

function summary(tenant: Tenant, account: BmsAccountRecord): Record<string, unknown> {
  return {
    id: account.id,
    createdBy: 1,
    createdOn: moment(account.createdOn),
    modifiedBy: 1,
    modifiedOn: moment(account.modifiedOn),
    parentId: null,
    accountCode: account.code,
    accountTypeId: 1,
    accountType: account.typeName,
    accountName: account.name,
    isActive: account.active,
    isBilling: false,
    tenantName: tenant.data.users[0]?.tenant ?? null,
    locations: [...tenant.data.locations.values()].filter((location) => location.accountId === account.id).map(locationDetail),
  };
}

function locationDetail(location: BmsLocationRecord): Record<string, unknown> {
  return {
    id: location.id,
    locationName: location.name,
    isMain: location.main,
    isActive: location.active,
    timeZoneId: null,
    addresses: [],
  };
}

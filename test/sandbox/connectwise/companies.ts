import type { Answer, Handling } from '../exchange.ts';
import type { Tenant } from './answers.ts';
import { missingRecord } from './answers.ts';
import { countOf, listOf, output } from './listing.ts';
import type { CwCompanyRecord } from './records.ts';
import { communicationTypeResource, companyResource, contactTypeResource, siteResource } from './resources.ts';

type Parameters = Readonly<Record<string, string>>;

export function listCompanies(tenant: Tenant, handling: Handling): Answer {
  return listOf(tenant, handling, tenant.data.companies.values(), companyResource(tenant));
}

export function countCompanies(tenant: Tenant, handling: Handling): Answer {
  return countOf(tenant, handling, tenant.data.companies.values(), companyResource(tenant));
}

export function showCompany(tenant: Tenant, handling: Handling, parameters: Parameters): Answer {
  return { status: 200, body: output(handling, findCompany(tenant, parameters), companyResource(tenant)) };
}

export function listSites(tenant: Tenant, handling: Handling, parameters: Parameters): Answer {
  const company = findCompany(tenant, parameters);
  const sites = [...tenant.data.sites.values()].filter((site) => site.companyId === company.id);
  return listOf(tenant, handling, sites, siteResource(tenant));
}

export function showSite(tenant: Tenant, handling: Handling, parameters: Parameters): Answer {
  const company = findCompany(tenant, parameters);
  const { child = '' } = parameters;
  const site = tenant.data.sites.get(Number(child));
  if (site === undefined || site.companyId !== company.id) {
    throw missingRecord('CompanySite', child);
  }
  return { status: 200, body: output(handling, site, siteResource(tenant)) };
}

export function listCommunicationTypes(tenant: Tenant, handling: Handling): Answer {
  return listOf(tenant, handling, tenant.data.communicationTypes.values(), communicationTypeResource);
}

export function listContactTypes(tenant: Tenant, handling: Handling): Answer {
  return listOf(tenant, handling, tenant.data.contactTypes.values(), contactTypeResource);
}

function findCompany(tenant: Tenant, { id = '' }: Parameters): CwCompanyRecord {
  const company = tenant.data.companies.get(Number(id));
  if (company === undefined) {
    throw missingRecord('Company', id);
  }
  return company;
}

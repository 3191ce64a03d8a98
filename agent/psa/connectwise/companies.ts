import type { NamedType } from '../../../core/model/contact.ts';
import { nameKey } from '../../../core/normalize/person-name.ts';
import type { Psa } from '../../../core/ports/psa.ts';
import { isId } from '../identity.ts';
import type { ConnectWiseClient } from './client.ts';
import { equalsText } from './conditions.ts';
import { invalidAnswer } from './errors.ts';
import { readList, readWholeList } from './list.ts';
import { type CompanyRow, companySchema, siteSchema } from './schema.ts';

type CompanyReads = Pick<Psa, 'findCompany' | 'listCompanies' | 'listLocations'>;

const path = '/company/companies';
/** A company has some 60 members; these are used. */
const fields = 'id,name,deletedFlag';
const notDeleted = 'deletedFlag=false';

/** Companies and their sites. `ignoresCase`: whether the tenant's conditions do. */
export function createCompanyReads(client: ConnectWiseClient, ignoresCase: () => Promise<boolean>): CompanyReads {
  async function findCompany(by: Parameters<Psa['findCompany']>[0]): Promise<readonly NamedType[]> {
    if ('id' in by) {
      const company = isId(by.id) ? await readCompany(by.id) : null;
      return company === null || company.deletedFlag === true ? [] : [named(company)];
    }
    const wanted = nameKey(by.name);
    if (wanted === null) return [];
    const what = 'looking up the company';
    const conditions = [equalsText('name', by.name.trim()), notDeleted];
    const rows = await readList(client, { what, path, schema: companySchema, conditions, query: { fields }, atMost: 1_000 });
    const isComplete = rows.length > 0 || (await ignoresCase());
    const found = isComplete ? rows.filter((row) => row.deletedFlag !== true).map(named) : await listCompanies();
    return found.filter((company) => nameKey(company.name) === wanted);
  }

  async function readCompany(id: string): Promise<CompanyRow | null> {
    const what = 'reading the company';
    const reply = await client.ask(what, { path: `${path}/${id}`, query: { fields } });
    if (reply.kind === 'failure' && reply.class === 'missing') return null;
    if (reply.kind !== 'result') throw client.readError(what, reply);
    const row = client.parse(what, companySchema, reply.value);
    if (row.id !== id) throw invalidAnswer(`answered with another company than ${id}.`, { company: id });
    return row;
  }

  async function listCompanies(onProgress?: (read: number) => void): Promise<readonly NamedType[]> {
    const rows = await readWholeList(client, {
      what: 'the list of companies',
      path,
      countPath: `${path}/count`,
      schema: companySchema,
      conditions: [notDeleted],
      query: { fields },
      onProgress,
    });
    return rows.filter((row) => row.deletedFlag !== true).map(named);
  }

  async function listLocations(companyId: string): ReturnType<Psa['listLocations']> {
    if (!isId(companyId)) return [];
    const rows = await readList(client, { what: 'the list of sites', path: `${path}/${companyId}/sites`, schema: siteSchema });
    if (rows.some((row) => row.company?.id !== undefined && row.company.id !== companyId)) {
      throw invalidAnswer(`answered with sites of another company than ${companyId}.`, { company: companyId });
    }
    const open = rows.filter((row) => row.inactiveFlag !== true);
    return open.map((row) => ({ id: row.id, name: row.name ?? '', main: row.primaryAddressFlag === true }));
  }

  return { findCompany, listCompanies, listLocations };
}

function named({ id, name }: CompanyRow): NamedType {
  return { id, name: name ?? '' };
}

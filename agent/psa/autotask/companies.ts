import { RollcallError } from '../../../core/errors.ts';
import type { NamedType } from '../../../core/model/contact.ts';
import { nameKey } from '../../../core/normalize/person-name.ts';
import type { Psa, PsaCompany, PsaLocation } from '../../../core/ports/psa.ts';
import { compareIds } from '../identity.ts';
import { wireId } from '../json.ts';
import type { AutotaskClient } from './client.ts';
import type { AutotaskReply } from './errors.ts';
import type { TenantMemory } from './memory.ts';
import { productName } from './products.ts';
import { type CompanyRow, companySchema, itemSchema, locationSchema } from './schema.ts';
import { ignoresCase } from './text-case.ts';
import { type Condition, readFound, readWholeList } from './whole-list.ts';

type Companies = Pick<Psa, 'findCompany' | 'listCompanies' | 'listLocations'>;

const companyQuery = { path: '/Companies', row: companySchema, include: ['id', 'companyName', 'isActive'] };
const locationQuery = { path: '/CompanyLocations', row: locationSchema, include: ['id', 'companyID', 'name', 'isActive', 'isPrimary'] };

/** Companies and their locations. The company with id 0 is the tenant's own. */
export function createCompanies(client: AutotaskClient, memory: TenantMemory): Companies {
  async function findCompany(by: Parameters<Psa['findCompany']>[0]): Promise<readonly PsaCompany[]> {
    if ('id' in by) return findById(by.id);
    const key = nameKey(by.name);
    if (key === null) return [];
    const filter: readonly Condition[] = [{ op: 'eq', field: 'companyName', value: by.name.trim() }];
    const found = named(await readFound(client, { ...companyQuery, what: 'looking up the company', filter }), key);
    if (found.length > 0 || (await ignoresCase(client, memory))) return found;
    return (await listCompanies()).filter(({ name }) => nameKey(name) === key);
  }

  async function findById(id: string): Promise<readonly PsaCompany[]> {
    if (!/^\d+$/.test(id)) return [];
    const reply = await client.ask({ path: `/Companies/${id}` });
    const row = reply.kind === 'failure' && reply.class === 'missing' ? await searchById(id) : readItem(reply);
    if (row === null) return [];
    if (row.id !== id) throw other(`company ${id}`);
    return [isActive(row) ? toNamed(row) : { ...toNamed(row), inactive: true }];
  }

  function readItem(reply: AutotaskReply): CompanyRow | null {
    const what = 'reading a company';
    if (reply.kind !== 'result') throw client.readError(what, reply);
    const { item } = client.parse(what, itemSchema, reply.value);
    return item === null || item === undefined ? null : client.parse(what, companySchema, item);
  }

  /** "Not found" may come from anything between here and the API; that a search finds nothing comes from the API itself. */
  async function searchById(id: string): Promise<CompanyRow | null> {
    const filter: readonly Condition[] = [{ op: 'eq', field: 'id', value: wireId(id) }];
    return (await readFound(client, { ...companyQuery, what: 'looking for a company', filter }))[0] ?? null;
  }

  async function listCompanies(onProgress?: (read: number) => void): Promise<readonly NamedType[]> {
    const filter: readonly Condition[] = [{ op: 'eq', field: 'isActive', value: true }];
    const rows = await readWholeList(client, { ...companyQuery, what: 'listing companies', filter, onProgress });
    return rows
      .filter(isActive)
      .map(toNamed)
      .sort((a, b) => compareIds(a.id, b.id));
  }

  async function listLocations(companyId: string): Promise<readonly PsaLocation[]> {
    const filter: readonly Condition[] = [{ op: 'eq', field: 'companyID', value: Number(companyId) }];
    const rows = await readFound(client, { ...locationQuery, what: 'listing locations', filter });
    if (rows.some((row) => row.companyID !== companyId)) throw other(`locations of company ${companyId}`);
    return rows.filter(isActive).map((row) => ({ id: row.id, name: row.name ?? '', main: row.isPrimary === true }));
  }

  return { findCompany, listCompanies, listLocations };
}

function named(rows: readonly CompanyRow[], key: string): NamedType[] {
  const wanted = rows.filter((row) => isActive(row) && nameKey(row.companyName) === key);
  return wanted.map(toNamed).sort((a, b) => compareIds(a.id, b.id));
}

function isActive(row: { readonly isActive?: boolean | null | undefined }): boolean {
  return row.isActive !== false;
}

function toNamed(row: CompanyRow): NamedType {
  return { id: row.id, name: row.companyName ?? '' };
}

function other(wanted: string): RollcallError {
  return new RollcallError('PSA_ANSWER_INVALID', `${productName} answered with something else than the ${wanted}.`, {
    place: { system: productName },
  });
}

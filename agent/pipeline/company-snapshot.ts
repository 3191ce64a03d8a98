import { excludedBecause } from '../../core/eligibility/excluded.ts';
import { noCompany, type PsaSnapshot } from '../../core/eligibility/psa-context.ts';
import type { NamedType, Organization } from '../../core/model/contact.ts';
import type { Psa } from '../../core/ports/psa.ts';
import { findCompany } from './company/find-company.ts';
import type { RunContext } from './run-context.ts';

/** What of a run reading the PSA's side of an organization needs. */
type SnapshotContext = Pick<RunContext, 'settings' | 'companies'>;

/** The parts of a snapshot that are read from the company. */
export type CompanyParts = Pick<PsaSnapshot, 'locations' | 'types' | 'contacts' | 'linkedTo'> & Pick<PsaSnapshot, 'lost'>;

/**
 * The PSA's side of an organization: nothing of it where it is not set to sync (P7) or has no company (P8), else what `read` brings of the
 * company. `partial`: that is not the whole company.
 */
export async function companySnapshot(
  { settings, companies }: SnapshotContext,
  psa: Psa,
  organization: Organization,
  { partial, read }: { readonly partial: boolean; readonly read: (company: NamedType) => Promise<CompanyParts> },
): Promise<PsaSnapshot> {
  const base = {
    displayName: psa.displayName,
    adapterNames: psa.adapterNames,
    requirements: psa.requirements,
    hasExternalKey: psa.hasExternalKey,
    locations: [],
    types: { email: [], phone: [], contact: [] },
    contacts: [],
    partial,
    linkedTo: new Map(),
  };
  const excluded = excludedBecause(organization, settings.psa, psa.displayName);
  if (excluded !== null || settings.psa.push === 'off') return { ...base, ...noCompany, excluded };
  const found = await findCompany(companies, psa, organization, settings.psa);
  const { company, mapped: mappedCompany, how: companyHow, problem: companyProblem, advice: companyAdvice, notice: companyNotice } = found;
  const mapping = { mappedCompany, companyHow, companyProblem, companyAdvice, companyNotice };
  if (company === null) return { ...base, ...mapping, company: null, excluded: null };
  return { ...base, ...mapping, company, excluded: null, ...(await read(company)) };
}

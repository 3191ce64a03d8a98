import { companyProblemText, type PsaSnapshot } from '../../../core/eligibility/psa-context.ts';
import type { PsaMapping } from '../../../core/model/state.ts';

/** What is remembered of the organization's company; nothing when it was not looked for. */
export function mappingOf(psa: PsaSnapshot | null): { readonly psaMapping?: PsaMapping } {
  if (psa === null) return {};
  const { excluded, mappedCompany: company, companyHow } = psa;
  if (excluded !== null) return { psaMapping: { company: null, why: excluded, held: true, excluded: true } };
  const problem = companyProblemText(psa);
  if (problem !== null) return { psaMapping: { company, why: problem, held: true, excluded: false } };
  if (company === null) return {};
  const why = `${psa.displayName}: ${company.name} (${company.id}), ${companyHow ?? 'found'}`;
  return { psaMapping: { company, why, held: false, excluded: false } };
}

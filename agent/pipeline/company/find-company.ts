import { companyAdvice, companyQuestion, contestedCompany, judgeCompany } from '../../../core/eligibility/judge-company.ts';
import type { Organization } from '../../../core/model/contact.ts';
import type { PsaSettings } from '../../../core/model/settings.ts';
import { mostCandidates, similarNames } from '../../../core/normalize/similar-names.ts';
import type { Psa, PsaCompany } from '../../../core/ports/psa.ts';
import { asked, type CompanyContext } from './company-context.ts';

export interface FoundCompany {
  /** The company to work with; `null`: the organization is held for the PSA. */
  readonly company: PsaCompany | null;
  /** The company it maps to, also when it may not be used. */
  readonly mapped: PsaCompany | null;
  /** How it was found, in words. */
  readonly how: string | null;
  readonly problem: string | null;
  /** What to do about the problem, with candidates. */
  readonly advice: string | null;
  /** What is worth telling although it was found. */
  readonly notice: string | null;
}

/**
 * The organization's company: pinned, else by IT Glue's own link, else by equal name; never guessed. Where it is held, candidates are
 * looked for by similar names.
 */
export async function findCompany(
  context: CompanyContext,
  psa: Psa,
  organization: Organization,
  settings: PsaSettings,
): Promise<FoundCompany> {
  const question = companyQuestion(organization, settings, psa.adapterNames);
  const verdict = judgeCompany(question, await psa.findCompany(asked(question)), psa.displayName);
  if (verdict.kind === 'none') {
    const candidates = verdict.candidates.length > 0 ? verdict.candidates : similarNames(organization.name, await context.list(psa));
    const advice = companyAdvice(organization.id, candidates.slice(0, mostCandidates));
    return { company: null, mapped: null, how: null, problem: verdict.problem, advice, notice: null };
  }
  const { company, how, notice } = verdict;
  const contested = contestedCompany(company, { organization: organization.id, name: organization.name }, await context.others());
  if (contested === null) return { company, mapped: company, how, problem: null, advice: null, notice };
  const advice = 'Pin each to its own company with organizations.ID.psa.company, or give one of them psa.push "off"';
  return { company: null, mapped: company, how, problem: contested, advice, notice: null };
}

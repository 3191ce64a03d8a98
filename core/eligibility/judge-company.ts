import type { Organization } from '../model/contact.ts';
import type { OrganizationId } from '../model/ids.ts';
import type { PsaSettings } from '../model/settings.ts';
import { nameKey } from '../normalize/person-name.ts';
import type { PsaCompany } from '../ports/psa.ts';

/** Which company to ask the PSA for: pinned, else the one that IT Glue links, else the one of equal name. */
export type CompanyQuestion =
  | { readonly kind: 'pinned' | 'linked'; readonly id: string }
  /** `orphaned`: the company of a link that IT Glue itself does not follow any more. */
  | { readonly kind: 'named'; readonly name: string; readonly orphaned: string | null };

/** How the company was found, in words. */
const companySources = {
  pinned: 'pinned by psa.company',
  linked: 'linked by IT Glue',
  named: 'of equal name',
} as const;

export type CompanyVerdict =
  | { readonly kind: 'found'; readonly company: PsaCompany; readonly how: string; readonly notice: string | null }
  /** `candidates`: companies that answered and cannot be told apart, or may not be used. */
  | { readonly kind: 'none'; readonly problem: string; readonly candidates: readonly PsaCompany[] };

export function companyQuestion(
  organization: Organization,
  settings: Pick<PsaSettings, 'company'>,
  adapterNames: readonly string[],
): CompanyQuestion {
  if (settings.company !== '') return { kind: 'pinned', id: settings.company };
  const names = new Set(adapterNames.map((name) => name.toLowerCase()));
  const links = organization.adapters.filter(({ adapter, remoteId }) => names.has(adapter.toLowerCase()) && remoteId !== null);
  const linked = links.find((link) => !link.orphaned)?.remoteId ?? null;
  if (linked !== null) return { kind: 'linked', id: linked };
  return { kind: 'named', name: organization.name, orphaned: links[0]?.remoteId ?? null };
}

/**
 * Judges what the PSA answered. A company that is pinned or linked and not there (deleted, merged away) is never made up for by a name:
 * its contacts would come to whoever has the name now.
 */
export function judgeCompany(question: CompanyQuestion, found: readonly PsaCompany[], displayName: string): CompanyVerdict {
  const how = companySources[question.kind];
  if (question.kind === 'named') return judgeNames(question, found, displayName);
  const by = question.kind === 'pinned' ? 'psa.company pins' : 'IT Glue links';
  const [company] = found;
  if (company === undefined) {
    return none(`${displayName} has no company ${question.id}, which ${by}: it was deleted or merged there`);
  }
  if (company.inactive === true) return none(`The company ${titled(company)}, which ${by}, is inactive in ${displayName}`);
  return { kind: 'found', company, how, notice: null };
}

function judgeNames(
  { name, orphaned }: Extract<CompanyQuestion, { kind: 'named' }>,
  found: readonly PsaCompany[],
  displayName: string,
): CompanyVerdict {
  const active = found.filter((company) => company.inactive !== true);
  const [company] = active;
  const unfollowed = orphaned === null ? null : `IT Glue's link with the company ${orphaned} is orphaned and is not followed`;
  const also = unfollowed === null ? '' : `; ${unfollowed}`;
  if (active.length > 1) return none(`${displayName} has ${active.length} companies named "${name}"${also}`, active);
  if (company !== undefined) {
    const notice = unfollowed === null ? null : `${unfollowed}: ${titled(company)} is taken, which has the name of the organization`;
    return { kind: 'found', company, how: companySources.named, notice };
  }
  if (found.length > 0) return none(`The company named "${name}" is inactive in ${displayName}${also}`, found);
  return none(`${displayName} has no company named "${name}"${also}`);
}

function none(problem: string, candidates: readonly PsaCompany[] = []): CompanyVerdict {
  return { kind: 'none', problem, candidates };
}

/** What a person can do: the candidates with their ids, and the setting that pins one. */
export function companyAdvice(organization: OrganizationId, candidates: readonly PsaCompany[]): string {
  const setting = `organizations.${organization}.psa.company`;
  const [first] = candidates;
  if (first === undefined) return `No company has a similar name: pin the right one with ${setting}`;
  const list = candidates.map((company) => `${titled(company)}${company.inactive === true ? ', inactive' : ''}`).join('; ');
  return `Candidates: ${list}. Pin the right one: ${setting} = "${first.id}"${candidates.length > 1 ? ', or another of these' : ''}`;
}

/** An organization of the configuration, and the company that it maps to. */
export interface MappedOrganization {
  readonly organization: OrganizationId;
  /** In IT Glue; `null`: not known yet. */
  readonly name: string | null;
  readonly companyId: string;
}

/** Why a company may not be used: others of the configuration map to it as well, and contacts would go to the wrong customer. */
export function contestedCompany(
  company: PsaCompany,
  own: { readonly organization: OrganizationId; readonly name: string },
  others: readonly MappedOrganization[],
): string | null {
  const rivals = others.filter((other) => other.companyId === company.id && other.organization !== own.organization);
  if (rivals.length === 0) return null;
  const all = [own, ...rivals].toSorted((one, other) => inOrder(one.organization, other.organization));
  const names = all.map(({ organization, name }) => (name === null ? organization : `${name} (${organization})`));
  return `${names.join(' and ')} map to the same company ${titled(company)}: contacts would go to the wrong customer, so nothing is pushed for either`;
}

function titled({ id, name }: PsaCompany): string {
  return `${nameKey(name) === null ? 'without a name' : name} (${id})`;
}

function inOrder(one: string, other: string): number {
  return one.length - other.length || (one < other ? -1 : 1);
}

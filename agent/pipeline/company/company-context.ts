import { excludedBecause } from '../../../core/eligibility/excluded.ts';
import { companyQuestion, judgeCompany, type MappedOrganization } from '../../../core/eligibility/judge-company.ts';
import { RollcallError } from '../../../core/errors.ts';
import type { OrganizationId } from '../../../core/model/ids.ts';
import type { Psa, PsaCompany } from '../../../core/ports/psa.ts';
import type { Store } from '../../../core/ports/store.ts';
import type { Services } from '../services.ts';

/** What finding an organization's company needs besides the PSA's answer. */
export interface CompanyContext {
  /** All companies, for candidates. */
  list(psa: Psa): Promise<readonly PsaCompany[]>;
  /** The other organizations of the configuration whose contacts go to the PSA, with the company that each maps to. */
  others(): Promise<readonly MappedOrganization[]>;
}

type Part = Pick<Services, 'config' | 'organizations' | 'settings' | 'documentation' | 'psa' | 'companyLists' | 'now'>;

/** `store`: what earlier runs found; `null`: nothing. */
export function companyContext(services: Part, store: Store | null, organization: OrganizationId): CompanyContext {
  const { type, baseUrl, credentials } = services.config.psa;
  const { userName, tenant, company, publicKey } = credentials;
  const key = JSON.stringify([type, baseUrl, userName, tenant, company, publicKey]);
  return {
    list: (psa) => services.companyLists.of(psa, key, services.now()),
    async others() {
      const found: MappedOrganization[] = [];
      for (const other of services.organizations) {
        if (other === organization) continue;
        const mapped = await companyOfOther(services, store, other);
        if (mapped !== null) found.push(mapped);
      }
      return found;
    },
  };
}

/** The pin of another organization, else what its latest run found; one that no run has looked at yet is looked up. */
async function companyOfOther(services: Part, store: Store | null, organization: OrganizationId): Promise<MappedOrganization | null> {
  const { psa: settings } = services.settings(organization);
  if (settings.push === 'off') return null;
  const state = (await store?.organizationState(organization)) ?? null;
  const name = state?.name ?? null;
  const known = state?.psaMapping;
  if (known !== undefined && known.excluded) return null;
  if (settings.company !== '') return { organization, name, companyId: settings.company };
  if (known !== undefined) return known.company === null ? null : { organization, name, companyId: known.company.id };
  return lookUp(services, organization);
}

async function lookUp(services: Part, id: OrganizationId): Promise<MappedOrganization | null> {
  const psa = services.psa(id);
  if (psa === null) return null;
  const { psa: settings } = services.settings(id);
  try {
    const organization = await services.documentation(id).getOrganization(id);
    if (excludedBecause(organization, settings, psa.displayName) !== null) return null;
    const question = companyQuestion(organization, settings, psa.adapterNames);
    const verdict = judgeCompany(question, await psa.findCompany(asked(question)), psa.displayName);
    return verdict.kind === 'none' ? null : { organization: id, name: organization.name, companyId: verdict.company.id };
  } catch (error) {
    // An organization that is not there maps to no company; its own run says so. Any other failure leaves it open whose contacts these are.
    if (error instanceof RollcallError && error.code === 'ITGLUE_ORGANIZATION_NOT_FOUND') return null;
    throw error;
  }
}

/** How the PSA is asked. */
export function asked(question: ReturnType<typeof companyQuestion>): Parameters<Psa['findCompany']>[0] {
  return question.kind === 'named' ? { name: question.name } : { id: question.id };
}

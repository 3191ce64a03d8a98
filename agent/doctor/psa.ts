import type { OrganizationId } from '../../core/model/ids.ts';
import type { FindingDocument } from '../cli/documents-doctor.ts';
import type { Services } from '../pipeline/services.ts';
import { companyFacts } from '../pipeline/validate.ts';
import { notOk, ok, type Topic } from './finding.ts';
import { type Check, runChecks } from './run-checks.ts';

const callMs = 30_000;
const listMs = 90_000;

/**
 * Looks at the PSA with its sign-in: first whether it is taken, then the company of each organization, which only IT Glue can tell
 * (its links, the organization's name): `itGlueOpen` says whether it can be asked.
 */
export function psaChecks(services: Services, itGlueOpen: Promise<boolean>): readonly Check[] {
  const [first] = services.organizations;
  const { type } = services.config.psa;
  if (first === undefined || type === 'none') return [];
  const topic: Topic = { part: 'psa', subject: type, code: 'PSA_SIGN_IN' };
  return [{ topic, limitMs: callMs + listMs, look: () => psaFindings(services, first, topic, itGlueOpen) }];
}

async function psaFindings(
  services: Services,
  organization: OrganizationId,
  topic: Topic,
  itGlueOpen: Promise<boolean>,
): Promise<readonly FindingDocument[]> {
  const psa = services.psa(organization);
  if (psa === null) return [];
  const look = async (): Promise<readonly FindingDocument[]> => [ok(topic, factsText((await psa.check()).facts))];
  const signIn = await runChecks([{ topic, limitMs: callMs, look }], services.signal);
  if (signIn.some(({ state }) => state === 'problem')) return signIn;
  const company = { part: 'psa', subject: null, code: 'PSA_COMPANY' } as const;
  if (!(await itGlueOpen)) return [...signIn, notOk(company, 'note', 'not looked up: IT Glue does not answer', null)];
  const companies = services.organizations.map((id): Check => {
    const company: Topic = { part: 'psa', subject: id, code: 'PSA_COMPANY' };
    return { topic: company, limitMs: listMs, look: () => companyFindings(services, id, company) };
  });
  return [...signIn, ...(await runChecks(companies, services.signal))];
}

async function companyFindings(services: Services, organization: OrganizationId, topic: Topic): Promise<readonly FindingDocument[]> {
  const { push, emailType, phoneType } = services.settings(organization).psa;
  if (push === 'off') return [notOk(topic, 'note', 'psa.push is "off": nothing is pushed', null)];
  const facts = await companyFacts(services, organization);
  const requirements = services.psa(organization)?.requirements;
  if (requirements !== undefined && (emailType === '' || phoneType === '')) {
    const remedy =
      requirements.fields === null
        ? 'Set psa.emailType and psa.phoneType to names of types that the PSA has.'
        : 'Set psa.emailType and psa.phoneType to the labels of IT Glue that stand first: "Work".';
    const effect = requirements.typesRequired ? 'so no contact is eligible' : 'so contacts are pushed without such values';
    return [notOk(topic, 'warning', `${factsText(facts)}; no e-mail or no phone type is chosen, ${effect}`, remedy)];
  }
  if (requirements?.location === true && facts['locations'] === '') {
    const remedy = 'Give the company a location in the PSA with the name that it has in IT Glue.';
    return [notOk(topic, 'warning', `${factsText(facts)}; without a location no contact can be pushed`, remedy)];
  }
  return [ok(topic, factsText(facts))];
}

function factsText(facts: Readonly<Record<string, string>>): string {
  return Object.entries(facts)
    .filter(([name, value]) => name !== 'address' && value !== '')
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}

import { RollcallError } from '../../core/errors.ts';
import type { NamedType, Organization } from '../../core/model/contact.ts';
import { nameKey } from '../../core/normalize/person-name.ts';
import type { Psa } from '../../core/ports/psa.ts';
import { formatCount } from '../cli/terminal/format.ts';
import type { PsaAnswers } from './answers.ts';
import type { InitContext } from './init-context.ts';

/** A company that may be the organization's, and why. */
export interface SuggestedCompany {
  readonly company: NamedType;
  readonly why: 'link' | 'name';
}

const elsewhere = 'other';

/** Which company in the PSA is the customer: as given, as IT Glue links it, by equal name, else chosen by name. */
export async function chooseCompany(context: InitContext, psa: Psa, organization: Organization): Promise<PsaAnswers['company']> {
  const { given, dialogue } = context;
  if (given.psaCompany !== undefined) return pinned(await namedCompany(context, psa, given.psaCompany));
  const suggested = await dialogue.work(
    `Looking for ${organization.name} in ${psa.displayName}`,
    () => suggestCompany(psa, organization),
    (found) =>
      found === null
        ? `${psa.displayName} has no single company that is ${organization.name} by link or name`
        : `${found.company.name} (${found.company.id}) in ${psa.displayName}: ${found.why === 'link' ? 'linked by IT Glue' : 'equal name'}`,
  );
  if (!dialogue.attended) {
    if (suggested === null) {
      throw new RollcallError(
        'PSA_COMPANY_NOT_FOUND',
        `${psa.displayName} has no single company that is linked with ${organization.name} or has its name. Give --psa-company ID.`,
      );
    }
    return { ...suggested.company, pinned: suggested.why === 'name' };
  }
  if (suggested !== null && (await dialogue.confirm(`Is ${suggested.company.name} this customer?`, true))) {
    return { ...suggested.company, pinned: suggested.why === 'name' };
  }
  return pinned(await chooseFromList(context, psa));
}

/** IT Glue's own link comes first, then a company of equal name if there is one alone. */
export async function suggestCompany(psa: Psa, organization: Organization): Promise<SuggestedCompany | null> {
  const names = new Set(psa.adapterNames.map((name) => name.toLowerCase()));
  const link = organization.adapters.find(
    (adapter) => names.has(adapter.adapter.toLowerCase()) && adapter.remoteId !== null && !adapter.orphaned,
  );
  if (link?.remoteId != null) {
    const [linked] = await psa.findCompany({ id: link.remoteId });
    if (linked !== undefined && linked.inactive !== true) return { company: linked, why: 'link' };
  }
  const [equal, ...others] = (await psa.findCompany({ name: organization.name })).filter(({ inactive }) => inactive !== true);
  return equal === undefined || others.length > 0 ? null : { company: equal, why: 'name' };
}

async function namedCompany({ dialogue }: InitContext, psa: Psa, wanted: string): Promise<NamedType> {
  const found = await dialogue.work(
    `Looking for company ${wanted} in ${psa.displayName}`,
    () => psa.findCompany(/^\d+$/.test(wanted) ? { id: wanted } : { name: wanted }),
    (companies) => companies.map(({ id, name }) => `${name} (${id}) in ${psa.displayName}`).join(', ') || 'None found',
  );
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  throw new RollcallError(
    'PSA_COMPANY_NOT_FOUND',
    found.length === 0
      ? `${psa.displayName} has no company "${wanted}".`
      : `${psa.displayName} has ${found.length} companies "${wanted}": give the id.`,
  );
}

async function chooseFromList({ dialogue }: InitContext, psa: Psa): Promise<NamedType> {
  const companies = await dialogue.work(
    'Listing the companies',
    (update) => psa.listCompanies((read) => update(`Listing the companies: ${formatCount(read)} so far`)),
    () => '',
  );
  const choices = companies
    .toSorted((a, b) => (nameKey(a.name) ?? '').localeCompare(nameKey(b.name) ?? ''))
    .map(({ id, name }) => ({ value: id, label: name, hint: id }));
  const chosen = await dialogue.choose({
    message: 'Which company is this customer?',
    choices: [...choices, { value: elsewhere, label: 'It is not there yet' }],
  });
  const company = companies.find(({ id }) => id === chosen);
  if (company !== undefined) return company;
  throw new RollcallError('PSA_COMPANY_NOT_FOUND', `The customer has no company in ${psa.displayName} yet. Nothing was written.`);
}

function pinned(company: NamedType): PsaAnswers['company'] {
  return { ...company, pinned: true };
}

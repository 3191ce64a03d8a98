import type { PsaSnapshot } from '../../core/eligibility/psa-context.ts';
import { psaAdapter } from '../../core/enrich/ownership.ts';
import type { Contact, NamedType, Organization } from '../../core/model/contact.ts';
import type { DirectoryUser } from '../../core/model/directory-user.ts';
import { type ContactId, type PsaContactId, psaContactId } from '../../core/model/ids.ts';
import type { OrganizationSettings, PsaSettings } from '../../core/model/settings.ts';
import type { ContactState } from '../../core/model/state.ts';
import { emailKey } from '../../core/normalize/email.ts';
import { nameKey } from '../../core/normalize/person-name.ts';
import type { Psa } from '../../core/ports/psa.ts';
import { learnLinksByKey } from './psa-links.ts';
import type { RunContext } from './run-context.ts';
import type { Snapshot } from './snapshot.ts';

const mostCandidatesNamed = 5;

/** The part of a run that reading needs. */
export type GatherContext = Pick<RunContext, 'organization' | 'settings' | 'documentation' | 'psa' | 'progress'>;

/** What rollcall knows before it reads. */
export interface KnownBefore {
  readonly contactStates: readonly ContactState[];
  /** Contacts may be created for them, and then pushed. */
  readonly users: readonly DirectoryUser[];
}

/** Reads all that a plan needs of IT Glue and the PSA. Writes nothing. Throws when a list is not complete (C11). */
export async function gather(context: GatherContext, { contactStates, users }: KnownBefore): Promise<Snapshot> {
  const { documentation, organization: id, settings, progress } = context;
  const organization = await documentation.getOrganization(id);

  const task = progress.start(`Reading the contacts of ${organization.name} from IT Glue`);
  const contacts = await closing(
    task,
    documentation.listContacts(id, (read, total) => task.update(read, total)),
  );
  const locations = await documentation.listLocations(id);
  const contactTypes = namesContactTypes(settings) ? await documentation.listContactTypes() : [];

  const keepsAssets = settings.contacts.overlay === 'flexible-asset';
  const overlayTypeId = keepsAssets ? await documentation.findOverlayType() : null;
  const overlays = overlayTypeId === null ? [] : await documentation.listOverlays(id, overlayTypeId);
  const psa = context.psa === null ? null : await gatherPsa(context, context.psa, { organization, contacts, contactStates, users });
  return {
    organization,
    contacts,
    contactsById: new Map(contacts.map((contact) => [contact.id, contact])),
    locations,
    contactTypes,
    overlayTypeId,
    overlays,
    psa,
  };
}

/** The types are read only when a setting names one (E2, E8, E10). */
function namesContactTypes({ contacts, psa }: OrganizationSettings): boolean {
  const byRules = [...contacts.contactTypeRules, ...Object.values(contacts.leavers)].some(({ contactType }) => contactType !== '');
  return byRules || psa.contactType !== '';
}

async function closing<Value>(task: { done(): void; fail(): void }, work: Promise<Value>): Promise<Value> {
  try {
    const value = await work;
    task.done();
    return value;
  } catch (error) {
    task.fail();
    throw error;
  }
}

interface Known extends KnownBefore {
  readonly organization: Organization;
  readonly contacts: readonly Contact[];
}

async function gatherPsa(context: GatherContext, psa: Psa, known: Known): Promise<PsaSnapshot> {
  const base = {
    displayName: psa.displayName,
    adapterNames: psa.adapterNames,
    requirements: psa.requirements,
    hasExternalKey: psa.hasExternalKey,
    locations: [],
    types: { email: [], phone: [], contact: [] },
    contacts: [],
    partial: false,
    linkedTo: new Map<PsaContactId, ContactId>(),
  };
  const excluded = excludedBecause(known.organization, context.settings.psa, psa.displayName);
  if (excluded !== null || context.settings.psa.push === 'off') return { ...base, company: null, companyProblem: null, excluded };

  const found = await findCompany(psa, known.organization, context.settings.psa);
  if (found.company === null) return { ...base, company: null, companyProblem: found.problem, excluded: null };

  const task = context.progress.start(`Reading the contacts of ${found.company.name} from ${psa.displayName}`);
  const contacts = await closing(
    task,
    psa.listContacts(found.company.id, (read, total) => task.update(read, total)),
  );
  const locations = await psa.listLocations(found.company.id);
  const types = await psa.listTypes(contacts);
  const linkedTo = linksOf(psa, known);
  learnLinksByKey(linkedTo, contacts, known.contacts);
  await askBridge(psa, { ...known, psaContacts: contacts, linkedTo });
  return { ...base, company: found.company, companyProblem: null, excluded: null, locations, types, contacts, linkedTo };
}

/** P7: only organizations whose type and status are set to sync; an empty selection means all. */
function excludedBecause(organization: Organization, settings: PsaSettings, displayName: string): string | null {
  const types = new Set(settings.organizationTypes.map(nameKey));
  const statuses = new Set(settings.organizationStatuses.map(nameKey));
  if (types.size > 0 && !types.has(nameKey(organization.typeName))) {
    return `Nothing goes to ${displayName}: the organization's type "${organization.typeName ?? 'none'}" is not set to sync`;
  }
  if (statuses.size > 0 && !statuses.has(nameKey(organization.statusName))) {
    return `Nothing goes to ${displayName}: the organization's status "${organization.statusName ?? 'none'}" is not set to sync`;
  }
  return null;
}

/** The company: pinned, else by IT Glue's own link, else by equal name; never guessed. */
async function findCompany(
  psa: Psa,
  organization: Organization,
  settings: PsaSettings,
): Promise<{ readonly company: NamedType | null; readonly problem: string | null }> {
  const linkedId = psaAdapter(organization.adapters, psa.adapterNames)?.remoteId ?? null;
  const id = settings.company || linkedId;
  if (id !== null && id !== '') {
    const [company] = await psa.findCompany({ id });
    const how = settings.company === '' ? 'that IT Glue links' : 'that psa.company names';
    return company === undefined
      ? { company: null, problem: `${psa.displayName} has no company ${id}, ${how}` }
      : { company, problem: null };
  }
  const companies = await psa.findCompany({ name: organization.name });
  const [company] = companies;
  if (company === undefined)
    return { company: null, problem: `${psa.displayName} has no company named "${organization.name}": pin it with psa.company` };
  if (companies.length === 1) return { company, problem: null };
  const named = companies.slice(0, mostCandidatesNamed).map((candidate) => candidate.id);
  return {
    company: null,
    problem: `${psa.displayName} has ${companies.length} companies named "${organization.name}" (${named.join(', ')}): pin one with psa.company`,
  };
}

function linksOf(psa: Psa, { contacts, contactStates }: Known): Map<PsaContactId, ContactId> {
  const linkedTo = new Map<PsaContactId, ContactId>();
  for (const state of contactStates) if (state.psaLink !== null) linkedTo.set(state.psaLink.psaContactId, state.contactId);
  for (const contact of contacts) {
    const remoteId = psaAdapter(contact.adapters, psa.adapterNames)?.remoteId ?? null;
    if (remoteId !== null) linkedTo.set(psaContactId(remoteId), contact.id);
  }
  return linkedTo;
}

/**
 * Asks the PSA's own bridge about contacts that share an e-mail with a contact that is not linked yet, or with a user for whom one may
 * be created: it may know a link that IT Glue's list does not show (P8).
 */
async function askBridge(
  psa: Psa,
  known: Pick<Known, 'contacts' | 'users'> & {
    readonly psaContacts: Awaited<ReturnType<Psa['listContacts']>>;
    readonly linkedTo: Map<PsaContactId, ContactId>;
  },
): Promise<void> {
  const unlinked = new Set<string>();
  for (const contact of known.contacts) {
    if (contact.adapters.length > 0) continue;
    for (const email of contact.emails) {
      const key = emailKey(email.value);
      if (key !== null) unlinked.add(key);
    }
  }
  for (const { person } of known.users) {
    const key = emailKey(person.email);
    if (key !== null) unlinked.add(key);
  }
  for (const twin of known.psaContacts) {
    if (known.linkedTo.has(twin.id) || !twin.emails.some((email) => unlinked.has(emailKey(email.value) ?? ''))) continue;
    const contact = await psa.linkedContactId(twin.id);
    if (contact !== null) known.linkedTo.set(twin.id, contact);
  }
}

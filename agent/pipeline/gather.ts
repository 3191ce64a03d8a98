import type { PsaSnapshot } from '../../core/eligibility/psa-context.ts';
import type { Contact, Organization } from '../../core/model/contact.ts';
import type { DirectoryUser } from '../../core/model/directory-user.ts';
import type { ContactId, PsaContactId } from '../../core/model/ids.ts';
import type { OrganizationSettings } from '../../core/model/settings.ts';
import type { ContactState } from '../../core/model/state.ts';
import { emailKey } from '../../core/normalize/email.ts';
import type { Psa } from '../../core/ports/psa.ts';
import { companySnapshot } from './company-snapshot.ts';
import { findLostLinks } from './lost-links.ts';
import { learnLinksByKey, linksOf } from './psa-links.ts';
import type { RunContext } from './run-context.ts';
import type { Snapshot } from './snapshot.ts';

/** The part of a run that reading needs. */
export type GatherContext = Pick<RunContext, 'organization' | 'settings' | 'documentation' | 'psa' | 'progress' | 'companies' | 'now'>;

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

function gatherPsa(context: GatherContext, psa: Psa, known: Known): Promise<PsaSnapshot> {
  return companySnapshot(context, psa, known.organization, {
    partial: false,
    async read(company) {
      const task = context.progress.start(`Reading the contacts of ${company.name} from ${psa.displayName}`);
      const contacts = await closing(
        task,
        psa.listContacts(company.id, (read, total) => task.update(read, total)),
      );
      const locations = await psa.listLocations(company.id);
      const types = await psa.listTypes(contacts);
      const linkedTo = linksOf(psa, known.contacts, known.contactStates);
      learnLinksByKey(linkedTo, contacts, known.contacts);
      await askBridge(psa, { ...known, psaContacts: contacts, linkedTo });
      const lost = await findLostLinks(psa, contacts, { companyId: company.id, states: known.contactStates, now: context.now() });
      return { locations, types, contacts, lost, linkedTo };
    },
  });
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

import { externalKeyOf, externalKeysOf, type PsaSnapshot } from '../../../core/eligibility/psa-context.ts';
import { psaAdapter } from '../../../core/enrich/ownership.ts';
import type { Contact, Organization } from '../../../core/model/contact.ts';
import type { DirectoryUser } from '../../../core/model/directory-user.ts';
import { type ContactId, type PsaContactId, psaContactId } from '../../../core/model/ids.ts';
import type { PsaContact } from '../../../core/model/psa-contact.ts';
import type { ContactState } from '../../../core/model/state.ts';
import type { Psa } from '../../../core/ports/psa.ts';
import { companySnapshot } from '../company-snapshot.ts';
import { findLostLinks } from '../lost-links.ts';
import { linksOf } from '../psa-links.ts';
import { directoryUsers } from '../reconcile-organization.ts';
import type { RunContext } from '../run-context.ts';
import type { Snapshot } from '../snapshot.ts';

/**
 * Reads the contacts that changed, with what is linked with them or could be their twin in the PSA, and the users that are matched to
 * them: as many requests as there are changes, whatever the size of the organization. Writes nothing.
 */
export async function gatherChanged(
  context: RunContext,
  changed: ReadonlySet<ContactId>,
  states: ReadonlyMap<ContactId, ContactState>,
): Promise<{ readonly snapshot: Snapshot; readonly users: readonly DirectoryUser[] }> {
  const { documentation, organization: id } = context;
  const organization = await documentation.getOrganization(id);
  const contacts = await documentation.listContactsById(id, [...changed]);
  const locations = await documentation.listLocations(id);
  const users = await usersOf(context, contacts);
  const psa = context.psa === null ? null : await gatherPsa(context, context.psa, { organization, contacts, states, users });
  const snapshot: Snapshot = {
    organization,
    contacts,
    contactsById: new Map(contacts.map((contact) => [contact.id, contact])),
    locations,
    contactTypes: [],
    overlayTypeId: null,
    overlays: [],
    psa,
  };
  return { snapshot, users: [...users.values()] };
}

/** By contact, the user that is matched to it. */
async function usersOf(context: RunContext, contacts: readonly Contact[]): Promise<ReadonlyMap<ContactId, DirectoryUser>> {
  const ids = new Set(contacts.map(({ id }) => id));
  const matched = new Map(
    (await context.store.userStates(context.organization)).flatMap(({ state, userId, contactId }) =>
      state === 'matched' && contactId !== null && ids.has(contactId) ? [[userId, contactId] as const] : [],
    ),
  );
  if (matched.size === 0) return new Map();
  const users = await directoryUsers(context);
  return new Map(
    users.flatMap((user) => {
      const contact = matched.get(user.id);
      return contact === undefined ? [] : [[contact, user] as const];
    }),
  );
}

interface Known {
  readonly organization: Organization;
  readonly contacts: readonly Contact[];
  readonly states: ReadonlyMap<ContactId, ContactState>;
  readonly users: ReadonlyMap<ContactId, DirectoryUser>;
}

function gatherPsa(context: RunContext, psa: Psa, known: Known): Promise<PsaSnapshot> {
  return companySnapshot(context, psa, known.organization, {
    partial: true,
    async read({ id: companyId }) {
      // Who moved to another company is none of this one's, as in a list of it.
      const contacts = (await twinsOf(psa, companyId, known)).filter((contact) => contact.companyId === companyId);
      const locations = await psa.listLocations(companyId);
      const types = await psa.listTypes(contacts);
      const ofChanged = known.contacts.flatMap(({ id }) => known.states.get(id) ?? []);
      const lost = await findLostLinks(psa, contacts, { companyId, states: ofChanged, now: context.now() });
      return { locations, types, contacts, lost, linkedTo: linksOf(psa, known.contacts, known.states.values()) };
    },
  });
}

/** The PSA's side of each contact: the one that is linked, or those that could be it (P8). */
async function twinsOf(psa: Psa, companyId: string, { contacts, states, users }: Known): Promise<readonly PsaContact[]> {
  const found = new Map<PsaContactId, PsaContact>();
  for (const contact of contacts) {
    const remoteId = psaAdapter(contact.adapters, psa.adapterNames)?.remoteId ?? null;
    const link = remoteId === null ? (states.get(contact.id)?.psaLink?.psaContactId ?? null) : psaContactId(remoteId);
    const twins = link === null ? await findTwins(psa, companyId, contact, users.get(contact.id) ?? null) : [await psa.getContact(link)];
    for (const twin of twins) if (twin !== null) found.set(twin.id, twin);
  }
  return [...found.values()];
}

function findTwins(psa: Psa, companyId: string, contact: Contact, user: DirectoryUser | null): Promise<readonly PsaContact[]> {
  const externalKey = externalKeyOf(user?.immutableId ?? null, contact.id);
  return psa.findContacts(companyId, {
    externalKeys: externalKeysOf({ contactId: contact.id, externalKey }),
    emails: contact.emails.map(({ value }) => value),
    firstName: contact.firstName,
    lastName: contact.lastName,
  });
}

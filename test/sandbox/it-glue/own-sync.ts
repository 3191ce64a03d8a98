import type { Account } from './account.ts';
import { isSyncing } from './data.ts';
import type { OwnSyncContact, PsaForOwnSync } from './psa-for-own-sync.ts';
import type { AdapterRecord, ContactRecord } from './records.ts';

/** Pushes the contacts that wait for it and have what the PSA needs. */
export function pushToPsa(account: Account, psa: PsaForOwnSync): readonly string[] {
  const pushed: string[] = [];
  for (const contact of account.data.contacts.values()) {
    if (contact.waitsForOwnPush) {
      contact.waitsForOwnPush = false;
      if (push(account, psa, contact)) {
        pushed.push(contact.id);
      }
    }
  }
  return pushed;
}

/** Pulls the contacts of all linked companies; returns the IT Glue contacts that were created, linked or changed. */
export function pullFromPsa(account: Account, psa: PsaForOwnSync): readonly string[] {
  const touched: string[] = [];
  for (const organization of account.data.organizations.values()) {
    const link = linkWith(psa, organization.adapters);
    if (link === null) {
      continue;
    }
    for (const remote of psa.contactsOf(Number(link.remoteId))) {
      const id = pull(account, psa, organization.id, remote);
      if (id !== null) {
        touched.push(id);
      }
    }
  }
  return touched;
}

function push(account: Account, psa: PsaForOwnSync, contact: ContactRecord): boolean {
  const { data, switches } = account;
  const { needs } = psa;
  const company = linkWith(psa, data.organization(contact.organizationId).adapters);
  const location = contact.locationId === null ? undefined : data.locations.get(contact.locationId);
  const site = location === undefined ? null : linkWith(psa, location.adapters);
  const email = withType(contact.emails, psa.emailTypeId(switches.ownPushTypes.email ?? ''));
  const phone = withType(contact.phones, psa.phoneTypeId(switches.ownPushTypes.phone ?? ''));
  const named = (contact.firstName ?? '') !== '' && (!needs.lastName || (contact.lastName ?? '') !== '');
  const complete = (!needs.email || email !== null) && (!needs.phone || phone !== null) && (!needs.location || site !== null);
  if (!named || !complete || company === null) {
    return false;
  }
  const fields = {
    companyId: Number(company.remoteId),
    locationId: site === null ? null : Number(site.remoteId),
    firstName: contact.firstName ?? '',
    lastName: contact.lastName,
    title: contact.title,
  };
  const linked = linkWith(psa, contact.adapters);
  if (linked !== null) {
    psa.updateContact(Number(linked.remoteId), fields);
    return true;
  }
  connect(account, psa, contact, psa.addContact(fields, { email, phone }));
  return true;
}

/** The primary one, with the type that was chosen for all. */
function withType(
  items: readonly { readonly value: string; readonly primary: boolean }[],
  typeId: number | null,
): { readonly value: string; readonly typeId: number } | null {
  const primary = items.find((item) => item.primary);
  return primary === undefined || typeId === null ? null : { value: primary.value, typeId };
}

function pull(account: Account, psa: PsaForOwnSync, organizationId: string, remote: OwnSyncContact): string | null {
  const { data } = account;
  const contacts = data.contactsOf(organizationId);
  const linked = contacts.find((contact) => contact.adapters.some((link) => isLinkTo(psa, link, remote.id)));
  const fields = {
    firstName: remote.firstName,
    lastName: remote.lastName,
    title: remote.title,
    emails: remote.emails.map(({ value, primary, typeName }) => ({ value, primary, labelName: typeName })),
    phones: remote.phones.map(({ value, extension, primary, typeName }) => ({
      value: value.replaceAll(/\D/g, ''),
      extension,
      primary,
      labelName: typeName,
      labelType: 'phone' as const,
    })),
  };
  if (linked !== undefined) {
    const before = JSON.stringify([linked.firstName, linked.lastName, linked.title, linked.emails, linked.phones]);
    const after = JSON.stringify([fields.firstName, fields.lastName, fields.title, fields.emails, fields.phones]);
    return before === after || !linked.adapters.some(isSyncing) ? null : data.updateContact(linked.id, fields).id;
  }
  // Company, first and last name, exactly: a name that differs makes a second contact.
  const twin = contacts.find(
    (contact) => linkWith(psa, contact.adapters) === null && contact.firstName === remote.firstName && contact.lastName === remote.lastName,
  );
  const contact = twin === undefined ? data.addContact({ organizationId, ...fields }) : data.updateContact(twin.id, fields);
  connect(account, psa, contact, remote.id);
  return contact.id;
}

function connect(account: Account, psa: PsaForOwnSync, contact: ContactRecord, remoteId: number): void {
  account.data.linkAdapter(contact.id, { adapterName: psa.adapterName, remoteId: String(remoteId) });
  psa.linked?.(remoteId, { id: contact.id, name: `${contact.firstName ?? ''} ${contact.lastName ?? ''}`.trim() });
}

function linkWith({ adapterName }: PsaForOwnSync, adapters: readonly AdapterRecord[]): AdapterRecord | null {
  return adapters.find((adapter) => adapter.adapterName === adapterName && isSyncing(adapter)) ?? null;
}

function isLinkTo({ adapterName }: PsaForOwnSync, adapter: AdapterRecord, remoteId: number): boolean {
  return adapter.adapterName === adapterName && adapter.remoteId === String(remoteId);
}

import type { BmsSandbox } from '../bms/bms-sandbox.ts';
import type { BmsContactRecord } from '../bms/records.ts';
import type { Account } from './account.ts';
import { isSyncing } from './data.ts';
import type { AdapterRecord, ContactRecord } from './records.ts';

const adapterName = 'Kaseya BMS';

/** Pushes the contacts that wait for it and are eligible: first name, primary e-mail, primary phone, location, chosen e-mail type. */
export function pushToBms(account: Account, bms: BmsSandbox): readonly string[] {
  const pushed: string[] = [];
  for (const contact of account.data.contacts.values()) {
    if (contact.waitsForOwnPush) {
      contact.waitsForOwnPush = false;
      if (push(account, bms, contact)) {
        pushed.push(contact.id);
      }
    }
  }
  return pushed;
}

/** Pulls the contacts of all linked accounts; returns the IT Glue contacts that were created, linked or changed. */
export function pullFromBms(account: Account, bms: BmsSandbox): readonly string[] {
  const touched: string[] = [];
  for (const organization of account.data.organizations.values()) {
    const link = bmsLink(organization.adapters);
    if (link === null) {
      continue;
    }
    for (const remote of bms.data.contactsOf(Number(link.remoteId))) {
      const id = pull(account, bms, organization.id, remote);
      if (id !== null) {
        touched.push(id);
      }
    }
  }
  return touched;
}

function push(account: Account, bms: BmsSandbox, contact: ContactRecord): boolean {
  const { data, switches } = account;
  const company = bmsLink(data.organization(contact.organizationId).adapters);
  const location = contact.locationId === null ? undefined : data.locations.get(contact.locationId);
  const site = location === undefined ? null : bmsLink(location.adapters);
  const emailTypeId = bms.data.emailTypeId(switches.ownPushTypes.email ?? '');
  const phoneTypeId = bms.data.phoneTypeId(switches.ownPushTypes.phone ?? '');
  const email = contact.emails.find((item) => item.primary);
  const phone = contact.phones.find((item) => item.primary);
  const eligible = (contact.firstName ?? '') !== '' && email !== undefined && phone !== undefined;
  if (!eligible || company === null || site === null || emailTypeId === null || phoneTypeId === null) {
    return false;
  }
  const fields = {
    accountId: Number(company.remoteId),
    locationId: Number(site.remoteId),
    firstName: contact.firstName ?? '',
    lastName: contact.lastName,
    jobTitle: contact.title,
  };
  const linked = bmsLink(contact.adapters);
  if (linked !== null) {
    bms.data.updateContact(Number(linked.remoteId), fields);
    return true;
  }
  const remote = bms.data.addContact({
    ...fields,
    emails: [{ emailAddress: email.value, emailTypeId, isDefault: true }],
    phones: [{ phone: phone.value, phoneTypeId, isDefault: true }],
  });
  connect(account, bms, contact, remote);
  return true;
}

function pull(account: Account, bms: BmsSandbox, organizationId: string, remote: BmsContactRecord): string | null {
  const { data } = account;
  const contacts = data.contactsOf(organizationId);
  const linked = contacts.find((contact) => contact.adapters.some((link) => isLinkTo(link, remote.id)));
  const fields = {
    firstName: remote.firstName,
    lastName: remote.lastName,
    title: remote.jobTitle,
    emails: remote.emails.map((email) => ({
      value: email.emailAddress,
      primary: email.isDefault,
      labelName: bms.data.emailTypes.get(email.emailTypeId) ?? 'Work',
    })),
    phones: remote.phones.map((phone) => ({
      value: phone.phone.replaceAll(/\D/g, ''),
      extension: null,
      primary: phone.isDefault,
      labelName: bms.data.phoneTypes.get(phone.phoneTypeId) ?? 'Work',
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
    (contact) => bmsLink(contact.adapters) === null && contact.firstName === remote.firstName && contact.lastName === remote.lastName,
  );
  const contact = twin === undefined ? data.addContact({ organizationId, ...fields }) : data.updateContact(twin.id, fields);
  connect(account, bms, contact, remote);
  return contact.id;
}

function connect(account: Account, bms: BmsSandbox, contact: ContactRecord, remote: BmsContactRecord): void {
  account.data.linkAdapter(contact.id, { adapterName, remoteId: String(remote.id) });
  bms.data.itGlueContacts.set(remote.id, { id: contact.id, name: `${contact.firstName ?? ''} ${contact.lastName ?? ''}`.trim() });
}

function bmsLink(adapters: readonly AdapterRecord[]): AdapterRecord | null {
  return adapters.find((adapter) => adapter.adapterName === adapterName && isSyncing(adapter)) ?? null;
}

function isLinkTo(adapter: AdapterRecord, remoteId: number): boolean {
  return adapter.adapterName === adapterName && adapter.remoteId === String(remoteId);
}

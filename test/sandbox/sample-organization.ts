import type { BmsSandbox } from './bms/bms-sandbox.ts';
import type { ItGlueSandbox } from './it-glue/it-glue-sandbox.ts';

/** What a person needs to know of the sample. */
export interface SampleOrganization {
  readonly organizationId: string;
  readonly name: string;
}

/** Fills both sandboxes with a small customer: linked company and locations, contacts of every sort, two of them twins. */
export function addSampleOrganization(itGlue: ItGlueSandbox, bms: BmsSandbox): SampleOrganization {
  const name = 'Alder & Finch Joinery';
  const company = bms.data.addAccount({ id: 250, name });
  const office = bms.data.addLocation({ id: 601, accountId: company.id, name: 'Head Office', main: true });
  const yard = bms.data.addLocation({ id: 602, accountId: company.id, name: 'Timber Yard' });
  const adapterName = 'Kaseya BMS';

  const { data } = itGlue;
  const organization = data.addOrganization({
    id: '4711',
    name,
    typeName: 'Customer',
    statusName: 'Active',
    shortName: 'alder',
    adapters: [{ adapterName, remoteId: String(company.id) }],
  });
  const organizationId = organization.id;
  const headOffice = data.addLocation({
    organizationId,
    name: office.name,
    primary: true,
    city: 'Portland',
    adapters: [{ adapterName, remoteId: String(office.id) }],
  });
  data.addLocation({ organizationId, name: yard.name, adapters: [{ adapterName, remoteId: String(yard.id) }] });
  const endUser = data.addContactType('End User');
  data.addContactType('Approver');
  data.addContactType('Terminated');

  const remote = bms.data.addContact({
    accountId: company.id,
    locationId: office.id,
    firstName: 'Ines',
    lastName: 'Calder',
    jobTitle: 'Managing Director',
    emails: [{ emailAddress: 'ines.calder@alderfinch.example.test' }],
    phones: [{ phone: '(415) 555-0110' }],
  });
  const linked = data.addContact({
    organizationId,
    firstName: 'Ines',
    lastName: 'Calder',
    title: 'Managing Director',
    contactTypeId: endUser.id,
    locationId: headOffice.id,
    important: true,
    emails: [{ value: 'ines.calder@alderfinch.example.test' }],
    phones: [{ value: '4155550110' }],
    adapters: [{ adapterName, remoteId: String(remote.id) }],
  });
  bms.data.linkItGlueContact(remote.id, linked.id, 'Ines Calder');

  data.addContact({ organizationId, firstName: 'Tom', lastName: 'Okafor', emails: [{ value: 'Tom.Okafor@alderfinch.example.test' }] });
  data.addContact({ organizationId, firstName: 'Mira', lastName: 'Lund', title: 'Bookkeeper', phones: [{ value: '4155550112' }] });
  data.addContact({ organizationId, firstName: 'Sam', lastName: 'Pike', emails: [{ value: 'sam.pike@alderfinch.example.test' }] });
  data.addContact({ organizationId, firstName: 'Samuel', lastName: 'Pike', emails: [{ value: 'sam.pike@alderfinch.example.test' }] });
  return { organizationId, name };
}

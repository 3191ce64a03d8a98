import { type BmsSandbox, startBmsSandbox } from '../sandbox/bms/bms-sandbox.ts';
import { bmsForOwnSync } from '../sandbox/it-glue/own-sync-bms.ts';
import { company, psaContacts } from './sample-company.ts';
import type { SamplePsa } from './sample-psa.ts';

/** Kaseya BMS with the sample company. */
export async function startSampleBms(port: number): Promise<SamplePsa & { readonly sandbox: BmsSandbox }> {
  const sandbox = await startBmsSandbox({ port });
  fillBms(sandbox);
  const { url, requests, counts, credentials, data } = sandbox;
  return {
    type: 'bms',
    displayName: 'Kaseya BMS',
    shortName: 'BMS',
    url,
    requests,
    counts,
    ownSync: bmsForOwnSync(sandbox),
    contacts: () =>
      new Map(
        [...data.contacts.values()].map(({ id, firstName, jobTitle, active, emails }) => [
          id,
          { firstName, title: jobTitle, active, emails: emails.map(({ emailAddress }) => emailAddress) },
        ]),
      ),
    settings: (secret) => ({
      type: 'bms',
      baseUrl: url,
      credentials: {
        userName: credentials.userName,
        password: secret('bms-password', credentials.password),
        tenant: credentials.tenant,
      },
      emailType: 'Work',
      phoneType: 'Work',
    }),
    stop: () => sandbox.stop(),
    sandbox,
  };
}

/** Company, locations, contacts, and BMS's own word about the links. */
function fillBms({ data }: Pick<BmsSandbox, 'data'>): void {
  const accountId = data.addAccount({ id: company.psaCompanyId, name: company.name }).id;
  const { headOffice, workshop } = company.psaLocations;
  data.addLocation({ id: headOffice, accountId, name: 'Head Office', main: true });
  data.addLocation({ id: workshop, accountId, name: 'Workshop' });
  for (const { id, contact, locationId, linked } of psaContacts) {
    const added = data.addContact({
      ...(id === null ? {} : { id }),
      accountId,
      locationId,
      firstName: contact.firstName,
      lastName: contact.lastName ?? null,
      jobTitle: contact.title ?? null,
      active: contact.active ?? true,
      emails: contact.email === undefined ? [] : [{ emailAddress: contact.email }],
      phones: contact.phone === undefined ? [] : [{ phone: contact.phone }],
    });
    if (linked !== null) data.linkItGlueContact(added.id, linked.id, linked.name);
  }
}

import { type ConnectWiseSandbox, startConnectWiseSandbox } from '../sandbox/connectwise/connectwise-sandbox.ts';
import { connectWiseForOwnSync } from '../sandbox/it-glue/own-sync-connectwise.ts';
import { company, psaContacts } from './sample-company.ts';
import type { SamplePsa } from './sample-psa.ts';

/** ConnectWise PSA with the sample company. */
export async function startSampleConnectWise(port: number): Promise<SamplePsa> {
  const sandbox = await startConnectWiseSandbox({ port });
  fillConnectWise(sandbox);
  const { url, requests, counts, credentials, data } = sandbox;
  return {
    type: 'connectwise',
    displayName: 'ConnectWise PSA',
    shortName: 'ConnectWise',
    url,
    requests,
    counts,
    ownSync: connectWiseForOwnSync(sandbox),
    contacts: () =>
      new Map(
        [...data.contacts.values()].map(({ id, firstName, title, inactive, items }) => [
          id,
          { firstName, title, active: !inactive, emails: items.filter(({ kind }) => kind === 'Email').map(({ value }) => value) },
        ]),
      ),
    settings: (secret) => ({
      type: 'connectwise',
      baseUrl: url,
      credentials: {
        company: credentials.company,
        publicKey: credentials.publicKey,
        privateKey: secret('connectwise-private-key', credentials.privateKey),
        clientId: credentials.clientId,
      },
      emailType: 'Work',
      phoneType: 'Work',
      externalKeyField: 'userDefinedField10',
    }),
    stop: () => sandbox.stop(),
  };
}

/** The tenant calls its types as IT Glue does, as tenants do whose contacts IT Glue keeps in step. */
function fillConnectWise({ data }: Pick<ConnectWiseSandbox, 'data'>): void {
  data.addCommunicationType('Work', 'Email', true);
  data.addCommunicationType('Work', 'Phone', true);
  const companyId = data.addCompany({ id: company.psaCompanyId, name: company.name, identifier: 'Larkfield' }).id;
  const { headOffice, workshop } = company.psaLocations;
  data.addSite({ id: headOffice, companyId, name: 'Head Office', primary: true });
  data.addSite({ id: workshop, companyId, name: 'Workshop' });
  for (const { id, contact, locationId } of psaContacts) {
    data.addContact({
      ...(id === null ? {} : { id }),
      companyId,
      siteId: locationId,
      firstName: contact.firstName,
      lastName: contact.lastName ?? null,
      title: contact.title ?? null,
      inactive: contact.active === false,
      emails: contact.email === undefined ? [] : [{ value: contact.email }],
      phones: contact.phone === undefined ? [] : [{ value: contact.phone }],
    });
  }
}

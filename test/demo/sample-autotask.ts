import { type AutotaskSandbox, startAutotaskSandbox } from '../sandbox/autotask/autotask-sandbox.ts';
import { autotaskForOwnSync } from '../sandbox/it-glue/own-sync-autotask.ts';
import { company, psaContacts } from './sample-company.ts';
import type { SamplePsa } from './sample-psa.ts';

/** Autotask PSA with the sample company. */
export async function startSampleAutotask(port: number): Promise<SamplePsa> {
  const sandbox = await startAutotaskSandbox({ port });
  fillAutotask(sandbox);
  const { url, requests, counts, credentials, data } = sandbox;
  return {
    type: 'autotask',
    displayName: 'Autotask PSA',
    shortName: 'Autotask',
    url,
    requests,
    counts,
    ownSync: autotaskForOwnSync(sandbox),
    contacts: () =>
      new Map(
        [...data.contacts.values()].map((contact) => [
          contact.id,
          {
            firstName: contact.firstName,
            title: contact.title,
            active: contact.isActive === 1,
            emails: [contact.emailAddress, contact.emailAddress2, contact.emailAddress3].filter((email) => email !== null),
          },
        ]),
      ),
    settings: (secret) => ({
      type: 'autotask',
      baseUrl: url,
      credentials: {
        userName: credentials.userName,
        secret: secret('autotask-secret', credentials.secret),
        integrationCode: credentials.integrationCode,
      },
      emailType: 'Work',
      phoneType: 'Work',
    }),
    stop: () => sandbox.stop(),
  };
}

function fillAutotask({ data }: Pick<AutotaskSandbox, 'data'>): void {
  const companyID = data.addCompany({ id: company.psaCompanyId, companyName: company.name }).id;
  const { headOffice, workshop } = company.psaLocations;
  data.addLocation({ id: headOffice, companyID, name: 'Head Office', isPrimary: true });
  data.addLocation({ id: workshop, companyID, name: 'Workshop' });
  for (const { id, contact, locationId } of psaContacts) {
    data.addContact({
      ...(id === null ? {} : { id }),
      companyID,
      companyLocationID: locationId,
      firstName: contact.firstName,
      lastName: contact.lastName ?? '',
      title: contact.title ?? null,
      isActive: contact.active === false ? 0 : 1,
      emailAddress: contact.email ?? null,
      phone: contact.phone ?? null,
    });
  }
}

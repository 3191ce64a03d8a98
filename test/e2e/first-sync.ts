import { addContact, person } from './people.ts';
import { type Site, startSite } from './site.ts';

/** A site where a first sync makes every kind of outside call: one person for each way that a contact can go. */
export async function openFirstSync(): Promise<Site> {
  const site = await startSite({
    people: [
      // created in IT Glue, created in BMS by two calls
      person('anna', { title: 'Buyer' }),
      // matched by e-mail, enriched, created in BMS
      person('clara', { title: 'Welder' }),
      // matched, and in BMS already with a blank title: linked and filled
      person('dario', { title: 'Fitter' }),
      // synced by IT Glue's own adapter: the title goes to BMS
      person('elena', { title: 'Planner' }),
    ],
  });
  addContact(site, 'clara');
  addContact(site, 'dario', { locationId: site.office.itGlue });
  addBmsTwin(site, 'dario');
  const elena = addBmsTwin(site, 'elena');
  addContact(site, 'elena', { adapters: [{ adapterName: 'Kaseya BMS', remoteId: String(elena.id), sync: true }] });
  return site;
}

function addBmsTwin(site: Site, name: string) {
  return site.bms.data.addContact({
    accountId: site.company,
    locationId: site.office.bms,
    firstName: name.charAt(0).toUpperCase() + name.slice(1),
    lastName: 'Kesten',
    emails: [{ emailAddress: `${name}@acme.test`, emailType: 'Work' }],
    phones: [],
  });
}

/** What both clouds hold, without ids and times. */
export function contents(site: Site): unknown {
  return {
    itGlue: sorted([...site.itGlue.data.contacts.values()], (contact) => [
      contact.firstName,
      contact.title,
      contact.emails,
      contact.phones.map(({ value }) => value),
      contact.locationId,
    ]),
    bms: sorted([...site.bms.data.contacts.values()], (contact) => [
      contact.firstName,
      contact.jobTitle,
      contact.emails.map(({ emailAddress }) => emailAddress),
      contact.phones.map(({ phone }) => phone),
    ]),
    overlays: sorted([...site.itGlue.data.assets.values()], (asset) => [asset.traits.get('name'), asset.traits.get('ad-status')]),
    overlayTypes: site.itGlue.data.assetTypes.size,
  };
}

function sorted<Item>(items: readonly Item[], view: (item: Item) => unknown): readonly string[] {
  return items.map((item) => JSON.stringify(view(item))).toSorted((one, other) => (one < other ? -1 : 1));
}

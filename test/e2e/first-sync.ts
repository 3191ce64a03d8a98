import type { LdifPerson } from './ldif-people.ts';
import { addContact, person } from './people.ts';
import type { SitePsaType } from './psa/site-psa.ts';
import { type Site, startSite } from './site.ts';

/** A site where a first sync makes every kind of outside call: one person for each way that a contact can go, and `more`. */
export async function openFirstSync(psa: SitePsaType = 'bms', more: readonly LdifPerson[] = []): Promise<Site> {
  const site = await startSite({
    psa,
    people: [
      // created in IT Glue, created in the PSA (BMS: by two calls)
      person('anna', { title: 'Buyer' }),
      // matched by e-mail, enriched, created in the PSA
      person('clara', { title: 'Welder' }),
      // matched, and in the PSA already with a blank title: linked and filled
      person('dario', { title: 'Fitter' }),
      // synced by IT Glue's own adapter: the title goes to the PSA
      person('elena', { title: 'Planner' }),
      ...more,
    ],
  });
  addContact(site, 'clara');
  addContact(site, 'dario', { locationId: site.office.itGlue });
  addTwin(site, 'dario');
  const elena = addTwin(site, 'elena');
  addContact(site, 'elena', { adapters: [{ adapterName: site.psa.adapterName, remoteId: elena.id, sync: true }] });
  return site;
}

function addTwin({ psa }: Site, name: string): { readonly id: string } {
  const firstName = name.charAt(0).toUpperCase() + name.slice(1);
  return psa.add({ firstName, lastName: 'Kesten', emails: [`${name}@acme.test`], location: psa.office });
}

/** What both clouds hold, without ids and times. */
export function contents(site: Site): unknown {
  return {
    itGlue: sorted([...site.itGlue.data.contacts.values()], (contact) => [
      contact.firstName,
      contact.lastName,
      contact.title,
      contact.emails,
      contact.phones.map(({ value, extension }) => [value, extension]),
      contact.locationId,
    ]),
    psa: sorted(site.psa.everybody(), ({ id: _id, key, ...values }) => [values, key !== null]),
    overlays: sorted([...site.itGlue.data.assets.values()], (asset) => [asset.traits.get('name'), asset.traits.get('ad-status')]),
    overlayTypes: site.itGlue.data.assetTypes.size,
  };
}

function sorted<Item>(items: readonly Item[], view: (item: Item) => unknown): readonly string[] {
  return items.map((item) => JSON.stringify(view(item))).toSorted((one, other) => (one < other ? -1 : 1));
}

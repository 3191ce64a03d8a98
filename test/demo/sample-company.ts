import { sambaBase } from '../integration/samba-directory.ts';
import type { ItGlueSandbox } from '../sandbox/it-glue/it-glue-sandbox.ts';
import { sampleCases } from './sample-cases.ts';
import { onlyInPsa, ordinaryPeople, outsiders } from './sample-crowd.ts';
import { changesLdif, exportLdif, serverLdif } from './sample-ldif.ts';
import { at, type SampleContact, type SamplePerson, type SamplePsaContact } from './sample-records.ts';

/** The made-up customer. */
export const company = {
  name: 'Larkfield Instruments',
  organizationId: '4711',
  base: 'DC=larkfield,DC=example,DC=test',
  /** Ids in the PSA, whichever it is. */
  psaCompanyId: 250,
  psaLocations: { headOffice: 601, workshop: 602 },
} as const;

/** What happens in the directory between the demo's first and second sync. */
const directoryChanges = {
  promoted: { account: 'nora.linden', title: 'Head of Production' },
  leaver: 'ezra.stone',
  newcomer: {
    account: 'lena.fischer',
    firstName: 'Lena',
    lastName: 'Fischer',
    title: 'Optics Trainee',
    office: 'Workshop',
    phone: '+1 415 555 0108',
  },
  /** M9: he is given the leaver's old address. */
  successor: {
    account: 'elias.stone',
    firstName: 'Elias',
    lastName: 'Stonebridge',
    title: 'Fitter',
    office: 'Workshop',
    mail: at('ezra.stone'),
  },
  /** Married: new name and address, the same objectGUID. */
  renamed: { account: 'faye.ortiz', lastName: 'Ortiz-Hahn', mail: at('faye.ortiz-hahn') },
} as const;

interface Numbered {
  readonly id: string;
  readonly contact: SampleContact;
  readonly psaId: number | null;
}

const ordinary = ordinaryPeople();
const contacts: readonly Numbered[] = [
  ...sampleCases.flatMap((each) => each.contacts ?? []),
  ...ordinary.flatMap(({ contact }) => contact ?? []),
  ...outsiders,
].map((contact, index) => ({ id: String(52_001 + index), contact, psaId: contact.linked === undefined ? null : 30_001 + index }));

const loosePsaContacts: readonly SamplePsaContact[] = [
  ...sampleCases.flatMap((each) => each.psa ?? []),
  ...ordinary.flatMap(({ contact, psa }) => (psa === null || contact?.linked !== undefined ? [] : psa)),
  ...onlyInPsa,
];

/** What the PSA has beforehand: linked contacts under their ids, with what IT Glue's contact is, and then the others. */
export const psaContacts: readonly {
  readonly id: number | null;
  readonly contact: SamplePsaContact;
  readonly locationId: number;
  readonly linked: { readonly id: string; readonly name: string } | null;
}[] = [
  ...contacts.flatMap(({ id, contact: { firstName = '', lastName = '', location, linked }, psaId }) =>
    linked === undefined
      ? []
      : { id: psaId, contact: linked, locationId: placeOf(location), linked: { id, name: `${firstName} ${lastName}`.trim() } },
  ),
  ...loosePsaContacts.map((contact) => ({ id: null, contact, locationId: placeOf(undefined), linked: null })),
];

const leftOut = sampleCases
  .filter((each) => each.comesOut.state === 'left out')
  .flatMap((each) => each.people.map(({ account }) => account));

/** Accounts that only the export has. */
const onlyInExport = sampleCases.filter((each) => each.onlyInExport === true).flatMap((each) => each.people.map(({ account }) => account));

/** All accounts of the directory that are people or pass for such. */
export const people: readonly SamplePerson[] = [...sampleCases.flatMap((each) => each.people), ...ordinary.map(({ person }) => person)];

/** The same after `directoryChanges`. */
const peopleLater: readonly SamplePerson[] = [
  ...people.map((person): SamplePerson => {
    const { promoted, leaver, renamed } = directoryChanges;
    if (person.account === promoted.account) return { ...person, title: promoted.title };
    if (person.account === leaver) return { ...person, status: 'disabled', mail: null };
    return person.account === renamed.account ? { ...person, lastName: renamed.lastName, mail: renamed.mail } : person;
  }),
  directoryChanges.newcomer,
  directoryChanges.successor,
];

/** The people that a real domain controller is given; it brings rollcall's own account itself. */
export const peopleOnServer: readonly SamplePerson[] = people.filter(
  ({ account }) => account !== 'svc-rollcall' && !onlyInExport.includes(account),
);

/** Which state of the directory, and the moment that its dates are counted from. */
export interface SampleOptions {
  readonly now: number;
  readonly later?: boolean;
}

/** The directory as an LDIF export, computed attributes included. */
export function sampleLdif({ now, later = false }: SampleOptions): string {
  return exportLdif({ base: company.base, now, leftOut, people: later ? peopleLater : people });
}

/** The same people for Samba's domain of the tests: without what only the server can make up. */
export function sampleSambaLdif({ now }: SampleOptions): string {
  return serverLdif({ base: sambaBase, now, leftOut, people: peopleOnServer });
}

/** `directoryChanges` for Samba. */
export function sampleSambaChanges({ now }: SampleOptions): string {
  return changesLdif(people, peopleLater, { base: sambaBase, now });
}

/** Fills the IT Glue sandbox: organization, locations, contacts. `adapterName`: how IT Glue calls its links with the PSA. */
export function fillItGlue({ data, switches }: Pick<ItGlueSandbox, 'data' | 'switches'>, adapterName: string): void {
  const { organizationId, psaLocations } = company;
  const link = (remoteId: number) => ({ adapterName, remoteId: String(remoteId) });
  data.addOrganization({
    id: organizationId,
    name: company.name,
    typeName: 'Customer',
    statusName: 'Active',
    shortName: 'larkfield',
    adapters: [link(company.psaCompanyId)],
  });
  const locations = new Map(
    [
      data.addLocation({ organizationId, name: 'Head Office', primary: true, city: 'Portland', adapters: [link(psaLocations.headOffice)] }),
      data.addLocation({ organizationId, name: 'Workshop', adapters: [link(psaLocations.workshop)] }),
      // The PSA has no such location.
      data.addLocation({ organizationId, name: 'Calibration Lab' }),
    ].map((location) => [location.name, location.id]),
  );
  // Shows itself to nobody, and refuses updates all the same (E9).
  switches.hiddenAdapters.push('Directory Bridge');
  for (const { id, contact, psaId } of contacts) {
    const adapters = [
      ...(psaId === null ? [] : [link(psaId)]),
      ...(contact.syncedBy === undefined ? [] : [{ adapterName: contact.syncedBy, remoteId: `remote-${id}` }]),
    ];
    data.addContact({
      id,
      organizationId,
      firstName: contact.firstName ?? null,
      lastName: contact.lastName ?? null,
      title: contact.title ?? null,
      locationId: contact.location === undefined ? null : (locations.get(contact.location) ?? null),
      important: contact.important ?? null,
      emails: contact.emails ?? [],
      phones: contact.phones ?? [],
      adapters,
    });
  }
}

function placeOf(location: string | undefined): number {
  return location === 'Workshop' ? company.psaLocations.workshop : company.psaLocations.headOffice;
}

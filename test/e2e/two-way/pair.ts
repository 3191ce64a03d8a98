import { expect } from 'vitest';
import type { JournalEntryDocument, RunDetailDocument, RunsDocument } from '../../../agent/cli/documents.ts';
import type { WatchOutcome } from '../../../agent/pipeline/watch/watch-outcome.ts';
import type { ContactRecord } from '../../sandbox/it-glue/records.ts';
import type { LdifPerson } from '../ldif-people.ts';
import { contactWith, documentOf, person } from '../people.ts';
import { type PsaEdit, phoneParts, type SitePsaType } from '../psa/site-psa.ts';
import { type Site, startSite, writes } from '../site.ts';

/** What a person changes by hand, on either side; locations by name. */
export interface Edit {
  readonly firstName?: string;
  readonly lastName?: string | null;
  readonly title?: string | null;
  /** All of them, the primary one first. */
  readonly emails?: readonly string[];
  /** All of them, the primary one first; an extension behind " x". */
  readonly phones?: readonly string[];
  readonly location?: string;
}

/** The mapped fields of one side: e-mails and phones with the primary one first, phones by their last ten digits, locations by name. */
export interface View {
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly title: string | null;
  readonly emails: readonly string[];
  readonly phones: readonly string[];
  readonly location: string | null;
}

/** A site after its first sync, with people p0, p1, … who are in IT Glue and in the PSA, and a second location on both sides. */
export interface TwoWaySite extends AsyncDisposable {
  readonly site: Site;
  readonly people: LdifPerson[];
  /** The person's contact of IT Glue, wherever its e-mails went since. */
  contact(index: number): ContactRecord;
  /** Id of the person's contact in the PSA. */
  twin(index: number): string;
  editItGlue(index: number, edit: Edit): void;
  editPsa(index: number, edit: Edit): void;
  editAd(index: number, attributes: Partial<LdifPerson>): void;
  view(index: number): { readonly itGlue: View; readonly psa: View };
  /** A look that must go well. */
  look(): Promise<WatchOutcome>;
  /** A sync that must go well. */
  sync(): Promise<void>;
  /** The journal of the newest run. */
  journal(): Promise<{ readonly command: string; readonly rows: readonly JournalEntryDocument[] }>;
}

export const emailOf = (index: number): string => `p${index}@acme.test`;
export const phoneOf = (index: number): string => `415555${String(2000 + index)}`;

export async function openTwoWay(
  psa: SitePsaType,
  people: number,
  sections: Readonly<Record<string, unknown>> = {},
  prepare: (site: Site) => void = () => undefined,
): Promise<TwoWaySite> {
  const crowd = Array.from({ length: people }, (_, index) =>
    person(`p${index}`, { sn: `Kesten${index}`, title: 'Fitter', telephoneNumber: `+1 ${phoneOf(index)}` }),
  );
  const wide = { firstRun: 'auto', create: { floor: 1_000 }, push: { floor: 1_000 } };
  const site = await startSite({ psa, people: crowd, sections: { limits: wide, ...sections } });
  const places = new Map([['Head Office', { itGlue: site.office.itGlue, psa: site.psa.office }]]);
  for (const name of ['Depot', 'Annex']) {
    const { id } = site.itGlue.data.addLocation({ organizationId: site.organization, name });
    places.set(name, { itGlue: id, psa: site.psa.addLocation(name) });
  }
  const placeOf = (name: string): { readonly itGlue: string; readonly psa: string } => {
    const place = places.get(name);
    if (place === undefined) throw new Error(`no location ${name}`);
    return place;
  };
  const nameOf = (side: 'itGlue' | 'psa', id: string | null): string | null =>
    [...places].find(([, place]) => place[side] === id)?.[0] ?? id;
  prepare(site);
  const first = await site.call('sync', '--json');
  expect(first.exit, first.stdout + first.stderr).toBe(0);
  const contacts = crowd.map((_, index) => contactWith(site, emailOf(index)).id);
  const twins = crowd.map((_, index) => site.psa.withEmail(emailOf(index)).id);
  const at = (list: readonly string[], index: number): string => list[index] ?? '';

  const self: TwoWaySite = {
    site,
    people: crowd,
    contact: (index) => site.itGlue.data.contact(at(contacts, index)),
    twin: (index) => at(twins, index),
    editItGlue: (index, edit) => void site.itGlue.data.updateContact(at(contacts, index), itGlueFields(self.contact(index), edit)),
    editPsa: (index, edit) => void site.psa.edit(at(twins, index), psaFields(edit)),
    editAd(index, attributes) {
      const known = crowd[index];
      if (known === undefined) throw new Error(`no person ${index}`);
      crowd[index] = { ...known, ...attributes };
      site.setPeople(crowd);
    },
    view: (index) => ({ itGlue: itGlueView(self.contact(index)), psa: psaView(site.psa.contact(at(twins, index))) }),
    async look() {
      const outcome = await site.look();
      expect(outcome.error).toBeNull();
      return outcome;
    },
    async sync() {
      const { exit, stdout, stderr } = await site.call('sync', '--json');
      expect(exit, stdout + stderr).toBe(0);
    },
    async journal() {
      const [newest] = documentOf<RunsDocument>(await site.call('runs', '--limit', '1', '--json')).runs;
      const detail = documentOf<RunDetailDocument>(await site.call('runs', 'show', newest?.run ?? '', '--json'));
      return { command: newest?.command ?? '', rows: detail.journal };
    },
    [Symbol.asyncDispose]: () => site[Symbol.asyncDispose](),
  };

  function itGlueFields(contact: ContactRecord, { emails, phones, location, ...rest }: Edit): Partial<ContactRecord> {
    return {
      ...rest,
      ...(location === undefined ? {} : { locationId: placeOf(location).itGlue }),
      ...(emails === undefined
        ? {}
        : {
            emails: emails.map((value, index) => ({
              labelName: contact.emails.find((item) => item.value === value)?.labelName ?? 'Work',
              value,
              primary: index === 0,
            })),
          }),
      ...(phones === undefined
        ? {}
        : {
            phones: phones.map((text, index) => {
              const { value, extension } = phoneParts(text);
              return { value, extension, primary: index === 0, labelName: 'Work', labelType: 'phone' as const };
            }),
          }),
    };
  }

  function psaFields({ location, ...rest }: Edit): PsaEdit {
    if (location === undefined) return rest;
    return { ...rest, location: placeOf(location).psa };
  }

  function itGlueView(contact: ContactRecord): View {
    return {
      firstName: contact.firstName,
      lastName: contact.lastName,
      title: contact.title,
      emails: primaryThenRest(contact.emails.toSorted(byPrimary).map(({ value }) => value)),
      phones: primaryThenRest(contact.phones.toSorted(byPrimary).map(({ value, extension }) => plainPhone(value, extension))),
      location: nameOf('itGlue', contact.locationId),
    };
  }

  function psaView({ firstName, lastName, title, emails, phones, location }: ReturnType<Site['psa']['contact']>): View {
    return {
      firstName,
      lastName,
      title,
      emails: primaryThenRest(emails),
      phones: primaryThenRest(
        phones.filter((text) => !/^[0-]+$/.test(text)).map((text) => plainPhone(phoneParts(text).value, phoneParts(text).extension)),
      ),
      location: nameOf('psa', location),
    };
  }

  return self;
}

function byPrimary(one: { readonly primary: boolean }, other: { readonly primary: boolean }): number {
  return Number(other.primary) - Number(one.primary);
}

/** The order of those that are not primary is nobody's. */
function primaryThenRest(values: readonly string[]): readonly string[] {
  return [...values.slice(0, 1), ...values.slice(1).toSorted()];
}

function plainPhone(value: string, extension: string | null): string {
  const digits = value.replaceAll(/\D/g, '').slice(-10);
  return extension === null || extension === '' ? digits : `${digits} x${extension}`;
}

/** Nothing is new to either side: no write, and no run of it. */
export async function expectNoEcho(pair: TwoWaySite): Promise<void> {
  const before = writes(pair.site);
  const outcome = await pair.look();
  expect(outcome.organizations, 'a second look has nothing to tell').toEqual([]);
  expect(writes(pair.site), 'a second look writes nothing').toBe(before);
}

/** Writes to each side while `work` is done. */
export async function writesOf(site: Site, work: () => Promise<unknown>): Promise<{ readonly itGlue: number; readonly psa: number }> {
  const before = { itGlue: site.itGlue.counts.writes, psa: site.psa.counts.writes };
  await work();
  return { itGlue: site.itGlue.counts.writes - before.itGlue, psa: site.psa.counts.writes - before.psa };
}

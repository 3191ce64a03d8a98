import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LdifPerson } from './ldif-people.ts';
import { duplicates, type Site, startSite, writes } from './site.ts';

/** One person for every kind of outside write of a first sync. */
const people: readonly LdifPerson[] = [
  // created in IT Glue, created in BMS (two calls)
  person('anna', { mail: 'anna@acme.test', title: 'Buyer' }),
  person('bruno', { mail: 'bruno@acme.test', title: 'Driver' }),
  // matched by e-mail, enriched, created in BMS
  person('clara', { mail: 'clara@acme.test', title: 'Welder' }),
  // matched, and in BMS already with a blank title: linked and filled
  person('dario', { mail: 'dario@acme.test', title: 'Fitter' }),
  // synced by IT Glue's own adapter: the title goes to BMS
  person('elena', { mail: 'elena@acme.test', title: 'Planner' }),
];

function person(name: string, more: Partial<LdifPerson>): LdifPerson {
  const givenName = name.charAt(0).toUpperCase() + name.slice(1);
  const number = 100 + name.charCodeAt(0) - 97;
  return {
    sAMAccountName: name,
    givenName,
    sn: 'Kesten',
    physicalDeliveryOfficeName: 'Head Office',
    telephoneNumber: `+1 415 555 0${number}`,
    ...more,
  };
}

async function openSite(): Promise<Site> {
  const site = await startSite({ people });
  const { itGlue, bms, organization, company, office } = site;
  const work = (value: string) => [{ value, primary: true, labelName: 'Work' }];
  itGlue.data.addContact({ organizationId: organization, firstName: 'Clara', lastName: 'Kesten', emails: work('Clara@acme.test') });
  itGlue.data.addContact({
    organizationId: organization,
    firstName: 'Dario',
    lastName: 'Kesten',
    emails: work('dario@acme.test'),
    locationId: office.itGlue,
  });
  const twin = (firstName: string, email: string) =>
    bms.data.addContact({
      accountId: company,
      locationId: office.bms,
      firstName,
      lastName: 'Kesten',
      emails: [{ emailAddress: email, emailType: 'Work' }],
      phones: [],
    });
  twin('Dario', 'dario@acme.test');
  const elena = twin('Elena', 'elena@acme.test');
  itGlue.data.addContact({
    organizationId: organization,
    firstName: 'Elena',
    lastName: 'Kesten',
    emails: work('elena@acme.test'),
    adapters: [{ adapterName: 'Kaseya BMS', remoteId: String(elena.id), sync: true }],
  });
  return site;
}

/** What both sides have in the end, without ids and times. */
function contents(site: Site): unknown {
  const sorted = (list: readonly unknown[]): readonly string[] => list.map((item) => JSON.stringify(item)).sort();
  return {
    itGlue: sorted(
      [...site.itGlue.data.contacts.values()].map((contact) => [
        contact.firstName,
        contact.title,
        contact.emails,
        contact.phones.map((phone) => phone.value),
        contact.locationId,
      ]),
    ),
    bms: sorted(
      [...site.bms.data.contacts.values()].map((contact) => [
        contact.firstName,
        contact.jobTitle,
        contact.emails.map((email) => email.emailAddress),
        contact.phones.map((phone) => phone.phone),
      ]),
    ),
    overlays: site.itGlue.data.assets.size,
    overlayTypes: site.itGlue.data.assetTypes.size,
  };
}

/** Parks the nth write of either sandbox, kills the program with SIGKILL there, and lets the connection break. */
async function killAt(site: Site, nth: number, when: 'before' | 'after'): Promise<boolean> {
  let count = 0;
  const parked = Promise.withResolvers<void>();
  const gone = Promise.withResolvers<'continue' | 'drop'>();
  const hook = async (event: { readonly when: 'before' | 'after' }): Promise<'continue' | 'drop' | undefined> => {
    if (event.when === 'before') count += 1;
    if (count !== nth || event.when !== when) return undefined;
    parked.resolve();
    return gone.promise;
  };
  const remove = [site.itGlue.onRequest(hook), site.bms.onRequest(hook)];
  const { child, ended } = site.start('sync');
  const reached = await Promise.race([parked.promise.then(() => true), ended.then(() => false)]);
  if (reached) child.kill('SIGKILL');
  await ended;
  gone.resolve('drop');
  for (const stop of remove) stop();
  return reached;
}

describe('A2 killed at an outside write', () => {
  let expected: unknown;
  let total = 0;

  beforeAll(async () => {
    await using site = await openSite();
    const sync = await site.run('sync');
    expect(sync.stderr + sync.stdout).not.toContain('Error');
    expect(sync.exit).toBe(0);
    expected = contents(site);
    total = writes(site);
    expect(duplicates(site)).toEqual([]);
    const before = writes(site);
    const again = await site.run('sync');
    expect(again.exit).toBe(0);
    expect(writes(site) - before, 'A6 a second sync writes nothing').toBe(0);
  });

  afterAll(() => {
    // Guards against a scenario that shrank: creates, updates, two calls each in BMS, the link, the update, type and assets.
    expect(total).toBe(16);
  });

  const places = Array.from({ length: 16 }, (_, index) => index + 1).flatMap((nth) => [
    { nth, when: 'before' as const },
    { nth, when: 'after' as const },
  ]);

  it.concurrent.each(places)(
    'A2 $when the answer of write $nth: after the next sync no duplicate and nothing missing',
    async ({ nth, when }) => {
      await using site = await openSite();

      const reached = await killAt(site, nth, when);
      const next = await site.run('sync', '--json');
      const afterNext = writes(site);
      const last = await site.run('sync', '--json');

      if (nth <= total) expect(reached).toBe(true);
      expect(next.exit, next.stdout + next.stderr).toBe(0);
      expect(duplicates(site)).toEqual([]);
      expect(contents(site)).toEqual(expected);
      expect(last.exit).toBe(0);
      expect(writes(site) - afterNext, 'A6 a further sync writes nothing').toBe(0);
    },
  );
});

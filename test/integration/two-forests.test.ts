import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Finished, Site } from '../e2e/site.ts';
import { startSite } from '../e2e/site.ts';
import { partFor } from './real-parts.ts';
import { allowRights, deletedObjectsOf, deleteObject, restoreObject } from './samba-changes.ts';
import { type SambaDc, type SambaForest, startSambaForest, startSecondForest } from './samba-forest.ts';
import { record, toFileTime } from './sample-domain.ts';

const part = partFor('a customer with two forests', 'samba');

const staffOf = (base: string): string => `OU=Staff,${base}`;

function person(base: string, name: string): string {
  return record(`CN=${name},${staffOf(base)}`, {
    objectClass: 'user',
    sAMAccountName: name,
    userAccountControl: '512',
    givenName: name[0]?.toUpperCase() + name.slice(1),
    sn: 'Sample',
    displayName: `${name} Sample`,
    mail: `${name}@example.test`,
    telephoneNumber: '+1 415 555 0101',
    physicalDeliveryOfficeName: 'Head Office',
  });
}

function steps(base: string, ...names: readonly string[]): { readonly ldif: string }[] {
  const unit = record(staffOf(base), { objectClass: 'organizationalUnit' });
  return [{ ldif: [unit, ...names.map((name) => person(base, name))].join('\n') }];
}

const corpBase = 'DC=corp,DC=example,DC=test';
const otherBase = 'DC=other,DC=example,DC=test';
const names = ['ada', 'ben', 'cleo', 'dan', 'eve', 'fay'];

interface ReadSaid {
  readonly directory: string;
  readonly outcome: string;
  readonly kind: string;
  readonly users: number;
  readonly server: string;
  readonly absent: Readonly<Record<string, number>>;
  readonly logons: { readonly exact: boolean; readonly asked: readonly unknown[] } | null;
}

interface ContactSaid {
  readonly name: string;
  readonly adStatus: string;
  readonly state: string;
  readonly contactId: string | null;
  readonly lastLogon: string | null;
  readonly lastLogonAccuracy: string;
  readonly scope: string;
}

describe.skipIf(part.isMissing)(part.title, () => {
  let corp: SambaForest;
  let other: SambaForest;
  let first: SambaDc;
  let second: SambaDc;
  let site: Site;

  beforeAll(async () => {
    [corp, other] = await Promise.all([
      startSambaForest({ steps: steps(corpBase, ...names) }),
      startSecondForest({ steps: steps(otherBase, 'zoe', 'yan') }),
    ]);
    [first, second] = corp.dcs as [SambaDc, SambaDc];
    for (const dc of corp.dcs) await allowRights(dc, deletedObjectsOf(corpBase), 'svc-rollcall', 'RPLC');
    site = await startSite();
    site.environment['TEST_AD_PASSWORD'] = corp.password;
    site.configure({
      directories: [directoryOf('corp', corp), directoryOf('other', other)],
      contacts: { create: 'auto', onGone: { psaInactive: true } },
      collector: { name: 'hq', organization: site.organization, location: 'Head Office', subnets: ['10.20.3.0/24'] },
    });
  }, 90_000);
  afterAll(async () => {
    await site?.[Symbol.asyncDispose]();
    await Promise.all([corp?.stop(), other?.stop()]);
  });

  function directoryOf(name: string, forest: SambaForest): unknown {
    return {
      name,
      type: 'active-directory',
      domain: forest.domain,
      dnsServers: forest.dnsServers,
      bindDn: forest.bindDn,
      password: 'env:TEST_AD_PASSWORD',
      searchBases: [],
      excludeOus: [`OU=Services,${forest.baseDn}`],
      tls: { caFile: forest.caFile },
      lastLogonEvery: '1m',
    };
  }

  async function reads(...words: readonly string[]): Promise<readonly ReadSaid[]> {
    const { json, exit, stderr } = await site.call('scan', '--json', ...words);
    expect([exit, stderr]).toEqual([0, expect.any(String)]);
    return (json as { readonly directories: readonly ReadSaid[] }).directories;
  }

  async function contacts(): Promise<ReadonlyMap<string, ContactSaid>> {
    const { json } = await site.call('contacts', 'list', '--json');
    const { contacts: listed } = json as { readonly contacts: readonly ContactSaid[] };
    return new Map(listed.map((contact) => [contact.name, contact]));
  }

  function well(finished: Finished): Finished {
    expect([finished.exit, finished.stdout + finished.stderr]).toEqual([0, expect.any(String)]);
    return finished;
  }

  it('finds the controllers of both by DNS, makes one customer of them, and reads only changes from then on', async () => {
    well(await site.call('sync'));

    expect([...(await contacts()).keys()].toSorted()).toEqual([...names, 'yan', 'zoe'].map((name) => `${name} Sample`).toSorted());
    expect(site.itGlue.data.contacts.size).toBe(8);
    const again = await reads();
    expect(again.map(({ directory, outcome, kind, users }) => [directory, outcome, kind, users])).toEqual([
      ['corp', 'complete', 'changes', 0],
      ['other', 'complete', 'changes', 0],
    ]);
    // 10.20.0.0/16 is the site of the first controller.
    expect(again[0]?.server).toBe(`ldaps://${first.hostName}`);
  });

  it('C4 knows the last logon that only the other controller has', async () => {
    const at = Date.UTC(2026, 9, 5, 8, 15);
    const logon = { changetype: 'modify', replace: 'lastLogon', lastLogon: toFileTime(at) };
    await second.change({ ldif: record(`CN=ada,${staffOf(corpBase)}`, logon) });

    const [read] = await reads('--full');

    expect(read?.logons).toMatchObject({ exact: true, asked: [{}, {}] });
    expect((await contacts()).get('ada Sample')).toMatchObject({
      lastLogon: new Date(at).toISOString(),
      lastLogonAccuracy: 'exact',
    });
  });

  it('M9 C10 tells a leaver gone, gives a joiner with the same address a place of its own, and takes the leaver back as the same', async () => {
    const before = (await contacts()).get('ben Sample');
    const guid = await deleteObject(first, `CN=ben,${staffOf(corpBase)}`);
    await first.change({
      ldif: record(`CN=bennet,${staffOf(corpBase)}`, {
        objectClass: 'user',
        sAMAccountName: 'bennet',
        userAccountControl: '512',
        givenName: 'Bennet',
        sn: 'Newcomer',
        displayName: 'bennet Newcomer',
        mail: 'ben@example.test',
      }),
    });

    well(await site.call('sync'));

    const after = await contacts();
    expect(after.get('ben Sample')).toMatchObject({ adStatus: 'Gone', state: 'matched', contactId: before?.contactId });
    expect(after.get('bennet Newcomer')).toMatchObject({ state: 'unmatched', contactId: null });
    expect(site.itGlue.data.contacts.size).toBe(8);
    const twin = [...site.bms.data.contacts.values()].find(({ firstName }) => firstName === 'Ben');
    expect(twin?.active).toBe(false);

    await deleteObject(first, `CN=bennet,${staffOf(corpBase)}`);
    await restoreObject(first, guid, `CN=ben,${staffOf(corpBase)}`);
    await first.change({
      ldif: record(`CN=ben,${staffOf(corpBase)}`, { changetype: 'modify', replace: 'mail', mail: 'ben@example.test' }),
    });
    well(await site.call('sync'));

    const back = [...(await contacts()).values()].find(({ contactId }) => contactId === before?.contactId);
    expect([back?.adStatus === 'Gone', back?.state]).toEqual([false, 'matched']);
    expect(site.itGlue.data.contacts.size).toBe(8);
  });

  it('goes on with the other controller when the nearer one is down, and says so when all are', async () => {
    await corp.replicate();
    await first.stop();

    const [away] = await reads();
    expect([away?.outcome, away?.kind, away?.server]).toEqual(['complete', 'changes', `ldaps://${second.hostName}`]);

    await second.stop();
    const down = await site.call('sync');
    expect(down.exit).toBe(1);
    expect(down.stderr).toContain('DIRECTORY_');
    const known = await contacts();
    expect([...known.values()].filter(({ adStatus }) => adStatus === 'Gone').length).toBeLessThanOrEqual(1);
    await Promise.all([first.start(), second.start()]);

    expect((await reads()).map(({ outcome, kind }) => [outcome, kind])).toEqual([
      ['complete', 'changes'],
      ['complete', 'changes'],
    ]);
  });
});

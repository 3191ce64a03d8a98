import { Resolver } from 'node:dns/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { partFor } from './real-parts.ts';
import { allowRights, deletedObjectsOf, deleteObject, denyRights, moveObject, restoreObject } from './samba-changes.ts';
import { execute } from './samba-directory.ts';
import { type SambaDc, type SambaForest, startSambaForest, startSecondForest } from './samba-forest.ts';
import { record } from './sample-domain.ts';

const part = partFor('a Samba forest', 'samba');
const base = 'DC=corp,DC=example,DC=test';
const staff = `OU=Staff,${base}`;

function user(name: string): string {
  return record(`CN=${name},${staff}`, { objectClass: 'user', sAMAccountName: name, userAccountControl: '512' });
}

const steps = [{ ldif: [record(staff, { objectClass: 'organizationalUnit' }), user('amy'), user('zoe')].join('\n') }];

/** Values of one attribute that the tests' account is shown, in order. */
async function shown(dc: SambaDc, filter: string, attribute: string, ...more: string[]): Promise<string[]> {
  const session = ['-LLL', '-x', '-H', dc.url, '-D', dc.bindDn, '-w', dc.password, '-o', 'ldif-wrap=no', ...more];
  const found = await execute('ldapsearch', [...session, '-b', dc.baseDn, filter, attribute]);
  return [...found.matchAll(new RegExp(`^${attribute}: (.+)$`, 'gm'))].map(([, value = '']) => value).toSorted();
}

function names(dc: SambaDc): Promise<string[]> {
  return shown(dc, `(&(objectClass=user)(|(sAMAccountName=amy)(sAMAccountName=zoe)(sAMAccountName=tom)))`, 'sAMAccountName');
}

function deleted(dc: SambaDc, attribute: string): Promise<string[]> {
  return shown(dc, '(&(isDeleted=TRUE)(objectClass=user))', attribute, '-E', '!1.2.840.113556.1.4.417');
}

describe.skipIf(part.isMissing)(part.title, () => {
  let forest: SambaForest;
  let first: SambaDc;
  let second: SambaDc;

  beforeAll(async () => {
    forest = await startSambaForest({ steps });
    [first, second] = forest.dcs as [SambaDc, SambaDc];
  });
  afterAll(async () => {
    await forest?.stop();
  });

  it('has controllers that know the same and are found by name', async () => {
    const resolver = new Resolver();
    resolver.setServers([second.address]);

    expect(await names(first)).toEqual(['amy', 'zoe']);
    expect(await names(second)).toEqual(['amy', 'zoe']);
    expect(await resolver.resolve4(first.hostName)).toEqual([first.address]);
    expect(await resolver.resolve4(second.hostName)).toEqual([second.address]);
    expect((await resolver.resolve4(forest.domain)).toSorted()).toEqual(forest.dnsServers.toSorted());
  });

  it('replicates what is written, both ways, but for what each controller keeps to itself', async () => {
    await first.change({ ldif: user('tom') });
    await second.change({
      ldif: `dn: CN=amy,${staff}\nchangetype: modify\nreplace: title\ntitle: Chief\n-\nreplace: lastLogon\nlastLogon: 5\n`,
    });
    expect(await names(second)).toEqual(['amy', 'zoe']);

    await forest.replicate();

    expect(await names(second)).toEqual(['amy', 'tom', 'zoe']);
    expect(await shown(first, '(sAMAccountName=amy)', 'title')).toEqual(['Chief']);
    expect(await shown(first, '(sAMAccountName=amy)', 'lastLogon')).not.toEqual(['5']);
    await deleteObject(first, `CN=tom,${staff}`);
    await forest.replicate();
    expect(await names(second)).toEqual(['amy', 'zoe']);
  });

  it('C10 shows deleted users to an account that may read and list them, and brings them back', async () => {
    const guid = await deleteObject(first, `CN=zoe,${staff}`);
    await forest.replicate();
    expect(await deleted(second, 'objectGUID:')).toEqual([]);

    const undo = await allowRights(second, deletedObjectsOf(base), 'svc-rollcall', 'RPLC');
    const seen = await deleted(second, 'sAMAccountName');
    await undo();
    const unseen = await deleted(second, 'sAMAccountName');
    await restoreObject(first, guid, `CN=zoe,${staff}`);
    await forest.replicate();

    expect({ seen: seen.includes('zoe'), unseen }).toEqual({ seen: true, unseen: [] });
    expect(await names(second)).toEqual(['amy', 'zoe']);
  });

  it('hides users from an account that may not list their OU', async () => {
    const undo = await denyRights(first, staff, 'svc-rollcall', 'LC');
    const hidden = await names(first);
    await undo();

    expect(hidden).toEqual([]);
    expect(await names(first)).toEqual(['amy', 'zoe']);
  });

  it('moves OUs with all in them', async () => {
    const moved = `OU=People,OU=Services,${base}`;
    await moveObject(first, staff, moved);
    const dns = await shown(first, '(sAMAccountName=amy)', 'dn');
    await moveObject(first, moved, staff);

    expect(dns).toEqual([`CN=amy,${moved}`]);
  });

  it('goes on at the same address after a stop', async () => {
    await second.stop();
    await expect(names(second)).rejects.toThrow(/contact LDAP server/);
    await second.start();

    expect(await names(second)).toEqual(['amy', 'zoe']);
  });

  it('keeps what users had when the Recycle Bin is on', async () => {
    await using kept = await startSambaForest({ dcs: 1, steps, recycleBin: true });
    const [only] = kept.dcs as [SambaDc];
    await only.change({ ldif: `dn: CN=amy,${staff}\nchangetype: modify\nreplace: mail\nmail: amy@example.test\n` });
    await deleteObject(only, `CN=amy,${staff}`);
    await allowRights(only, deletedObjectsOf(base), 'svc-rollcall', 'RPLC');

    expect({ mail: await deleted(only, 'mail'), left: await names(only) }).toEqual({ mail: ['amy@example.test'], left: ['zoe'] });
  });

  it('has a second forest beside it, with names of its own', async () => {
    await using other = await startSecondForest({ dnsForwarder: first.address });
    const resolver = new Resolver();
    resolver.setServers([...other.dnsServers]);

    expect(other.baseDn).toBe('DC=other,DC=example,DC=test');
    expect(await resolver.resolve4('dc1.other.example.test')).toEqual([other.dcs[0]?.address]);
    // The name server asks the first forest for what is not its own.
    expect(await resolver.resolve4(first.hostName)).toEqual([first.address]);
  });
});

import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Registry } from '../../agent/hub/registry/registry.ts';
import { openRegistry } from '../../agent/store/registry/open-registry.ts';
import { readRegistry } from '../../agent/store/registry/read-registry.ts';
import { type RegistryPlace, registryContract } from './registry.contract.ts';

const options = (path: string) => ({ path, now: () => 1_800_000_000_000, command: 'rollcall hub invite' });

registryContract('SQLite', async (): Promise<RegistryPlace> => {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-registry-'));
  return {
    open: () => openRegistry(options(join(folder, 'state', 'hub.sqlite'))),
    async kept() {
      const names = await readdir(join(folder, 'state'));
      return (await Promise.all(names.map((name) => readFile(join(folder, 'state', name), 'latin1')))).join('\n');
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
});

describe('the file of the registry', () => {
  let folder = '';
  let opened: Registry | null = null;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rollcall-registry-'));
  });
  afterEach(async () => {
    await opened?.close();
    opened = null;
    await rm(folder, { recursive: true, force: true });
  });

  it("is one process's at a time, which the message names, and for its account alone", async () => {
    const path = join(folder, 'hub.sqlite');
    opened = await openRegistry(options(path));

    await expect(openRegistry(options(path))).rejects.toMatchObject({
      code: 'STORE_LOCKED',
      message: expect.stringContaining('rollcall hub invite') as string,
    });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await opened.close();
    opened = await openRegistry(options(path));
    expect(await opened.collectors(null)).toEqual([]);
  });

  it('H3 does not grow by keys that somebody makes and uses without end', async () => {
    const path = join(folder, 'hub.sqlite');
    const at = options(path).now();
    opened = await openRegistry(options(path));
    const invitation = { organization: '4711', subnets: ['10.0.0.0/8'], name: null, expiresAt: at + 1_000 };
    const { secret } = await opened.invite(invitation, 'account ada', at);
    const machine = { secret, name: 'acme-hq', version: '0.1.0', platform: 'linux', subnets: [], location: '' };
    const { collector, key: first } = await opened.join(machine, at);
    let key = first;
    for (let times = 1; times <= 30; times += 1) {
      await opened.authenticate(key, at);
      await opened.rotateKey(collector.id, at);
      key = await opened.rotateKey(collector.id, at);
    }

    expect(await opened.authenticate(key, at)).toMatchObject({ name: 'acme-hq' });
    await opened.close();
    opened = null;
    const database = new DatabaseSync(path);
    const kept = database.prepare('select count(*) as count from collector_key').get()?.['count'];
    database.close();
    expect(kept).toBeLessThan(15);
  });

  it("is refused when it is no database, or another program's, or of a later layout", async () => {
    const broken = join(folder, 'broken.sqlite');
    await writeFile(broken, 'x'.repeat(5_000));
    await expect(openRegistry(options(broken))).rejects.toMatchObject({ code: 'STORE_UNUSABLE' });

    const foreign = join(folder, 'foreign.sqlite');
    const database = new DatabaseSync(foreign);
    database.exec('create table other (x integer)');
    database.close();
    await expect(openRegistry(options(foreign))).rejects.toMatchObject({ code: 'STORE_UNUSABLE' });

    const later = join(folder, 'later.sqlite');
    await (await openRegistry(options(later))).close();
    const own = new DatabaseSync(later);
    own.exec("update property set value = '99' where name = 'layout'");
    own.close();
    await expect(openRegistry(options(later))).rejects.toMatchObject({ code: 'STORE_TOO_NEW' });
    // A refusal leaves no lock behind.
    await expect(openRegistry(options(later))).rejects.toMatchObject({ code: 'STORE_TOO_NEW' });
  });

  it('H3 is read beside its writer, and after it, without being made or changed', async () => {
    const path = join(folder, 'hub.sqlite');
    const names = () => readRegistry(path, async (reading) => (await reading.openInvitations(null, 0)).map(({ name }) => name));
    expect(await names()).toBeNull();
    expect(await readdir(folder)).toEqual([]);

    opened = await openRegistry(options(path));
    const invitation = { organization: '4711', subnets: ['10.0.0.0/8'], expiresAt: 2_000_000_000_000 };
    await opened.invite({ ...invitation, name: 'hq' }, 'account root', 1);
    expect(await names()).toEqual(['hq']);
    await opened.invite({ ...invitation, name: 'annex' }, 'account root', 2);
    expect(await names()).toEqual(['hq', 'annex']);
    await opened.close();
    opened = null;
    expect(await names()).toEqual(['hq', 'annex']);

    // A file that its maker has only just begun.
    const begun = join(folder, 'begun.sqlite');
    await writeFile(begun, '');
    expect(await readRegistry(begun, () => Promise.resolve('read'))).toBeNull();
    await writeFile(path, 'x'.repeat(5_000));
    await expect(names()).rejects.toMatchObject({ code: 'STORE_UNUSABLE' });
  });
});

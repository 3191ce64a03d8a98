import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StatusDocument } from '../../agent/cli/documents.ts';
import { type CollectedDocument, hubStatusOf } from '../../agent/cli/documents-collector.ts';
import { invitationCode } from '../../agent/hub/protocol/invitation.ts';
import { openStore } from '../../agent/store/open-store.ts';
import { organizationId } from '../../core/model/ids.ts';
import { TestHub, testKey } from '../sandbox/hub/test-hub.ts';
import { type CertificateAuthority, createCertificateAuthority } from '../sandbox/proxy/certificate-authority.ts';
import { startTlsFront, type TlsFront } from '../sandbox/proxy/tls-front.ts';
import { person } from './people.ts';
import { startService } from './running-service.ts';
import { type Site, startSite } from './site.ts';

const secret = 'one-time-secret-of-the-invitation';
const unused = { itglue: undefined, contacts: undefined, limits: undefined, psa: undefined };

describe('a collector, from its invitation on', () => {
  let hub: TestHub;
  let front: TlsFront;
  let authority: CertificateAuthority;
  let code: string;

  beforeEach(async () => {
    hub = await TestHub.start();
    hub.invitations.add(secret);
    authority = createCertificateAuthority('Nobody knows this CA');
    const pair = authority.issue('hub.msp.example');
    front = await startTlsFront(hub.port, pair);
    const key = new X509Certificate(pair.cert).publicKey.export({ type: 'spki', format: 'der' });
    const pinSha256 = createHash('sha256').update(key).digest('hex');
    code = invitationCode({ url: `https://127.0.0.1:${front.port}`, pinSha256, secret });
  });

  afterEach(async () => {
    await front[Symbol.asyncDispose]();
    await hub[Symbol.asyncDispose]();
    authority.remove();
    expect(hub.complaints).toEqual([]);
  });

  /** Until the hub has what the collector's store has. */
  async function untilSame(site: Site): Promise<void> {
    const deadline = performance.now() + 60_000;
    for (;;) {
      const differences = await differencesTo(site);
      if (differences.length === 0) return;
      if (performance.now() > deadline)
        throw new Error(`The hub never had it: ${differences.join('\n')}\n${hub.calls.slice(-20).join('\n')}`);
      await delay(100);
    }
  }

  async function differencesTo(site: Site): Promise<readonly string[]> {
    const path = join(site.folder, 'state', 'rollcall.db');
    const store = await openStore({ path, mode: 'read', now: Date.now, version: '0' }).catch(() => null);
    if (store === null) return ['no store yet'];
    try {
      const source = (await store.listReads(organizationId('4711')))[0];
      if (source?.latestComplete == null) return ['no read yet'];
      if (hub.side('corp').read !== source.latestComplete.id) return ['the hub has another read'];
      return await hub.side('corp').differencesTo(store, { organization: organizationId('4711'), collector: 'hq', directory: 'corp' });
    } finally {
      await store.close();
    }
  }

  it('H1 H2 H3 joins by one command, reads and sends, outlives hub and itself, and tells how it is', async () => {
    await using site = await startSite({ people: [person('ada'), person('bob')], sections: unused });
    const joined = await site.run('enroll', '--code', code);
    expect(joined).toMatchObject({ exit: 0 });
    expect(joined.stdout).toContain('Joined');
    expect(JSON.parse(readFileSync(join(site.folder, 'config.json'), 'utf8'))).toMatchObject({
      hub: { url: `https://127.0.0.1:${front.port}` },
    });
    expect(await site.run('validate')).toMatchObject({ exit: 0 });

    {
      await using service = await startService(site);
      await service.until('a first success', ({ lastSuccessAt }) => lastSuccessAt !== null);
      await untilSame(site);
      const plan = await site.run('plan', '--json');
      expect(plan).toMatchObject({ exit: 2, json: { error: { code: 'HUB_DECIDES' } } });

      hub.fail(/uploads/u, { how: 'answer', status: 503 }, 100_000);
      site.setPeople([person('ada'), person('eve')]);
      const away = await site.run('sync', '--json');
      expect(away.exit).toBe(0);
      expect((away.json as CollectedDocument).sent).toMatchObject([{ state: 'unsent', error: { code: 'HUB_UNREACHABLE' } }]);
      const told = hubStatusOf((await site.run('status', '--json')).json as StatusDocument);
      expect(told).toMatchObject({ joined: { name: 'hq' }, trust: 'pinned key', waiting: [{ directory: 'corp' }] });
      service.child.kill('SIGKILL');
      await service.ended;
    }

    hub.stopFailing();
    {
      await using service = await startService(site);
      await untilSame(site);
      expect(hub.heartbeats.at(-1)).toMatchObject({ directories: [{ name: 'corp', type: 'ldif', error: null }] });
      expect(service.stderr()).not.toContain(testKey('a'));
      await service.stop();
    }
    const status = await site.run('status');
    expect(status.stdout).toMatch(/Hub +https:\/\/127\.0\.0\.1:\d+ · joined as hq · certificate by pinned key/u);
    expect(site.itGlue.requests.length).toBe(0);
  });

  it('H1 a service takes it over that a machine joins while it runs, and a new key too', async () => {
    await using site = await startSite({ people: [person('ada')] });
    await using service = await startService(site);
    await service.until('a first success', ({ lastSuccessAt }) => lastSuccessAt !== null);
    hub.rotateKey = true;
    expect(await site.run('enroll', '--code', code, '--name', 'branch')).toMatchObject({ exit: 0 });
    await service.logged('The configuration was edited and is in force');
    await service.logged('The key for the hub was changed');
    hub.rotateKey = false;

    const sync = await site.run('sync', '--json');

    expect(sync.exit).toBe(0);
    expect((sync.json as CollectedDocument).sent).toMatchObject([{ state: 'landed' }]);
    expect(hub.keys).toEqual(new Set([testKey('b')]));
    expect(hub.enrolled).toEqual(['branch']);
  });
});

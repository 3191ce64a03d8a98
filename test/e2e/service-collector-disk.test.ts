import { createHash, X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import process from 'node:process';
import { expect, it } from 'vitest';
import type { CollectedDocument } from '../../agent/cli/documents-collector.ts';
import { invitationCode } from '../../agent/hub/protocol/invitation.ts';
import { openStore } from '../../agent/store/open-store.ts';
import { organizationId } from '../../core/model/ids.ts';
import { TestHub } from '../sandbox/hub/test-hub.ts';
import { createCertificateAuthority } from '../sandbox/proxy/certificate-authority.ts';
import { startTlsFront } from '../sandbox/proxy/tls-front.ts';
import { crowd } from './people.ts';
import { startService } from './running-service.ts';
import { startSite } from './site.ts';
import { mountSmallDisk, smallDiskMissing } from './small-disk.ts';

const missing = smallDiskMissing();
if (missing !== null) {
  if ((process.env['CI'] ?? '') !== '') throw new Error(`a collector on a full disk: ${missing}; CI needs it`);
  process.stderr.write(`SKIPPED: a collector on a full disk: ${missing}\n`);
}

const secret = 'one-time-secret-of-the-invitation';
const unused = { itglue: undefined, contacts: undefined, limits: undefined, psa: undefined };

it.skipIf(missing !== null)(
  'H2 a collector on a full disk says so, spoils nothing at the hub, and sends all when there is room',
  async () => {
    await using hub = await TestHub.start();
    hub.invitations.add(secret);
    const authority = createCertificateAuthority('Nobody knows this CA');
    const pair = authority.issue('hub.msp.example');
    await using front = await startTlsFront(hub.port, pair);
    const key = new X509Certificate(pair.cert).publicKey.export({ type: 'spki', format: 'der' });
    const pinSha256 = createHash('sha256').update(key).digest('hex');
    const code = invitationCode({ url: `https://127.0.0.1:${front.port}`, pinSha256, secret });
    await using site = await startSite({ people: crowd(5), sections: unused });
    using disk = mountSmallDisk(join(site.folder, 'state'));
    expect(await site.run('enroll', '--code', code)).toMatchObject({ exit: 0 });
    await using service = await startService(site);
    await service.until('a first success', ({ lastSuccessAt }) => lastSuccessAt !== null);
    await expect.poll(() => hub.side('corp').read, { timeout: 30_000 }).toBeGreaterThan(0);
    const before = hub.side('corp').read;

    disk.fill();
    site.setPeople(crowd(400));
    const full = await site.run('sync', '--json');

    expect(full.exit).not.toBe(0);
    expect(JSON.stringify(full.json)).toContain('STORE_UNUSABLE');
    expect(hub.side('corp').read).toBe(before);

    disk.free();
    const again = await site.run('sync', '--json');

    expect((again.json as CollectedDocument).sent).toMatchObject([{ state: 'landed' }]);
    const store = await openStore({ path: join(site.folder, 'state', 'rollcall.db'), mode: 'read', now: Date.now, version: '0' });
    const source = { organization: organizationId('4711'), collector: 'hq', directory: 'corp' };
    expect(await hub.side('corp').differencesTo(store, source)).toEqual([]);
    await store.close();
    await service.stop();
    authority.remove();
    expect(hub.complaints).toEqual([]);
  },
);

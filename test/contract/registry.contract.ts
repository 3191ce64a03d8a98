import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HeartbeatRequest } from '../../agent/hub/protocol/messages.ts';
import type { Joining, NewInvitation, Registry } from '../../agent/hub/registry/registry.ts';

export interface RegistryPlace {
  open(): Promise<Registry>;
  /** All that the registry keeps, as it lies on the disk. */
  kept(): Promise<string>;
  remove(): Promise<void>;
}

const now = 1_800_000_000_000;
const hour = 3_600_000;
const day = 24 * hour;
const operator = 'account root';

function invitation(change: Partial<NewInvitation> = {}): NewInvitation {
  return { organization: '4711', subnets: ['10.20.0.0/16'], name: null, expiresAt: now + day, ...change };
}

function machine(secret: string, change: Partial<Joining> = {}): Joining {
  return { secret, name: 'acme-hq', version: '0.1.0', platform: 'linux', subnets: ['10.20.1.0/24'], location: 'Head Office', ...change };
}

function beat(change: Partial<HeartbeatRequest> = {}): HeartbeatRequest {
  return { version: '0.2.0', platform: 'linux', clock: now, subnets: [], location: 'Annex', directories: [], problems: [], ...change };
}

/** What every registry of collectors does (H3). */
export function registryContract(name: string, makePlace: () => Promise<RegistryPlace>): void {
  describe(`the registry (${name})`, () => {
    let place: RegistryPlace;
    let registry: Registry;
    beforeEach(async () => {
      place = await makePlace();
      registry = await place.open();
    });
    afterEach(async () => {
      await registry.close();
      await place.remove();
    });

    async function joined(change: Partial<Joining> = {}, invited: Partial<NewInvitation> = {}) {
      const { secret } = await registry.invite(invitation(invited), operator, now);
      return registry.join(machine(secret, change), now);
    }

    it('H3 lets a machine join by an invitation, bound to its organization and subnets', async () => {
      const { collector, key } = await joined();

      expect(collector).toMatchObject({ organization: '4711', name: 'acme-hq' });
      expect(await registry.authenticate(key, now)).toEqual({ ...collector, keyMadeAt: now });
      expect(await registry.collectors(null)).toMatchObject([
        { name: 'acme-hq', subnets: ['10.20.1.0/24'], location: 'Head Office', addedAt: now, revokedAt: null, keyMadeAt: now },
      ]);
    });

    it('H3 gives a machine that names no subnets those of the invitation, and the name that was fixed', async () => {
      const { collector } = await joined({ subnets: [], name: 'whatever' }, { name: 'acme-annex' });

      expect(await registry.collectors('4711')).toMatchObject([{ id: collector.id, name: 'acme-annex', subnets: ['10.20.0.0/16'] }]);
      expect(await registry.collectors('9')).toEqual([]);
    });

    it('H3 an invitation works once, also when two come with it at the same time', async () => {
      const { secret } = await registry.invite(invitation(), operator, now);

      const tries = await Promise.allSettled(['one', 'two', 'three'].map((each) => registry.join(machine(secret, { name: each }), now)));

      expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const refused = tries.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []));
      expect(refused).toMatchObject([{ code: 'HUB_INVITATION_INVALID' }, { code: 'HUB_INVITATION_INVALID' }]);
      expect(await registry.collectors(null)).toHaveLength(1);
    });

    const invalid = [
      { what: 'unknown', given: 'A'.repeat(43), at: now, change: {}, said: 'knows no such' },
      { what: 'expired', given: null, at: now + day, change: {}, said: 'has expired' },
      { what: 'for other subnets', given: null, at: now, change: { subnets: ['10.20.1.0/24', '192.168.0.0/24'] }, said: '192.168.0.0/24' },
      { what: 'for a part of the subnet that is named', given: null, at: now, change: { subnets: ['10.0.0.0/8'] }, said: '10.0.0.0/8' },
      { what: 'for no such subnet', given: null, at: now, change: { subnets: ['nonsense'] }, said: 'nonsense' },
    ];
    it.each(invalid)('H3 refuses an invitation that is $what, and leaves it as it was', async ({ given, at, change, said }) => {
      const { secret } = await registry.invite(invitation(), operator, now);

      const error: unknown = await registry.join(machine(given ?? secret, change), at).catch((thrown: unknown) => thrown);

      expect(error).toMatchObject({ code: 'HUB_INVITATION_INVALID', message: expect.stringContaining(said) as string });
      expect(await registry.collectors(null)).toEqual([]);
      expect(await registry.openInvitations(null, now)).toHaveLength(1);
    });

    it('H3 a name is given once within an organization, without regard to case, and a refusal uses no invitation up', async () => {
      await joined();
      const { secret } = await registry.invite(invitation(), operator, now);

      await expect(registry.join(machine(secret, { name: 'ACME-HQ ' }), now)).rejects.toMatchObject({ code: 'HUB_NAME_TAKEN' });
      await expect(registry.invite(invitation({ name: 'Acme-HQ' }), operator, now)).rejects.toMatchObject({ code: 'HUB_NAME_TAKEN' });
      await expect(registry.join(machine(secret, { name: 'acme-2' }), now)).resolves.toMatchObject({ collector: { name: 'acme-2' } });
      await expect(joined({}, { organization: '4712' })).resolves.toMatchObject({ collector: { organization: '4712' } });
    });

    it('H3 D5 a machine goes on under the name of a revoked one, as that wrote it, and the old key opens nothing', async () => {
      const old = await joined();
      await registry.revoke(old.collector.id, operator, now);

      const fresh = await joined({ name: old.collector.name.toUpperCase() });

      expect(fresh.collector).toMatchObject({ name: old.collector.name });
      expect(fresh.collector.id).not.toBe(old.collector.id);
      expect((await registry.collectors(null)).map(({ id, revokedAt }) => [id, revokedAt])).toEqual([[fresh.collector.id, null]]);
      await expect(registry.authenticate(old.key, now)).rejects.toMatchObject({ code: 'HUB_KEY_REJECTED' });
      expect(await registry.authenticate(fresh.key, now)).toMatchObject({ id: fresh.collector.id });
      await expect(joined({ name: old.collector.name })).rejects.toMatchObject({ code: 'HUB_NAME_TAKEN' });
    });

    it('D5 lists a deleted collector no more, takes none of its keys, and gives its name, as it was written, to who joins under it', async () => {
      const old = await joined();
      await registry.authenticate(old.key, now);

      await registry.remove(old.collector.id, operator, now);

      expect(await registry.collectors(null)).toEqual([]);
      await expect(registry.authenticate(old.key, now)).rejects.toMatchObject({ code: 'HUB_KEY_REJECTED' });
      await expect(registry.rotateKey(old.collector.id, now)).rejects.toMatchObject({ code: 'HUB_COLLECTOR_UNKNOWN' });
      await expect(registry.remove(old.collector.id, operator, now)).rejects.toMatchObject({ code: 'HUB_COLLECTOR_UNKNOWN' });
      expect((await registry.audit(2)).map(({ what }) => what)).toEqual(['delete', 'revoke']);
      expect((await joined({ name: 'ACME-HQ' })).collector).toMatchObject({ name: 'acme-hq' });
    });

    it('D5 lists a deleted collector again as a revoked one, the latest of its name, unless another one has that', async () => {
      const first = await joined();
      await registry.remove(first.collector.id, operator, now);
      const second = await joined();
      expect(await registry.bringBack('4711', 'acme-hq', operator, now)).toBe(false);
      await registry.remove(second.collector.id, operator, now + hour);

      expect(await registry.bringBack('4711', 'ACME-HQ', operator, now + day)).toBe(true);

      expect(await registry.collectors(null)).toMatchObject([{ id: second.collector.id, revokedAt: now + hour, keyMadeAt: null }]);
      await expect(registry.authenticate(second.key, now)).rejects.toMatchObject({ code: 'HUB_COLLECTOR_REVOKED' });
      expect(await registry.bringBack('4711', 'acme-hq', operator, now)).toBe(false);
      expect(await registry.bringBack('9', 'acme-hq', operator, now)).toBe(false);
    });

    it('H3 takes no blank name, and leaves the invitation as it was', async () => {
      const { secret } = await registry.invite(invitation(), operator, now);

      await expect(registry.join(machine(secret, { name: ' \u00a0' }), now)).rejects.toMatchObject({ code: 'HUB_MESSAGE_INVALID' });

      expect(await registry.collectors(null)).toEqual([]);
      expect(await registry.join(machine(secret), now)).toMatchObject({ collector: { organization: expect.any(String) as string } });
    });

    it('H3 refuses keys that it did not give', async () => {
      const { collector, key } = await joined();
      const other = await joined({ name: 'other' });
      const forged = `rck1.${other.collector.id}.${key.split('.')[2]}`;

      for (const wrong of ['', 'rck1', `rck1.${collector.id}.${'A'.repeat(43)}`, forged, `${key}x`, key.toUpperCase()]) {
        await expect(registry.authenticate(wrong, now)).rejects.toMatchObject({ code: 'HUB_KEY_REJECTED' });
      }
    });

    it('H3 a new key is valid beside the old one until it is used, and then alone', async () => {
      const { collector, key } = await joined();
      await registry.authenticate(key, now);

      const second = await registry.rotateKey(collector.id, now + day);

      expect(await registry.authenticate(key, now + day)).toMatchObject({ keyMadeAt: now });
      expect(await registry.authenticate(second, now + day)).toMatchObject({ id: collector.id, keyMadeAt: now + day });
      await expect(registry.authenticate(key, now + day)).rejects.toMatchObject({ code: 'HUB_KEY_REJECTED' });
      expect(await registry.authenticate(second, now + day)).toMatchObject({ id: collector.id });
    });

    it('H3 a new key whose answer was lost is retired by the next one: two are valid at most', async () => {
      const { collector, key } = await joined();
      await registry.authenticate(key, now);
      const lost = await registry.rotateKey(collector.id, now);
      const second = await registry.rotateKey(collector.id, now);

      await expect(registry.authenticate(lost, now)).rejects.toMatchObject({ code: 'HUB_KEY_REJECTED' });
      expect(await registry.authenticate(key, now)).toMatchObject({ id: collector.id });
      expect(await registry.authenticate(second, now)).toMatchObject({ id: collector.id });
    });

    it('H3 a revoked collector is refused with the next request, whichever key it shows, and gets no new one', async () => {
      const { collector, key } = await joined();
      await registry.authenticate(key, now);
      const second = await registry.rotateKey(collector.id, now);

      await registry.revoke(collector.id, operator, now + hour);
      await registry.revoke(collector.id, operator, now + day);

      for (const each of [key, second]) {
        await expect(registry.authenticate(each, now + hour)).rejects.toMatchObject({ code: 'HUB_COLLECTOR_REVOKED' });
      }
      await expect(registry.rotateKey(collector.id, now)).rejects.toMatchObject({ code: 'HUB_COLLECTOR_UNKNOWN' });
      await expect(registry.revoke('0'.repeat(32), operator, now)).rejects.toMatchObject({ code: 'HUB_COLLECTOR_UNKNOWN' });
      expect(await registry.collectors(null)).toMatchObject([{ revokedAt: now + hour, keyMadeAt: null }]);
    });

    it('H3 keeps the latest heartbeat and how far the clocks are apart', async () => {
      const { collector } = await joined();
      expect(await registry.collectors(null)).toMatchObject([{ heartbeat: null, clockAheadMs: null, lastContactAt: null }]);

      await registry.heartbeat(collector.id, beat(), now);
      await registry.heartbeat(collector.id, beat({ clock: now - hour }), now + hour);

      expect(await registry.collectors(null)).toMatchObject([
        {
          version: '0.2.0',
          location: 'Annex',
          subnets: ['10.20.1.0/24'],
          clockAheadMs: -2 * hour,
          lastContactAt: now + hour,
          heartbeat: { at: now + hour, facts: { clock: now - hour } },
        },
      ]);
      await expect(registry.heartbeat('0'.repeat(32), beat(), now)).rejects.toMatchObject({ code: 'HUB_COLLECTOR_UNKNOWN' });
    });

    it('writes a contact beside the heartbeats only when they stay away', async () => {
      const { collector, key } = await joined();
      await registry.authenticate(key, now);
      await registry.heartbeat(collector.id, beat(), now);
      const seen = async (at: number): Promise<number | null | undefined> => {
        await registry.authenticate(key, at);
        return (await registry.collectors(null))[0]?.lastContactAt;
      };

      // The key comes with each heartbeat too, and that is a write of its own.
      expect(await seen(now + 60_000)).toBe(now);
      expect(await seen(now + 90_000)).toBe(now + 90_000);
      expect(await seen(now)).toBe(now);
    });

    it('tells who changed what, newest first, and forgets it in time', async () => {
      const { collector, key } = await joined();
      await registry.authenticate(key, now);
      const second = await registry.rotateKey(collector.id, now);
      await registry.authenticate(second, now);
      await registry.revoke(collector.id, operator, now + day);

      expect((await registry.audit(10)).map(({ what, who }) => `${what} by ${who}`)).toEqual([
        'revoke by account root',
        `key retired by collector ${collector.id}`,
        `key made by collector ${collector.id}`,
        `join by collector ${collector.id}`,
        'invite by account root',
      ]);
      await registry.prune(now + hour);
      expect((await registry.audit(10)).map(({ what }) => what)).toEqual(['revoke']);
      expect(await registry.audit(0)).toEqual([]);
    });

    it('survives being closed, and keeps no secret', async () => {
      const { secret } = await registry.invite(invitation(), operator, now);
      const { key } = await joined({ name: 'first' });
      await registry.close();
      const kept = await place.kept();
      registry = await place.open();

      expect(await registry.authenticate(key, now)).toMatchObject({ name: 'first' });
      expect(await registry.openInvitations('4711', now)).toMatchObject([{ subnets: ['10.20.0.0/16'], createdBy: operator }]);
      expect(kept).toContain('first');
      expect(kept).not.toContain(secret);
      expect(kept).not.toContain(key.split('.')[2]);
    });

    it('forgets invitations that were never used, and hands expired ones to nobody', async () => {
      await registry.invite(invitation(), operator, now);

      expect(await registry.openInvitations(null, now + day)).toEqual([]);
      await registry.prune(now + 2 * day);
      expect(await registry.openInvitations(null, now)).toEqual([]);
    });
  });
}

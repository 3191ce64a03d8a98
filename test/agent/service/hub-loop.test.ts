import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SentDocument } from '../../../agent/cli/documents-collector.ts';
import { systemClock } from '../../../agent/http/http-clock.ts';
import { plainNetwork } from '../../../agent/http/network.ts';
import { createHubLink } from '../../../agent/hub/client/hub-link.ts';
import type { HubIdentity } from '../../../agent/hub/client/identity.ts';
import { readLinkState } from '../../../agent/hub/client/link-state.ts';
import type { OpenDoor } from '../../../agent/hub/client/open-door.ts';
import type { CollectorFacts } from '../../../agent/pipeline/hub/collector-facts.ts';
import { Redacted } from '../../../agent/secrets/redacted.ts';
import { HubLoop } from '../../../agent/service/hub-loop.ts';
import { silentLogger } from '../../../agent/telemetry/logger.ts';
import { RollcallError } from '../../../core/errors.ts';
import { TestHub, testCollector, testKey } from '../../sandbox/hub/test-hub.ts';

const minuteMs = 60_000;
const begin = 1_800_000_000_000;

describe('the link of a collector to its hub', () => {
  let folder: string;
  let hub: TestHub;
  let now: number;
  let key: string;
  let isJoined: boolean;
  let isFree: boolean;
  let unsentSince: number | null;
  let sendings: SentDocument['state'][];
  let sent: number;
  let changes: number;
  let loop: HubLoop;

  const identity = (): HubIdentity => ({
    formatVersion: 1,
    url: hub.url,
    collector: testCollector,
    name: 'branch',
    organization: '4711',
    pinSha256: '',
    enrolledAt: 1,
    keyName: 'hub-key',
    previousKeyName: null,
  });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rollcall-loop-'));
    hub = await TestHub.start();
    [now, key, isJoined, isFree, unsentSince, sendings, sent, changes] = [begin, testKey('a'), true, true, null, [], 0, 0];
    hub.clock = begin;
    loop = newLoop();
    loop.configure(true);
  });

  afterEach(async () => {
    await loop.close();
    await hub[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
    expect(hub.complaints).toEqual([]);
  });

  function newLoop(): HubLoop {
    return new HubLoop({
      stateDirectory: folder,
      now: () => now,
      random: () => 0.5,
      logger: silentLogger(),
      self: () => ({ version: '0.3.0', platform: 'linux', subnets: ['10.0.0.0/24'], location: 'Branch' }),
      openDoor: (signal) => Promise.resolve(door(signal)),
      takeKey: (_identity, taken) => {
        key = taken;
        return Promise.resolve();
      },
      isFree: () => isFree,
      facts: () => Promise.resolve(facts()),
      send: () => {
        sent += 1;
        const state = sendings.shift() ?? 'landed';
        if (state === 'landed') unsentSince = null;
        return Promise.resolve([{ directory: 'corp', state, whole: false, records: 1, since: null, error: null }]);
      },
      onChange: () => {
        changes += 1;
      },
    });
  }

  function facts(): CollectorFacts {
    const read = { family: 'ad:corp.example.test', lastReadAt: 1, lastFullAt: 1, error: null, seesDeleted: true };
    return { directories: [{ name: 'corp', type: 'active-directory', ...read, unsentSince }], problems: [] };
  }

  function door(signal: AbortSignal): OpenDoor {
    const keys = () => [new Redacted(key)];
    const link = createHubLink({ url: hub.url, network: plainNetwork(), keys, version: '0.3.0', attempts: 1, signal });
    return {
      url: hub.url,
      trust: 'pinned key',
      clock: systemClock,
      identity: () => (isJoined ? Promise.resolve(identity()) : Promise.reject(new RollcallError('HUB_NOT_JOINED', 'Not joined.'))),
      link: () => Promise.resolve(link),
      lastKnown: () => readLinkState(folder),
      close: () => link.close(),
    };
  }

  async function after(ms: number): Promise<void> {
    now += ms;
    await loop.look();
  }

  const beats = (): number => hub.calls.filter((call) => call.endsWith('heartbeat')).length;

  it('gives a sign of life each minute, with what it reads and how it is', async () => {
    await loop.look();
    expect(hub.heartbeats).toMatchObject([
      { version: '0.3.0', subnets: ['10.0.0.0/24'], clock: begin, directories: [{ name: 'corp', unsentSince: null }] },
    ]);
    await after(30_000);
    expect(beats()).toBe(1);
    await after(40_000);
    expect(beats()).toBe(2);
    hub.clock = now - 90_000;
    await after(minuteMs);
    expect(await readLinkState(folder)).toMatchObject({ lastContactAt: now, clockDifferenceMs: 150_000, failing: null });
  });

  it('works out what it tells after a run, and else seldom', async () => {
    await loop.look();
    unsentSince = begin;
    await after(2 * minuteMs);
    expect(hub.heartbeats.at(-1)?.directories[0]?.unsentSince).toBeNull();
    loop.hasten();
    sendings = ['unsent'];
    await after(2 * minuteMs);
    expect(hub.heartbeats.at(-1)?.directories[0]?.unsentSince).toBe(begin);
    unsentSince = null;
    for (let minutes = 0; minutes < 12; minutes += 1) await after(minuteMs);
    expect(hub.heartbeats.at(-1)?.directories[0]?.unsentSince).toBeNull();
  });

  it('does nothing without a hub', async () => {
    loop.configure(false);
    await after(minuteMs);
    expect(hub.calls).toEqual([]);
  });

  it('H2 sends what waits once the hub is heard, and as soon as it is back', async () => {
    unsentSince = begin;
    hub.fail(/heartbeat/u, { how: 'answer', status: 503 }, 3);
    await loop.look();
    expect([sent, changes]).toEqual([0, 1]);
    const { failing } = (await readLinkState(folder)) ?? {};
    expect(failing).toMatchObject({ code: 'HUB_UNREACHABLE', since: begin });
    while (beats() < 4) await after(minuteMs);
    expect([sent, beats()]).toEqual([1, 4]);
    await after(minuteMs);
    expect(sent).toBe(1);
  });

  it('H2 waits longer after each sending that did not come to its end, and never beside another job', async () => {
    unsentSince = begin;
    sendings = ['unsent', 'waiting', 'unsent', 'unsent', 'unsent', 'unsent', 'unsent', 'unsent'];
    await loop.look();
    const times: number[] = [];
    for (let second = 0; second < 1_800; second += 5) {
      const before = sent;
      await after(5_000);
      if (sent > before) times.push(second);
    }
    expect(times.length).toBeGreaterThan(4);
    expect(times.length).toBeLessThan(9);
    isFree = false;
    const before = sent;
    await after(3_600_000);
    expect(sent).toBe(before);
  });

  it('asks with growing pauses, and rarely when it was revoked', async () => {
    hub.fail(/heartbeat/u, { how: 'answer', status: 503 }, 1_000);
    for (let minute = 0; minute < 60; minute += 1) await after(minuteMs);
    expect(beats()).toBeGreaterThan(10);
    expect(beats()).toBeLessThan(30);
    hub.stopFailing();
    hub.isRevoked = true;
    await after(10 * minuteMs);
    const before = beats();
    for (let minute = 0; minute < 59; minute += 1) await after(minuteMs);
    expect(beats()).toBe(before);
    hub.isRevoked = false;
    await after(2 * minuteMs);
    expect((await readLinkState(folder))?.failing).toBeNull();
  });

  it('waits as long as a busy hub asks', async () => {
    hub.fail(/heartbeat/u, { how: 'answer', status: 429, code: 'HUB_BUSY', headers: { 'retry-after': '600' } });
    await loop.look();
    await after(9 * minuteMs);
    expect(beats()).toBe(1);
    await after(minuteMs);
    expect(beats()).toBe(2);
  });

  it('H3 changes its key without a person when the hub asks for it', async () => {
    hub.rotateKey = true;
    await loop.look();
    expect(key).toBe(testKey('b'));
    hub.rotateKey = false;
    await after(2 * minuteMs);
    expect(hub.keys).toEqual(new Set([testKey('b')]));
  });

  it('H3 goes on with its key when the answer with the new one is lost', async () => {
    hub.rotateKey = true;
    hub.fail(/POST \/v1\/key/u, { how: 'lose' });
    await loop.look();
    expect(key).toBe(testKey('a'));
    for (let minutes = 0; minutes < 3; minutes += 1) await after(minuteMs);
    expect(key).toBe(testKey('b'));
  });

  it('C9 knows whose full reads others do, over a restart, until the hub was not heard for a day', async () => {
    hub.sparedFullReads = ['corp'];
    await loop.look();
    expect(loop.sparedFullReads).toEqual(['corp']);
    const next = newLoop();
    next.configure(true);
    await next.start();
    expect(next.sparedFullReads).toEqual(['corp']);
    await next.close();
    now += 24 * 60 * minuteMs;
    expect(loop.sparedFullReads).toEqual([]);
  });

  it('finds out by itself that it has joined', async () => {
    isJoined = false;
    await loop.look();
    expect((await readLinkState(folder))?.failing?.code).toBe('HUB_NOT_JOINED');
    isJoined = true;
    await after(minuteMs);
    expect(hub.heartbeats).toHaveLength(1);
  });

  it('ends although the hub does not answer', async () => {
    hub.fail(/heartbeat/u, { how: 'hang' });
    const looking = loop.look();
    while (beats() === 0) await new Promise((resolve) => setImmediate(resolve));
    await loop.close();
    await looking;
    expect((await readLinkState(folder))?.failing ?? null).toBeNull();
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { plainNetwork } from '../../../agent/http/network.ts';
import { createHubLink, type HubLink } from '../../../agent/hub/client/hub-link.ts';
import { type SentSource, sendSource } from '../../../agent/hub/client/send-source.ts';
import { Redacted } from '../../../agent/secrets/redacted.ts';
import type { ErrorCode } from '../../../core/errors.ts';
import type { Store } from '../../../core/ports/store.ts';
import { acme, landOnce, readOnce, sampleAbsence, sampleEntry } from '../../contract/store.samples.ts';
import { TestHub, testCollector, testKey } from '../../sandbox/hub/test-hub.ts';
import { createFakeClock, type FakeClock } from '../http/fake-clock.ts';
import { useTemporaryStore } from '../store/temporary-store.ts';

const key = { organization: acme, collector: 'hq', directory: 'corp' } as const;
const pages = /PUT .*\/pages\//u;

describe('sending the state of a directory to the hub', () => {
  const place = useTemporaryStore();
  let store: Store;
  let hub: TestHub;
  let clock: FakeClock;
  const links: HubLink[] = [];

  beforeEach(async () => {
    store = await place.open();
    hub = await TestHub.start();
    clock = createFakeClock();
  });

  afterEach(async () => {
    for (const link of links.splice(0)) await link.close();
    await hub[Symbol.asyncDispose]();
    expect(hub.complaints).toEqual([]);
  });

  function send(change: { readonly keys?: readonly string[]; readonly patienceMs?: number } = {}): Promise<SentSource> {
    const keys = (change.keys ?? [testKey('a')]).map((text) => new Redacted(text));
    const link = createHubLink({ url: hub.url, network: plainNetwork(), keys: () => keys, version: '0.3.0', clock });
    links.push(link);
    const patienceMs = change.patienceMs ?? 60_000;
    return store.storeId().then((storeId) => sendSource({ link, store, storeId, clock, patienceMs, collectorId: testCollector }, key));
  }

  async function failure(change: Parameters<typeof send>[0] = {}): Promise<ErrorCode | 'none'> {
    try {
      await send(change);
      return 'none';
    } catch (error) {
      return (error as { readonly code: ErrorCode }).code;
    }
  }

  function people(count: number, title = 'Engineer') {
    return Array.from({ length: count }, (_, index) => sampleEntry(String(index).padStart(4, '0'), title));
  }

  async function expectSame(): Promise<void> {
    expect(await hub.side('corp').differencesTo(store, key)).toEqual([]);
  }

  it('H2 sends all at first, then what changed, then nothing', async () => {
    expect(await send()).toEqual({ state: 'nothing', whole: false, records: 0 });
    expect(hub.calls).toEqual([]);
    await readOnce(store, people(2_300), 10);
    expect(await send()).toEqual({ state: 'landed', whole: true, records: 2_300 });
    await expectSame();
    expect(hub.calls.filter((call) => pages.test(call))).toHaveLength(3);

    await landOnce(store, [sampleEntry('0001', 'Chief')], 20, {
      proof: { kind: 'changes' },
      absences: new Map([['0002', sampleAbsence('gone')]]),
    });
    expect(await send()).toEqual({ state: 'landed', whole: false, records: 2 });
    await expectSame();
    hub.calls.length = 0;
    expect(await send()).toMatchObject({ state: 'nothing' });
    expect(hub.calls).toEqual([]);
  });

  it('takes one connection of the hub, which has so many for all its collectors', async () => {
    await readOnce(store, people(5_300), 10);
    expect(await send()).toMatchObject({ state: 'landed' });
    expect(hub.connections).toBe(1);
  });

  it('H2 tells of a read that changed nothing without a page', async () => {
    await readOnce(store, people(3), 10);
    await send();
    await readOnce(store, people(3), 20);
    hub.calls.length = 0;
    expect(await send()).toEqual({ state: 'landed', whole: false, records: 0 });
    expect(hub.calls.filter((call) => pages.test(call))).toEqual([]);
  });

  it('H2 sends everything to a hub that does not have what the changes build on', async () => {
    await readOnce(store, people(3), 10);
    await send();
    hub.side('corp').restore();
    await readOnce(store, people(2, 'Chief'), 20);
    expect(await send()).toMatchObject({ state: 'landed', whole: true });
    await expectSame();
    await readOnce(store, people(3, 'Chief'), 30);
    expect(await send()).toMatchObject({ state: 'landed', whole: false });
    await expectSame();
  });

  it('H2 sends everything when the hub finds only at landing that the base is gone', async () => {
    await readOnce(store, people(3), 10);
    await send();
    await readOnce(store, people(2, 'Chief'), 20);
    hub.looksToLand = 3;
    expect(await send({ patienceMs: 0 })).toMatchObject({ state: 'waiting' });
    hub.side('corp').restore();
    expect(await send()).toMatchObject({ state: 'landed', whole: true });
    await expectSame();
  });

  it('H2 builds on nothing that another hub has', async () => {
    await readOnce(store, people(3), 10);
    const read = (await store.listReads(acme))[0]?.latestComplete?.id ?? 0;
    await store.acknowledge(key, { by: 'f'.repeat(32), read, family: 'ad:corp.example.test', survey: null });
    expect(await send()).toMatchObject({ state: 'landed', whole: true });
  });

  it('H2 counts nothing as delivered before it has landed, and does not send it again meanwhile', async () => {
    await readOnce(store, people(3), 10);
    hub.looksToLand = 1_000;
    expect(await send()).toMatchObject({ state: 'waiting' });
    expect(await store.acknowledged(key)).toBeNull();
    hub.looksToLand = 1;
    hub.calls.length = 0;
    expect(await send()).toMatchObject({ state: 'landed' });
    expect(hub.calls.every((call) => call.startsWith('GET'))).toBe(true);
  });

  it('H2 goes on where it was cut off, in another process too', async () => {
    await readOnce(store, people(3_500), 10);
    hub.fail(/pages\/3/u, { how: 'reset' }, 100);
    expect(await failure()).toBe('HUB_UNREACHABLE');
    await store.close();
    store = await place.open();
    hub.calls.length = 0;
    hub.stopFailing();
    expect(await send()).toMatchObject({ state: 'landed' });
    const sent = hub.calls.flatMap((call) => /pages\/(\d+)/u.exec(call)?.[1] ?? []);
    expect(sent).toEqual(['3', '4']);
    await expectSame();
  });

  it('H2 begins again with a hub that was restarted and forgot what it had', async () => {
    await readOnce(store, people(1_500), 10);
    hub.fail(/pages\/2/u, { how: 'answer', status: 404, code: 'HUB_UPLOAD_UNKNOWN' });
    expect(await send()).toMatchObject({ state: 'landed' });
    await expectSame();
    await readOnce(store, people(5), 20);
    hub.fail(/complete/u, { how: 'answer', status: 404, code: 'HUB_UPLOAD_UNKNOWN' }, 100);
    expect(await failure()).toBe('HUB_UPLOAD_UNKNOWN');
  });

  it.each([
    ['the announcement', /PUT \/v1\/uploads\/\w+$/u],
    ['a page', /pages\/1/u],
    ['the completion', /complete/u],
    ['a look', /GET .*uploads/u],
  ] as const)('H2 sends %s again when its answer is lost, cut off, or a passing failure', async (_what, on) => {
    await readOnce(store, people(5), 10);
    hub.fail(on, { how: 'lose' });
    hub.fail(on, { how: 'cut' });
    hub.fail(on, { how: 'answer', status: 503, headers: { 'retry-after': '7' } });
    expect(await send()).toMatchObject({ state: 'landed' });
    expect(clock.waits).toContain(7_000);
    await expectSame();
  });

  it('waits as long as a hub asks that is busy, and gives up when it asks for long', async () => {
    await readOnce(store, people(5), 10);
    hub.fail(pages, { how: 'answer', status: 429, code: 'HUB_BUSY', headers: { 'retry-after': '12' } });
    expect(await send()).toMatchObject({ state: 'landed' });
    expect(clock.waits).toContain(12_000);
    await readOnce(store, people(6), 20);
    hub.fail(pages, { how: 'answer', status: 429, code: 'HUB_BUSY', headers: { 'retry-after': '3600' } });
    expect(await failure()).toBe('HUB_BUSY');
  });

  it('makes smaller pages for a way on which large ones do not pass', async () => {
    await readOnce(store, people(450), 10);
    hub.fail(/pages\/1$/u, { how: 'answer', status: 413 });
    expect(await send()).toMatchObject({ state: 'landed' });
    expect(hub.calls.filter((call) => /pages\/3/u.test(call))).toHaveLength(1);
    await expectSame();
  });

  it.each([
    ['HUB_NO_ROOM', 507],
    ['HUB_UPLOAD_INVALID', 400],
    ['HUB_COLLECTOR_REVOKED', 401],
    ['HUB_PROTOCOL_UNKNOWN', 426],
    ['HUB_UPLOAD_TOO_LARGE', 413],
  ] as const)('tells a refusal %s as what it is, and keeps what was read', async (code, status) => {
    await readOnce(store, people(5), 10);
    hub.fail(/PUT/u, { how: 'answer', status, code }, 1_000);
    expect(await failure()).toBe(code);
    expect(await store.acknowledged(key)).toBeNull();
    hub.stopFailing();
    expect(await send()).toMatchObject({ state: 'landed' });
  });

  it.each([
    ['a page of a gateway', { how: 'answer', status: 200, text: '<html>' }, 'HUB_MESSAGE_INVALID'],
    ['a 404 of somebody else', { how: 'answer', status: 404 }, 'HUB_MESSAGE_INVALID'],
    ['a code that no hub has', { how: 'answer', status: 403, code: 'STORE_CORRUPT' }, 'HUB_MESSAGE_INVALID'],
    ['a 502', { how: 'answer', status: 502 }, 'HUB_UNREACHABLE'],
    ['a reset', { how: 'reset' }, 'HUB_UNREACHABLE'],
  ] as const)('does not take %s for the word of a hub', async (_what, fault, code) => {
    await readOnce(store, people(5), 10);
    hub.fail(/GET/u, fault, 1_000);
    expect(await failure()).toBe(code);
  });

  it('uses the key before the new one with a hub that was restored and knows only that', async () => {
    await readOnce(store, people(5), 10);
    expect(await send({ keys: [testKey('z'), testKey('a')] })).toMatchObject({ state: 'landed' });
    await readOnce(store, people(6), 20);
    expect(await failure({ keys: [testKey('z')] })).toBe('HUB_KEY_REJECTED');
    expect(await failure({ keys: [] })).toBe('HUB_NOT_JOINED');
  });

  it('C4 sends the last logons of a survey with the users', async () => {
    await readOnce(store, people(3), 10);
    await store.saveLogons(key, { asked: [], failed: [], exact: true, logons: new Map([['0001', 500]]) }, 20);
    expect(await send()).toMatchObject({ state: 'landed', records: 4 });
    await readOnce(store, people(3), 30);
    expect(await send()).toMatchObject({ state: 'landed', records: 0 });
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AutotaskSandbox } from '../sandbox/autotask/autotask-sandbox.ts';
import type { AutotaskSwitches } from '../sandbox/autotask/switches.ts';
import { call, dig } from '../sandbox/call.ts';
import type { FaultKind } from '../sandbox/faults.ts';
import type { AutotaskCalls } from './sandbox-autotask.calls.ts';
import { errors, ids, openAutotask } from './sandbox-autotask.calls.ts';

const minuteMs = 60_000;
const threadText = 'Thread Threshold Exceeded - The Autotask API thread threshold of 3 threads has been exceeded.';
let autotask: AutotaskCalls;
let sandbox: AutotaskSandbox;

beforeEach(async () => {
  autotask = await openAutotask();
  ({ sandbox } = autotask);
});

afterEach(() => autotask.close());

async function used(): Promise<unknown> {
  return dig((await autotask.send('GET', 'ThresholdInformation')).json, 'currentTimeframeRequestCount');
}

describe('the hourly limit', () => {
  it('counts all requests of all integrations in 60 minutes, the question too, the zone look-up not', async () => {
    await autotask.send('GET', 'Contacts/7');
    await autotask.send('GET', 'Contacts/404');
    await call('GET', `${sandbox.url}/ATServicesRest/V1.0/ZoneInformation?user=${sandbox.credentials.userName}`);
    sandbox.data.otherUse(100);
    const answer = await autotask.send('GET', 'ThresholdInformation');
    sandbox.advance(60 * minuteMs);

    expect(answer.json).toEqual({ externalRequestThreshold: 10_000, requestThresholdTimeframe: 60, currentTimeframeRequestCount: 103 });
    expect(await used()).toBe(1);
  });

  it.each<[Partial<AutotaskSwitches>, number, string | null]>([
    [{}, 429, null],
    [{ retryAfter: 120 }, 429, '120'],
    [{ overLimit: 500, retryAfter: 120 }, 500, null],
  ])('refuses above it (%o)', async (switches, status, retryAfter) => {
    Object.assign(sandbox.switches, switches, { hourlyLimit: 50 });
    sandbox.data.otherUse(49);
    const last = await autotask.send('GET', 'Contacts/7');
    const over = await autotask.send('GET', 'Contacts/7');

    expect([last.status, over.status, over.headers.get('retry-after')]).toEqual([200, status, retryAfter]);
    expect(errors(over)).toContain('exceeded the threshold of 50 requests');
    sandbox.advance(60 * minuteMs);
    expect((await autotask.send('GET', 'Contacts/7')).status).toBe(200);
  });

  it('suspends the tenant for a while when switched, even when the count is low again', async () => {
    Object.assign(sandbox.switches, { hourlyLimit: 10, suspensionMinutes: 90 });
    sandbox.data.otherUse(10);
    const over = await autotask.send('GET', 'Contacts/7');
    sandbox.advance(61 * minuteMs);
    const suspended = await autotask.send('GET', 'Contacts/7');
    sandbox.advance(30 * minuteMs);

    expect([over.status, suspended.status, (await autotask.send('GET', 'Contacts/7')).status]).toEqual([429, 429, 200]);
  });

  it.each<[AutotaskSwitches['refusedRequests'], number]>([
    ['counted', 13],
    ['free', 10],
  ])('has refused requests %s', async (refusedRequests, expected) => {
    Object.assign(sandbox.switches, { refusedRequests, hourlyLimit: 10 });
    sandbox.data.otherUse(10);
    for (let nth = 0; nth < 3; nth += 1) {
      await autotask.send('GET', 'Contacts/7');
    }

    expect(sandbox.data.usage.count).toBe(expected);
  });

  it('slows down from half of it on: counted, and waited for when switched', async () => {
    sandbox.switches.hourlyLimit = 100;
    sandbox.data.otherUse(49);
    await autotask.send('GET', 'Contacts/7');
    expect(sandbox.slowed).toBe(0);
    sandbox.switches.slowMs = 20;
    const before = performance.now();
    await autotask.send('GET', 'Contacts/7');

    expect(sandbox.slowed).toBe(1);
    expect(performance.now() - before).toBeGreaterThan(15);
    sandbox.resetCounts();
    expect(sandbox.slowed).toBe(0);
  });
});

describe('threads', () => {
  it('are three per endpoint; a child takes one of both', async () => {
    const giveBack = sandbox.occupyThreads('Contacts', 3);
    const refused = await autotask.send('GET', 'Contacts/7');
    const child = await autotask.send('GET', 'Companies/250/Contacts');
    const other = await autotask.send('GET', 'Companies/250');
    giveBack();
    const later = await autotask.send('GET', 'Contacts/7');

    expect([refused.status, child.status, other.status, later.status]).toEqual([500, 500, 200, 200]);
    expect(errors(refused)).toBe(threadText);
  });

  it.each<[Partial<AutotaskSwitches>, number, string | null]>([
    [{ childThreads: 'parent' }, 200, null],
    [{ childThreads: 'child', overThreads: 429 }, 429, null],
    [{ overThreads: 429, retryAfter: 5 }, 429, '5'],
    [{ threads: 4 }, 200, null],
  ])('are refused as %o says', async (switches, status, retryAfter) => {
    Object.assign(sandbox.switches, switches);
    sandbox.occupyThreads('contacts', 3);
    const answer = await autotask.send('GET', 'Companies/250/Contacts');

    expect([answer.status, answer.headers.get('retry-after')]).toEqual([status, retryAfter]);
  });

  it('are taken from the coming of a request until its answer is gone', async () => {
    const hold = sandbox.holdAtWrite(1, 'before');
    sandbox.occupyThreads('Companies', 1);
    const write = autotask.send('PATCH', 'Companies/250/Contacts', { id: 7, title: 'x' });
    await hold.parked;
    const free = await autotask.send('GET', 'Companies/250');
    sandbox.occupyThreads('Companies', 1);
    const full = await autotask.send('GET', 'Companies/250');
    hold.release();

    expect([free.status, full.status, (await write).status]).toEqual([200, 500, 200]);
    expect((await autotask.send('GET', 'Companies/250')).status).toBe(200);
    expect(sandbox.mostThreads).toBe(4);
  });

  it('are given back when the client leaves', async () => {
    sandbox.switches.threads = 1;
    sandbox.faults.add({ kind: 'stall-before', match: { path: '/Contacts/7' } });
    const leave = new AbortController();
    const url = `${sandbox.zoneUrl}/ATServicesRest/V1.0/Contacts/7`;
    const stalled = call('GET', url, { headers: autotask.headers, signal: leave.signal });
    await vi.waitFor(() => expect(sandbox.requests).toHaveLength(1));
    const full = await autotask.send('GET', 'Contacts/7');
    leave.abort();

    await expect(stalled).rejects.toThrow();
    expect(full.status).toBe(500);
    await vi.waitFor(async () => expect((await autotask.send('GET', 'Contacts/7')).status).toBe(200));
  });
});

describe('faults by name', () => {
  it.each<[FaultKind, number, string]>([
    ['bad-request', 500, 'Missing Required Field'],
    ['error-body', 500, 'unexpected error'],
    ['timeout-body', 500, 'Timeout Expired'],
    ['empty-error', 500, ''],
    ['unauthorized', 401, ''],
    ['forbidden', 403, 'adequate permissions'],
    ['hourly-limit', 429, 'threshold of 10000'],
    ['thread-limit', 500, threadText],
  ])('%s', async (kind, status, text) => {
    sandbox.faults.add({ kind });
    const answer = await autotask.send('GET', 'Contacts/7');

    expect([answer.status, errors(answer)]).toEqual([status, text === '' ? '' : expect.stringContaining(text)]);
    expect(answer.text === '').toBe(text === '');
    expect((await autotask.send('GET', 'Contacts/7')).status).toBe(200);
  });

  it.each<[FaultKind, number]>([
    ['lost-before', 1],
    ['lost-after', 2],
  ])('%s breaks the connection and leaves %i contacts', async (kind, expected) => {
    sandbox.faults.add({ kind, match: { method: 'POST' } });
    const body = { firstName: 'Bo', lastName: 'Cole', isActive: 1 };

    await expect(autotask.send('POST', 'Companies/250/Contacts', body)).rejects.toThrow();
    expect(sandbox.data.contacts.size).toBe(expected);
  });

  it('lie in lists: a filter ignored, an id twice', async () => {
    sandbox.data.addContact({ id: 8, companyID: 251, firstName: 'Abe', lastName: 'Cole' });
    const send = () => autotask.send('POST', 'Contacts/query', { filter: [{ op: 'eq', field: 'id', value: 7 }] });
    sandbox.faults.add({ kind: 'filter-ignored' });
    const all = await send();
    sandbox.faults.add({ kind: 'duplicate-id' });
    const twice = await send();

    expect(ids(all)).toEqual([7, 8]);
    expect(ids(twice)).toEqual([7, 7]);
  });
});

describe('the control API', () => {
  it('changes data and switches from outside', async () => {
    const control = `${sandbox.url}/_sandbox`;
    await call('POST', `${control}/data`, { body: { do: 'updateContact', with: [7, { title: 'Dentist' }] } });
    await call('POST', `${control}/switches`, { body: { failures: 400 } });
    const state = (await call('GET', `${control}/state`)).json;

    expect(dig(state, 'contacts', '7', 'title')).toBe('Dentist');
    expect(sandbox.switches.failures).toBe(400);
  });
});

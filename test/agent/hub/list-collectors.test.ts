import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { View } from '../../../agent/cli/answer.ts';
import { renderHubCollectors } from '../../../agent/cli/render/hub-collectors.ts';
import { createStyle } from '../../../agent/cli/terminal/style.ts';
import { listCollectors } from '../../../agent/hub/administration/list-collectors.ts';
import type { HeartbeatRequest } from '../../../agent/hub/protocol/messages.ts';
import { sampleUpload } from '../../fixtures/uploads.ts';
import { openTestHub, start, type TestHub } from './hub-fixture.ts';

const minute = 60_000;
let hub: TestHub;
beforeEach(async () => {
  hub = await openTestHub();
});
afterEach(() => hub.close());

function beat(clock: number, unsentSince: number | null, error: string | null = null): HeartbeatRequest {
  const directory = {
    name: 'corp',
    type: 'active-directory' as const,
    family: null,
    lastReadAt: clock,
    lastFullAt: null,
    seesDeleted: false,
    error,
    unsentSince,
  };
  const problems = error === null ? [] : [{ code: 'SYNC_OVERDUE', severity: 'degraded' as const, since: null }];
  return { version: '0.1.0', platform: 'linux', clock, subnets: [], location: '', directories: [directory], problems };
}

async function list(at: number) {
  return listCollectors(null, { registry: hub.registry, inbox: hub.inbox, now: at });
}

describe('the list of collectors', () => {
  it('tells a collector silent after 15 minutes, and its subnets uncovered', async () => {
    const { id } = await hub.join('acme-hq');
    await hub.registry.heartbeat(id, beat(start, null), start);

    expect(await list(start + 15 * minute)).toMatchObject({ collectors: [{ state: 'joined', lagMs: 0 }], uncovered: [] });
    expect(await list(start + 16 * minute)).toMatchObject({
      collectors: [{ state: 'silent' }],
      uncovered: [{ organization: '4711', subnet: '10.20.0.0/16', why: 'silent' }],
    });
    const { id: next } = await hub.join('acme-new');
    await hub.registry.heartbeat(next, beat(start, null), start + 16 * minute);
    expect((await list(start + 16 * minute)).uncovered).toEqual([]);
  });

  it("H2 tells how long something has not landed, by the collector's own clock where it is there, by the hub's where it is here", async () => {
    const { id } = await hub.join('acme-hq');
    expect((await list(start)).collectors).toMatchObject([{ lagMs: null, clockAheadMs: null }]);
    const wrong = start + 90 * minute;
    await hub.registry.heartbeat(id, beat(wrong, wrong - 5 * minute), start);

    expect((await list(start + 2 * minute)).collectors).toMatchObject([{ lagMs: 7 * minute, clockAheadMs: 90 * minute }]);
    await hub.registry.heartbeat(id, beat(wrong, null), start);
    const upload = sampleUpload({ users: 0 });
    await hub.inbox.begin({ organization: '4711', collector: 'acme-hq', collectorId: id }, upload.id, upload.manifest, start);
    await hub.inbox.complete(id, upload.id);
    expect((await list(start + 3 * minute)).collectors).toMatchObject([{ lagMs: 3 * minute }]);
  });

  it('is shown with what is wrong there, and with what is open', async () => {
    const { id } = await hub.join('acme-hq');
    await hub.registry.heartbeat(id, beat(start + 90 * minute, start + 85 * minute, 'DIRECTORY_TIMEOUT'), start);
    const invitation = { organization: '4712', subnets: ['10.9.0.0/24'], name: 'annex', expiresAt: start + minute };
    await hub.registry.invite(invitation, 'account root', start);
    const view: View = { style: createStyle(false), width: Number.POSITIVE_INFINITY, isTerminal: false, now: start, sameOptions: '' };

    const text = renderHubCollectors(await list(start), view);

    expect(text).toMatch(
      /4711\s+acme-hq\s+joined\s+10\.20\.0\.0\/16\s+0\.1\.0\s+just now\s+5 min\s+\+1 h 30 min\s+0 d\s+corp: DIRECTORY_TIMEOUT, SYNC_OVERDUE/,
    );
    expect(text).toContain('invited  annex of 4712 for 10.9.0.0/24');
    expect(text).toContain('uncovered  10.9.0.0/24 of 4712: the invitation was not used yet');
    expect(renderHubCollectors({ formatVersion: 1, collectors: [], invitations: [], uncovered: [] }, view)).toContain(
      'No collector has joined',
    );
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hubChecks } from '../../../agent/doctor/hub.ts';
import { runChecks } from '../../../agent/doctor/run-checks.ts';
import { plainNetwork } from '../../../agent/http/network.ts';
import { createHubLink, type HubLink } from '../../../agent/hub/client/hub-link.ts';
import type { LinkState } from '../../../agent/hub/client/link-state.ts';
import { RollcallError } from '../../../core/errors.ts';
import { TestHub, testCollector } from '../../sandbox/hub/test-hub.ts';
import { createFakeClock } from '../http/fake-clock.ts';
import { openPipelineSite, type PipelineSite } from '../pipeline/pipeline-site.ts';

describe('what doctor sees of the hub', () => {
  let site: PipelineSite;
  let hub: TestHub;
  let link: HubLink;

  beforeEach(async () => {
    site = await openPipelineSite([]);
    hub = await TestHub.start();
    link = createHubLink({ url: hub.url, network: plainNetwork(), keys: () => [], version: '0.3.0', attempts: 1 });
  });

  afterEach(async () => {
    await link.close();
    await hub[Symbol.asyncDispose]();
    await site[Symbol.asyncDispose]();
  });

  async function findings(change: { readonly known?: LinkState; readonly isJoined?: boolean } = {}): Promise<readonly string[]> {
    const identity = {
      formatVersion: 1,
      url: hub.url,
      collector: testCollector,
      name: 'branch',
      organization: '4711',
      pinSha256: '',
      enrolledAt: 1,
      keyName: 'hub-key',
      previousKeyName: null,
    } as const;
    const notJoined = new RollcallError('HUB_NOT_JOINED', 'Not joined.');
    const services = {
      ...site.services,
      hub: {
        url: hub.url,
        trust: 'pinned key' as const,
        identity: () => (change.isJoined === false ? Promise.reject(notJoined) : Promise.resolve(identity)),
        link: () => Promise.resolve(link),
        lastKnown: () => Promise.resolve(change.known ?? null),
        clock: createFakeClock(),
      },
    };
    const found = await runChecks(hubChecks(services), site.stop.signal);
    return found.map(({ code, state, seen, error }) => `${code} ${state}: ${error ?? seen}`);
  }

  function apart(clockDifferenceMs: number): LinkState {
    return { collector: testCollector, lastContactAt: 1, clockDifferenceMs, sparedFullReads: [], failing: null };
  }

  it('is nothing where there is none', () => {
    expect(hubChecks(site.services)).toEqual([]);
  });

  it('is who answers, as whom this machine has joined, and how far the clocks are apart', async () => {
    expect(await findings({ known: apart(-2_000) })).toEqual([
      'HUB ok: answers (rollcall 0.3.0, certificate by pinned key); joined as branch of organization 4711',
      "HUB_CLOCK ok: 2 s behind the hub's",
    ]);
    expect(await findings({ known: apart(600_000) })).toContain("HUB_CLOCK warning: 600 s ahead of the hub's");
    expect(await findings()).toContain('HUB_CLOCK note: not compared yet: the running service does that');
  });

  it('is why the hub cannot be had', async () => {
    expect(await findings({ isJoined: false })).toContain('HUB problem: HUB_NOT_JOINED');
    hub.fail(/hub/u, { how: 'reset' }, 9);
    expect(await findings()).toContain('HUB problem: HUB_UNREACHABLE');
  });
});

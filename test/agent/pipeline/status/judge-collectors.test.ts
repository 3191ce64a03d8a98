import { describe, expect, it } from 'vitest';
import type { HubCollectorDocument, HubCollectorsDocument } from '../../../../agent/cli/documents-hub.ts';
import { observe } from '../../../../agent/notify/observe.ts';
import { judgeCollectors, skewNotices } from '../../../../agent/pipeline/status/judge-collectors.ts';
import type { ServiceFacts, ServiceView } from '../../../../agent/service/service-facts.ts';
import { listedCollector } from '../../../fixtures/collectors.ts';
import { problem, serviceFacts } from '../../console/console-fixture.ts';

const now = Date.UTC(2026, 10, 22, 12);
const minute = 60_000;
const hour = 60 * minute;

function ago(ms: number): string {
  return new Date(now - ms).toISOString();
}

function running(change: Partial<ServiceFacts> = {}): ServiceView {
  return { state: 'running', facts: serviceFacts({ startedAt: ago(24 * hour), at: ago(0), ...change }) };
}

function judge(
  known: Partial<HubCollectorsDocument>,
  change: { view?: ServiceView; isMissed?: (one: HubCollectorDocument) => boolean } = {},
) {
  const document = { collectors: [], invitations: [], uncovered: [], ...known };
  return judgeCollectors(document, { view: running(), now, isMissed: () => true, ...change });
}

const silent = listedCollector(now, { state: 'silent', lastContactAt: ago(3 * hour) });

describe('what is wrong with collectors', () => {
  it('H3 is nothing while all are heard and read', () => {
    expect(judge({ collectors: [listedCollector(now), listedCollector(now, { name: 'annex', lagMs: null, directories: [] })] })).toEqual(
      [],
    );
  });

  it('H3 names one that is silent, since when, and the subnets it stands for', () => {
    expect(judge({ collectors: [silent] })).toEqual([
      {
        organization: '4711',
        finding: {
          code: 'HUB_COLLECTOR_SILENT',
          severity: 'degraded',
          message: 'Nothing was heard of collector acme-hq (10.20.0.0/16) for 3 hours.',
          since: now - 3 * hour,
          place: { collector: 'acme-hq' },
        },
      },
    ]);
    const joined = listedCollector(now, { state: 'silent', lastContactAt: null, addedAt: ago(hour) });
    expect(judge({ collectors: [joined] })[0]?.finding.message).toMatch(/60 minutes, where it has only joined\.$/u);
  });

  it.each<[string, ServiceView, boolean]>([
    ['it has listened for longer', running({ startedAt: ago(16 * minute) }), true],
    ['it has just begun to listen', running({ startedAt: ago(14 * minute) }), false],
    ['it cannot listen', running({ problems: [{ ...problem, code: 'HUB_UNAVAILABLE' }] }), false],
    ['it stopped long after', { state: 'not-running', facts: serviceFacts({ startedAt: ago(24 * hour), stoppedAt: ago(2 * hour) }) }, true],
    [
      'it stopped at once',
      { state: 'not-running', facts: serviceFacts({ startedAt: ago(24 * hour), stoppedAt: ago(171 * minute) }) },
      false,
    ],
    ['it crashed at once', { state: 'not-running', facts: serviceFacts({ startedAt: ago(24 * hour), at: ago(171 * minute) }) }, false],
    ['it never ran', { state: 'none' }, false],
  ])('H3 blames no collector for the hub: %s', (_case, view, isTold) => {
    expect(judge({ collectors: [silent] }, { view })).toHaveLength(isTold ? 1 : 0);
  });

  it('H3 names one whose reads fail, with what helps there, whatever its clock says', () => {
    const directories = [
      { name: 'corp', type: 'active-directory' as const, lastReadAt: ago(-hour), error: 'DIRECTORY_TIMEOUT' },
      { name: 'labs', type: 'active-directory' as const, lastReadAt: null, error: 'SOMETHING_NEWER' },
      { name: 'good', type: 'active-directory' as const, lastReadAt: ago(0), error: null },
    ];
    const failing = listedCollector(now, { directories, clockAheadMs: 3 * hour });

    const [found, ...more] = judge({ collectors: [failing] });
    expect(more).toEqual([]);
    expect(found?.finding).toMatchObject({ code: 'HUB_COLLECTOR_FAILING', place: { collector: 'acme-hq' } });
    expect(found?.finding.message).toBe(
      'Collector acme-hq is heard, but its reads fail: corp (DIRECTORY_TIMEOUT; last complete 2 hours ago), labs (SOMETHING_NEWER; no read was complete yet).',
    );
    expect(found?.finding.hint).toMatch(/^On that machine: ./u);
    // What a silent one said last is told no more, and a revoked one does not matter.
    expect(judge({ collectors: [{ ...silent, directories }] }).map(({ finding }) => finding.code)).toEqual(['HUB_COLLECTOR_SILENT']);
    expect(judge({ collectors: [{ ...failing, state: 'revoked' }] })).toEqual([]);
  });

  it('H3 names a subnet whose collector was revoked, as long as what that saw counts', () => {
    const revoked = listedCollector(now, { state: 'revoked', revokedAt: ago(hour) });
    const uncovered = [{ organization: '4711', subnet: '10.20.0.0/16', why: 'revoked' as const }];

    expect(judge({ collectors: [revoked], uncovered })).toMatchObject([
      { organization: '4711', finding: { code: 'HUB_SUBNET_UNCOVERED', since: now - hour, place: { subnet: '10.20.0.0/16' } } },
    ]);
    expect(judge({ collectors: [revoked], uncovered }, { isMissed: () => false })).toEqual([]);
    // The same subnet at another customer is another one.
    expect(judge({ collectors: [{ ...revoked, organization: '4712' }], uncovered })).toEqual([]);
  });

  it('H3 names a subnet whose invitation lies unused for a day', () => {
    const invitation = { organization: '4711', subnets: ['10.9.0.0/24'], name: null, createdBy: 'account root', expiresAt: ago(-hour) };
    const uncovered = [{ organization: '4711', subnet: '10.9.0.0/24', why: 'invited' as const }];

    expect(judge({ invitations: [{ ...invitation, createdAt: ago(23 * hour) }], uncovered })).toEqual([]);
    expect(judge({ invitations: [{ ...invitation, createdAt: ago(24 * hour) }], uncovered })).toMatchObject([
      { finding: { code: 'HUB_SUBNET_UNCOVERED', message: expect.stringContaining('was not used') as string } },
    ]);
  });

  it('is told once for each collector and subnet (S2)', () => {
    const found = judge({ collectors: [silent, { ...silent, name: 'annex' }, { ...silent, organization: '4712' }] });
    const told = found.map(({ organization, finding }) => ({
      ...finding,
      hint: '',
      organization,
      since: ago(hour),
      place: { ...finding.place },
    }));

    const { episodes } = observe({ episodes: [], sentAt: [] }, told, now);
    expect(episodes.map(({ organization, part }) => `${organization} ${part}`)).toEqual(['4711 acme-hq', '4711 annex', '4712 acme-hq']);
  });
});

describe('collectors of other releases', () => {
  it('H3 are named, each side in one sentence, without those that were revoked', () => {
    const old = listedCollector(now, { versionSkew: 'older', version: '0.1.0' });
    const many = Array.from({ length: 12 }, (_, index) => ({ ...old, name: `site-${index}` }));
    const next = { ...old, name: 'next', versionSkew: 'newer' as const, version: '0.9.0' };

    const [older, newer, ...more] = skewNotices([...many, next, { ...next, state: 'revoked' }, listedCollector(now)], '0.5.0');
    expect(older).toMatch(
      /^More than one minor release older than this hub \(0\.5\.0\): site-0 of organization 4711 \(0\.1\.0\), .*and 2 more/u,
    );
    expect(newer).toMatch(/: next of organization 4711 \(0\.9\.0\); update the hub\.$/u);
    expect(more).toEqual([]);
    expect(skewNotices([listedCollector(now)], '0.5.0')).toEqual([]);
  });
});

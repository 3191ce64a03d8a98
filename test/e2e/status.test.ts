import { closeSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import type { RunDetailDocument, RunsDocument } from '../../agent/cli/documents.ts';
import { serviceFacts } from '../agent/console/console-fixture.ts';
import { crowd, documentOf, person, statusOf } from './people.ts';
import { type Site, startSite } from './site.ts';

const dayMs = 86_400_000;

/** A site after a sync that went well. */
async function syncedSite(count = 3, sections: Readonly<Record<string, unknown>> = {}): Promise<Site> {
  const site = await startSite({ people: crowd(count), sections: { limits: wide, ...sections } });
  const sync = await site.call('sync');
  expect(sync.exit, sync.stdout + sync.stderr).toBe(0);
  return site;
}

const limit = { floor: 1_000, share: '100%' };
const wide = { firstRun: 'auto', create: limit, update: limit, push: limit, blank: limit, rematch: limit, deactivate: limit };

/** Changes the store behind the program's back: time cannot be waited for. */
function inStore(site: Site, statement: string, ...values: readonly (string | number)[]): void {
  const database = new DatabaseSync(join(site.folder, 'state', 'rollcall.db'));
  try {
    database.prepare(statement).run(...values);
  } finally {
    database.close();
  }
}

function leaveFacts(site: Site, change: Parameters<typeof serviceFacts>[0]): void {
  writeFileSync(join(site.folder, 'state', 'service.json'), JSON.stringify(serviceFacts(change)));
}

/** The organization's state as if its last plan was so many days ago. */
function keyIdle(site: Site, days: number): void {
  const at = Date.now() - days * dayMs;
  inStore(site, "update organization_state set body = json_set(body, '$.lastPlanAt', ?, '$.lastAppliedAt', ?)", at, at);
}

interface Case {
  readonly words: string;
  readonly code: string;
  readonly exit: number;
  readonly part: string;
  readonly make: (site: Site) => void | Promise<void>;
}

const cases: readonly Case[] = [
  {
    words: 'a service that crashed',
    code: 'SERVICE_NOT_RUNNING',
    exit: 7,
    part: 'service',
    make: (site) => leaveFacts(site, { stoppedAt: null }),
  },
  {
    words: 'a service that was stopped',
    code: 'SERVICE_NOT_RUNNING',
    exit: 6,
    part: 'service',
    make: (site) => leaveFacts(site, { stoppedAt: new Date().toISOString() }),
  },
  {
    words: 'no success for more than a week, and no service',
    code: 'SYNC_OVERDUE',
    exit: 6,
    part: 'service',
    make: (site) => inStore(site, 'update run set started_at = started_at - ?, finished_at = finished_at - ?', 8 * dayMs, 8 * dayMs),
  },
  {
    words: 'a key of IT Glue that is idle for 61 days',
    code: 'ITGLUE_KEY_IDLE',
    exit: 6,
    part: 'it-glue',
    make: (site) => keyIdle(site, 61),
  },
  {
    words: 'a key of IT Glue that is idle for 86 days',
    code: 'ITGLUE_KEY_IDLE',
    exit: 7,
    part: 'it-glue',
    make: (site) => keyIdle(site, 86),
  },
  {
    words: 'a directory that cannot be read',
    code: 'LDIF_UNREADABLE',
    exit: 7,
    part: 'directory',
    async make(site) {
      rmSync(join(site.folder, 'users.ldif'));
      expect((await site.call('sync')).exit).toBe(1);
    },
  },
  {
    words: 'a key that IT Glue refuses',
    code: 'ITGLUE_KEY_REJECTED',
    exit: 7,
    part: 'it-glue',
    async make(site) {
      site.environment['TEST_ITGLUE_KEY'] = 'ITG.00000000000000000000000000000000';
      expect((await site.call('sync')).exit).toBe(1);
    },
  },
  {
    words: 'a record that the PSA refuses',
    code: 'PSA_REFUSED',
    exit: 6,
    part: 'psa',
    async make(site) {
      site.setPeople([...crowd(3), person('nora')]);
      site.bms.faults.add({ kind: 'bad-request', match: { method: 'POST', path: /contacts\/summary/ } });
      expect((await site.call('sync')).exit).toBe(3);
    },
  },
  {
    words: 'a company that the PSA does not have',
    code: 'PSA_COMPANY_NOT_FOUND',
    exit: 6,
    part: 'psa',
    async make(site) {
      site.configure({ limits: wide, organizations: { [site.organization]: { psa: { company: '999' } } } });
      expect((await site.call('sync')).exit).toBe(0);
    },
  },
  {
    words: 'a plan that is held',
    code: 'PLAN_HELD',
    exit: 6,
    part: 'plan',
    async make(site) {
      site.configure({ limits: { ...wide, create: { floor: 0, share: '0%' } } });
      site.setPeople([...crowd(3), person('nora')]);
      expect((await site.call('sync')).exit).toBe(4);
    },
  },
  {
    words: 'a store that is damaged',
    code: 'STORE_CORRUPT',
    exit: 7,
    part: 'store',
    make(site) {
      const path = join(site.folder, 'state', 'rollcall.db');
      inStore(site, 'pragma wal_checkpoint(truncate)');
      const file = openSync(path, 'r+');
      writeSync(file, Buffer.alloc(8 * 4_096, 0x5a), 0, 8 * 4_096, 2 * 4_096);
      closeSync(file);
    },
  },
];

describe('status', () => {
  it.concurrent('is calm when all is well: at most 12 lines for one organization, 80 columns wide', async () => {
    await using site = await syncedSite();

    const healthy = await site.call('status');

    expect(healthy.exit, healthy.stdout).toBe(0);
    expect(healthy.stdout).toMatch(/^● healthy\n\nAcme Fittings \(4711\)\n {2}3 users · 3 matched · 0 unmatched · 0 ignored\n/);
    expect(healthy.stdout.trimEnd().split('\n').length).toBeLessThanOrEqual(12);
    expect(statusOf(await site.call('status', '--json'))).toMatchObject({ service: { state: 'none' }, next: [], problems: [] });
  });

  it.concurrent.each(cases)('tells of $words with exit $exit, what to do, and nothing else', async ({ code, exit, part, make }) => {
    await using site = await syncedSite();
    await make(site);

    const status = await site.call('status', '--json');
    const told = await site.call('status');

    const { problems, health } = statusOf(status);
    expect(problems.map((problem) => [problem.code, problem.part])).toEqual([[code, part]]);
    expect([status.exit, told.exit, health]).toEqual([exit, exit, exit === 7 ? 'failed' : 'degraded']);
    expect(problems[0]?.hint).not.toBe('');
    expect(told.stdout).toContain(code);
  });

  it.concurrent('tells of many users who left the reads at once', async () => {
    await using site = await syncedSite(30);
    site.setPeople(crowd(15));
    await site.call('sync');

    const { problems, organizations } = statusOf(await site.call('status', '--json'));

    expect(problems).toMatchObject([{ code: 'DIRECTORY_USERS_MISSING', severity: 'degraded', part: 'directory' }]);
    expect(organizations).toMatchObject([{ users: 30, notSeen: 15 }]);
  });

  it.concurrent('A3 waits since a plan was first held, and shows its names and the commands that end it', async () => {
    await using site = await syncedSite();
    site.configure({ limits: { ...wide, create: { floor: 0, share: '0%' } } });
    site.setPeople([...crowd(3), person('nora')]);
    await site.call('sync');
    inStore(site, "update run set started_at = started_at - ? where outcome = 'held'", 3 * dayMs);
    await site.call('sync');

    const told = await site.call('status');
    const { held, problems } = statusOf(await site.call('status', '--json'));

    expect(Date.now() - Date.parse(held[0]?.since ?? '')).toBeGreaterThan(2.9 * dayMs);
    expect(problems[0]?.message).toContain('It has waited for 3 days.');
    expect(told.stdout).toContain('Nora Kesten');
    expect(told.stdout).toContain(`rollcall approve ${held[0]?.hash}`);
    expect(told.stdout).toContain(`rollcall reject ${held[0]?.hash}`);
  });
});

describe('runs', () => {
  it.concurrent('say what happened last night in one glance', async () => {
    await using site = await syncedSite();
    site.setPeople([...crowd(3), person('nora')]);
    site.bms.faults.add({ kind: 'bad-request', match: { method: 'POST', path: /contacts\/summary/ } });
    await site.call('sync');
    rmSync(join(site.folder, 'users.ldif'));
    await site.call('sync');
    inStore(site, 'update run set started_at = started_at - ? where id = 1', 30 * dayMs);

    const told = await site.call('runs', '--since', '24h');
    const { summary, runs } = documentOf<RunsDocument>(await site.call('runs', '--since', '24h', '--json'));
    const failed = documentOf<RunsDocument>(await site.call('runs', '--outcome', 'failed', '--json'));

    expect(summary).toMatchObject([
      {
        organization: site.organization,
        organizationName: 'Acme Fittings',
        runs: 2,
        outcomes: { partly: 1, failed: 1 },
        written: { create: 1 },
        failures: { PSA_REFUSED: 1 },
        errors: [{ code: 'LDIF_UNREADABLE', count: 1 }],
        held: false,
      },
    ]);
    expect(runs).toHaveLength(2);
    expect(failed.runs.map(({ error }) => error?.code)).toEqual(['LDIF_UNREADABLE']);
    expect(failed.summary).toEqual([]);
    expect(told.stdout.replaceAll(/\s+/g, ' ')).toMatch(
      /^Acme Fittings since [-\d]+ [\d:]+: 2 syncs, 1 with failed records, 1 failed; 1 created, .*1 failed: PSA_REFUSED; failed with LDIF_UNREADABLE, last at [-\d]+ [\d:]+ \(run 3\);/,
    );
    expect(told.stdout).toMatch(/sync +partly .* by hand +1 created, .*1 failed: PSA_REFUSED/);
  });

  it.concurrent('show the story of a run: what it read, wrote and failed, also when it failed before it wrote', async () => {
    await using site = await syncedSite();
    site.setPeople([...crowd(3), person('nora')]);
    site.bms.faults.add({ kind: 'bad-request', match: { method: 'POST', path: /contacts\/summary/ } });
    await site.call('sync');
    rmSync(join(site.folder, 'users.ldif'));
    await site.call('sync');

    const partly = await site.call('runs', 'show', '2');
    const failed = await site.call('runs', 'show', '3');
    const document = documentOf<RunDetailDocument>(await site.call('runs', 'show', '2', '--json'));

    expect(partly.stdout).toMatch(/read +corp: 4 users, in .*users\.ldif/);
    expect(partly.stdout).toMatch(/wrote +1 created/);
    expect(partly.stdout).toMatch(/failed +Nora Kesten \(push\): .*PSA_REFUSED/);
    expect(failed.stdout).toMatch(/read +corp: failed \(LDIF_UNREADABLE\)\n +failed .*LDIF_UNREADABLE/);
    expect(document).toMatchObject({
      trigger: 'by hand',
      organizationName: 'Acme Fittings',
      failures: { PSA_REFUSED: 1 },
      detail: { reads: [{ directory: 'corp', outcome: 'complete', users: 4 }], planned: { create: 1, push: 1 } },
    });
  });

  it.concurrent('S3 show what an edit of the configuration changed, and why one was refused', async () => {
    await using site = await syncedSite();
    const detail = {
      // As the service writes it: values are JSON text.
      changes: [{ path: 'directories.corp.filter', from: '""', to: '"(department=Sales)"' }],
      users: { takenIn: 0, leftOut: 2 },
    };
    const insert =
      'insert into run (organization, command, started_at, finished_at, outcome, counts, error, trigger, detail) values (?, ?, ?, ?, ?, ?, null, ?, ?)';
    const counts = JSON.stringify({ settings: 1, takenIn: 0, leftOut: 2 });
    inStore(site, insert, site.organization, 'reload', Date.now(), Date.now() + 5, 'done', counts, 'reload', JSON.stringify(detail));
    const refused = { changes: [], users: null, refused: { code: 'CONFIG_NOT_JSON', message: 'Line 3 is not JSON.' } };
    inStore(site, insert, site.organization, 'reload', Date.now(), Date.now() + 5, 'failed', '{}', 'reload', JSON.stringify(refused));

    const accepted = await site.call('runs', 'show', '2');
    const second = await site.call('runs', 'show', '3');
    const night = await site.call('runs', '--since', '1h');

    expect(accepted.stdout).toMatch(
      /changed +directories\.corp\.filter: "" → "\(department=Sales\)"\n +scope +takes in 0 users, leaves out 2/,
    );
    expect(second.stdout).toMatch(/refused +Line 3 is not JSON\. CONFIG_NOT_JSON/);
    expect(night.stdout.replaceAll(/\s+/g, ' ')).toContain('1 edit of the configuration took effect; 1 edit refused;');
  });
});

import { describe, expect, it } from 'vitest';
import type { ExplainDocument, RunDetailDocument, RunsDocument } from '../../agent/cli/documents.ts';
import { addContact, contactsOf, documentOf, person, planOf, statusOf, syncOf } from './people.ts';
import { type Site, startSite, writes } from './site.ts';

const people = [person('anna', { title: 'Buyer' }), person('bruno', { title: 'Driver' }), person('clara', { mail: null })];

/** A site after its first sync: anna matched, bruno created, clara unmatched for want of an e-mail. */
async function openSite(sections: Readonly<Record<string, unknown>> = {}): Promise<Site> {
  const site = await startSite({ people, sections });
  addContact(site, 'anna', { title: 'Office Angel' });
  const sync = await site.call('sync', '--json');
  expect(sync.exit, sync.stdout).toBe(0);
  return site;
}

describe('what is told offline', () => {
  it.concurrent('M11 explain, contacts, runs and status need neither IT Glue nor BMS, nor their secrets', async () => {
    await using site = await openSite();
    await site.itGlue.stop();
    await site.bms.stop();
    site.environment['TEST_ITGLUE_KEY'] = undefined;
    site.environment['TEST_BMS_PASSWORD'] = undefined;

    for (const words of [
      ['explain', 'anna'],
      ['contacts', 'list'],
      ['contacts', 'show', 'bruno'],
      ['runs'],
      ['runs', 'show', '1'],
      ['status'],
    ]) {
      const answer = await site.call(...words, '--json');

      expect(answer.exit, `${words.join(' ')}: ${answer.stdout}`).toBe(0);
    }
  });

  it.concurrent('M11 explain tells which rule decided, what it compared and what came of it', async () => {
    await using site = await openSite();

    const answer = await site.call('explain', 'anna', '--json');
    const explained = documentOf<ExplainDocument>(answer);
    const spoken = await site.call('explain', 'anna');

    expect(explained.user).toMatchObject({ state: 'matched', name: 'Anna Kesten' });
    expect(explained.decidedAt).toMatch(/^\d{4}-\d\d-\d\dT/);
    expect(explained.steps.find(({ stage }) => stage === 'match')).toMatchObject({ rule: 'M1', decisive: true });
    const title = explained.steps.find(({ rule, decision }) => rule === 'E4' && decision.startsWith('title'));
    expect(title?.decision).toContain('conflict');
    expect(explained.steps.map(({ stage }) => stage)).toEqual(expect.arrayContaining(['collect', 'dedupe', 'match', 'enrich', 'push']));
    expect(spoken.stdout).toContain('M1');
  });

  it.concurrent('M11 explain tells why a user has no contact', async () => {
    await using site = await openSite();

    const explained = documentOf<ExplainDocument>(await site.call('explain', 'clara', '--json'));

    expect(explained.steps.find(({ rule }) => rule === 'E3')?.decision).toContain('email');
  });

  it.concurrent('explain refuses an unknown user with exit 2', async () => {
    await using site = await openSite();

    const answer = await site.call('explain', 'nobody', '--json');

    expect(answer.exit).toBe(2);
    expect(documentOf(answer)).toMatchObject({ error: { code: 'USER_NOT_FOUND' } });
  });

  it.concurrent('contacts list filters by state, text and collector, and counts all', async () => {
    await using site = await openSite();
    const list = async (...words: readonly string[]): Promise<readonly string[]> => {
      const document = contactsOf(await site.call('contacts', 'list', ...words, '--json'));
      expect(document.counts).toEqual({ unmatched: 1, matched: 2, ignored: 0 });
      return document.contacts.map(({ name }) => name).toSorted();
    };

    expect(await list()).toEqual(['Anna Kesten', 'Bruno Kesten', 'Clara Kesten']);
    expect(await list('--state', 'matched')).toEqual(['Anna Kesten', 'Bruno Kesten']);
    expect(await list('--state', 'unmatched')).toEqual(['Clara Kesten']);
    expect(await list('--state', 'ignored')).toEqual([]);
    expect(await list('--search', 'BRUNO@')).toEqual(['Bruno Kesten']);
    expect(await list('--search', 'kesten', '--state', 'unmatched')).toEqual(['Clara Kesten']);
    expect(await list('--collector', 'hq')).toHaveLength(3);
    expect(await list('--collector', 'elsewhere')).toEqual([]);
  });

  it.concurrent('contacts list has every member of the interface', async () => {
    await using site = await openSite();

    const [row] = contactsOf(await site.call('contacts', 'list', '--search', 'anna@', '--json')).contacts;

    expect(row).toEqual({
      id: expect.any(String) as unknown,
      source: { type: 'ldif', directory: 'corp', id: expect.any(String) as unknown },
      objectGuid: expect.any(String) as unknown,
      name: 'Anna Kesten',
      firstName: 'Anna',
      lastName: 'Kesten',
      email: 'anna@acme.test',
      adStatus: 'Enabled',
      lastLogon: null,
      lastLogonAccuracy: 'within 14 days',
      lastPasswordReset: '2024-01-17T21:20:00.000Z',
      passwordExpires: null,
      state: 'matched',
      contactId: expect.any(String) as unknown,
      reason: expect.stringMatching(/^M1: /) as unknown,
      candidates: [],
      rivals: [],
      scope: 'in',
      presence: 'present',
      absence: null,
      ownedElsewhere: false,
      conflicts: [{ field: 'title', ours: 'Buyer', theirs: 'Office Angel', with: 'it-glue' }],
      contactType: null,
      leaver: null,
      collectors: ['hq'],
      psa: { badge: true, state: 'pushed', message: null, missing: [] },
    });
  });

  it.concurrent('runs tells each run with its outcome, runs show each write with what was there before', async () => {
    await using site = await openSite();
    await site.call('plan');
    await site.call('scan');

    const runs = documentOf<RunsDocument>(await site.call('runs', '--json')).runs;
    const limited = documentOf<RunsDocument>(await site.call('runs', '--limit', '1', '--json')).runs;
    const sync = runs.find(({ command }) => command === 'sync');
    const detail = documentOf<RunDetailDocument>(await site.call('runs', 'show', sync?.run ?? '', '--json'));
    const unknown = await site.call('runs', 'show', '99', '--json');

    expect(runs.map(({ command, outcome }) => [command, outcome])).toEqual([
      ['scan', 'done'],
      ['plan', 'done'],
      ['sync', 'done'],
    ]);
    expect(limited).toHaveLength(1);
    expect(detail.journal).toHaveLength(writes(site));
    expect(detail.journal.every(({ state, settledAt }) => state === 'done' && settledAt !== null)).toBe(true);
    expect(detail.journal.map(({ operation }) => operation)).toEqual(
      expect.arrayContaining(['create-contact', 'update-contact', 'create-psa-contact', 'complete-psa-contact', 'create-overlays']),
    );
    const update = detail.journal.find(({ operation }) => operation === 'update-contact');
    expect(update?.fields['phone']).toMatchObject({ from: null, to: expect.stringContaining('415') as unknown });
    expect(unknown.exit).toBe(2);
    expect(documentOf(unknown)).toMatchObject({ error: { code: 'RUN_NOT_FOUND' } });
  });
});

describe('status', () => {
  it.concurrent('is degraded (6) before anything was read, healthy (0) after a sync, failed (7) after one that failed', async () => {
    await using site = await startSite({ people });

    const never = await site.call('status', '--json');
    await site.call('sync');
    const healthy = await site.call('status', '--json');
    site.environment['TEST_ITGLUE_KEY'] = 'ITG.00000000000000000000000000000000';
    await site.call('sync');
    const failed = await site.call('status', '--json');

    expect([never.exit, statusOf(never).health]).toEqual([6, 'degraded']);
    expect([healthy.exit, statusOf(healthy).health]).toEqual([0, 'healthy']);
    expect(statusOf(healthy)).toMatchObject({
      problems: [],
      held: [],
      next: [],
      organizations: [{ organization: site.organization, users: 3, counts: { unmatched: 1, matched: 2, ignored: 0 }, onboarded: true }],
    });
    expect([failed.exit, statusOf(failed).health]).toEqual([7, 'failed']);
    expect(statusOf(failed).problems.map(({ code }) => code)).toContain('ITGLUE_KEY_REJECTED');
  });

  it.concurrent('counts conflicts, but they alone are no problem', async () => {
    await using site = await openSite();

    const status = await site.call('status', '--json');

    expect(status.exit).toBe(0);
    expect(statusOf(status).organizations).toMatchObject([{ conflicts: 1 }]);
  });
});

describe('--json', () => {
  const good: readonly (readonly string[])[] = [
    ['validate'],
    ['validate', '--offline'],
    ['hub', 'collectors'],
    ['scan'],
    ['plan'],
    ['plan', '--no-scan'],
    ['sync'],
    ['status'],
    ['contacts', 'list'],
    ['contacts', 'show', 'anna'],
    ['contacts', 'ignore', 'clara'],
    ['contacts', 'restore', 'clara'],
    ['contacts', 'unmatch', 'anna'],
    ['contacts', 'create', 'clara'],
    ['explain', 'bruno'],
    ['push', '--all', '--yes'],
    ['runs'],
    ['runs', 'show', '1'],
    ['undo', '1'],
    ['config-schema'],
    ['--version'],
    ['--help'],
    ['plan', '--help'],
  ];
  const bad: readonly (readonly string[])[] = [
    [],
    ['nonsense'],
    ['plan', '--nonsense'],
    ['sync', 'too', 'many'],
    ['approve'],
    ['approve', 'nope'],
    ['reject', 'nope'],
    ['undo', 'nope'],
    ['runs', 'show', 'nope'],
    ['explain', 'nobody'],
    ['contacts', 'match', 'anna', '1'],
    ['contacts', 'list', '--state', 'odd'],
    ['plan', '--organization', '1'],
    ['run', 'now'],
    ['secret', 'set'],
    ['hub', 'invite', '--subnet', '10.20.0.0/24'],
    ['hub', 'revoke', 'nobody', '--yes'],
    ['push'],
    ['push', '--all', '7'],
  ];

  it('prints one document and nothing else for every command', async () => {
    await using site = await openSite();

    for (const words of good) {
      const { exit, stdout, json } = await site.call(...words, '--json');

      expect(json, `${words.join(' ')}: ${stdout}`).not.toBeNull();
      expect(exit, `${words.join(' ')}: ${stdout}`).toBe(0);
      if (words[0] !== 'config-schema') expect(json).toMatchObject({ formatVersion: 1 });
    }
  });

  it('prints one document with the error and nothing else when the words are wrong, with exit 2', async () => {
    await using site = await openSite();
    const before = writes(site);

    for (const words of bad) {
      const { exit, json, stdout, stderr } = await site.call(...words, '--json');

      expect(json, `${words.join(' ')}: ${stdout}`).toMatchObject({
        formatVersion: 1,
        error: {
          code: expect.stringMatching(/^[A-Z_]+$/) as unknown,
          message: expect.any(String) as unknown,
          hint: expect.any(String) as unknown,
        },
      });
      expect(exit, `${words.join(' ')}: ${stdout}`).toBe(2);
      expect(stderr).not.toContain('    at ');
    }
    expect(writes(site)).toBe(before);
  });

  it('keeps secrets out of documents, texts and logs, also at the level debug', async () => {
    await using site = await openSite();
    site.setPeople([...people, person('dora')]);

    const answers = [
      await site.call('sync', '--log-level', 'debug', '--json'),
      await site.call('validate', '--log-level', 'debug'),
      await site.call('explain', 'dora', '--log-level', 'debug'),
    ];

    for (const { stdout, stderr } of answers) {
      expect(stdout + stderr).not.toContain(site.itGlue.apiKey);
      expect(stdout + stderr).not.toContain(site.bms.credentials.password);
      expect(stdout + stderr).not.toContain('sandbox-access-');
    }
    expect(answers[0]?.stderr).toContain('HTTP exchange');
  });

  it('A1 says the same by --no-scan as with a scan', async () => {
    await using site = await openSite();
    site.setPeople([...people, person('dora')]);
    await site.call('scan');

    const planned = planOf(await site.call('plan', '--no-scan', '--json'));
    const synced = syncOf(await site.call('sync', '--no-scan', '--json'));

    expect(planned.changes.map(({ id }) => id).some((id) => id.startsWith('create:'))).toBe(true);
    expect(synced.hash).toBe(planned.hash);
  });
});

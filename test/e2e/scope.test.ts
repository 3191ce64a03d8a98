import { describe, expect, it } from 'vitest';
import type { PlanDocument, RunsDocument, ScanDocument, ValidateDocument } from '../../agent/cli/documents.ts';
import { sampleAccount, sampleDirectory, userEntry } from '../sandbox/ldap/sample-directory.ts';
import { startLdapStandIn } from '../sandbox/ldap/server.ts';
import { crowd, documentOf, person } from './people.ts';
import { type Finished, type Site, startSite, writes } from './site.ts';

const export_ = { name: 'corp', type: 'ldif', file: 'users.ldif' };
const onlySales = { directories: [{ ...export_, filter: '(title=Sales)' }] };

/** Six people, four of whom are of Sales; the first sync is done. */
async function startCompany(): Promise<Site> {
  const site = await startSite({ people: crowd(6, (index) => ({ title: index < 4 ? 'Sales' : 'Works' })) });
  const first = await site.call('sync', '--json');
  if (first.exit !== 0) throw new Error(first.stdout);
  return site;
}

function directoryCheck(finished: Finished): ValidateDocument['checks'][number] | undefined {
  return documentOf<ValidateDocument>(finished).checks.find(({ what }) => what === 'directory');
}

async function statesOf(site: Site): Promise<readonly string[]> {
  const { contacts } = documentOf<{
    readonly contacts: readonly { readonly name: string; readonly state: string; readonly presence: string }[];
  }>(await site.call('contacts', 'list', '--json'));
  return contacts.map(({ name, state, presence }) => `${name} ${state} ${presence}`).sort();
}

describe('a changed scope', () => {
  it('is told by validate with names before anything is read for good, and offline without', async () => {
    await using site = await startCompany();
    const unchanged = directoryCheck(await site.call('validate', '--json'));
    site.configure(onlySales);

    const offline = documentOf<ValidateDocument>(await site.call('validate', '--offline', '--json'));
    const told = await site.run('validate');
    const again = await site.call('validate', '--json');

    expect(unchanged?.scope).toBeUndefined();
    expect(offline.checks.filter(({ what }) => what === 'directory')).toEqual([
      expect.objectContaining({
        name: 'corp',
        outcome: 'skipped',
        note: expect.stringMatching(/scope is not that of the latest read/) as unknown,
      }),
    ]);
    expect(told.exit).toBe(0);
    expect(told.stdout).toContain('Scope  it is not that of the latest read: 2 users would leave, 0 would come in');
    expect(told.stdout).toContain('leaving    P4 Kesten4, P5 Kesten5');
    expect(directoryCheck(again)?.scope).toEqual({
      directory: 'corp',
      users: 4,
      leftOut: 2,
      takenIn: 0,
      names: { leftOut: ['P4 Kesten4', 'P5 Kesten5'], takenIn: [] },
      unknown: null,
    });
    expect((await statesOf(site)).every((state) => state.endsWith('matched present'))).toBe(true);
  });

  it('C10 is told by plan in front of the changes; who leaves keeps the match, and nothing is written for them', async () => {
    await using site = await startCompany();
    const before = writes(site);
    site.configure(onlySales);
    site.setPeople(
      crowd(6, (index) => ({ title: index < 4 ? 'Sales' : 'Works', ...(index === 5 ? { telephoneNumber: '+1 415 555 0177' } : {}) })),
    );

    const planned = await site.run('plan');
    const synced = documentOf<PlanDocument>(await site.call('sync', '--json'));
    const { runs } = documentOf<RunsDocument>(await site.call('runs', '--json'));
    const planRun = runs.find(({ command }) => command === 'plan')?.run ?? '';
    const story = await site.call('runs', 'show', planRun);

    expect(planned.exit).toBe(0);
    expect(planned.stdout).toContain('Scope  corp was read with another scope than before: 2 users leave, 0 come in');
    expect(planned.stdout).toContain('leaving    P4 Kesten4, P5 Kesten5');
    expect(planned.stdout).toContain('Nothing to do.');
    expect(planned.stderr).not.toMatch(/Kesten/);
    expect(story.stdout).toMatch(/another scope than before: 2 users leave, 0 come in\n +leaving: P4 Kesten4, P5 Kesten5/);
    // The plan has read them already.
    expect(synced.scope).toEqual([]);
    expect(writes(site)).toBe(before);
    expect((await statesOf(site)).filter((state) => state.endsWith('matched out'))).toHaveLength(2);
  });

  it('A3 that takes people in tells them, and creates no more than the limits allow', async () => {
    await using site = await startSite({
      people: [...crowd(30, () => ({ title: 'Works' })), person('ada', { title: 'Sales' })],
      sections: onlySales,
    });
    await site.call('sync', '--json');
    const before = writes(site);
    site.configure({});

    const sync = await site.call('sync', '--json');
    const document = documentOf<PlanDocument>(sync);

    expect(sync.exit).toBe(4);
    expect(document.held?.reason).toContain('create');
    expect(document.scope).toEqual([expect.objectContaining({ directory: 'corp', leftOut: 0, takenIn: 30 })]);
    expect(document.scope[0]?.names.takenIn).toHaveLength(20);
    expect(writes(site)).toBe(before);
  });

  it.each([
    ['an open end', { filter: '(&(title=Sales)(mail=*)' }, 'directories[0].filter: ")" expected, at character 24;'],
    [
      'what no export can answer',
      { filter: '(ou:dn:=Sales)' },
      'directories[0].filter: the ":dn" option cannot be judged without a server',
    ],
    ['a base that is no DN', { searchBases: ['Sales'] }, 'directories[0].searchBases[0]: an attribute without "=" at character 1;'],
  ])('that is wrong is refused by its place before anything is asked: %s', async (_, scope, words) => {
    await using site = await startSite({ people: [person('ada')], sections: { directories: [{ ...export_, ...scope }] } });

    const { exit, stderr } = await site.run('validate');

    expect(exit).toBe(2);
    expect(stderr).toContain(words);
    expect(stderr).toContain('CONFIG_INVALID');
  });
});

describe('a read of an Active Directory', () => {
  it('C9 says why everything was read, C4 how exact the last logons are; validate whom another filter leaves out', async () => {
    await using server = await startLdapStandIn({ accounts: [sampleAccount], entries: sampleDirectory([userEntry(1), userEntry(2)]) });
    const corp = {
      name: 'corp',
      type: 'active-directory',
      domain: 'corp.example.test',
      servers: [server.url],
      bindDn: 'svc-rollcall@corp.example.test',
      password: 'env:CORP',
    };
    await using site = await startSite({ sections: { directories: [corp] } });
    site.environment['CORP'] = sampleAccount.password;

    const scan = await site.run('scan');
    const full = documentOf<ScanDocument>(await site.call('scan', '--full', '--json'));
    const unchanged = directoryCheck(await site.call('validate', '--json'));
    site.configure({ directories: [{ ...corp, filter: '(sAMAccountName=user1)' }] });
    const narrowed = directoryCheck(await site.call('validate', '--json'));

    expect(scan.stdout).toMatch(
      /^complete {2}corp {2}3 users in .* {2}ldap:\/\/127\.0\.0\.1:\d+\n {2}everything was read: there is nothing yet to go on from$/m,
    );
    expect(scan.stdout).toMatch(/^ {2}last logons: within 14 days, from 1 domain controller: not all of them answered, in .*\n {4}\S/m);
    expect(full.directories).toEqual([expect.objectContaining({ kind: 'full', fullBecause: null, users: 3, rescoped: null })]);
    expect(unchanged).toMatchObject({ outcome: 'passed' });
    expect(unchanged?.scope).toBeUndefined();
    expect(narrowed?.scope).toMatchObject({ leftOut: 2, takenIn: 0, unknown: null });
  });
});

import { describe, expect, it } from 'vitest';
import { judgeAccount, judgeExcess } from '../../../../agent/doctor/directory/judge-account.ts';
import { judgeNames, judgePlaces } from '../../../../agent/doctor/directory/judge-places.ts';
import { judgeChanges, judgeLogons, judgeStoredReads } from '../../../../agent/doctor/directory/judge-reading.ts';
import { judgeAttributes, judgeDeleted, judgePolicy } from '../../../../agent/doctor/directory/judge-rights.ts';
import type { AccountFacts, ForestFacts, UserSample } from '../../../../core/ports/directory-examination.ts';
import { accountFacts, day, deletedFacts, forestFacts, logonSurvey, notSeen, now, readRecord, seen, userSample } from './facts.ts';

const base = 'DC=corp,DC=example,DC=test';
const grantee = { directory: 'corp', account: 'CORP\\svc', base, searchBases: [base] };

describe('rights that are missing', () => {
  it.each<[string, Partial<UserSample>, string, readonly string[]]>([
    ['none', {}, 'ok', []],
    [
      'an attribute of all',
      { lacking: { userAccountControl: 0, pwdLastSet: 0 } },
      'problem',
      [`dsacls "${base}" /I:S /G "CORP\\svc:RP;userAccountControl;user" "CORP\\svc:RP;pwdLastSet;user"`],
    ],
    [
      'one that is not vital',
      { lacking: { accountExpires: 0 } },
      'warning',
      [`dsacls "${base}" /I:S /G "CORP\\svc:RP;accountExpires;user"`],
    ],
    [
      'one of some',
      { lacking: { userAccountControl: 40 } },
      'warning',
      [`dsacls "${base}" /I:S /G "CORP\\svc:RP;userAccountControl;user"`],
    ],
    [
      'one of administrators',
      { lacking: { userAccountControl: 97 }, protectedOnly: true },
      'warning',
      [`dsacls "CN=AdminSDHolder,CN=System,${base}" /G "CORP\\svc:RP;userAccountControl"`],
    ],
    ['one that nobody may have', { unseen: ['memberOf'] }, 'note', [`dsacls "${base}" /I:S /G "CORP\\svc:RP;memberOf;user"`]],
  ])('%s', (_, more, state, commands) => {
    const [finding] = judgeAttributes(userSample(more), grantee);

    expect(finding?.state).toBe(state);
    expect(finding?.commands ?? []).toEqual(commands);
  });

  it('one command for each search base, and none where nobody was seen', () => {
    const searchBases = [`OU=A,${base}`, `OU="B",${base}`];
    const [finding] = judgeAttributes(userSample({ lacking: { pwdLastSet: 0 } }), { ...grantee, searchBases });

    expect(finding?.commands?.map((line) => line.slice(0, 18))).toEqual(['dsacls "OU=A,DC=co', 'dsacls "OU=\\"B\\",D']);
    expect(judgeAttributes(userSample({ looked: 0 }), grantee)).toEqual([]);
  });

  it('C10 to see deleted users', () => {
    expect(judgeDeleted(deletedFacts(), grantee)).toMatchObject({ state: 'ok', seen: 'can be seen; kept for 180 days, recycle bin on' });
    expect(judgeDeleted(deletedFacts({ visible: false, recycleBin: false }), grantee)).toMatchObject({
      state: 'warning',
      seen: expect.stringContaining('recycle bin off'),
      commands: [`dsacls "CN=Deleted Objects,${base}" /takeOwnership`, `dsacls "CN=Deleted Objects,${base}" /G "CORP\\svc:LCRP"`],
    });
  });

  it.each([
    [42, 0, 'ok', /after 42 days; no fine-grained policy is visible/],
    ['never', 2, 'ok', /never end; 2 fine-grained policies are visible/],
    [null, 0, 'warning', /cannot be read/],
  ] as const)('C9 to see a password policy of %s days', (maxAgeDays, finePolicies, state, words) => {
    expect(judgePolicy({ maxAgeDays, finePolicies }, grantee)).toMatchObject({ state, seen: expect.stringMatching(words) });
  });
});

describe('rights in excess', () => {
  it.each<[string, Partial<AccountFacts>, number, string, RegExp]>([
    ['none', {}, 0, 'ok', /may not replicate secrets$/],
    [
      'administrators, with all that follows from it, once',
      { powerfulGroups: ['Domain Admins'], replicatesSecrets: true, adminCount: true },
      300,
      'warning',
      /"Domain Admins", and so may read the hash/,
    ],
    ['replication of secrets', { replicatesSecrets: true }, 0, 'warning', /DS-Replication-Get-Changes-All/],
    ['writing', {}, 1, 'warning', /1 attribute of an ordinary user/],
    ['an administrator once', { adminCount: true }, 0, 'note', /adminCount/],
    ['not known, for groups are hidden', { groupsSeen: false }, 0, 'note', /not known/],
    ['not known, for the list is hidden', { replicatesSecrets: null }, 0, 'ok', /cannot be read/],
  ])('%s', (...[, more, writable, state, words]) => {
    expect(judgeExcess('corp', accountFacts(more), { base, writable })).toMatchObject({ state, seen: expect.stringMatching(words) });
  });
});

describe('the own account', () => {
  it.each<[string, Partial<AccountFacts>, readonly string[], RegExp]>([
    ['with a new password', {}, ['ok'], /30 days old and ends in 60 days/],
    ['whose password ends soon', { passwordExpires: now + 13 * day }, ['warning'], /ends in 13 days/],
    ['whose password never ends and is new', { control: 66_048, passwordExpires: 'never' }, ['ok'], /never ends/],
    [
      'whose password never ends and is old',
      { control: 66_048, passwordExpires: 'never', passwordLastSet: now - 366 * day },
      ['note'],
      /366 days old and never ends/,
    ],
    ['that needs no password', { control: 512 + 32 }, ['warning', 'ok'], /PASSWD_NOTREQD/],
    [
      'that is trusted for delegation, and needs no pre-authentication',
      { control: 512 + 0x48_0000 },
      ['warning', 'ok'],
      /DONT_REQ_PREAUTH.*TRUSTED_FOR_DELEGATION/,
    ],
    ['that cannot be found', { dn: null }, ['note'], /not found/],
  ])('%s', (_, more, states, words) => {
    const findings = judgeAccount('corp', accountFacts(more), now);

    expect(findings.map(({ state }) => state)).toEqual(states);
    expect(findings[0]?.seen).toMatch(words);
  });
});

describe('places', () => {
  const far = {
    sites: ['Berlin', 'Depot'],
    subnets: [
      { name: '10.1.0.0/16', site: 'Berlin' },
      { name: '10.9.0.0/24', site: 'Depot' },
    ],
  };

  it.each<[string, Partial<ForestFacts>, readonly string[], RegExp]>([
    ['the own site, the only one', {}, ['ok', 'ok'], /^Berlin/],
    ['no subnets, but one site', { subnets: [] }, ['ok'], /only one of the forest/],
    ['no subnet of the forest here', { ...far, places: ['192.168.1.0/24'] }, ['note', 'note'], /no site: no subnet of the forest/],
    ['another site', far, ['ok', 'note'], /Berlin/],
    [
      'another subnet of the own site',
      { subnets: [...far.subnets.slice(0, 1), { name: '10.2.0.0/16', site: 'Berlin' }] },
      ['ok', 'note'],
      /Berlin/,
    ],
    ['a subnet without a site', { subnets: [...far.subnets.slice(0, 1), { name: '10.3.0.0/16', site: null }] }, ['ok', 'note'], /Berlin/],
  ])('%s', (_, more, states, words) => {
    const findings = judgePlaces('corp', forestFacts(more));

    expect(findings.map(({ state }) => state)).toEqual(states);
    expect(findings[0]?.seen).toMatch(words);
  });

  it('without this collector are named with their subnets, and that others are not known', () => {
    const [, coverage] = judgePlaces('corp', forestFacts(far));

    expect(coverage?.seen).toBe(
      '1 of 2 sites without this collector: Depot (10.9.0.0/24). Only this collector is known here; others may stand there.',
    );
  });

  const names = { domain: 'corp.example.test', nameServers: 'name server 10.0.0.1', asked: '_ldap._tcp.dc._msdcs.corp.example.test' };

  it.each([
    ['found', seen(['dc1.corp.example.test:389']), true, 'ok', null],
    ['not found, and needed', notSeen('DIRECTORY_DISCOVERY'), false, 'problem', 'DIRECTORY_DISCOVERY'],
    ['not found, and not needed', notSeen('DIRECTORY_DISCOVERY'), true, 'note', null],
  ])('in DNS are %s', (...[, found, named, state, error]) => {
    expect(judgeNames('corp', { ...names, found }, named)).toMatchObject({ state, error, seen: expect.stringContaining('10.0.0.1') });
  });
});

describe('reading', () => {
  it.each([
    ['DirSync', '', 'ok', /DirSync/],
    ['uSNChanged', 'DirSync was refused: LDAP result 50', 'note', /LDAP result 50/],
    ['none', '"delta" is off in the configuration', 'note', /off/],
  ] as const)('C9 what changed by %s', (method, because, state, words) => {
    expect(judgeChanges('corp', { method, because })).toMatchObject({ state, seen: expect.stringMatching(words) });
  });

  const full = readRecord();
  const changes = readRecord({ startedAt: now - 90_000, finishedAt: now - 89_650 }, 'changes', 12);
  const failing = readRecord({ outcome: 'failed', error: 'DIRECTORY_TIMEOUT', proof: null, startedAt: now - 60_000 });

  it('tells the cost and the age of a full read and of one of changes', () => {
    const told = { now, told: new Set<string>() };
    const reads = { latest: changes, latestComplete: changes, latestFull: full, logons: null };

    expect(judgeStoredReads('corp', reads, told)).toMatchObject({
      state: 'ok',
      seen: 'in full 1,204 users in 4.2 s, 3 d ago; changes 12 changed users in 350 ms, 1 min ago',
    });
    expect(judgeStoredReads('corp', null, told)).toMatchObject({ state: 'ok', seen: 'nothing was read yet' });
  });

  it('tells a read that failed, and that what fails now failed then', () => {
    const reads = { latest: failing, latestComplete: full, latestFull: full, logons: null };

    expect(judgeStoredReads('corp', reads, { now, told: new Set() })).toMatchObject({ state: 'warning', error: 'DIRECTORY_TIMEOUT' });
    expect(judgeStoredReads('corp', reads, { now, told: new Set(['DIRECTORY_TIMEOUT']) })).toMatchObject({ state: 'note', error: null });
  });

  it('C4 tells what the last logons cost, how exact they are, and who did not answer', () => {
    const context = { controllers: forestFacts().controllers, now };
    const failed = [{ server: 'ldaps://dc2.corp.example.test', code: 'DIRECTORY_UNREACHABLE', message: '' }];

    expect(judgeLogons('corp', logonSurvey(), context)).toMatchObject({
      state: 'ok',
      seen: 'exact: asked 5 h ago, 1 of 1 controller answered, 7 requests, at most 900 ms each; the domain has 1 controller',
    });
    expect(judgeLogons('corp', logonSurvey({ failed, exact: false }), context)).toMatchObject({
      state: 'warning',
      seen: expect.stringMatching(
        /^right within 14 days only: .*1 of 2 controllers.*no answer from ldaps:\/\/dc2.corp.example.test \(DIRECTORY_UNREACHABLE\)/,
      ),
    });
    expect(judgeLogons('corp', null, context).seen).toMatch(/not asked .* 14 days/);
  });
});

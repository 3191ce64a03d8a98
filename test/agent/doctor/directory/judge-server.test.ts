import { describe, expect, it } from 'vitest';
import { judgeServer } from '../../../../agent/doctor/directory/judge-server.ts';
import type { ServerFacts } from '../../../../core/ports/directory-examination.ts';
import { certificateFacts, day, notSeen, now, seen, serverFacts, signInFacts } from './facts.ts';

function judged(facts: Partial<ServerFacts>, otherIsRead = false) {
  return judgeServer(serverFacts(facts), { directory: 'corp', otherIsRead, now });
}

/** What is not well, by code and state. */
function objections(facts: Partial<ServerFacts>, otherIsRead = false) {
  return judged(facts, otherIsRead).filter(({ state }) => state !== 'ok');
}

function port(state: ServerFacts['ports'][number]['state']): Partial<ServerFacts> {
  const ports = [
    { port: 636, needed: true, state, ms: 5000 },
    { port: 389, needed: false, state: 'open', ms: 2 },
  ] as const;
  return { ports, certificate: null, signIn: null };
}

describe('a domain controller that is well', () => {
  it('is told look by look, under its own name', () => {
    const findings = judged({ host: '10.0.0.5' });

    expect(findings.map(({ code, state, server }) => [code, state, server])).toEqual(
      ['REACHABLE', 'CERTIFICATE', 'SIGNING', 'SIGN_IN', 'CLOCK'].map((code) => [`DIRECTORY_${code}`, 'ok', 'dc1.corp.example.test']),
    );
    expect(findings.map(({ subject }) => subject)).toEqual(Array(5).fill('corp'));
    expect(findings[1]?.seen).toBe('200 days left; issued by "CN=Corp CA" for dc1.corp.example.test, 10.0.0.5, sent without its CA');
  });
});

describe('a domain controller that is not', () => {
  const objection = (code: string) => ({
    certificate: seen(certificateFacts({ objection: { code, message: `said ${code}` } })),
    signIn: null,
  });

  it.each<[string, Partial<ServerFacts>, string, string | null, RegExp, RegExp]>([
    [
      'has no name',
      { addresses: notSeen('DIRECTORY_UNREACHABLE'), ports: [], certificate: null, signIn: null },
      'REACHABLE',
      'DIRECTORY_UNREACHABLE',
      /did not work/,
      /name server/,
    ],
    [
      'does not listen',
      port('closed'),
      'REACHABLE',
      'DIRECTORY_UNREACHABLE',
      /636 closed, 389 open \(2 ms\): nothing listens on port 636/,
      /rejects TCP port 636/,
    ],
    [
      'is behind a firewall',
      port('filtered'),
      'REACHABLE',
      'DIRECTORY_UNREACHABLE',
      /no answer on port 636 within 5 s/,
      /firewalls between/,
    ],
    ['is nowhere', port('no route'), 'REACHABLE', 'DIRECTORY_UNREACHABLE', /no way to it/, /routes/],
    [
      'has no certificate',
      { certificate: notSeen('DIRECTORY_TLS_FAILED', 'it may have no certificate'), signIn: null },
      'CERTIFICATE',
      'DIRECTORY_TLS_FAILED',
      /no certificate/,
      /AD CS.*Event 1220/,
    ],
    ['is not trusted', objection('DIRECTORY_TLS_UNTRUSTED'), 'CERTIFICATE', 'DIRECTORY_TLS_UNTRUSTED', /^said [A-Z_]+$/, /tls\.caFile/],
    ['has another name', objection('DIRECTORY_TLS_NAME_MISMATCH'), 'CERTIFICATE', 'DIRECTORY_TLS_NAME_MISMATCH', /said/, /tls\.serverName/],
    [
      'has an old certificate',
      objection('DIRECTORY_TLS_EXPIRED'),
      'CERTIFICATE',
      'DIRECTORY_TLS_EXPIRED',
      /issued by "CN=Corp CA"/,
      /Renew/,
    ],
    ['lets nobody in', { signIn: notSeen('DIRECTORY_TIMEOUT') }, 'SIGN_IN', 'DIRECTORY_TIMEOUT', /did not work/, /load/],
  ])('%s', (...[, facts, code, error, seenWords, remedy]) => {
    const found = objections(facts);

    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({
      code: `DIRECTORY_${code}`,
      state: 'problem',
      error,
      seen: expect.stringMatching(seenWords),
      remedy: expect.stringMatching(remedy),
    });
    // While another one is read, the directory works.
    expect(objections(facts, true)[0]?.state).toBe('warning');
  });

  it.each([
    [200, 'ok'],
    [21, 'ok'],
    [20, 'note'],
    [6, 'warning'],
  ])('whose certificate has %i days left is %s', (days, state) => {
    const [finding] = judged({ certificate: seen(certificateFacts({ validTo: now + days * day + 1000 })) }).filter(
      ({ code }) => code === 'DIRECTORY_CERTIFICATE',
    );

    expect(finding).toMatchObject({ state, seen: expect.stringContaining(`${days} days left`) });
  });

  it.each([
    ['looks at passwords in clear', seen('looked at' as const), 7, 'note', /made-up account/],
    ['does so although it is of 2025', seen('looked at' as const), 10, 'note', /Windows Server 2025/],
    ['refuses them', seen('refused' as const), 10, 'ok', /refused\. Channel binding cannot be told/],
    ['tells neither', notSeen('DIRECTORY_PROTOCOL'), 7, 'note', /cannot be told/],
  ])('that %s', (...[, clearText, level, state, words]) => {
    const [finding] = judged({ clearText, signIn: seen(signInFacts({ level })) }).filter(({ code }) => code === 'DIRECTORY_SIGNING');

    expect(finding).toMatchObject({ state, seen: expect.stringMatching(words) });
  });

  it.each([
    [0, 'ok', /agrees/],
    [30_500, 'ok', /30 s apart/],
    [31_000, 'note', /31 s|30 s behind/],
    [-200_000, 'note', /200 s ahead of/],
    [301_000, 'warning', /behind/],
    [-400_000, 'warning', /ahead of this machine's/],
  ])('whose clock differs by %i ms is %s', (aheadMs, state, words) => {
    const clock = { aheadMs, uncertainMs: 500 };
    const [finding] = judged({ signIn: seen(signInFacts({ clock })) }).filter(({ code }) => code === 'DIRECTORY_CLOCK');

    expect(finding).toMatchObject({ state, seen: expect.stringMatching(words) });
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { PresentedCertificate, PresentedChain } from '../../../agent/directory/active-directory/presented-chain.ts';
import type { Given } from '../../../agent/init/given.ts';
import { chooseTrust, fingerprintLines } from '../../../agent/init/trust-step.ts';
import { RollcallError } from '../../../core/errors.ts';
import { makeTestCertificates } from '../../fixtures/tls.ts';
import { initContext } from './fake-init.ts';

const certificates = makeTestCertificates();
const folder = mkdtempSync(join(tmpdir(), 'rollcall-trust-'));
afterAll(() => {
  certificates.remove();
  rmSync(folder, { recursive: true, force: true });
});

function certificate(name: string, digit: string): PresentedCertificate {
  return {
    subject: `CN=${name}`,
    issuer: 'CN=CA',
    validFrom: 0,
    validTo: 1,
    sha256: digit.repeat(64),
    sha1: digit.repeat(40),
    pem: `PEM ${name}`,
  };
}

const untrusted = new RollcallError('DIRECTORY_TLS_UNTRUSTED', 'not trusted');
const withCa = { leaf: certificate('dc1', '1'), ca: certificate('CA', '2'), objection: untrusted };
const leafOnly = { ...withCa, ca: null };

function contextOf(
  chain: Omit<PresentedChain, 'server'>,
  more: { given?: Partial<Given>; script?: Parameters<typeof initContext>[0]['script']; bad?: Readonly<Record<string, RollcallError>> },
) {
  const proven: string[] = [];
  const context = initContext({
    ...(more.given === undefined ? {} : { given: more.given }),
    ...(more.script === undefined ? {} : { script: more.script }),
    edges: {
      readPresentedChain: (server) =>
        server.includes('down')
          ? Promise.reject(new RollcallError('DIRECTORY_UNREACHABLE', `${server} is down`))
          : Promise.resolve({ server, ...chain }),
      proveTrust: (server) => {
        proven.push(server);
        return Promise.resolve(more.bad?.[server] ?? null);
      },
    },
  });
  return { context, proven };
}

const choose = (context: ReturnType<typeof contextOf>['context'], servers: readonly string[] = ['ldaps://dc1', 'ldaps://dc2']) =>
  chooseTrust(context, 'corp', servers);

describe('trusting the controllers', () => {
  it('asks nothing when this machine vouches for them, and checks each', async () => {
    const { context, proven } = contextOf({ ...withCa, objection: null }, {});

    expect(await choose(context)).toEqual({ trust: { kind: 'system' }, servers: ['ldaps://dc1', 'ldaps://dc2'] });
    expect(proven).toEqual(['ldaps://dc1', 'ldaps://dc2']);
  });

  it('goes on with the next controller when one is down, and leaves out one that is not trusted', async () => {
    const bad = { 'ldaps://dc3': new RollcallError('DIRECTORY_TLS_EXPIRED', 'dc3 expired') };
    const { context } = contextOf({ ...withCa, objection: null }, { bad });

    expect((await choose(context, ['ldaps://down', 'ldaps://dc2', 'ldaps://dc3'])).servers).toEqual(['ldaps://dc2']);
    expect(context.dialogue.shown.join('\n')).toContain('Left out: dc3 expired');
  });

  it('by default trusts nothing unattended, and names the fingerprint to compare', async () => {
    const { context } = contextOf(withCa, {});

    await expect(choose(context)).rejects.toMatchObject({
      code: 'DIRECTORY_TLS_UNTRUSTED',
      message: expect.stringMatching(new RegExp(`${withCa.ca.sha256}.*--trust-fingerprint`)) as string,
    });
  });

  it.each([
    ['the CA', withCa, { trustFingerprint: '2'.repeat(64) }, { kind: 'ca', pem: 'PEM CA' }],
    ['the certificate', withCa, { trustFingerprint: '1'.repeat(64) }, { kind: 'pin', sha256: '1'.repeat(64) }],
    ['the certificate that came alone', leafOnly, { trustFingerprint: '1'.repeat(64), pin: true }, { kind: 'pin' }],
  ] as const)('takes %s by its fingerprint', async (_what, chain, given, trust) => {
    expect((await choose(contextOf(chain, { given }).context)).trust).toMatchObject(trust);
  });

  it('says which controllers a pin leaves out', async () => {
    const { context } = contextOf(leafOnly, { given: { trustFingerprint: '1'.repeat(64) } });

    expect((await choose(context)).servers).toEqual(['ldaps://dc1']);
    expect(context.dialogue.shown.join('\n')).toContain('Left out: ldaps://dc2: a pin is for one certificate');
  });

  it('says that the CA was not sent when a fingerprint meets nothing', async () => {
    const { context } = contextOf(leafOnly, { given: { trustFingerprint: '2'.repeat(64) } });

    await expect(choose(context)).rejects.toMatchObject({ message: expect.stringMatching(/does not send its CA.*--ca-file/) as string });
  });

  it.each([
    ['another fingerprint', { trustFingerprint: '3'.repeat(64) }],
    ["the CA's, to be pinned", { trustFingerprint: '2'.repeat(64), pin: true }],
  ])('refuses %s', async (_what, given) => {
    await expect(choose(contextOf(withCa, { given }).context)).rejects.toMatchObject({ code: 'DIRECTORY_TLS_PIN_MISMATCH' });
  });

  it('shows a person what is presented, as Windows shows it too, and takes no for the answer', async () => {
    const { context, proven } = contextOf(withCa, { script: [['Is it the same?', '']] });

    await expect(choose(context)).rejects.toMatchObject({ code: 'DIRECTORY_TLS_UNTRUSTED' });
    const shown = context.dialogue.shown.join('\n');
    for (const line of ['CN=CA', '2'.repeat(40), ...fingerprintLines(withCa.ca.sha256)]) expect(shown).toContain(line);
    expect(proven).toEqual([]);
  });

  it.each([
    ['the CA', withCa, [['Is it the same?', 'yes']], { kind: 'ca' }, 2],
    [
      'only the certificate, after its own fingerprint',
      withCa,
      [
        ['Is it the same?', 'pin'],
        ['fingerprint', true],
      ],
      { kind: 'pin' },
      1,
    ],
    ['the certificate that came alone', leafOnly, [['Is it the same?', 'yes']], { kind: 'pin' }, 1],
  ] as const)('trusts %s when a person says so', async (...[, chain, script, trust, servers]) => {
    const chosen = await choose(contextOf(chain, { script }).context);

    expect(chosen.trust).toMatchObject(trust);
    expect(chosen.servers).toHaveLength(servers);
  });

  it('takes a CA file, and says when it is none', async () => {
    const wrong = join(folder, 'no.pem');
    writeFileSync(wrong, 'not a certificate');

    const { trust } = await choose(contextOf(withCa, { given: { caFile: certificates.caFile } }).context);
    expect(trust).toMatchObject({ kind: 'ca-file', path: certificates.caFile });
    for (const caFile of [wrong, join(folder, 'absent.pem')]) {
      await expect(choose(contextOf(withCa, { given: { caFile } }).context)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    }
  });

  it('never offers to trust a certificate that is expired or for another name', async () => {
    for (const code of ['DIRECTORY_TLS_EXPIRED', 'DIRECTORY_TLS_NAME_MISMATCH'] as const) {
      const { context } = contextOf({ ...withCa, objection: new RollcallError(code, 'wrong') }, { script: [] });
      await expect(choose(context)).rejects.toMatchObject({ code });
      expect(context.dialogue.asked).toEqual([]);
    }
  });
});

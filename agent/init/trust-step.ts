import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { RollcallError } from '../../core/errors.ts';
import { plural } from '../cli/terminal/format.ts';
import type { ActiveDirectoryConfig } from '../directory/active-directory/config.ts';
import type { PresentedCertificate, PresentedChain } from '../directory/active-directory/presented-chain.ts';
import { systemRoots, type TlsTrust } from '../directory/active-directory/tls-trust.ts';
import type { TrustChoice } from './answers.ts';
import { type InitContext, tryAgain } from './init-context.ts';

/** The settings that a directory has until its file says otherwise. */
export const plainTls: ActiveDirectoryConfig['tls'] = { mode: 'ldaps', caFile: '', serverName: '', pinSha256: '', verify: true };

/** Somebody waits at the screen: a server that does not answer is told soon. */
const deadlines = { connectMs: 5_000, handshakeMs: 8_000 } as const;

export interface TrustedServers {
  readonly trust: TrustChoice;
  /** Those that can be reached and are trusted so, in the order to try them. */
  readonly servers: readonly string[];
}

/** How to trust the controllers. Nothing but a TLS handshake is sent. */
export async function chooseTrust(context: InitContext, directory: string, servers: readonly string[]): Promise<TrustedServers> {
  const { chain, others } = await firstAnswering(context, directory, servers);
  for (;;) {
    const trust = await decide(context, chain);
    const first = trust.kind === 'pin' ? [chain.server] : [chain.server, ...others];
    try {
      const proven = await provenServers(context, directory, { trust, servers: first });
      if (trust.kind === 'pin' && others.length > 0) {
        context.dialogue.warn(`Left out: ${others.join(', ')}: a pin is for one certificate; with the CA (--ca-file) all of them are used`);
      }
      return proven;
    } catch (error) {
      if (context.given.caFile !== undefined || context.given.trustFingerprint !== undefined) throw error;
      await tryAgain(context, error);
    }
  }
}

/** What a connection is held to. */
export function tlsTrustOf(choice: TrustChoice): TlsTrust {
  switch (choice.kind) {
    case 'system':
      return { ca: systemRoots(), serverName: '', verifyChain: true, pin: null };
    case 'pin':
      return { ca: systemRoots(), serverName: '', verifyChain: false, pin: choice.sha256 };
    case 'ca':
    case 'ca-file':
      return { ca: [choice.pem], serverName: '', verifyChain: true, pin: null };
  }
}

/** `AB:CD:…`, as Windows and openssl show it, in two halves for narrow terminals. */
export function fingerprintLines(sha256: string): readonly string[] {
  const pairs = sha256.toUpperCase().match(/../g) ?? [];
  return [pairs.slice(0, 16).join(':'), pairs.slice(16).join(':')];
}

interface Answering {
  readonly chain: PresentedChain;
  readonly others: readonly string[];
}

async function firstAnswering(context: InitContext, directory: string, servers: readonly string[]): Promise<Answering> {
  const { dialogue, edges, signal } = context;
  for (;;) {
    try {
      return await dialogue.work(
        `Connecting to ${servers.length === 1 ? servers[0] : plural(servers.length, 'domain controller')}`,
        async (update) => {
          const failures: RollcallError[] = [];
          for (const [index, server] of servers.entries()) {
            update(`Connecting to ${server}`);
            try {
              const chain = await edges.readPresentedChain(server, { directory, tls: plainTls, deadlines, signal });
              return { chain, others: servers.slice(index + 1) };
            } catch (error) {
              if (!(error instanceof RollcallError) || error.code === 'INTERRUPTED') throw error;
              failures.push(error);
            }
          }
          throw together(failures);
        },
        ({ chain }) => `${chain.server} answers by TLS`,
      );
    } catch (error) {
      await tryAgain(context, error);
    }
  }
}

async function decide(context: InitContext, chain: PresentedChain): Promise<TrustChoice> {
  const { given, dialogue } = context;
  if (given.caFile !== undefined) return readCaChoice(given.caFile);
  if (given.trustFingerprint !== undefined) return byFingerprint(chain, given.trustFingerprint, given.pin);
  if (chain.objection === null) {
    dialogue.say(`Its certificate is trusted by this machine (issued by ${chain.leaf.issuer})`);
    return { kind: 'system' };
  }
  if (chain.objection.code !== 'DIRECTORY_TLS_UNTRUSTED') throw chain.objection;
  const offered = chain.ca ?? chain.leaf;
  if (!dialogue.attended) {
    throw new RollcallError(
      'DIRECTORY_TLS_UNTRUSTED',
      `${chain.server} has a certificate that this machine does not trust (${offered.subject}, SHA-256 ${offered.sha256}). ` +
        'Compare it with the domain, then give --trust-fingerprint SHA256, or --ca-file FILE.',
      { place: { server: chain.server } },
    );
  }
  return askTrust(context, chain);
}

async function askTrust({ dialogue }: InitContext, { ca, leaf }: PresentedChain): Promise<TrustChoice> {
  const offered = ca ?? leaf;
  dialogue.note(
    ca === null ? 'It shows a certificate of a CA that this machine does not know' : 'It shows a CA that this machine does not know',
    [
      ...certificateLines(offered),
      '',
      ca === null
        ? 'Compare the thumbprint on the controller itself: certlm.msc, Personal, Certificates, Details.'
        : 'Compare the thumbprint on a machine of the domain: certlm.msc, Trusted Root Certification Authorities, Details.',
    ],
  );
  const choice = await dialogue.choose({
    message: 'Is it the same?',
    choices: [
      { value: 'no', label: 'No, or I cannot tell: stop here', hint: 'no password has been sent' },
      {
        value: 'yes',
        label: ca === null ? 'Yes: trust this certificate' : `Yes: trust this CA for this domain`,
        hint: ca === null ? 'until it is renewed' : 'saved beside the configuration',
      },
      ...(ca === null ? [] : [{ value: 'pin', label: "Trust only this controller's certificate", hint: 'until it is renewed' }]),
      { value: 'file', label: 'I have the CA as a PEM file' },
    ],
    initial: 'no',
  });
  switch (choice) {
    case 'yes':
      return ca === null ? pinOf(leaf) : { kind: 'ca', pem: ca.pem, sha256: ca.sha256, subject: ca.subject };
    case 'pin':
      return confirmPin(dialogue, leaf);
    case 'file':
      return readCaChoice(await dialogue.text({ message: 'Path of the PEM file' }));
    default:
      throw new RollcallError('DIRECTORY_TLS_UNTRUSTED', 'The certificate of the domain controller was not trusted. Nothing was written.');
  }
}

async function confirmPin(dialogue: InitContext['dialogue'], leaf: PresentedCertificate): Promise<TrustChoice> {
  dialogue.note("The controller's certificate", certificateLines(leaf));
  if (await dialogue.confirm('Is this its fingerprint?', false)) return pinOf(leaf);
  throw new RollcallError('DIRECTORY_TLS_UNTRUSTED', 'The certificate of the domain controller was not trusted. Nothing was written.');
}

function byFingerprint({ server, ca, leaf }: PresentedChain, wanted: string, pin: boolean): TrustChoice {
  if (ca?.sha256 === wanted && !pin) return { kind: 'ca', pem: ca.pem, sha256: ca.sha256, subject: ca.subject };
  if (leaf.sha256 === wanted) return pinOf(leaf);
  const shown = [...(ca === null ? [] : [`the CA ${ca.sha256}`]), `its certificate ${leaf.sha256}`].join(', ');
  const withoutCa =
    ca === null ? ' It does not send its CA: give --ca-file FILE, or the fingerprint of that certificate once compared.' : '';
  throw new RollcallError(
    'DIRECTORY_TLS_PIN_MISMATCH',
    `${server} shows nothing with the SHA-256 fingerprint ${wanted}${pin ? ' to pin' : ''}; it shows ${shown}.${withoutCa}`,
    { place: { server } },
  );
}

async function readCaChoice(given: string): Promise<TrustChoice> {
  const path = resolve(given);
  try {
    const pem = await readFile(path, 'utf8');
    void new X509Certificate(pem);
    return { kind: 'ca-file', path, pem };
  } catch (cause) {
    const why = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT' ? 'is not there' : 'holds no certificate in PEM form';
    throw new RollcallError('CONFIG_INVALID', `The CA file ${path} ${why}.`, { place: { file: path }, cause });
  }
}

/** Connects to each again, now under the chosen trust. One that is trusted is enough; the others are told and left out. */
async function provenServers(context: InitContext, directory: string, { trust, servers }: TrustedServers): Promise<TrustedServers> {
  const { dialogue, edges, signal } = context;
  const tls = tlsTrustOf(trust);
  const results = await dialogue.work(
    'Checking the certificates',
    () =>
      Promise.all(
        servers.map(async (server) => {
          try {
            const objection = await edges.proveTrust(server, { directory, tls: plainTls, deadlines, signal, trust: tls });
            return { server, objection };
          } catch (error) {
            if (error instanceof RollcallError && error.code !== 'INTERRUPTED') return { server, objection: error };
            throw error;
          }
        }),
      ),
    (checked) => {
      const good = checked.filter(({ objection }) => objection === null);
      return `${plural(good.length, 'domain controller')}${good.length === checked.length ? '' : ` of ${checked.length}`} reached and trusted`;
    },
  );
  const good = results.flatMap(({ server, objection }) => (objection === null ? [server] : []));
  const bad = results.flatMap(({ objection }) => objection ?? []);
  if (good.length === 0) throw together(bad);
  for (const objection of bad) dialogue.warn(`Left out: ${objection.message}`);
  return { trust, servers: good };
}

function pinOf(leaf: PresentedCertificate): TrustChoice {
  return { kind: 'pin', sha256: leaf.sha256, subject: leaf.subject };
}

function certificateLines(certificate: PresentedCertificate): readonly string[] {
  const day = (time: number): string => new Date(time).toISOString().slice(0, 10);
  const [first = '', second = ''] = fingerprintLines(certificate.sha256);
  return [
    `subject    ${certificate.subject}`,
    `issuer     ${certificate.issuer}`,
    `valid      ${day(certificate.validFrom)} to ${day(certificate.validTo)}`,
    `thumbprint ${certificate.sha1}`,
    `SHA-256    ${first}`,
    `           ${second}`,
  ];
}

function together(failures: readonly RollcallError[]): RollcallError {
  const [first] = failures;
  if (first === undefined) return new RollcallError('DIRECTORY_DISCOVERY', 'There is no domain controller to connect to.');
  if (failures.length === 1) return first;
  return new RollcallError(first.code, failures.map(({ message }) => message).join('; '), { place: first.place });
}

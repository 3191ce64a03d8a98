import type { CertificateFacts, Look, ServerFacts, SignInFacts } from '../../../core/ports/directory-examination.ts';
import type { FindingDocument } from '../../cli/documents-doctor.ts';
import { notOk, ok, type Topic } from '../finding.ts';
import { judgeDaysLeft } from '../judge.ts';
import { failedLook, fewOf, topicOf } from './topics.ts';

/** Another server of the directory can be read: what is wrong with this one keeps no sync from working. */
export interface ServerContext {
  readonly directory: string;
  readonly otherIsRead: boolean;
  readonly now: number;
}

/** One server of a directory, from outside to inside; one cause is told once. */
export function judgeServer(server: ServerFacts, context: ServerContext): readonly FindingDocument[] {
  const name = server.signIn?.ok === true ? (server.signIn.value.hostName ?? server.host) : server.host;
  const topic = (code: Parameters<typeof topicOf>[1]): Topic => topicOf(context.directory, code, name);
  const bad = context.otherIsRead ? 'warning' : 'problem';
  return [
    judgeReachable(topic('DIRECTORY_REACHABLE'), server, { bad, name }),
    ...judgeCertificate(topic('DIRECTORY_CERTIFICATE'), server.certificate, { bad, now: context.now }),
    ...judgeClearText(topic('DIRECTORY_SIGNING'), server),
    ...judgeSignIn(topic('DIRECTORY_SIGN_IN'), server.signIn, bad),
    ...(server.signIn?.ok === true ? judgeServerClock(topic('DIRECTORY_CLOCK'), server.signIn.value.clock) : []),
  ];
}

type Bad = 'warning' | 'problem';

function judgeReachable(
  topic: Topic,
  { addresses, ports, host }: ServerFacts,
  { bad, name }: { readonly bad: Bad; readonly name: string },
): FindingDocument {
  if (!addresses.ok) {
    const remedy = 'Check the name, and that this machine asks a name server that knows the domain.';
    return { ...notOk(topic, bad, addresses.error.message, remedy), error: addresses.error.code };
  }
  const told = ports.map(({ port, state, ms }) => (state === 'open' ? `${port} open (${ms} ms)` : `${port} ${state}`)).join(', ');
  const places = [...new Set([host, ...addresses.value])].filter((place) => place !== name);
  const where = places.length === 0 ? '' : `${fewOf(places, 3)}; `;
  const needed = ports.find((probe) => probe.needed);
  if (needed === undefined || needed.state === 'open') return ok(topic, `${where}${told}`);
  const words = {
    closed: {
      seen: `nothing listens on port ${needed.port}, or a firewall rejects it`,
      remedy: `Check that it runs and is a domain controller, and that no firewall rejects TCP port ${needed.port}.`,
    },
    filtered: {
      seen: `no answer on port ${needed.port} within ${Math.ceil(needed.ms / 1000)} s: something on the way drops it, or it is switched off`,
      remedy: `Have the firewalls between let this machine through to TCP port ${needed.port}.`,
    },
    'no route': { seen: `there is no way to it`, remedy: "Check this machine's network, routes and VPN, and the address." },
  }[needed.state];
  return { ...notOk(topic, bad, `${where}${told}: ${words.seen}`, words.remedy), error: 'DIRECTORY_UNREACHABLE' };
}

const noCertificateRemedy =
  'Give the controller a certificate for LDAPS: enrol "Domain Controller Authentication" from AD CS, or import one with its name into the computer\'s Personal store. Event 1220 of "Directory Service" says when it finds none.';

/** Its days left are judged also while nobody trusts it: both have the same remedy, a new one. */
function judgeCertificate(
  topic: Topic,
  certificate: Look<CertificateFacts> | null,
  { bad, now }: { readonly bad: Bad; readonly now: number },
): readonly FindingDocument[] {
  if (certificate === null) return [];
  if (!certificate.ok) {
    const { code } = certificate.error;
    const failure = failedLook(topic, certificate.error, bad);
    return [code === 'DIRECTORY_TLS_FAILED' ? { ...failure, remedy: noCertificateRemedy } : failure];
  }
  const { objection, issuer, names, sentCa, validTo } = certificate.value;
  const shown = `issued by "${issuer}" for ${namesWords(names)}, ${sentCa === null ? 'sent without its CA' : `sent with its CA "${sentCa}"`}`;
  if (objection === null) return [judgeDaysLeft(topic, validTo, now, `; ${shown}`)];
  const failure = failedLook(topic, objection, bad);
  const isTold = objection.code === 'DIRECTORY_TLS_NAME_MISMATCH' || objection.code === 'DIRECTORY_TLS_UNTRUSTED';
  return [isTold ? failure : { ...failure, seen: `${failure.seen}; ${shown}` }];
}

/** `DNS:dc1.corp.example.com, IP Address:10.0.0.5` → the names alone. */
function namesWords(names: string): string {
  return fewOf(
    names.split(', ').map((name) => name.replace(/^(?:DNS|IP Address):/u, '')),
    3,
  );
}

const windows2025 = 10;
const channelBinding = 'Channel binding cannot be told from outside; it does not apply to the way rollcall signs in.';

function judgeClearText(topic: Topic, { clearText, signIn }: ServerFacts): readonly FindingDocument[] {
  if (clearText === null) return [];
  if (!clearText.ok) return [notOk(topic, 'note', `whether it takes sign-ins in clear cannot be told: ${clearText.error.message}`, null)];
  if (clearText.value === 'refused') return [ok(topic, `sign-ins in clear are refused. ${channelBinding}`)];
  const is2025 = signIn?.ok === true && (signIn.value.level ?? 0) >= windows2025;
  const unlike = is2025 ? ' although new domains of Windows Server 2025 refuse that' : '';
  return [
    notOk(
      topic,
      'note',
      `it looks at passwords that are sent in clear${unlike} (tried with a made-up account). ${channelBinding}`,
      'When no other program signs in so any more, set the policy "Domain controller: LDAP server signing requirements" to "Require signing".',
    ),
  ];
}

/** domainControllerFunctionality in words (MS-ADTS 3.1.1.3.2.25). */
const levels: ReadonlyMap<number, string> = new Map([
  [0, '2000'],
  [2, '2003'],
  [3, '2008'],
  [4, '2008 R2'],
  [5, '2012'],
  [6, '2012 R2'],
  [7, '2016 to 2022'],
  [windows2025, '2025'],
]);

function judgeSignIn(topic: Topic, signIn: Look<SignInFacts> | null, bad: Bad): readonly FindingDocument[] {
  if (signIn === null) return [];
  if (!signIn.ok) return [failedLook(topic, signIn.error, bad)];
  const { ms, site, level } = signIn.value;
  const told = [
    `signed in within ${ms} ms`,
    ...(site === null ? [] : [`site ${site}`]),
    ...(level === null ? [] : [`level of Windows Server ${levels.get(level) ?? `(${level})`}`]),
  ];
  return [ok(topic, told.join(', '))];
}

const clockLimits = { noteMs: 30_000, warningMs: 300_000 } as const;

/** This machine's clock against the server's. */
function judgeServerClock(topic: Topic, clock: SignInFacts['clock']): readonly FindingDocument[] {
  if (clock === null) return [];
  const apart = Math.max(0, Math.abs(clock.aheadMs) - clock.uncertainMs);
  const seconds = Math.round(apart / 1000);
  if (apart <= clockLimits.noteMs) return [ok(topic, seconds === 0 ? 'agrees with this machine' : `${seconds} s apart from this machine`)];
  const seen = `its clock is ${seconds} s ${clock.aheadMs > 0 ? 'behind' : 'ahead of'} this machine's`;
  const remedy = 'Find out which of the two is wrong ("w32tm /query /status" there), and have both synchronise their time.';
  return [notOk(topic, apart > clockLimits.warningMs ? 'warning' : 'note', seen, remedy)];
}

import MailComposer from 'nodemailer/lib/mail-composer';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { Trust } from '../http/trust.ts';

export interface MailServer {
  readonly host: string;
  readonly port: number;
  readonly tls: 'from-start' | 'starttls' | 'none';
  readonly trust: Trust;
  readonly account: { readonly userName: string; readonly password: string } | null;
  /** Bound of each step, in milliseconds; the whole takes at most three times as long. */
  readonly stepMs: number;
}

export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  /** In angle brackets. */
  readonly messageId: string;
  readonly references: readonly string[];
  readonly collector: string;
}

export type MailOutcome =
  /** `refused`: what the server said to each address that it does not take. */
  | { readonly kind: 'sent'; readonly refused: readonly string[] }
  | { readonly kind: 'failed'; readonly reason: string; readonly hint: string; readonly isUncertain: boolean };

type Stage = 'connect' | 'sign-in' | 'send';

/** One mail, one connection, within bounds; an abort ends it at once. Does not throw for anything that a server does. */
export async function deliverMail(server: MailServer, mail: Mail, signal: AbortSignal): Promise<MailOutcome> {
  const message = await compose(mail);
  const begun = performance.now();
  const outcome = await deliver(server, mail, message, signal);
  // The library counts the time to connect by the machine's clock: one that was set forward meanwhile ends it at once.
  const isEarly = outcome.kind === 'failed' && outcome.isSlowConnect && performance.now() - begun < server.stepMs;
  return isEarly && !signal.aborted ? deliver(server, mail, message, signal) : outcome;
}

type Attempt =
  | Extract<MailOutcome, { readonly kind: 'sent' }>
  | (Extract<MailOutcome, { readonly kind: 'failed' }> & { readonly isSlowConnect: boolean });

async function deliver(server: MailServer, mail: Mail, message: Buffer, signal: AbortSignal): Promise<Attempt> {
  const connection = new SMTPConnection({
    host: server.host,
    port: server.port,
    secure: server.tls === 'from-start',
    requireTLS: server.tls === 'starttls',
    ignoreTLS: server.tls === 'none',
    ...(server.tls === 'none' ? {} : { tls: { secureContext: server.trust.context() } }),
    name: 'rollcall',
    connectionTimeout: server.stepMs,
    greetingTimeout: server.stepMs,
    socketTimeout: server.stepMs,
    dnsTimeout: server.stepMs,
    socketCloseTimeout: 0,
    logger: false,
  });
  let stage: Stage = 'connect';
  let giveUp: (error: Error) => void = () => undefined;
  const given = new Promise<never>((_resolve, reject) => {
    giveUp = reject;
  });
  given.catch(() => undefined);
  connection.on('error', (error: Error) => giveUp(error));
  const deadline = setTimeout(() => giveUp(new SlowServer()), server.stepMs * 3);
  const stop = (): void => giveUp(new SlowServer());
  signal.addEventListener('abort', stop);
  try {
    await Promise.race([given, step((done) => connection.connect((error) => done(error)))]);
    const { account } = server;
    if (account !== null) {
      stage = 'sign-in';
      const credentials = { user: account.userName, pass: account.password };
      await Promise.race([given, step((done) => connection.login(credentials, (error) => done(error)))]);
    }
    stage = 'send';
    const refused = await Promise.race([given, send(connection, mail, message)]);
    connection.quit();
    return { kind: 'sent', refused };
  } catch (error) {
    return outcomeOf(error, stage, server);
  } finally {
    clearTimeout(deadline);
    signal.removeEventListener('abort', stop);
    // After a "quit" the server ends it; whatever happens, nothing stays open.
    setImmediate(() => connection.close());
  }
}

class SlowServer extends Error {
  readonly code = 'ETIMEDOUT';
}

function step(start: (done: (error: unknown) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    start((error) => {
      if (error === undefined || error === null) resolve();
      else reject(error instanceof Error ? error : new Error('The mail server failed.'));
    });
  });
}

function send(connection: SMTPConnection, mail: Mail, message: Buffer): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    connection.send({ from: mail.from, to: [...mail.to] }, message, (error, info) => {
      if (error !== null && error !== undefined) reject(error);
      else resolve((info?.rejectedErrors ?? []).map((refusal) => refusal.response ?? refusal.message));
    });
  });
}

function compose(mail: Mail): Promise<Buffer> {
  const [first] = mail.references;
  return new MailComposer({
    from: { name: `rollcall ${mail.collector}`, address: mail.from },
    to: mail.to.map((address) => ({ name: '', address })),
    subject: mail.subject,
    text: mail.text,
    messageId: mail.messageId,
    ...(first === undefined ? {} : { inReplyTo: first, references: [...mail.references] }),
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
    disableFileAccess: true,
    disableUrlAccess: true,
  })
    .compile()
    .build();
}

interface SmtpFault {
  readonly code: string;
  readonly originalCode: string;
  readonly response: string;
  readonly message: string;
}

function faultOf(error: unknown): SmtpFault {
  const text = (name: string): string => {
    const value: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined;
    return typeof value === 'string' ? value : '';
  };
  return { code: text('code'), originalCode: text('originalCode'), response: text('response'), message: text('message') };
}

function outcomeOf(error: unknown, stage: Stage, server: MailServer): Attempt {
  const fault = faultOf(error);
  const [reason, hint] = wordsOf(fault, stage, server);
  // An answer that refuses is certain; silence after the text was under way is not.
  const isUncertain = stage === 'send' && fault.response === '';
  return { kind: 'failed', reason, hint, isUncertain, isSlowConnect: stage === 'connect' && fault.code === 'ETIMEDOUT' };
}

const stageWords = {
  connect: 'while connecting',
  'sign-in': 'while signing in',
  send: 'while taking the mail',
} as const satisfies Record<Stage, string>;

function wordsOf(fault: SmtpFault, stage: Stage, server: MailServer): readonly [string, string] {
  const said = fault.response === '' ? '' : `: the server said "${fault.response}"`;
  const detail = `${fault.originalCode} ${fault.message}`;
  if (/CERT|certificate|SELF_SIGNED|altnames|self-signed/iu.test(detail)) {
    const code = /[A-Z]+(?:_[A-Z]+)+/u.exec(detail)?.[0] ?? 'certificate';
    return [
      `the certificate of the mail server is not accepted (${code})`,
      'Use the name in the certificate in notify.smtp.server; give the issuing CA as notify.smtp.caFile.',
    ];
  }
  if (fault.code === 'ETLS') {
    const why = server.tls === 'starttls' ? 'the server offers no STARTTLS, or fails at it' : 'TLS failed';
    return [`${why}${said}`, 'Use smtps://HOST:465, or a server with STARTTLS: a password does not travel unencrypted.'];
  }
  if (stage === 'sign-in' && fault.code !== 'ETIMEDOUT' && fault.code !== 'ECONNECTION' && fault.code !== 'ESOCKET') {
    return [`the sign-in is refused${said}`, 'Check notify.smtp.userName and the password that notify.smtp.password refers to.'];
  }
  if (fault.code === 'EDNS') return ['the name of the mail server does not resolve', 'Check the host in notify.smtp.server.'];
  if (fault.code === 'ETIMEDOUT') {
    return [
      `no answer in time ${stageWords[stage]}`,
      'Check host, port (465 with smtps, 587 with smtp), firewall, and the load of the mail server.',
    ];
  }
  if (fault.response !== '') {
    return [
      `refused ${stageWords[stage]}${said}`,
      'Check notify.smtp.from and notify.email, and what the account may send at the mail server.',
    ];
  }
  const code = fault.originalCode === '' ? fault.code : fault.originalCode;
  return [
    `the connection failed ${stageWords[stage]} (${code === '' ? 'unknown' : code})`,
    'Check host, port (465 with smtps, 587 with smtp) and firewall.',
  ];
}

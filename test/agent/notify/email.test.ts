import type { SMTPServerOptions } from 'smtp-server';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { plainNetwork } from '../../../agent/http/network.ts';
import type { Delivery } from '../../../agent/notify/delivery.ts';
import { createEmail } from '../../../agent/notify/email.ts';
import type { NotifySettings } from '../../../agent/notify/notify-settings.ts';
import type { OutgoingMessage } from '../../../agent/notify/outgoing.ts';
import { Redacted } from '../../../agent/secrets/redacted.ts';
import { makeTestCertificates, type TestCertificates } from '../../fixtures/tls.ts';
import { message, startMailbox, startTcp, stepMs } from './receivers.ts';

const password = 'canary-Pa55word';
const { trust } = plainNetwork();

interface Choice {
  readonly server: string;
  readonly userName?: string;
  readonly caFile?: string;
  readonly email?: string;
  readonly signal?: AbortSignal;
}

function send(choice: Choice, outgoing: OutgoingMessage = message()): Promise<Delivery> {
  const userName = choice.userName ?? '';
  const settings: NotifySettings = {
    webhook: '',
    heartbeatUrl: '',
    email: choice.email ?? 'ops@msp.test, second@msp.test',
    smtp: {
      server: choice.server,
      userName,
      password: userName === '' ? '' : 'env:SMTP',
      from: 'rollcall@msp.test',
      caFile: choice.caFile ?? '',
    },
  };
  return createEmail({
    settings,
    collector: 'acme-hq',
    resolveSecret: () => new Redacted(password),
    redact: (text) => text.replaceAll(password, '<redacted>'),
    trust,
    stepMs,
    signal: choice.signal ?? new AbortController().signal,
  }).send(outgoing);
}

function wordsOf(delivery: Delivery): string {
  return delivery.kind === 'failed' ? `${delivery.failure.message} ${delivery.failure.hint}` : delivery.kind;
}

let certificates: TestCertificates;
beforeAll(() => {
  certificates = makeTestCertificates();
});
afterAll(() => certificates.remove());

describe('e-mail to a server on this machine', () => {
  it('is plain text with the headers of an automatic message, to all addresses', async () => {
    await using mailbox = await startMailbox();

    expect(await send({ server: `smtp://127.0.0.1:${mailbox.port}` })).toEqual({ kind: 'delivered', remark: null });

    const [mail] = mailbox.mails;
    expect(mail).toMatchObject({ from: 'rollcall@msp.test', to: ['ops@msp.test', 'second@msp.test'], secure: false });
    expect(mail?.raw).toMatch(/^From: "?rollcall acme-hq"? <rollcall@msp\.test>\r$/mu);
    expect(mail?.raw).toMatch(/^Subject: \[rollcall acme-hq\] failed: The last sync failed\r$/mu);
    expect(mail?.raw).toMatch(/^Message-ID: <rollcall\.id-1@msp\.test>\r$/mu);
    expect(mail?.raw).toMatch(/^Auto-Submitted: auto-generated\r$/mu);
    expect(mail?.raw).toMatch(/^Content-Type: text\/plain; charset=utf-8\r$/mu);
    expect(mail?.raw).not.toMatch(/^(?:References|In-Reply-To):/mu);
    expect(mail?.raw).toContain('- one line');
  });

  it('threads under the message that it follows', async () => {
    await using mailbox = await startMailbox();

    await send({ server: `smtp://127.0.0.1:${mailbox.port}` }, message({ threads: ['first', 'other'] }));

    expect(mailbox.mails[0]?.raw).toMatch(/^In-Reply-To: <rollcall\.first@msp\.test>\r$/mu);
    expect(mailbox.mails[0]?.raw).toMatch(/^References: <rollcall\.first@msp\.test>\s+<rollcall\.other@msp\.test>\r$/mu);
  });

  it('that takes only some addresses is told, and not sent again', async () => {
    await using mailbox = await startMailbox({
      onRcptTo(address, _session, done) {
        done(address.address.startsWith('second') ? Object.assign(new Error('no such user second@msp.test'), { responseCode: 550 }) : null);
      },
    });

    const delivery = await send({ server: `smtp://127.0.0.1:${mailbox.port}` });

    expect(delivery).toMatchObject({
      kind: 'delivered',
      remark: { message: expect.stringMatching(/refused 1 of 2 addresses: 550 .*<address>/u) },
    });
    expect(mailbox.mails).toHaveLength(1);
  });

  it('that takes no address, or not the sender, failed for certain', async () => {
    await using mailbox = await startMailbox({
      onMailFrom: (_address, _session, done) => done(Object.assign(new Error('relaying denied'), { responseCode: 554 })),
    });

    const delivery = await send({ server: `smtp://127.0.0.1:${mailbox.port}` });

    expect(delivery).toMatchObject({ kind: 'failed', isUncertain: false });
    expect(wordsOf(delivery)).toMatch(/"554 relaying denied".*notify\.smtp\.from/u);
  });
});

describe("a machine's clock that is set forward while a mail is sent", () => {
  it('costs no mail', async () => {
    await using mailbox = await startMailbox();
    const real = Date.now.bind(Date);
    let looks = 0;
    // It is an hour later when it is looked at for the second time; then it goes on as it should.
    const clock = vi.spyOn(Date, 'now').mockImplementation(() => {
      looks += 1;
      return real() + (looks > 1 ? 3_600_000 : 0);
    });
    try {
      expect(await send({ server: `smtp://127.0.0.1:${mailbox.port}` })).toEqual({ kind: 'delivered', remark: null });
    } finally {
      clock.mockRestore();
    }

    expect(looks).toBeGreaterThan(1);
    expect(mailbox.mails).toHaveLength(1);
  });
});

describe('e-mail over a network', () => {
  const account = { onAuth: onAuthOf(password) };

  it.each(['smtp', 'smtps'])('by %s signs in behind TLS, with a CA of its own', async (scheme) => {
    const { key, cert } = certificates.good;
    await using mailbox = await startMailbox({ key, cert, secure: scheme === 'smtps', authOptional: false, ...account });

    const delivery = await send({ server: `${scheme}://localhost:${mailbox.port}`, userName: 'svc', caFile: certificates.caFile });

    expect(delivery).toEqual({ kind: 'delivered', remark: null });
    expect(mailbox.mails[0]).toMatchObject({ secure: true, user: 'svc' });
  });

  it('does not send a word of the sign-in to a server without STARTTLS', async () => {
    const seen: string[] = [];
    await using server = await startTcp((socket) => {
      socket.write('220 plain.test ESMTP\r\n');
      socket.on('data', (data) => {
        seen.push(String(data));
        socket.write(String(data).startsWith('EHLO') ? '250-plain.test\r\n250 AUTH PLAIN LOGIN\r\n' : '502 what?\r\n');
      });
    });

    const delivery = await send({ server: `smtp://127.0.0.1:${server.port}`, userName: 'svc', caFile: certificates.caFile });

    expect(delivery).toMatchObject({ kind: 'failed', isUncertain: false });
    expect(wordsOf(delivery)).toMatch(/STARTTLS.*unencrypted/u);
    expect(seen.join('')).not.toMatch(/AUTH|MAIL/u);
  });

  it.each(['smtp', 'smtps'])('by %s to a certificate nobody trusts, or for another name, sends nothing', async (scheme) => {
    for (const [certificate, caFile] of [
      [certificates.selfSigned, certificates.caFile],
      [certificates.wrongName, certificates.caFile],
      [certificates.expired, certificates.caFile],
    ] as const) {
      await using mailbox = await startMailbox({ key: certificate.key, cert: certificate.cert, secure: scheme === 'smtps' });

      const delivery = await send({ server: `${scheme}://localhost:${mailbox.port}`, caFile });

      expect(wordsOf(delivery)).toMatch(/certificate of the mail server is not accepted \([A-Z_]+\).*caFile/u);
      expect(mailbox.mails).toEqual([]);
    }
  });

  it('that is refused at the sign-in says what the server said, and never the password', async () => {
    const { key, cert } = certificates.good;
    await using mailbox = await startMailbox({ key, cert, authOptional: false, onAuth: onAuthOf('another') });

    const delivery = await send({ server: `smtp://localhost:${mailbox.port}`, userName: 'svc', caFile: certificates.caFile });

    expect(delivery).toMatchObject({ kind: 'failed', isUncertain: false });
    expect(wordsOf(delivery)).toMatch(/sign-in is refused: the server said "535 no, not with <redacted>".*notify\.smtp\.password/u);
    expect(wordsOf(delivery)).not.toContain(password);
  });

  it('says when its CA cannot be read', async () => {
    expect(wordsOf(await send({ server: 'smtps://localhost:1', caFile: '/nowhere/ca.pem' }))).toMatch(
      /notify\.smtp\.caFile: \/nowhere\/ca\.pem cannot be read \(ENOENT\)/u,
    );
  });
});

describe('a mail server that hangs', () => {
  const greeting = '220 slow.test ESMTP\r\n';
  /** Answers the words that it knows; stays silent at the others. */
  const answers =
    (known: Readonly<Record<string, string>>, hello = greeting) =>
    (socket: { write(text: string): unknown; on(event: 'data', on: (data: Buffer) => void): unknown }) => {
      if (hello !== '') socket.write(hello);
      socket.on('data', (data) => {
        const word = String(data).slice(0, 4).toUpperCase();
        if (known[word] !== undefined) socket.write(known[word]);
      });
    };
  const ehlo = { EHLO: '250-slow.test\r\n250 AUTH PLAIN LOGIN\r\n' };
  const auth = { ...ehlo, AUTH: '235 welcome\r\n' };
  const envelope = { ...auth, MAIL: '250 ok\r\n', RCPT: '250 ok\r\n' };

  it.each<[string, Readonly<Record<string, string>>, string, { readonly words: RegExp; readonly isUncertain: boolean }]>([
    ['at the greeting', {}, '', { words: /no answer in time while connecting/u, isUncertain: false }],
    ['at EHLO', {}, greeting, { words: /no answer in time while connecting/u, isUncertain: false }],
    ['at the sign-in', ehlo, greeting, { words: /no answer in time while signing in/u, isUncertain: false }],
    ['at MAIL FROM', auth, greeting, { words: /no answer in time while taking the mail/u, isUncertain: true }],
    ['at DATA', envelope, greeting, { words: /no answer in time while taking the mail/u, isUncertain: true }],
    [
      'after the text',
      { ...envelope, DATA: '354 go on\r\n' },
      greeting,
      { words: /no answer in time while taking the mail/u, isUncertain: true },
    ],
  ])('%s is left in time', async (_name, known, hello, { words, isUncertain }) => {
    await using server = await startTcp(answers(known, hello));
    const startedAt = performance.now();

    const delivery = await send({ server: `smtp://127.0.0.1:${server.port}`, userName: 'svc' });

    expect(delivery).toMatchObject({ kind: 'failed', isUncertain });
    expect(wordsOf(delivery)).toMatch(words);
    expect(performance.now() - startedAt).toBeLessThan(stepMs * 3 + 300);
  });

  it('by never ending a line is left in time', async () => {
    await using server = await startTcp((socket) => {
      const drip = setInterval(() => socket.write('220-still thinking\r\n'), stepMs / 5);
      socket.once('close', () => clearInterval(drip));
    });
    const startedAt = performance.now();

    expect((await send({ server: `smtp://127.0.0.1:${server.port}` })).kind).toBe('failed');
    expect(performance.now() - startedAt).toBeLessThan(stepMs * 3 + 300);
  });

  it('by going on and on with one answer is left in time', async () => {
    await using server = await startTcp((socket) => {
      answers(auth)(socket);
      const drip = setInterval(() => socket.write('250-still thinking\r\n'), stepMs / 5);
      socket.once('close', () => clearInterval(drip));
    });
    const startedAt = performance.now();

    expect((await send({ server: `smtp://127.0.0.1:${server.port}` })).kind).toBe('failed');
    expect(performance.now() - startedAt).toBeLessThan(stepMs * 3 + 300);
  });

  it('is left at once when the program stops', async () => {
    const stop = new AbortController();
    await using server = await startTcp(() => stop.abort());
    const startedAt = performance.now();

    expect((await send({ server: `smtp://127.0.0.1:${server.port}`, signal: stop.signal })).kind).toBe('failed');
    expect(performance.now() - startedAt).toBeLessThan(stepMs);
  });

  it.each([
    ['that nobody listens at', 'smtp://127.0.0.1:9', /ECONNREFUSED/u],
    ['whose name does not resolve', 'smtps://mail.invalid:465', /does not resolve|EAI_AGAIN|ENOTFOUND|in time/u],
  ])('or %s is told apart', async (_name, server, words) => {
    expect(wordsOf(await send({ server }))).toMatch(words);
  });

  it('or drops the connection after the text may have taken it', async () => {
    await using server = await startTcp((socket) => {
      answers({ ...envelope, DATA: '354 go on\r\n' })(socket);
      socket.on('data', (data) => {
        if (String(data).includes('\r\n.\r\n')) socket.destroy();
      });
    });

    expect(await send({ server: `smtp://127.0.0.1:${server.port}`, userName: 'svc' })).toMatchObject({ kind: 'failed', isUncertain: true });
  });
});

function onAuthOf(right: string): NonNullable<SMTPServerOptions['onAuth']> {
  return (auth, _session, done) => {
    if (auth.password === right) done(null, { user: auth.username ?? '' });
    else done(Object.assign(new Error(`no, not with ${auth.password}`), { responseCode: 535 }));
  };
}

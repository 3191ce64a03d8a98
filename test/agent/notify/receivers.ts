import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { createHttpClient, type HttpClient } from '../../../agent/http/http-client.ts';
import type { OutgoingMessage } from '../../../agent/notify/outgoing.ts';
import type { WebReceiverOptions } from '../../../agent/notify/web-receiver.ts';
import { notifyHttpOptions } from '../../../agent/notify/web-receiver.ts';
import { Redacted } from '../../../agent/secrets/redacted.ts';

export const stepMs = 300;

/** The client as it is in service, but less patient. */
export function impatientHttp(): HttpClient {
  return createHttpClient({
    ...notifyHttpOptions,
    timeouts: { connect: stepMs, headers: stepMs, body: stepMs, whole: stepMs * 2 },
  });
}

export function receiverOptions(http: HttpClient, address: string, secrets: Readonly<Record<string, string>> = {}): WebReceiverOptions {
  return {
    setting: 'notify.webhook',
    address,
    http,
    resolveSecret: (reference) => new Redacted(secrets[reference] ?? ''),
    conceal: () => undefined,
    redact: (text) => text,
  };
}

export function message(differences: Partial<OutgoingMessage> = {}): OutgoingMessage {
  return {
    subject: '[rollcall acme-hq] failed: The last sync failed',
    document: {
      formatVersion: 1,
      event: 'problem',
      id: 'id-1',
      collector: 'acme-hq',
      health: 'failed',
      text: '[rollcall acme-hq] failed: The last sync failed — größer\n.\n- one line',
      problems: [],
    },
    threads: [],
    ...differences,
  };
}

/** A TCP server that does with each connection what it is told, and forgets them all at its end. */
export async function startTcp(handle: (socket: Socket) => void): Promise<{ readonly port: number } & AsyncDisposable> {
  const open = new Set<Socket>();
  const server: Server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => open.delete(socket));
    handle(socket);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: string;
  readonly secure: boolean;
  readonly user: string;
}

/** A real SMTP receiver on loopback. */
export async function startMailbox(
  options: SMTPServerOptions = {},
): Promise<{ readonly port: number; readonly mails: readonly ReceivedMail[] } & AsyncDisposable> {
  const mails: ReceivedMail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: options.key === undefined ? ['STARTTLS'] : [],
    onData(stream, session, done) {
      const pieces: Buffer[] = [];
      stream.on('data', (piece: Buffer) => pieces.push(piece));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        mails.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          raw: Buffer.concat(pieces).toString('utf8'),
          secure: session.secure,
          user: String(session.user ?? ''),
        });
        done();
      });
    },
    ...options,
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

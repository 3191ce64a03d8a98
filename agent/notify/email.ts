import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { RollcallError } from '../../core/errors.ts';
import { readAddress } from '../config/address.ts';
import { createTrust, type Trust } from '../http/trust.ts';
import { reveal } from '../secrets/redacted.ts';
import { type Delivery, failed, type MessageSender } from './delivery.ts';
import { type NotifySettings, type ResolveSecret, recipientsOf, senderOf } from './notify-settings.ts';
import type { OutgoingMessage } from './outgoing.ts';
import { cleanText } from './outgoing.ts';
import type { Mail, MailServer } from './smtp-delivery.ts';

export interface EmailOptions {
  readonly settings: NotifySettings;
  readonly collector: string;
  readonly resolveSecret: ResolveSecret;
  readonly redact: (text: string) => string;
  /** When the settings name no CA. */
  readonly trust: Trust;
  /** Bound of each step, in milliseconds; 10 s when not given. The whole takes at most three times as long. */
  readonly stepMs?: number;
  readonly signal: AbortSignal;
}

/**
 * Sends plain text mail by SMTP: TLS from the start (`smtps:`), or STARTTLS, which is required (`smtp:`) save to this machine.
 * Credentials never travel in clear over a network.
 */
export function createEmail(options: EmailOptions): MessageSender {
  const trusted = createTrustCache(options.trust);
  return {
    async send(message) {
      try {
        return await sendOnce(options, message, trusted);
      } catch (error) {
        if (error instanceof RollcallError) return failed(cleanText(error.message, options.redact), error.hint);
        return failed('notify.smtp: something unforeseen happened while sending.', 'Run "rollcall notify test" to see whether it stays.');
      }
    },
  };
}

async function sendOnce(options: EmailOptions, message: OutgoingMessage, trusted: (ca: string | null) => Trust): Promise<Delivery> {
  const { smtp } = options.settings;
  const password = smtp.password === '' ? '' : reveal(await options.resolveSecret(smtp.password, 'notify.smtp.password'));
  const ca = smtp.caFile === '' ? null : await readCa(smtp.caFile);
  // Loaded with the first mail: whoever has no e-mail configured does not carry the library.
  const { deliverMail } = await import('./smtp-delivery.ts');
  const server = mailServer(smtp.server, ca);
  const outcome = await deliverMail(
    {
      ...server,
      trust: trusted(ca),
      account: smtp.userName === '' ? null : { userName: smtp.userName, password },
      stepMs: options.stepMs ?? 10_000,
    },
    mailOf(options, message),
    options.signal,
  );
  const clean = (text: string): string => cleanText(text, options.redact);
  if (outcome.kind === 'failed') {
    return failed(`notify.smtp (${server.host}:${server.port}): ${clean(outcome.reason)}.`, outcome.hint, {
      isUncertain: outcome.isUncertain,
    });
  }
  if (outcome.refused.length === 0) return { kind: 'delivered', remark: null };
  const all = recipientsOf(options.settings).length;
  const said = clean(outcome.refused[0] ?? '');
  return {
    kind: 'delivered',
    remark: {
      message: `notify.email: the mail server ${server.host} refused ${outcome.refused.length} of ${all} addresses: ${said}.`,
      hint: 'Correct the addresses in notify.email, or the rights of the account at the mail server.',
    },
  };
}

async function readCa(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown reason';
    throw new RollcallError('NOTIFY_FAILED', `notify.smtp.caFile: ${file} cannot be read (${code}).`, { cause });
  }
}

/** Certificates are read once, and again only when the CA's file has another content. */
function createTrustCache(standard: Trust): (ca: string | null) => Trust {
  let last = { ca: '', trust: standard };
  return (ca) => {
    if (ca === null) return standard;
    if (ca !== last.ca) last = { ca, trust: createTrust({ caPem: ca, onSystemStoreFailure: () => undefined }) };
    return last.trust;
  };
}

function mailServer(address: string, ca: string | null): Pick<MailServer, 'host' | 'port' | 'tls'> {
  const read = readAddress(address);
  const secure = read?.scheme === 'smtps';
  const port = URL.parse(address)?.port ?? '';
  const usualPort = secure ? 465 : 587;
  // A mail server on this machine as a rule has no certificate that anybody signed.
  const mayBePlain = read?.isLoopback === true && ca === null;
  const tlsWithin = mayBePlain ? 'none' : 'starttls';
  return {
    host: read?.host ?? '',
    port: port === '' ? usualPort : Number(port),
    tls: secure ? 'from-start' : tlsWithin,
  };
}

function mailOf(options: EmailOptions, message: OutgoingMessage): Mail {
  const from = senderOf(options.settings.smtp);
  const domain = from.slice(from.lastIndexOf('@') + 1);
  const idOf = (id: string): string => `<rollcall.${id}@${domain}>`;
  return {
    from,
    to: recipientsOf(options.settings),
    subject: message.subject,
    text: `${message.document.text}\n\n--\nrollcall, collector ${options.collector}\n`,
    messageId: idOf(message.document.id === '' ? randomUUID() : message.document.id),
    references: message.threads.map(idOf),
    collector: options.collector,
  };
}

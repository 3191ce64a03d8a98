import { RollcallError } from '../../../core/errors.ts';
import type { HttpClient } from '../../http/http-client.ts';
import type { HttpClock } from '../../http/http-clock.ts';
import { type Redacted, reveal } from '../../secrets/redacted.ts';
import { parseMoment } from '../json.ts';
import { redactText } from '../redaction.ts';
import { type BmsReply, isRedirect, readAnswer, readError } from './errors.ts';
import type { TenantMemory, Tokens } from './memory.ts';
import { tokenSchema } from './schema.ts';

export interface BmsCredentials {
  readonly userName: string;
  readonly password: Redacted;
  /** The company's name in the PSA; may contain spaces. */
  readonly tenant: string;
}

export interface SessionOptions {
  readonly productName: string;
  readonly address: string;
  readonly credentials: BmsCredentials;
  readonly http: HttpClient;
  readonly clock: Pick<HttpClock, 'now'>;
  /** Where the tokens are kept; in memory only, whoever keeps it. */
  readonly memory: Pick<TenantMemory, 'tokens'>;
}

/** Looks after the access token: one sign-in at a time, renewed before it expires. */
export interface BmsSession {
  /** A token that is good for now. Throws `PSA_CREDENTIALS_REJECTED`. */
  token(): Promise<string>;
  /** Says that the server did not accept this token any more; the next `token()` signs in anew. */
  reject(token: string): void;
  /** Takes what is secret or personal out of a server's words. */
  redact(text: string): string;
}

const signInRoute = '/v2/security/authenticate';
const refreshRoute = '/v2/security/refreshtoken';
const marginMs = 60_000;
/** Taken when the server tells no expiry that makes sense; clients in the field renew after 15 minutes. */
const assumedLifeMs = 10 * 60_000;
/** After a refusal the same credentials are not sent again for this long: repeated failures lock accounts. */
const refusalHoldsMs = 5 * 60_000;

/** Makes a session; nothing is sent before the first `token()`, and no sign-in where the memory has a token that is good. */
export function createSession(options: SessionOptions): BmsSession {
  const { productName, address, credentials, http, clock, memory } = options;
  let pending: Promise<Tokens> | null = null;
  let refusal: { readonly error: RollcallError; readonly until: number } | null = null;

  async function token(): Promise<string> {
    const { tokens } = memory;
    if (tokens !== null && clock.now() < tokens.renewAt) return tokens.access;
    pending ??= renew().finally(() => {
      pending = null;
    });
    return (await pending).access;
  }

  async function renew(): Promise<Tokens> {
    const old = memory.tokens;
    const tokens = (old === null ? null : await refresh(old)) ?? (await signIn());
    memory.tokens = tokens;
    return tokens;
  }

  async function signIn(): Promise<Tokens> {
    if (refusal !== null && clock.now() < refusal.until) throw refusal.error;
    const { userName, password, tenant } = credentials;
    const sent = await send(signInRoute, { GrantType: 'password', UserName: userName, Password: reveal(password), Tenant: tenant });
    if (sent.tokens !== null) {
      refusal = null;
      return sent.tokens;
    }
    const error = signInError(sent.reply);
    if (error.code === 'PSA_CREDENTIALS_REJECTED') refusal = { error, until: clock.now() + refusalHoldsMs };
    throw error;
  }

  /** `null`: sign in instead. */
  async function refresh(old: Tokens): Promise<Tokens | null> {
    if (old.refresh === null || clock.now() >= old.refreshUntil) return null;
    try {
      return (await send(refreshRoute, { AccessToken: old.access, RefreshToken: old.refresh })).tokens;
    } catch (error) {
      if (error instanceof RollcallError && error.code !== 'PSA_UNREACHABLE') return null;
      throw error;
    }
  }

  async function send(route: string, form: Readonly<Record<string, string>>): Promise<{ reply: BmsReply; tokens: Tokens | null }> {
    const result = await http.send({
      method: 'POST',
      url: `${address}${route}`,
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      body: new URLSearchParams(form).toString(),
      budget: `POST ${route}`,
      // A sign-in changes nothing in the PSA, so it may be repeated.
      intent: 'read',
    });
    if (result.kind === 'lost') return { reply: { kind: 'lost', message: result.reason }, tokens: null };
    const reply = readAnswer(result.status, result.text);
    return { reply, tokens: reply.kind === 'result' ? readTokens(reply.value, result.headers['date']) : null };
  }

  function readTokens(value: unknown, serverDate: string | undefined): Tokens | null {
    const parsed = tokenSchema.safeParse(value);
    if (!parsed.success) return null;
    const now = clock.now();
    const serverNow = Date.parse(serverDate ?? '');
    const usableMs = lifeMs(parsed.data.accessTokenExpireOn, [now, serverNow]) ?? assumedLifeMs;
    return {
      access: parsed.data.accessToken,
      refresh: parsed.data.refreshToken,
      renewAt: now + usableMs - Math.min(marginMs, usableMs / 2),
      refreshUntil: now + (lifeMs(parsed.data.refreshTokenExpireOn, [now, serverNow]) ?? 0),
    };
  }

  function signInError(reply: BmsReply): RollcallError {
    if (reply.kind === 'result') {
      return new RollcallError('PSA_ANSWER_INVALID', `${productName} answered the sign-in without an access token.`, {
        place: { system: productName, address },
      });
    }
    const isElsewhere = reply.kind === 'garbled' || (reply.kind === 'failure' && (reply.status === 404 || isRedirect(reply)));
    if (isElsewhere) {
      return new RollcallError(
        'PSA_ANSWER_INVALID',
        `There is no ${productName} API at this address: signing in gave status ${reply.status}.`,
        {
          place: { system: productName, address, status: reply.status },
        },
      );
    }
    const isRefusal = reply.kind === 'failure' && reply.class !== 'limited' && reply.class !== 'fault';
    if (!isRefusal) return readError({ productName, what: 'signing in', redact }, reply);
    return new RollcallError('PSA_CREDENTIALS_REJECTED', `${productName} refused the sign-in: ${redact(reply.message)}.`, {
      place: { system: productName, address, status: reply.status },
    });
  }

  function redact(text: string): string {
    const { tokens } = memory;
    const current = tokens === null ? [] : [tokens.access, tokens.refresh ?? ''];
    return redactText(text, [reveal(credentials.password), ...current]);
  }

  return {
    token,
    redact,
    reject(rejected) {
      if (memory.tokens?.access === rejected) memory.tokens = null;
    },
  };
}

/**
 * How long something lives, in milliseconds: the shortest that a clock gives, ours or the server's, so that a wrong clock on this
 * machine at most renews too early. `null` when no clock makes sense of it.
 */
function lifeMs(expiresOn: string | null, clocks: readonly number[]): number | null {
  const expires = parseMoment(expiresOn);
  const lives = expires === null ? [] : clocks.map((now) => expires - now).filter((life) => life > 0);
  return lives.length === 0 ? null : Math.min(...lives);
}

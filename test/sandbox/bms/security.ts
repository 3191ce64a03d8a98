import type { Answer, Handling, SandboxRequest } from '../exchange.ts';
import { Refusal } from '../exchange.ts';
import type { Tenant } from './envelope.ts';
import { failureAnswer, moment, success } from './envelope.ts';
import type { BmsTokenRecord } from './records.ts';

const minuteMs = 60_000;

/** Signs in with `GrantType=password`; a form, urlencoded or multipart, names in any case. */
export function signIn(tenant: Tenant, handling: Handling): Answer {
  const form = readForm(handling.request);
  if (form.get('granttype') !== 'password') {
    throw refusedSignIn(tenant, 'The grant type is not supported');
  }
  const user = tenant.data.users.find(
    (candidate) =>
      candidate.userName.toLowerCase() === form.get('username')?.toLowerCase() &&
      candidate.password === form.get('password') &&
      candidate.tenant === form.get('tenant'),
  );
  if (user === undefined || (user.mfa && !form.has('mfacode'))) {
    throw refusedSignIn(tenant, user === undefined ? 'Invalid user name, password or company' : 'A code of a second factor is required');
  }
  return issue(tenant, user.userName);
}

/** A new pair of tokens for a refresh token that still lives; the old pair ends. */
export function refresh(tenant: Tenant, handling: Handling): Answer {
  const form = readForm(handling.request);
  const { tokens } = tenant.data;
  const index = tokens.findIndex(
    (token) =>
      token.accessToken === form.get('accesstoken') &&
      token.refreshToken === form.get('refreshtoken') &&
      token.refreshTokenExpiresAt > tenant.now(),
  );
  const [token] = index < 0 ? [] : tokens.splice(index, 1);
  if (token === undefined) {
    throw refusedSignIn(tenant, 'The refresh token is not valid');
  }
  return issue(tenant, token.userName);
}

/** The refusal of a sign-in, in the way of the switch. */
export function refusedSignIn(tenant: Tenant, message: string): Refusal {
  const status = { unauthorized: 401, 'bad-request': 400, 'in-200': 200 }[tenant.switches.refusedSignIn];
  return new Refusal(failureAnswer(tenant, status, status === 200 ? 401 : status, { message }));
}

/** The user of a bearer token that has not expired; `null` for all others. */
export function bearer(tenant: Tenant, request: SandboxRequest): BmsTokenRecord | null {
  const sent = /^Bearer (.+)$/i.exec(request.headers['authorization'] ?? '')?.[1];
  return tenant.data.tokens.find((token) => token.accessToken === sent && token.accessTokenExpiresAt > tenant.now()) ?? null;
}

/** The empty 401 of a request without a valid token. */
export function tokenRefused(): Answer {
  return { status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } };
}

export function userInfo(tenant: Tenant, handling: Handling): Answer {
  const token = bearer(tenant, handling.request);
  const index = tenant.data.users.findIndex((user) => user.userName === token?.userName);
  return success(tenant, {
    userId: index + 1,
    fullName: 'Api Employee',
    emailAddress: token?.userName ?? null,
    tenantId: 1,
    accountId: null,
    locationId: null,
    contactId: null,
    businessName: tenant.data.users[index]?.tenant ?? null,
    isUserSystemAdmin: false,
  });
}

function issue(tenant: Tenant, userName: string): Answer {
  const { accessTokenMinutes, refreshTokenMinutes } = tenant.switches;
  const now = tenant.now();
  const serial = tenant.data.newId();
  const token = {
    accessToken: `sandbox-access-${serial}`,
    refreshToken: `sandbox-refresh-${serial}`,
    userName,
    accessTokenExpiresAt: now + accessTokenMinutes * minuteMs,
    refreshTokenExpiresAt: now + refreshTokenMinutes * minuteMs,
  };
  tenant.data.tokens.push(token);
  return success(tenant, {
    accessToken: token.accessToken,
    refreshToken: token.refreshToken,
    accessTokenExpireOn: moment(token.accessTokenExpiresAt),
    refreshTokenExpireOn: moment(token.refreshTokenExpiresAt),
  });
}

function readForm(request: SandboxRequest): ReadonlyMap<string, string> {
  const contentType = request.headers['content-type'] ?? '';
  const text = request.body.toString('utf8');
  const boundary = /^multipart\/form-data;.*boundary="?([^";]+)"?/i.exec(contentType)?.[1];
  if (boundary !== undefined) {
    const parts = [...text.matchAll(/name="([^"]+)"(?:\r\n[^\r\n]+)*\r\n\r\n([\s\S]*?)\r\n--/g)];
    return new Map(parts.map(([, name = '', value = '']) => [name.toLowerCase(), value]));
  }
  if (!/^application\/x-www-form-urlencoded/i.test(contentType)) {
    throw new Refusal({ status: 415 });
  }
  return new Map([...new URLSearchParams(text)].map(([name, value]) => [name.toLowerCase(), value]));
}

import { describe, expect, it } from 'vitest';
import { createSession } from '../../../../agent/psa/bms/session.ts';
import { Redacted } from '../../../../agent/secrets/redacted.ts';
import { RollcallError } from '../../../../core/errors.ts';
import { answer, createFakeHttp, failed, type Handler, tokens } from './fake-http.ts';
import { password, start } from './make-bms.ts';

function open(handler: Handler) {
  let now = start;
  const http = createFakeHttp(handler);
  const session = createSession({
    productName: 'Kaseya BMS',
    address: 'https://bms.example.test',
    credentials: { userName: 'api@msp.example.test', password: new Redacted(password), tenant: 'Example MSP & Co' },
    http,
    clock: { now: () => now },
    memory: { tokens: null },
  });
  return { session, http, advance: (ms: number) => (now += ms), now: () => now };
}

async function rejection(promise: Promise<unknown>): Promise<RollcallError> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof RollcallError)) throw new Error('expected a RollcallError');
  return error;
}

describe('sign-in', () => {
  it('sends the password grant as a form and keeps the token while it is good', async () => {
    const { session, http, advance } = open(() => tokens(1, start + 900_000));

    expect(await session.token()).toBe('access-1');
    advance(800_000);
    expect(await session.token()).toBe('access-1');

    expect(http.seen).toHaveLength(1);
    expect(http.seen[0]).toMatchObject({ method: 'POST', path: '/v2/security/authenticate', intent: 'read' });
    expect(Object.fromEntries(http.seen[0]!.form)).toEqual({
      GrantType: 'password',
      UserName: 'api@msp.example.test',
      Password: password,
      Tenant: 'Example MSP & Co',
    });
  });

  it('signs in once for callers at the same time', async () => {
    const { session, http } = open(() => tokens(1, start + 900_000));

    const all = await Promise.all([session.token(), session.token(), session.token()]);

    expect(all).toEqual(['access-1', 'access-1', 'access-1']);
    expect(http.seen).toHaveLength(1);
  });

  it('refreshes a minute before the expiry it was told', async () => {
    const { session, http, advance, now } = open((request) => tokens(request.path.endsWith('refreshtoken') ? 2 : 1, now() + 900_000));
    await session.token();

    advance(841_000);

    expect(await session.token()).toBe('access-2');
    expect(http.seen[1]).toMatchObject({ path: '/v2/security/refreshtoken' });
    expect(Object.fromEntries(http.seen[1]!.form)).toEqual({ AccessToken: 'access-1', RefreshToken: 'refresh-1' });
  });

  it('signs in anew when the refresh is refused', async () => {
    let signIns = 0;
    const { session, advance, now } = open((request) =>
      request.path.endsWith('refreshtoken') ? failed('The refresh token is not valid') : tokens(++signIns, now() + 900_000),
    );
    await session.token();

    advance(900_000);

    expect(await session.token()).toBe('access-2');
  });

  it('signs in anew, without a refresh, after a rejected token', async () => {
    let signIns = 0;
    const { session, http } = open(() => tokens(++signIns, start + 900_000));
    const first = await session.token();

    session.reject(first);

    expect(await session.token()).toBe('access-2');
    expect(http.seen.map((request) => request.path)).toEqual(['/v2/security/authenticate', '/v2/security/authenticate']);
  });

  it.each([-7_200_000, 7_200_000])('takes the life time by the server’s clock when it is %i ms off this machine’s', async (offMs) => {
    const serverNow = start + offMs;
    const { session, http, advance } = open(() => {
      const result = tokens(1, serverNow + 900_000);
      return result.kind === 'answer' ? { ...result, headers: { date: new Date(serverNow).toUTCString() } } : result;
    });
    await session.token();

    advance(700_000);
    await session.token();
    expect(http.seen).toHaveLength(1);
    advance(200_000);
    await session.token();

    expect(http.seen).toHaveLength(2);
  });

  it.each([undefined, 'soon', '2020-01-01T00:00:00'])('assumes ten minutes when the expiry is %s', async (accessTokenExpireOn) => {
    const { session, http, advance } = open(() => answer({ success: true, result: { accessToken: 'a-token', accessTokenExpireOn } }));
    await session.token();

    advance(530_000);
    await session.token();
    expect(http.seen).toHaveLength(1);
    advance(20_000);
    await session.token();

    expect(http.seen).toHaveLength(2);
  });

  it('reads PascalCase answers too', async () => {
    const { session } = open(() =>
      answer({ Success: true, Error: null, Result: { AccessToken: 'pascal', AccessTokenExpireOn: '2026-03-02T08:15:00.1234567Z' } }),
    );

    expect(await session.token()).toBe('pascal');
  });
});

describe('refused sign-in', () => {
  it.each([
    ['401', answer('', 401)],
    ['400 with text', answer('invalid_grant', 400)],
    ['success:false inside 200', failed('Invalid user name or password')],
  ])('throws PSA_CREDENTIALS_REJECTED on %s', async (_name, result) => {
    const { session } = open(() => result);

    expect((await rejection(session.token())).code).toBe('PSA_CREDENTIALS_REJECTED');
  });

  it('sends refused credentials only once in five minutes, so that no account is locked', async () => {
    const { session, http, advance } = open(() => failed('Invalid user name or password'));

    await rejection(session.token());
    await rejection(session.token());
    expect(http.seen).toHaveLength(1);
    advance(301_000);
    await rejection(session.token());

    expect(http.seen).toHaveLength(2);
  });

  it('names a wrong address as such, not as wrong credentials', async () => {
    const { session } = open(() => answer('<!DOCTYPE html><title>Not found</title>', 404));

    expect((await rejection(session.token())).code).toBe('PSA_ANSWER_INVALID');
  });

  it('takes an answer without a token for no sign-in', async () => {
    const { session } = open(() => answer({ success: true, result: {} }));

    expect((await rejection(session.token())).code).toBe('PSA_ANSWER_INVALID');
  });

  it('never repeats password, token or address of a person', async () => {
    const { session } = open(() => failed(`Login of api@msp.example.test with ${password} (Bearer abc.def) failed`));

    const error = await rejection(session.token());

    expect(error.message).toContain('failed');
    expect(`${error.message} ${JSON.stringify(error.place)}`).not.toMatch(/correct horse|api@msp|abc\.def/);
  });
});

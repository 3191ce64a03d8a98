import { describe, expect, it } from 'vitest';
import { bmsHost, itGlueHost, startSecureSite } from '../e2e/secure-site.ts';
import { duplicates } from '../e2e/site.ts';
import { partFor } from './real-parts.ts';
import { startSquid } from './squid.ts';

const { isMissing, title } = partFor('squid', 'squid');
const credentials = { userName: 'rollcall', password: 'Sample-Proxy-1' };

describe.skipIf(isMissing)(title, () => {
  it('lets a whole sync through, names resolved by the proxy alone', async () => {
    await using secure = await startSecureSite();
    await using squid = await startSquid({ names: [itGlueHost, bmsHost] });
    const { site, authority } = secure;
    secure.configure({ url: squid.url, caFile: authority.caFile });

    const first = await site.call('sync', '--json');
    const second = await site.call('sync', '--json');

    expect(first.exit, first.stdout + first.stderr).toBe(0);
    expect(first.json).toMatchObject({ failed: [] });
    expect(second.json).toMatchObject({ applied: [], failed: [] });
    expect(site.itGlue.data.contacts.size).toBe(6);
    expect(duplicates(site)).toEqual([]);
    await expect.poll(() => squid.log().length).toBeGreaterThan(1);
    const others = squid.log().filter((line) => !/^CONNECT api\.(?:itglue|bms)\.example\.test:\d+ 200 -$/.test(line));
    expect(others).toEqual([]);
  });

  it('signs in to it', async () => {
    await using secure = await startSecureSite();
    await using squid = await startSquid({ names: [itGlueHost, bmsHost], credentials });
    const { site, authority } = secure;
    Object.assign(site.environment, { TEST_PROXY_PASSWORD: credentials.password });
    const proxy = { url: squid.url, userName: credentials.userName, password: 'env:TEST_PROXY_PASSWORD', caFile: authority.caFile };
    secure.configure(proxy);

    const sync = await site.call('sync', '--json');

    expect(sync.exit, sync.stdout + sync.stderr).toBe(0);
    expect(site.itGlue.data.contacts.size).toBe(6);
    await expect.poll(() => squid.log().at(-1)).toMatch(/ 200 rollcall$/);
    const seen = JSON.stringify(site.itGlue.requests);
    expect(seen).not.toMatch(/proxy-authorization/i);
  });

  it.each([
    ['without credentials', {}, 'HTTP_PROXY_CREDENTIALS_REJECTED', /asks for a sign-in \(407\)/],
    ['with a wrong password', { userName: 'rollcall', password: 'env:TEST_PROXY_PASSWORD' }, 'HTTP_PROXY_CREDENTIALS_REJECTED', /refused/],
  ])('refuses a sync %s, which writes nothing and says why', async (_, more, code, message) => {
    await using secure = await startSecureSite();
    await using squid = await startSquid({ names: [itGlueHost, bmsHost], credentials });
    const { site, authority } = secure;
    Object.assign(site.environment, { TEST_PROXY_PASSWORD: 'Wrong-1' });
    secure.configure({ url: squid.url, caFile: authority.caFile, ...more });

    const sync = await site.call('sync', '--json');

    expect(sync.exit).toBe(1);
    expect(sync.json).toMatchObject({ error: { code, message: expect.stringMatching(message) } });
    expect(sync.stdout + sync.stderr).not.toContain('Wrong-1');
    expect(site.itGlue.counts.writes).toBe(0);
  });

  it('denies CONNECT to IT Glue, and the error names the proxy', async () => {
    await using secure = await startSecureSite();
    await using squid = await startSquid({ names: [itGlueHost, bmsHost], denied: [itGlueHost] });
    const { site, authority } = secure;
    secure.configure({ url: squid.url, caFile: authority.caFile });

    const sync = await site.call('sync', '--json');

    expect(sync.exit).toBe(1);
    expect(sync.json).toMatchObject({
      error: { code: 'HTTP_PROXY_REFUSED', message: expect.stringContaining(`the proxy ${squid.url} answered 403`) },
    });
  });

  it('cannot resolve a name, and the error says that it is the proxy that cannot', async () => {
    await using secure = await startSecureSite();
    await using squid = await startSquid({ names: [bmsHost] });
    const { site, authority } = secure;
    secure.configure({ url: squid.url, caFile: authority.caFile });

    const validate = await site.call('validate', '--json');

    expect(validate.exit).toBe(1);
    expect(JSON.stringify(validate.json)).toMatch(/answered 50[03] instead of connecting: the proxy itself does not reach the host/);
  });

  it('is gone in mid-run: what was not sent certainly did not happen, and the next run ends in one copy of each', async () => {
    await using secure = await startSecureSite();
    await using squid = await startSquid({ names: [itGlueHost, bmsHost] });
    const { site, authority } = secure;
    secure.configure({ url: squid.url, caFile: authority.caFile });
    const held = site.itGlue.holdAtWrite(3, 'after');
    const running = site.call('sync', '--json');
    await held.parked;
    await squid.stop();
    held.release('continue');
    const broken = await running;

    await using again = await startSquid({ names: [itGlueHost, bmsHost] });
    secure.configure({ url: again.url, caFile: authority.caFile });
    const next = await site.call('sync', '--json');

    expect(broken.exit).not.toBe(0);
    expect(next.exit, next.stdout).toBe(0);
    expect(site.itGlue.data.contacts.size).toBe(6);
    expect(duplicates(site)).toEqual([]);
  });
});

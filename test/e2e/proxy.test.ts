import { describe, expect, it } from 'vitest';
import { createCertificateAuthority } from '../sandbox/proxy/certificate-authority.ts';
import { type ConnectProxy, startConnectProxy } from '../sandbox/proxy/connect-proxy.ts';
import { type SecureSite, startSecureSite } from './secure-site.ts';
import { duplicates } from './site.ts';

const credentials = { userName: 'rollcall', password: 'Sample-Proxy-1' };

interface Inspected extends AsyncDisposable {
  readonly secure: SecureSite;
  readonly proxy: ConnectProxy;
  readonly settings: Readonly<Record<string, unknown>>;
}

/** A site behind a proxy that inspects TLS and asks for a sign-in. */
async function startInspected(): Promise<Inspected> {
  await using open = new AsyncDisposableStack();
  const secure = open.use(await startSecureSite());
  const authority = createCertificateAuthority('Example Inspection CA');
  open.defer(() => authority.remove());
  const { targets } = secure;
  const proxy = open.use(await startConnectProxy({ targets, credentials, inspect: { authority, upstreamCa: secure.authority.ca } }));
  Object.assign(secure.site.environment, { TEST_PROXY_PASSWORD: credentials.password });
  const settings = { url: proxy.url, userName: credentials.userName, password: 'env:TEST_PROXY_PASSWORD', caFile: authority.caFile };
  secure.configure(settings);
  const owned = open.move();
  return { secure, proxy, settings, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

describe('a proxy that inspects TLS', () => {
  it.concurrent('lets a whole sync through when its CA is known, and the next one has nothing to do', async () => {
    await using inspected = await startInspected();
    const { site } = inspected.secure;

    const first = await site.run('sync', '--json');
    const second = await site.call('sync', '--json');

    expect(first.exit, first.stdout + first.stderr).toBe(0);
    expect(first.json).toMatchObject({ failed: [], error: null });
    expect(second.json).toMatchObject({ applied: [], failed: [] });
    expect(site.itGlue.data.contacts.size).toBe(6);
    expect(duplicates(site)).toEqual([]);
    expect(new Set(inspected.proxy.seen.map(({ authority }) => authority))).toEqual(new Set(Object.keys(inspected.secure.targets)));
  });

  it.concurrent('is named, with its CA and the setting, when its CA is not known', async () => {
    await using inspected = await startInspected();
    const { site } = inspected.secure;
    inspected.secure.configure({ ...inspected.settings, caFile: '' });

    const sync = await site.call('sync', '--json');

    expect(sync.exit).toBe(1);
    expect(sync.json).toMatchObject({
      error: { code: 'HTTP_CERTIFICATE_REJECTED', message: expect.stringMatching(/Example Inspection CA.*proxy\.caFile/) },
    });
    expect(site.itGlue.counts.writes).toBe(0);
  });

  it.concurrent('refuses to begin with a CA file that is not there', async () => {
    await using inspected = await startInspected();
    inspected.secure.configure({ ...inspected.settings, caFile: 'none.pem' });

    const sync = await inspected.secure.site.call('sync', '--json');

    expect(sync.json).toMatchObject({ error: { code: 'CONFIG_INVALID', message: expect.stringContaining('none.pem cannot be read') } });
  });

  it.concurrent.each(['cut-at-connect', 'cut-in-tunnel', 'cut-in-answer'] as const)(
    'A2 fails (%s) from a write on; the next run makes up for it without a second copy',
    async (kind) => {
      await using inspected = await startInspected();
      const { site } = inspected.secure;
      const held = site.itGlue.holdAtWrite(2, 'after');
      const running = site.call('sync', '--json');
      await held.parked;
      inspected.proxy.fault = kind === 'cut-in-answer' ? { kind, afterBytes: 0 } : { kind };
      inspected.proxy.cutAll();
      held.release('continue');
      const broken = await running;

      inspected.proxy.fault = null;
      const next = await site.call('sync', '--json');
      const last = await site.call('sync', '--json');

      expect(broken.exit).not.toBe(0);
      expect(next.exit, next.stdout).toBe(0);
      expect(last.json).toMatchObject({ applied: [], failed: [] });
      expect(site.itGlue.data.contacts.size).toBe(6);
      expect(duplicates(site)).toEqual([]);
    },
  );
});

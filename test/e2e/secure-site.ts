import { type CertificateAuthority, createCertificateAuthority } from '../sandbox/proxy/certificate-authority.ts';
import { startTlsFront } from '../sandbox/proxy/tls-front.ts';
import { crowd } from './people.ts';
import { type Site, startSite } from './site.ts';

/** Names that no resolver of this machine knows: only a proxy that is told leads there. */
export const itGlueHost = 'api.itglue.example.test';
export const bmsHost = 'api.bms.example.test';

/** A site whose IT Glue and BMS are reached by https, under names that only the proxy can resolve. */
export interface SecureSite extends AsyncDisposable {
  readonly site: Site;
  /** Signs the certificates of both. */
  readonly authority: CertificateAuthority;
  /** `HOST:PORT` → port on 127.0.0.1. */
  readonly targets: Readonly<Record<string, number>>;
  /** Writes the configuration with this section `proxy`. */
  configure(proxy: Readonly<Record<string, unknown>>): void;
}

export async function startSecureSite(): Promise<SecureSite> {
  await using open = new AsyncDisposableStack();
  const site = open.use(await startSite({ people: crowd(6, () => ({ title: 'Fitter' })) }));
  const authority = createCertificateAuthority('Example Vendor CA');
  open.defer(() => authority.remove());
  const port = (url: string): number => Number(new URL(url).port);
  const itGlue = open.use(await startTlsFront(port(site.itGlue.url), authority.issue(itGlueHost)));
  const bms = open.use(await startTlsFront(port(site.bms.url), authority.issue(bmsHost)));
  const owned = open.move();
  return {
    site,
    authority,
    targets: { [`${itGlueHost}:${itGlue.port}`]: itGlue.port, [`${bmsHost}:${bms.port}`]: bms.port },
    configure(proxy) {
      site.configure({
        itglue: { baseUrl: `https://${itGlueHost}:${itGlue.port}`, apiKey: 'env:TEST_ITGLUE_KEY' },
        psa: { baseUrl: `https://${bmsHost}:${bms.port}` },
        proxy,
      });
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

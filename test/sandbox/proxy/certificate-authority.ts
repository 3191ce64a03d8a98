import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A CA of its own that signs certificates for any name, as a proxy that inspects TLS does. */
export interface CertificateAuthority {
  readonly caFile: string;
  readonly ca: string;
  /** The same pair again for the same names. */
  issue(...names: readonly string[]): { readonly key: string; readonly cert: string };
  remove(): void;
}

/** Makes the CA with the openssl command in a new temporary directory; `remove` deletes it. */
export function createCertificateAuthority(name: string): CertificateAuthority {
  const directory = mkdtempSync(join(tmpdir(), 'rollcall-ca-'));
  const caKeyFile = join(directory, 'ca.key');
  const caFile = join(directory, 'ca.pem');
  const issued = new Map<string, { readonly key: string; readonly cert: string }>();
  openssl(['req', '-x509', ...newKey(caKeyFile), '-out', caFile, '-days', '30', '-subj', `/O=Example Security/CN=${name}`]);

  function sign(names: readonly string[]): { readonly key: string; readonly cert: string } {
    const base = join(directory, String(issued.size));
    const alternatives = names.map((item) => (isIP(item) === 0 ? `DNS:${item}` : `IP:${item}`)).join(',');
    writeFileSync(`${base}.ext`, `subjectAltName=${alternatives}\nextendedKeyUsage=serverAuth\n`);
    openssl(['req', '-new', ...newKey(`${base}.key`), '-out', `${base}.csr`, '-subj', `/CN=${names[0] ?? 'nobody'}`]);
    const signing = ['-CA', caFile, '-CAkey', caKeyFile, '-extfile', `${base}.ext`, '-days', '30'];
    openssl(['x509', '-req', '-in', `${base}.csr`, ...signing, '-out', `${base}.pem`]);
    return { key: readFileSync(`${base}.key`, 'utf8'), cert: readFileSync(`${base}.pem`, 'utf8') };
  }

  return {
    caFile,
    ca: readFileSync(caFile, 'utf8'),
    issue(...names) {
      const key = names.join(',');
      const pair = issued.get(key) ?? sign(names);
      issued.set(key, pair);
      return pair;
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

function newKey(file: string): string[] {
  return ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc', '-keyout', file];
}

function openssl(words: readonly string[]): void {
  execFileSync('openssl', words, { stdio: ['ignore', 'ignore', 'pipe'] });
}

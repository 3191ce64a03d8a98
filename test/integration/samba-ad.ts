import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeTestCertificates } from '../fixtures/tls.ts';
import { changeDirectory, type DirectoryStep, prepareDirectory, sambaBase, sambaPlace, serviceAccount } from './samba-directory.ts';
import { claimAddress, endSamba, runSamba, type ServerCertificate } from './samba-process.ts';

export interface SambaAdOptions {
  /** What is put into the fresh domain, in order. The prepared directory is kept and copied the next time. */
  readonly steps?: readonly DirectoryStep[];
  /** The server's certificate; default: one of a new test CA with the right names. */
  readonly certificate?: ServerCertificate;
  /** Accepts simple binds without TLS. Default true. */
  readonly clearTextBinds?: boolean;
}

/** A running domain controller of the domain corp.example.test, on an address of its own in 127.0.0.0/8. */
export interface SambaAd {
  /** `ldap://127.0.0.x` */
  readonly url: string;
  /** `ldaps://127.0.0.x` */
  readonly ldapsUrl: string;
  readonly caFile: string;
  /** SHA-256 of its certificate. */
  readonly certificateSha256: string;
  /** An ordinary account without any special right. */
  readonly bindDn: string;
  readonly password: string;
  readonly baseDn: string;
  /** The file of its directory, for what samba-changes.ts does, running or not. */
  readonly database: string;
  /** Adds or changes entries of the running directory (LDIF; without changetype: added). Timestamps are kept as written. */
  addUsers(ldif: string): Promise<void>;
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts a Samba AD domain controller; see `sambaMissing` for what it needs. A fresh one takes about 4 s, a prepared one 1 s. */
export async function startSambaAd(options: SambaAdOptions = {}): Promise<SambaAd> {
  const prepared = await prepareDirectory(options.steps ?? []);
  const place = mkdtempSync(join(tmpdir(), 'rollcall-samba-'));
  const { host, claim } = await claimAddress();
  const made = options.certificate === undefined ? makeTestCertificates() : null;
  const certificate = options.certificate ?? { ...made!.good, caFile: made!.caFile };

  function clean(): void {
    claim.close();
    made?.remove();
    rmSync(place, { recursive: true, force: true });
  }
  let server: ChildProcess;
  try {
    await cp(prepared, place, { recursive: true });
    server = await runSamba({
      place,
      host,
      netbiosName: 'DC1',
      workgroup: 'CORP',
      realm: 'CORP.EXAMPLE.TEST',
      services: 'ldap',
      endpoints: '',
      certificate,
      clearTextBinds: options.clearTextBinds ?? true,
    });
  } catch (error) {
    clean();
    throw error;
  }

  let stopped: Promise<void> | null = null;
  function stop(): Promise<void> {
    stopped ??= endSamba(server).finally(clean);
    return stopped;
  }
  return {
    url: `ldap://${host}`,
    ldapsUrl: `ldaps://${host}`,
    caFile: certificate.caFile,
    certificateSha256: certificate.sha256,
    bindDn: serviceAccount.userPrincipalName,
    password: serviceAccount.password,
    baseDn: sambaBase,
    database: sambaPlace(place).database,
    addUsers: (ldif) => changeDirectory(place, { ldif }),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

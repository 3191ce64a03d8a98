import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One step of filling a directory: entries and changes, or passwords (which also set pwdLastSet to now). */
export type DirectoryStep =
  /** LDIF as ldbmodify takes it: without changetype an entry is added. pwdLastSet, lastLogon and their like are kept as written. */
  | { readonly ldif: string }
  /** DN → password. */
  | { readonly passwords: Readonly<Record<string, string>> };

export const sambaBase = 'DC=corp,DC=example,DC=test';

/** The account that the tests sign in with: an ordinary user whose password does not expire. */
export const serviceAccount = {
  dn: `CN=svc-rollcall,OU=Services,${sambaBase}`,
  userPrincipalName: 'svc-rollcall@corp.example.test',
  password: 'Sample-Pass-1',
} as const;

export const administratorPassword = 'Sample-Admin-Pass-1';

/** What every domain of the tests begins with: the account to sign in with. */
export function firstSteps(base: string, userPrincipalName: string): readonly DirectoryStep[] {
  const dn = `CN=svc-rollcall,OU=Services,${base}`;
  return [
    {
      ldif: [
        `dn: OU=Services,${base}\nobjectClass: organizationalUnit\n`,
        `dn: ${dn}\nobjectClass: user\nsAMAccountName: svc-rollcall\nuserPrincipalName: ${userPrincipalName}\nuserAccountControl: 66048\n`,
      ].join('\n'),
    },
    { passwords: { [dn]: serviceAccount.password } },
  ];
}

const keptFor = 40 * 86_400_000;
const provisionWords = [
  'domain',
  'provision',
  '--realm=CORP.EXAMPLE.TEST',
  '--domain=CORP',
  '--server-role=dc',
  '--dns-backend=NONE',
  '--host-name=dc1',
  '--host-ip=127.0.0.10',
  '--use-rfc2307',
  `--adminpass=${administratorPassword}`,
  '--option=interfaces=lo',
  '--option=bind interfaces only=yes',
  '--option=vfs objects=',
];

/** Why no Samba domain controller can be started here, in words, or `null` when one can. */
export function sambaMissing(): string | null {
  if (process.platform !== 'linux') return 'Samba AD is used on Linux only';
  if (process.getuid?.() !== 0) return 'Samba AD listens on ports 389 and 636 and needs root';
  const commands = ['samba', 'samba-tool', 'ldbmodify', 'openssl'].filter((command) => !isOnPath(command));
  if (commands.length > 0)
    return `not installed: ${commands.join(', ')} (apt-get install samba-ad-dc samba-ad-provision samba-dsdb-modules ldb-tools)`;
  return existsSync('/usr/share/samba/setup/provision.ldif')
    ? null
    : 'not installed: the provisioning files (apt-get install samba-ad-provision)';
}

export function isOnPath(command: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Where a directory's parts lie. */
export function sambaPlace(directory: string): { readonly privateDirectory: string; readonly database: string } {
  const privateDirectory = join(directory, 'private');
  return { privateDirectory, database: join(privateDirectory, 'sam.ldb') };
}

/** Makes a domain with the steps carried out, or finds the one made before. What it returns is to be copied, not to be used. */
export async function prepareDirectory(steps: readonly DirectoryStep[]): Promise<string> {
  const all = [...firstSteps(sambaBase, serviceAccount.userPrincipalName), ...steps];
  return await keptDirectory([provisionWords, all], async (work) => {
    await execute('samba-tool', [...provisionWords, `--targetdir=${work}`]);
    for (const step of all) await changeDirectory(work, step);
  });
}

/** The directory that `make` filled for the same key before, else a new one. It is kept for weeks, and only ever copied. */
export async function keptDirectory(keyParts: readonly unknown[], make: (work: string) => Promise<void>): Promise<string> {
  const version = execFileSync('samba', ['--version'], { encoding: 'utf8' }).trim();
  const key = createHash('sha256')
    .update(JSON.stringify([version, ...keyParts]))
    .digest('hex')
    .slice(0, 24);
  const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
  const store = join(root, 'node_modules', '.cache', 'rollcall-samba');
  const wanted = join(store, key);
  mkdirSync(store, { recursive: true });
  forgetOld(store, key);
  if (existsSync(wanted)) return wanted;

  const work = mkdtempSync(join(store, 'making-'));
  try {
    await make(work);
    // Another test file may be quicker with the same one.
    if (!existsSync(wanted)) renameSync(work, wanted);
  } catch (error) {
    if (!existsSync(wanted)) throw error;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return wanted;
}

function forgetOld(store: string, keep: string): void {
  for (const name of readdirSync(store)) {
    const path = join(store, name);
    const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (name !== keep && age > keptFor) rmSync(path, { recursive: true, force: true });
  }
}

/** Carries out one step on a directory, running or not. */
export async function changeDirectory(directory: string, step: DirectoryStep): Promise<void> {
  const { database } = sambaPlace(directory);
  if ('ldif' in step) {
    // This control lets pwdLastSet and its like be written as they stand.
    await execute('ldbmodify', ['-H', database, '--controls=local_oid:1.3.6.1.4.1.7165.4.3.12:0'], step.ldif);
    return;
  }
  const changes = Object.entries(step.passwords).map(([dn, password]) => {
    const value = Buffer.from(password, 'utf16le').toString('base64');
    return `${dnLine(dn)}\nchangetype: modify\nreplace: clearTextPassword\nclearTextPassword:: ${value}\n`;
  });
  await execute('ldbmodify', ['-H', database], changes.join('\n'));
}

/** The `dn` line of an LDIF entry, in base64 where RFC 2849 wants it. */
export function dnLine(dn: string): string {
  return /^[\x20-\x7e]*$/.test(dn) ? `dn: ${dn}` : `dn:: ${Buffer.from(dn, 'utf8').toString('base64')}`;
}

/** Runs one of Samba's commands and gives what it printed; fails with its own words. */
export function execute(command: string, words: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(command, words, { maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${command} failed: ${stderr.slice(-1500)}${stdout.slice(-500)}`));
    });
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}

import { execFileSync } from 'node:child_process';
import { appendFileSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signAuthenticode } from '../../installer/signing/authenticode.ts';
import { signBeside, signDeb, signRpm } from '../../installer/signing/gpg.ts';
import { type AuthenticodeSettings, type GpgSettings, readSigningSettings } from '../../installer/signing/settings.ts';

const password = 'a made-up pass phrase';
let folder: string;
let gpg: GpgSettings;
let authenticode: AuthenticodeSettings;
let publicKey: string;

function call(program: string, words: readonly string[], environment: Readonly<Record<string, string>> = {}): string {
  return execFileSync(program, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...environment } });
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-signing-'));
  const home = join(folder, 'ring');
  mkdirSync(home, { mode: 0o700 });
  const words = ['--batch', '--passphrase', '', '--quick-generate-key', 'Throw-away <nobody@example.invalid>', 'rsa3072', 'sign', '1d'];
  call('gpg', words, { GNUPGHOME: home });
  const listed = call('gpg', ['--with-colons', '--list-secret-keys'], { GNUPGHOME: home });
  gpg = { fingerprint: /^fpr:+([0-9A-F]{40}):/m.exec(listed)?.[1] ?? '', home };
  publicKey = join(folder, 'public.asc');
  writeFileSync(publicKey, call('gpg', ['--armor', '--export', gpg.fingerprint], { GNUPGHOME: home }));

  const [key, certificate] = [join(folder, 'code.key'), join(folder, 'code.pem')];
  const made = ['req', '-x509', '-newkey', 'rsa:3072', '-passout', `pass:${password}`, '-days', '2', '-subj', '/CN=Throw-away'];
  call('openssl', [...made, '-addext', 'extendedKeyUsage=codeSigning', '-keyout', key, '-out', certificate]);
  authenticode = { certificate: `file:${certificate}`, key: `file:${key}`, password: 'env:CODE_PASSWORD' };
});

afterAll(() => {
  call('gpgconf', ['--kill', 'all'], { GNUPGHOME: join(folder, 'ring') });
  rmSync(folder, { recursive: true, force: true });
});

/** Some bytes of what is signed become others. */
function spoil(file: string, at: number): void {
  const bytes = readFileSync(file);
  bytes.writeUInt32LE(bytes.readUInt32LE(at) ^ 0xff, at);
  writeFileSync(file, bytes);
}

describe('the signature of a Windows executable', () => {
  function executable(name: string): string {
    const source = join(folder, `${name}.c`);
    writeFileSync(source, 'int main(void) { return 0; }\n');
    call('x86_64-w64-mingw32-gcc', ['-o', join(folder, `${name}.exe`), source]);
    return join(folder, `${name}.exe`);
  }
  const verify = (file: string): string => call('osslsigncode', ['verify', '-CAfile', join(folder, 'code.pem'), '-in', file]);

  it('holds, with the description that Windows shows, and not any more for one that was changed afterwards', async () => {
    const file = executable('signed');

    await signAuthenticode(file, authenticode, { CODE_PASSWORD: password });

    expect(verify(file)).toContain('Signature verification: ok');
    expect(verify(file)).toContain('Text description: rollcall');
    spoil(file, 0x1000);
    expect(() => verify(file)).toThrow();
  });

  it('is not made with a wrong password, or one that is not set, and the file stays as it was', async () => {
    const file = executable('unsigned');
    const before = readFileSync(file);

    const wrong = await signAuthenticode(file, authenticode, { CODE_PASSWORD: 'another one' }).catch(String);
    const unset = await signAuthenticode(file, authenticode, {}).catch(String);

    expect(wrong).toContain('osslsigncode');
    expect(wrong).not.toContain('another one');
    expect(unset).toContain('The environment variable CODE_PASSWORD, which the password stands in, is not set.');
    expect(readFileSync(file).equals(before)).toBe(true);
  });
});

describe('the signature of a package', () => {
  function debianPackage(): string {
    const root = join(folder, 'deb');
    mkdirSync(join(root, 'DEBIAN'), { recursive: true });
    const control = 'Package: signed\nVersion: 1\nArchitecture: all\nMaintainer: nobody <nobody@example.invalid>\nDescription: a test\n';
    writeFileSync(join(root, 'DEBIAN', 'control'), control);
    call('dpkg-deb', ['--root-owner-group', '--build', root, join(folder, 'signed.deb')]);
    return join(folder, 'signed.deb');
  }

  /** What an administrator sets up once: the key, and that it has to have signed. */
  function verifyDeb(file: string): string {
    const id = gpg.fingerprint.slice(-16);
    const policy = `<?xml version="1.0"?><!DOCTYPE Policy SYSTEM "https://www.debian.org/debsig/1.0/policy.dtd">
      <Policy xmlns="https://www.debian.org/debsig/1.0/"><Origin Name="rollcall" id="${id}" Description="rollcall"/>
      <Selection><Required Type="origin" File="rollcall.gpg" id="${id}"/></Selection>
      <Verification MinOptional="0"><Required Type="origin" File="rollcall.gpg" id="${id}"/></Verification></Policy>`;
    const [policies, keys] = [join(folder, 'policies', id), join(folder, 'keyrings', id)];
    for (const place of [policies, keys]) mkdirSync(place, { recursive: true });
    writeFileSync(join(policies, 'rollcall.pol'), policy);
    call('gpg', ['--yes', '--dearmor', '--output', join(keys, 'rollcall.gpg'), publicKey]);
    const places = ['--policies-dir', dirname(policies), '--keyrings-dir', dirname(keys)];
    return call('debsig-verify', [...places, file]);
  }

  it('for Debian holds, and not any more for one that was changed afterwards', async () => {
    const file = debianPackage();
    expect(() => verifyDeb(file)).toThrow();

    await signDeb(file, gpg);

    expect(verifyDeb(file)).toContain('Verified package from');
    expect(call('dpkg-deb', ['--field', file, 'Package']).trim()).toBe('signed');
    spoil(file, readFileSync(file).indexOf('control.tar') + 80);
    expect(() => verifyDeb(file)).toThrow();
  });

  it('for RPM holds, and not any more for one that was changed afterwards', async () => {
    const spec = join(folder, 'signed.spec');
    writeFileSync(
      spec,
      'Name: signed\nVersion: 1\nRelease: 1\nSummary: a test\nLicense: none\nBuildArch: noarch\n%description\na test\n%files\n',
    );
    call('rpmbuild', ['-bb', '--define', `_topdir ${join(folder, 'rpm')}`, spec]);
    const file = join(folder, 'rpm', 'RPMS', 'noarch', 'signed-1-1.noarch.rpm');
    const database = join(folder, 'rpmdb');
    call('rpm', ['--dbpath', database, '--initdb']);
    call('rpm', ['--dbpath', database, '--import', publicKey]);
    const check = (): string => call('rpm', ['--dbpath', database, '--checksig', '--verbose', file]);

    await signRpm(file, gpg);

    expect(check()).toMatch(/Signature, key ID [0-9a-f]+: OK/);
    spoil(file, readFileSync(file).length - 40);
    expect(check).toThrow();
  });

  it('beside a file holds, and not any more for one that was changed afterwards', async () => {
    const file = join(folder, 'SHA256SUMS');
    writeFileSync(file, 'a list of sums\n');
    const verify = (): string => call('gpg', ['--verify', `${file}.asc`, file], { GNUPGHOME: gpg.home ?? '' });

    await signBeside(file, gpg);

    expect(verify).not.toThrow();
    appendFileSync(file, 'and one more\n');
    expect(verify).toThrow();
  });

  it('is not made with a key that is not in the ring', async () => {
    const file = debianPackage();
    const before = readFileSync(file);

    await expect(signDeb(file, { ...gpg, fingerprint: '0'.repeat(40) })).rejects.toThrow('gpg');
    expect(readFileSync(file).equals(before)).toBe(true);
  });
});

describe('what is signed with', () => {
  function settingsFile(settings: unknown): string {
    const file = join(folder, 'signing.json');
    writeFileSync(file, typeof settings === 'string' ? settings : JSON.stringify(settings));
    return file;
  }

  it('is named by references, from the folder of the file that says so', async () => {
    copyFileSync(join(folder, 'code.pem'), join(folder, 'chain.pem'));
    const file = settingsFile({
      authenticode: { certificate: 'file:chain.pem', key: 'pkcs11:object=code' },
      gpg: { ...gpg, home: 'ring' },
    });

    expect(await readSigningSettings(file)).toEqual({
      authenticode: { certificate: `file:${join(folder, 'chain.pem')}`, key: 'pkcs11:object=code' },
      gpg: { fingerprint: gpg.fingerprint, home: join(folder, 'ring') },
    });
  });

  it.each([
    ['a key itself', { authenticode: { certificate: 'file:a.pem', key: '-----BEGIN secret' } }, 'authenticode.key: only a reference'],
    ['a password', { authenticode: { certificate: 'file:a.pem', key: 'file:k', password: 'secret' } }, 'authenticode.password: only a'],
    ['a short fingerprint', { gpg: { fingerprint: 'secret' } }, 'gpg.fingerprint: write all 40 digits'],
    ['a name that is none', { pgp: {} }, 'pgp'],
    ['no JSON', '{"secret', 'is no JSON'],
  ])('is refused when it is %s, and the message does not repeat it', async (_, settings, message) => {
    const refused = await readSigningSettings(settingsFile(settings)).catch(String);

    expect(refused).toContain(message);
    expect(refused).not.toContain('secret');
  });
});

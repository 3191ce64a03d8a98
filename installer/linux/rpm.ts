import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../run.ts';
import { fillScript } from './scripts.ts';
import { configurationFiles, type PackageParts, packagedFiles, writeTree } from './tree.ts';

/** rpm's names of the architectures. */
export const rpmArchitectures: Readonly<Record<string, string>> = { 'linux-x64': 'x86_64', 'linux-arm64': 'aarch64' };

/** Makes a package for rpm by rpmbuild; the same for the same parts. */
export async function writeRpm(parts: PackageParts & { readonly architecture: string }): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-rpm-'));
  try {
    const tree = join(folder, 'tree');
    await writeTree(tree, await packagedFiles(parts));
    await mkdir(join(folder, 'build'));
    const spec = join(folder, 'rollcall.spec');
    await writeFile(spec, await specText(parts));
    const defines = { _topdir: join(folder, 'build'), _sourcetree: tree, _buildhost: 'rollcall', _rpmfilename: 'rollcall.rpm' };
    const words = Object.entries(defines).flatMap(([name, value]) => ['--define', `${name} ${value}`]);
    await run('rpmbuild', ['-bb', '--quiet', '--target', `${parts.architecture}-linux`, ...words, spec], {
      environment: { SOURCE_DATE_EPOCH: String(Date.parse(parts.date) / 1000), TZ: 'UTC', LC_ALL: 'C' },
    });
    const [made = ''] = await readdir(join(folder, 'build', 'RPMS'));
    await run('cp', [join(folder, 'build', 'RPMS', made), `${parts.output}.new`]);
    await rename(`${parts.output}.new`, parts.output);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Libraries by the names that all distributions have for them, and programs by their place: the packages are called differently. */
const requirements: readonly string[] = [
  'libc.so.6(GLIBC_2.28)(64bit)',
  'libstdc++.so.6()(64bit)',
  'libgcc_s.so.1()(64bit)',
  'libatomic.so.1()(64bit)',
  '/usr/sbin/useradd',
  '/usr/bin/setpriv',
  'systemd',
];

async function specText({ version, release }: PackageParts): Promise<string> {
  const files = ['usr/lib/rollcall', 'usr/bin/rollcall', 'usr/lib/systemd/system/rollcall.service', 'usr/share/doc/rollcall'];
  const spec = `# Nothing of it is changed on its way into the package: stripped, the executable would lose the program that it holds.
%global debug_package %{nil}
%global __os_install_post %{nil}
%global _build_id_links none
%global use_source_date_epoch_as_buildtime 1
%global clamp_mtime_to_source_date_epoch 1
%global _binary_payload w3.xzdio

Name: rollcall
Version: ${version}
Release: 1
Summary: Active Directory users to IT Glue contacts and the PSA
License: Proprietary
Group: System/Management
AutoReqProv: no
${requirements.map((name) => `Requires: ${name}\n`).join('')}Recommends: ca-certificates

%description
An agent for managed service providers: it reads a directory, plans what
would change, and changes it once that was approved; all of it can be undone.

%install
mkdir -p %{buildroot}
cp -a %{_sourcetree}/. %{buildroot}/

%files
%defattr(-,root,root,-)
${files.map((place) => `/${place}\n`).join('')}${configurationFiles.map((place) => `%config(noreplace) /${place}\n`).join('')}
%pre
if [ "$1" -gt 1 ]; then
  #KEEP-PREVIOUS#
fi
:

%post
#AFTER-INSTALL#
# An administrator who disabled it keeps it so.
if [ "$1" = 1 ]; then
  #FIRST-START#
else
  #AFTER-UPGRADE#
fi
:

%preun
if [ "$1" = 0 ]; then
  #BEFORE-REMOVE#
fi
:

%postun
if [ "$1" = 0 ]; then
  #AFTER-REMOVE#
fi
if [ -d /run/systemd/system ]; then systemctl daemon-reload || true; fi
`;
  const at = spec.indexOf('%pre\n');
  const [head, scripts] = [spec.slice(0, at), spec.slice(at)];
  // rpm takes "%" in scripts for its macros.
  return head + (await fillScript(scripts, release)).replaceAll(/%(?!pre\n|post\n|preun\n|postun\n)/g, '%%');
}

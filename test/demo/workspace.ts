import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SambaAd } from '../integration/samba-ad.ts';
import { sambaBase } from '../integration/samba-directory.ts';
import type { ItGlueSandbox } from '../sandbox/it-glue/it-glue-sandbox.ts';
import { company } from './sample-company.ts';
import { leftOutGroup } from './sample-ldif.ts';
import type { SamplePsa } from './sample-psa.ts';

export const entryPoint = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'agent', 'main.ts');

/** The folder that the demo works in, as a technician would have it: configuration, secrets, state, and the export. */
export interface Workspace {
  readonly folder: string;
  /** Words that every command gets. */
  readonly options: readonly string[];
  writeExport(ldif: string): void;
  remove(): void;
}

export interface WorkspaceParts {
  readonly itGlue: ItGlueSandbox;
  readonly psa: SamplePsa;
  /** `null`: the directory is an LDIF file. */
  readonly samba: SambaAd | null;
}

/** Makes a fresh folder below the system's temporary one and writes configuration and secrets into it. */
export function makeWorkspace(parts: WorkspaceParts): Workspace {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-demo-'));
  const secret = (name: string, value: string): string => {
    const file = join(folder, name);
    writeFileSync(file, `${value}\n`, { mode: 0o600 });
    return `file:${file}`;
  };
  const { itGlue, psa, samba } = parts;
  const configuration = {
    collector: { name: 'larkfield-hq', organization: company.organizationId, location: 'Head Office' },
    directories: [directoryOf(samba, secret)],
    itglue: { baseUrl: itGlue.url, apiKey: secret('itglue.key', itGlue.apiKey) },
    contacts: { create: 'auto', locationMap: { HQ: 'Head Office' } },
    psa: { ...psa.settings(secret), settleMinutes: 0 },
  };
  writeFileSync(join(folder, 'config.json'), `${JSON.stringify(configuration, null, 2)}\n`);
  mkdirSync(join(folder, 'state'), { mode: 0o700 });
  writeStarter(folder);
  return {
    folder,
    options: ['--config', 'config.json', '--state', './state'],
    writeExport: (ldif) => writeFileSync(join(folder, 'users.ldif'), ldif),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function directoryOf(samba: SambaAd | null, secret: (name: string, value: string) => string): object {
  if (samba === null) {
    return { name: 'larkfield', type: 'ldif', file: 'users.ldif', excludeGroups: [leftOutGroup(company.base)] };
  }
  return {
    name: 'larkfield',
    type: 'active-directory',
    domain: 'corp.example.test',
    servers: [samba.ldapsUrl],
    bindDn: samba.bindDn,
    password: secret('directory.password', samba.password),
    tls: { caFile: samba.caFile },
    excludeGroups: [leftOutGroup(sambaBase)],
  };
}

/** So that `./rollcall plan` works in the folder, without the options. Returns the file. */
export function writeStarter(folder: string): string {
  const words = `--config "${join(folder, 'config.json')}" --state "${join(folder, 'state')}"`;
  if (process.platform === 'win32') {
    const command = join(folder, 'rollcall.cmd');
    writeFileSync(command, `@"${process.execPath}" "${entryPoint}" %* ${words}\r\n`);
    return command;
  }
  const file = join(folder, 'rollcall');
  writeFileSync(file, `#!/bin/sh\nexec "${process.execPath}" "${entryPoint}" "$@" ${words}\n`);
  chmodSync(file, 0o755);
  return file;
}

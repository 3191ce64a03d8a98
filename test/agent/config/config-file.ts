import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type Json = Record<string, unknown>;

/** The smallest file that is right. */
export function smallestConfig(): Json {
  return {
    collector: { name: 'acme-hq', organization: '4711' },
    directories: [{ name: 'corp', type: 'ldif', file: 'users.ldif' }],
    itglue: { apiKey: 'env:ITGLUE_KEY' },
  };
}

/** A file with an Active Directory and a PSA. */
export function fullConfig(): Json {
  return {
    ...smallestConfig(),
    directories: [
      {
        name: 'corp',
        type: 'active-directory',
        domain: 'corp.example.test',
        servers: ['ldaps://dc1.corp.example.test'],
        bindDn: 'svc-rollcall@corp.example.test',
        password: 'env:CORP_PASSWORD',
      },
    ],
    psa: { type: 'bms', credentials: { userName: 'api', password: 'env:BMS_PASSWORD', tenant: 'MSP' } },
  };
}

/** Sets what stands at the path; `undefined` takes it away. */
export function withValue(config: Json, path: readonly (string | number)[], value: unknown): Json {
  const copy = structuredClone(config);
  let at: Record<string | number, unknown> = copy;
  for (const part of path.slice(0, -1)) {
    at[part] ??= {};
    at = at[part] as Record<string | number, unknown>;
  }
  const last = path.at(-1) ?? '';
  if (value === undefined) {
    delete at[last];
  } else {
    at[last] = value;
  }
  return copy;
}

/** A folder that is taken away by `dispose`. */
export function temporaryFolder(): {
  readonly path: string;
  write(name: string, content: string | Buffer | Json): string;
  dispose(): void;
} {
  const path = mkdtempSync(join(tmpdir(), 'rollcall-test-'));
  return {
    path,
    write(name, content) {
      const file = join(path, name);
      writeFileSync(file, typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content));
      return file;
    },
    dispose: () => rmSync(path, { recursive: true, force: true }),
  };
}

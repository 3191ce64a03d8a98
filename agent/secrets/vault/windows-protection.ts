import { spawn, spawnSync } from 'node:child_process';
import { win32 } from 'node:path';
import { unusable } from './vault-errors.ts';

/** A program to run: what is secret goes in by standard input and comes out by standard output, never by its arguments. */
export interface HelperCall {
  readonly file: string;
  readonly args: readonly string[];
  readonly input: string;
}

export interface HelperResult {
  /** `null`: it could not be started, or was killed. */
  readonly exit: number | null;
  readonly stdout: string;
}

/** Runs helpers of Windows; tests hand in others. */
export interface HelperRunner {
  run(call: HelperCall): Promise<HelperResult>;
  /** The same, waiting: for readers that cannot wait otherwise. */
  runSync(call: HelperCall): HelperResult;
}

/** DPAPI in machine scope, and access lists. Written by the documentation and tested over injected runners only. */
export interface WindowsProtection {
  /** Base64 to base64. */
  wrap(plain: string): Promise<string>;
  /** `null` when another machine wrapped it, or it was damaged. */
  unwrap(wrapped: string): Promise<string | null>;
  unwrapSync(wrapped: string): string | null;
  /** Only SYSTEM, Administrators and the service's account may open the file. */
  restrict(path: string): Promise<void>;
}

interface ProtectionOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly runner: HelperRunner;
  /** For example `NT SERVICE\rollcall`, or `*S-1-5-80-…`; it may change the file too: it joins hubs. `null`: the service runs as SYSTEM. */
  readonly serviceAccount: string | null;
}

const deadlineMs = 30_000;
const notUnwrapped = 3;

export function createWindowsProtection({ environment, runner, serviceAccount }: ProtectionOptions): WindowsProtection {
  const system = win32.join(systemRoot(environment), 'System32');
  const powerShell = win32.join(system, 'WindowsPowerShell', 'v1.0', 'powershell.exe');

  function call(verb: 'Protect' | 'Unprotect', input: string): HelperCall {
    // -EncodedCommand: the fixed script passes no rules of quoting. It is the same for every key.
    const script = Buffer.from(dataProtectionScript(verb), 'utf16le').toString('base64');
    return { file: powerShell, args: ['-NoLogo', '-NoProfile', '-NonInteractive', '-EncodedCommand', script], input: `${input}\n` };
  }

  function unwrapped(result: HelperResult): string | null {
    return result.exit === notUnwrapped ? null : outputOf(result, powerShell);
  }

  return {
    wrap: async (plain) => outputOf(await runner.run(call('Protect', plain)), powerShell),
    unwrap: async (wrapped) => unwrapped(await runner.run(call('Unprotect', wrapped))),
    unwrapSync: (wrapped) => unwrapped(runner.runSync(call('Unprotect', wrapped))),
    async restrict(path) {
      const icacls = win32.join(system, 'icacls.exe');
      // By SID: the names of these groups depend on the language of Windows.
      const grants = ['*S-1-5-18:F', '*S-1-5-32-544:F', ...(serviceAccount === null ? [] : [`${serviceAccount}:M`])];
      const result = await runner.run({ file: icacls, args: [path, '/inheritance:r', '/grant:r', ...grants], input: '' });
      if (result.exit !== 0) {
        throw unusable(path, `icacls.exe could not restrict ${path} (exit ${String(result.exit)})`);
      }
    },
  };
}

/** Runs real programs. */
export const systemRunner: HelperRunner = {
  run: ({ file, args, input }) =>
    new Promise((resolve) => {
      let stdout = '';
      const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'ignore'], windowsHide: true, timeout: deadlineMs });
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        stdout += text;
      });
      child.stdin.on('error', () => undefined);
      child.once('error', () => resolve({ exit: null, stdout: '' }));
      child.once('close', (exit) => resolve({ exit, stdout }));
      child.stdin.end(input);
    }),
  runSync({ file, args, input }) {
    const { status, stdout } = spawnSync(file, args, {
      input,
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'ignore'],
      windowsHide: true,
      timeout: deadlineMs,
    });
    return { exit: status, stdout: stdout ?? '' };
  },
};

function outputOf(result: HelperResult, program: string): string {
  const text = result.stdout.trim();
  if (result.exit !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) {
    throw unusable(program, `${program} could not use the data protection of Windows (exit ${String(result.exit)})`);
  }
  return text;
}

function dataProtectionScript(verb: 'Protect' | 'Unprotect'): string {
  return [
    "$ErrorActionPreference = 'Stop'",
    'Add-Type -AssemblyName System.Security',
    '$bytes = [Convert]::FromBase64String([Console]::In.ReadLine())',
    "$purpose = [Text.Encoding]::UTF8.GetBytes('rollcall vault key')",
    'try {',
    `  $result = [Security.Cryptography.ProtectedData]::${verb}($bytes, $purpose, [Security.Cryptography.DataProtectionScope]::LocalMachine)`,
    `} catch [Security.Cryptography.CryptographicException] { exit ${notUnwrapped} }`,
    '[Console]::Out.Write([Convert]::ToBase64String($result))',
  ].join('\n');
}

function systemRoot(environment: Readonly<Record<string, string | undefined>>): string {
  const folder = environment['SystemRoot'] ?? environment['SYSTEMROOT'] ?? '';
  return win32.isAbsolute(folder) ? folder : String.raw`C:\Windows`;
}

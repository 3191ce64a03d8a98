import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect } from 'vitest';
import { toLdif } from '../../e2e/ldif-people.ts';
import { crowd } from '../../e2e/people.ts';
import { timed } from '../linux/call.ts';
import type { MadeMsi } from './made-msis.ts';
import { type Ended, openWineMachine, type WineMachine } from './wine-machine.ts';

const patience = { timeout: 60_000, interval: 100 };
const program = String.raw`C:\Program Files\Rollcall`;
const data = String.raw`C:\ProgramData\Rollcall`;
/** Of the new product, as Windows tells the old one while it removes it; any will do. */
const upgradingTo = '{00000000-0000-0000-0000-000000000001}';

/** A Windows with what its administrators do to rollcall. */
export interface InstalledWindows extends AsyncDisposable {
  readonly machine: WineMachine;
  /** Runs msiexec without questions; `words` as they are typed, properties in quotes where they need them. Its log is `msiLog()`. */
  msiexec(stage: string, msi: MadeMsi, verb: '/i' | '/x', words?: string): Promise<Ended>;
  msiLog(): string;
  /**
   * Removes the old product as Windows does in an upgrade, where it tells that it is one (Wine does not), then installs the new one.
   */
  upgrade(from: MadeMsi, to: MadeMsi): Promise<void>;
  rollcall(...words: readonly string[]): Promise<Ended>;
  write(file: string, text: string): void;
  /** Empty when there is no such file; below %ProgramData%\Rollcall unless it names a drive. */
  read(file: string): string;
  exists(file: string): boolean;
  /** The log of the service's host. */
  log(): string;
  untilLogged(text: string, times?: number): Promise<void>;
  untilStopped(): Promise<void>;
}

export async function openWindows(environment: Readonly<Record<string, string>> = {}): Promise<InstalledWindows> {
  const machine = await timed('boot Wine', () => openWineMachine({ environment }));
  const place = (file: string): string => machine.place(file.includes(':') ? file : `${data}\\${file}`);
  const windows: InstalledWindows = {
    machine,
    async msiexec(stage, msi, verb, words = '') {
      copyFileSync(msi.file, place(`C:\\${msi.version}.msi`));
      // A file of commands has the quotes as an administrator types them, and the letters of the console.
      const line = `@msiexec ${verb} C:\\${msi.version}.msi /qn /l*v C:\\msi.log ${words}\r\n@exit /b %ERRORLEVEL%\r\n`;
      writeFileSync(place('C:\\install.bat'), line.replaceAll('ü', '\x81'), 'latin1');
      return timed(stage, () => machine.run(['cmd', '/c', 'C:\\install.bat'], { timeoutMs: 180_000 }));
    },
    msiLog: () => readFileSync(place('C:\\msi.log'), 'latin1'),
    async upgrade(from, to) {
      await windows.rollcall('service', 'stop');
      const removed = await windows.msiexec('remove for an upgrade', from, '/x', `UPGRADINGPRODUCTCODE=${upgradingTo}`);
      const installed = await windows.msiexec('install over it', to, '/i');
      expect([removed.exit, installed.exit]).toEqual([0, 0]);
    },
    rollcall: (...words) => machine.run([`${program}\\bin\\rollcall.exe`, ...words]),
    write(file, text) {
      mkdirSync(dirname(place(file)), { recursive: true });
      writeFileSync(place(file), text);
    },
    read: (file) => (existsSync(place(file)) ? readFileSync(place(file), 'utf8') : ''),
    exists: (file) => existsSync(place(file)),
    log: () => windows.read('logs\\service.log'),
    untilLogged: (text, times = 1) =>
      expect.poll(() => windows.log().split(text).length - 1, { ...patience, message: text }).toBeGreaterThanOrEqual(times),
    untilStopped: () => expect.poll(async () => (await machine.run(['sc', 'query', 'rollcall'])).stdout, patience).toContain('STOPPED'),
    [Symbol.asyncDispose]: () => machine[Symbol.asyncDispose](),
  };
  return windows;
}

/** Files for tests that look at the service alone: an export of a directory, and an IT Glue that is away. */
export function settleQuietly(windows: InstalledWindows, configFile = 'config.json'): void {
  windows.write('key', 'a made-up key');
  windows.write('users.ldif', toLdif(crowd(3)));
  const configuration = {
    collector: { name: 'hq', organization: '4711' },
    directories: [{ name: 'corp', type: 'ldif', file: 'C:/ProgramData/Rollcall/users.ldif' }],
    itglue: { baseUrl: 'http://127.0.0.1:9', apiKey: 'file:C:/ProgramData/Rollcall/key' },
    psa: { type: 'none' },
    console: { listen: '' },
  };
  windows.write(configFile, JSON.stringify(configuration));
}

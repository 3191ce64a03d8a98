import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compile, compileNativeParts } from '../../installer/windows/compile.ts';
import { openWineMachine, type WineMachine } from './wine/wine-machine.ts';

const fakeSource = join(import.meta.dirname, 'wine', 'fake-program.c');
const patience = { timeout: 60_000, interval: 50 };
const first = '0.1.0+aaaaaaaaaaaa';
const second = '0.2.0+bbbbbbbbbbbb';

/** An installation of the host with a program that behaves as told, in folders of its own. */
interface Installation {
  readonly program: string;
  readonly state: string;
  put(file: string, text: string): void;
  read(file: string): string;
  exists(file: string): boolean;
  start(...settings: readonly string[]): Held;
}

interface Held {
  readonly child: ChildProcess;
  /** What it said of its state, and how it ended. */
  readonly said: () => string;
  /** What it told the event log. */
  readonly events: () => string;
  stop(): Promise<number | null>;
}

describe('the service host for Windows, with a program that behaves as told', () => {
  let machine: WineMachine;
  let parts: string;
  let fake: string;
  let number = 0;
  const held: ChildProcess[] = [];

  beforeAll(async () => {
    parts = mkdtempSync(join(tmpdir(), 'rollcall-host-test-'));
    fake = join(parts, 'fake.exe');
    await compileNativeParts({ folder: parts, hostFolder: parts });
    await compile(['-municode', '-o', fake, fakeSource]);
    machine = await openWineMachine();
  });

  afterAll(async () => {
    await machine?.[Symbol.asyncDispose]();
    rmSync(parts, { recursive: true, force: true });
  });

  /** `installed` and `previous` are behaviours; null: there is none. */
  function install(installed: string, previous: string | null = null): Installation {
    number += 1;
    const folder = `C:\\Prüfung ${number} ünd 田中`;
    const program = `${folder}\\Rollcall`;
    const state = `${folder}\\state`;
    const installation: Installation = {
      program,
      state,
      put(file, text) {
        const place = machine.place(`${folder}\\${file}`);
        mkdirSync(dirname(place), { recursive: true });
        writeFileSync(place, text);
      },
      read: (file) => (installation.exists(file) ? readFileSync(machine.place(`${folder}\\${file}`), 'utf8') : ''),
      exists: (file) => existsSync(machine.place(`${folder}\\${file}`)),
      start(...others) {
        const settings = ['--stop-seconds', '2', '--silent-seconds', '2', '--trial-seconds', '3', '--start-seconds', '3', ...others];
        const places = ['--state', state, '--logs', `${folder}\\logs`, '--config', `${folder}\\config.json`];
        const child = machine.start([`${program}\\rollcall-service.exe`, 'foreground', ...places, ...settings]);
        held.push(child);
        let said = '';
        child.stdout?.setEncoding('utf8').on('data', (text: string) => (said += text));
        let events = '';
        child.stderr?.setEncoding('utf8').on('data', (text: string) => (events += text));
        return {
          child,
          said: () => said,
          events: () => events,
          async stop() {
            const end = once(child, 'exit');
            child.stdin?.end();
            const [code] = (await end) as [number | null];
            return code;
          },
        };
      },
    };
    installation.put('state\\behold', '');
    installation.put('Rollcall\\release', `${first}\r\n`);
    installation.put('Rollcall\\behaviour', installed);
    copyFileSync(join(parts, 'rollcall-service.exe'), machine.place(`${program}\\rollcall-service.exe`));
    copyFileSync(fake, machine.place(`${program}\\rollcall.exe`));
    if (previous !== null) {
      installation.put('Rollcall\\release', `${second}\r\n`);
      installation.put('Rollcall\\previous\\release', `${first}\r\n`);
      installation.put('Rollcall\\previous\\behaviour', previous);
      copyFileSync(fake, machine.place(`${program}\\previous\\rollcall.exe`));
    }
    return installation;
  }

  const starts = (of: Installation): readonly string[] =>
    of
      .read('state\\starts')
      .split('\n')
      .filter(Boolean)
      .map((line) => line.split(' ')[0] ?? '');
  const log = (of: Installation): string => of.read('logs\\service.log');

  it('starts the program with its places, tells that it runs, and stops it by the end of its standard input', async () => {
    const site = install('well');
    const service = site.start();
    await expect.poll(service.said, patience).toBe('starting\r\nrunning\r\n');

    const exit = await service.stop();

    expect(exit).toBe(0);
    expect(site.read('state\\starts')).toBe('Rollcall host=1\n');
    expect(log(site)).toContain(`service host: rollcall ${first} started.`);
    expect(log(site)).toContain('service host: rollcall stopped.');
    expect(log(site)).toContain('Error  the program is well');
    expect(service.events()).toContain(`rollcall ${first} started.`);
    // No trial: nothing is written.
    expect(site.exists('state\\upgrade')).toBe(false);
  });

  it('starts a program that crashed again, later each time, with its last lines in the event log', async () => {
    const site = install('ready-crash');
    const service = site.start();
    await expect.poll(() => starts(site).length, patience).toBeGreaterThanOrEqual(3);
    site.put('Rollcall\\behaviour', 'well');
    await expect.poll(() => log(site).includes('the program is well'), patience).toBe(true);

    expect(await service.stop()).toBe(0);

    const pauses = [...log(site).matchAll(/ended by itself with exit code 9\. It is started again in (\d+) s/g)].map(([, seconds]) =>
      Number(seconds),
    );
    expect(pauses.slice(0, 3)).toEqual([1, 2, 4].slice(0, pauses.length));
    expect(service.events()).toContain('The last it wrote');
    expect(service.events()).toContain('Error  the program is ready-crash');
  });

  it('gives up after three ends before it was ever ready, with its exit code, and says why', async () => {
    const site = install('crash');
    const service = site.start();

    const [exit] = (await once(service.child, 'exit')) as [number];

    expect(exit).toBe(7);
    expect(starts(site)).toHaveLength(3);
    expect(log(site)).toContain('The service ends after 3 failed starts.');
  });

  it('ends a program that does not stop in time', async () => {
    const site = install('deaf');
    const service = site.start();
    await expect.poll(service.said, patience).toContain('running');

    expect(await service.stop()).toBe(0);

    expect(log(site)).toContain('rollcall did not stop within 2 seconds and was ended.');
    await expect.poll(running, patience).toBe(false);
  });

  it('ends a program that gives no sign of life once it is ready, and starts it again', async () => {
    const site = install('silent');
    const service = site.start();
    await expect.poll(() => starts(site).length, patience).toBe(2);
    site.put('Rollcall\\behaviour', 'well');
    await expect.poll(() => log(site).includes('the program is well'), patience).toBe(true);

    expect(await service.stop()).toBe(0);

    expect(log(site)).toContain('gave no sign of life for 2 seconds and was ended. It is started again in 1 s.');
  });

  it('takes the program with it when it is ended by force', async () => {
    const site = install('well');
    const service = site.start();
    await expect.poll(service.said, patience).toContain('running');
    expect(await running()).toBe(true);

    await machine.run(['taskkill', '/f', '/im', 'rollcall-service.exe']);

    await expect.poll(running, patience).toBe(false);
  });

  it('keeps its log below a limit, whatever the program writes', async () => {
    const site = install('flood');
    const service = site.start('--start-seconds', '60');
    await expect.poll(service.said, patience).toContain('running');

    expect(await service.stop()).toBe(0);

    const folder = machine.place(site.state.replace('state', 'logs'));
    const sizes = readdirSync(folder).map((name) => statSync(join(folder, name)).size);
    expect(sizes).toHaveLength(2);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(4 * 1024 * 1024);
    expect(log(site)).toContain('119999 a line');
  });

  it.each([
    ['crashes', 'crash', (): void => undefined],
    ['hangs before it is ready', 'never-ready', (): void => undefined],
    ['is late and asks for time in words that are no number', 'slow-odd', (): void => undefined],
  ])('goes back to the previous release when the new one %s twice, and says so', async (_what, behaviour) => {
    const site = install(behaviour, 'well');
    site.put('state\\upgrade\\confirmed', `${first}\n`);
    const service = site.start();
    await expect.poll(() => starts(site), patience).toEqual(['Rollcall', 'Rollcall', 'previous']);
    await expect.poll(() => log(site).includes(`rollcall ${first} started.`), patience).toBe(true);

    expect(await service.stop()).toBe(0);

    expect(site.read('state\\upgrade\\refused').split('\n')[0]).toBe(second);
    expect(service.events()).toContain('The upgrade of rollcall was given up');
    // The next start remembers.
    const again = site.start();
    await expect.poll(again.said, patience).toContain('running');
    expect(await again.stop()).toBe(0);
    expect(starts(site).at(-1)).toBe('previous');
  });

  it('gives a new release on trial the time that it asks for', async () => {
    const site = install('slow', 'well');
    site.put('state\\upgrade\\confirmed', `${first}\n`);
    const service = site.start();
    await expect.poll(() => log(site).includes(' started.'), patience).toBe(true);

    expect(await service.stop()).toBe(0);

    expect(starts(site)).toEqual(['Rollcall']);
    expect(log(site)).toContain(`rollcall ${second} started.`);
  });

  it('keeps what is logged at the level "debug" out of the event log', async () => {
    const site = install('debug-crash');
    const service = site.start();

    await once(service.child, 'exit');

    expect(log(site)).toContain('ada@example.org');
    expect(service.events()).toContain('it broke');
    expect(service.events()).not.toContain('ada@example.org');
  });

  it('goes back at once when the new file is no program', async () => {
    const site = install('well', 'well');
    site.put('Rollcall\\rollcall.exe', 'garbage'.repeat(1_000));
    const service = site.start();
    await expect.poll(service.said, patience).toContain('running');

    expect(await service.stop()).toBe(0);

    expect(starts(site)).toEqual(['previous']);
    expect(site.read('state\\upgrade\\refused')).toBe(`${second}\nits file is damaged, or not for this machine\n`);
  });

  it('tries a third release, whatever was refused before it', async () => {
    const site = install('well', 'well');
    site.put('state\\upgrade\\refused', '0.1.5+cccccccccccc\nan older one\n');
    site.put('state\\upgrade\\tried', '\n0.1.5+cccccccccccc\n\n0.1.5+cccccccccccc\n');
    const service = site.start();
    await expect.poll(service.said, patience).toContain('running');

    expect(await service.stop()).toBe(0);

    expect(starts(site)).toEqual(['Rollcall']);
    expect(site.read('state\\upgrade\\tried')).toContain(`\n${second}\n`);
  });

  it('runs a confirmed release without counting', async () => {
    const site = install('well', 'well');
    site.put('state\\upgrade\\confirmed', `${second}\r\n`);
    const service = site.start();
    await expect.poll(service.said, patience).toContain('running');

    expect(await service.stop()).toBe(0);

    expect(starts(site)).toEqual(['Rollcall']);
    expect(site.exists('state\\upgrade\\tried')).toBe(false);
  });

  it.each([
    ['zeros', '\0'.repeat(50_000)],
    ['a line without an end', 'x'.repeat(50_000)],
    ['what is no text', '\u{1f4a9}\n\n\n'.repeat(2_000)],
    ['nothing', ''],
  ])('is not led astray by files that hold %s', async (_what, content) => {
    const site = install('well', 'well');
    for (const name of ['confirmed', 'tried', 'refused']) site.put(`state\\upgrade\\${name}`, content);
    const service = site.start();
    await expect.poll(service.said, patience).toContain('running');

    expect(await service.stop()).toBe(0);

    expect(starts(site)).toEqual(['Rollcall']);
  });

  it('does not try a release when the try cannot be written down, and says so', async () => {
    const site = install('well', 'well');
    // A file in the folder's place: Wine runs as root, which no mode stops.
    site.put('state\\upgrade', 'not a folder');
    const service = site.start();
    await expect.poll(service.said, patience).toContain('running');

    expect(await service.stop()).toBe(0);

    expect(starts(site)).toEqual(['previous']);
    expect(log(site)).toContain('nothing can be written to the folder "upgrade"');
  });

  it('keeps the confirmed executable for the time after an upgrade, and no other', async () => {
    const site = install('well');
    const keep = (): Promise<unknown> => machine.run([`${site.program}\\rollcall-service.exe`, 'keep-previous', '--state', site.state]);
    await keep();
    const before = site.exists('Rollcall\\previous\\rollcall.exe');
    site.put('state\\upgrade\\confirmed', `${first}\n`);
    await keep();
    const kept = site.read('Rollcall\\previous\\release');
    site.put('Rollcall\\release', `${second}\n`);
    await keep();

    expect(before).toBe(false);
    expect(kept.trim()).toBe(first);
    expect(site.read('Rollcall\\previous\\release').trim()).toBe(first);
    expect(readFileSync(machine.place(`${site.program}\\previous\\rollcall.exe`)).equals(readFileSync(fake))).toBe(true);
    expect(readdirSync(machine.place(`${site.program}\\previous`)).sort()).toEqual(['release', 'rollcall.exe']);
  });

  it('is the same, byte by byte, when it is built again', async () => {
    const again = mkdtempSync(join(tmpdir(), 'rollcall-host-test-'));
    try {
      await compileNativeParts({ folder: again, hostFolder: again });

      for (const name of readdirSync(again))
        expect(readFileSync(join(again, name)).equals(readFileSync(join(parts, name))), name).toBe(true);
    } finally {
      rmSync(again, { recursive: true, force: true });
    }
  });

  async function running(): Promise<boolean> {
    return (await machine.run(['tasklist'])).stdout.includes('rollcall.exe');
  }
});

import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { launcherText } from '../../../../agent/os-service/systemd/launcher.ts';

const old = '0.1.0+aaaaaaaaaaaa';
const fresh = '0.2.0+bbbbbbbbbbbb';
const other = '0.3.0+cccccccccccc';

describe.skipIf(process.platform === 'win32')('launch', () => {
  let folder = '';
  let program = '';
  let state = '';
  let upgrade = '';

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rollcall-launch-'));
    // Spaces and letters of elsewhere are in paths, too.
    program = join(folder, 'prögram files');
    state = join(folder, 'the state é');
    upgrade = join(state, 'upgrade');
    mkdirSync(join(program, 'previous'), { recursive: true });
    mkdirSync(upgrade, { recursive: true });
    writeFileSync(join(program, 'launch'), launcherText, { mode: 0o755 });
    install('rollcall', fresh);
    install('previous/rollcall', old);
    write('confirmed', `${old}\n`);
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** A stand-in that says which one it is, and with which words. */
  function install(place: string, release: string): void {
    const file = join(program, place);
    writeFileSync(file, `#!/bin/sh\necho "${release}" "$@"\n`, { mode: 0o755 });
    writeFileSync(join(file, '..', 'release'), `${release}\n`);
  }

  function write(name: string, content: string | Uint8Array): void {
    writeFileSync(join(upgrade, name), content);
  }

  function read(name: string): string | null {
    return existsSync(join(upgrade, name)) ? readFileSync(join(upgrade, name), 'utf8') : null;
  }

  function launch(...words: readonly string[]) {
    const result = spawnSync(join(program, 'launch'), [...words, '--state', state], { encoding: 'utf8', timeout: 10_000 });
    return { release: result.stdout.split(' ')[0]?.trim() ?? '', stdout: result.stdout, stderr: result.stderr, exit: result.status };
  }

  it('starts the installed release with its words when there is no other', () => {
    rmSync(join(program, 'previous'), { recursive: true });

    expect(launch('run', '--config', 'a b')).toMatchObject({ stdout: `${fresh} run --config a b --state ${state}\n`, stderr: '' });
    expect(read('tried')).toBeNull();
  });

  it('starts the confirmed release, whatever was tried or refused before', () => {
    write('confirmed', fresh);
    write('tried', `${fresh}\n`.repeat(5));
    write('refused', `${fresh}\n`);

    expect(launch('run')).toMatchObject({ release: fresh, stderr: '' });
    expect(read('tried')).toBe(`${fresh}\n`.repeat(5));
  });

  it('tries a new release twice, then refuses it, says so, and starts the one before it from then on', () => {
    const releases = [launch('run'), launch('run'), launch('run'), launch('run')];

    expect(releases.map(({ release }) => release)).toEqual([fresh, fresh, old, old]);
    expect(releases.map(({ stderr }) => stderr.includes(`${fresh} is refused`))).toEqual([false, false, true, false]);
    expect(read('refused')).toBe(`${fresh}\nit was started twice and did not say that it is well\n`);
  });

  it('tries the next release anew', () => {
    write('refused', `${other}\n`);
    write('tried', `${other}\n${other}\n`);

    expect([launch('run').release, launch('run').release, launch('run').release]).toEqual([fresh, fresh, old]);
  });

  it('counts no try for a command, refuses nothing by one, and makes the same choice', () => {
    const before = [launch('status').release, launch('sync').release, launch('status').release];
    write('tried', `${fresh}\n${fresh}\n`);
    const tried = launch('status');
    const unwritten = read('refused');
    write('refused', `${fresh}\n`);

    expect(before).toEqual([fresh, fresh, fresh]);
    expect([tried.release, unwritten, launch('status').release]).toEqual([old, null, old]);
    expect(launch('status').stderr).toBe('');
  });

  it('looks for the state where --state says, not at the option of "contacts list" of that name', () => {
    write('refused', fresh);
    const equals = spawnSync(join(program, 'launch'), ['status', `--state=${state}`], { encoding: 'utf8' });
    const contacts = spawnSync(join(program, 'launch'), ['--state', state, 'contacts', 'list', '--state', 'matched'], { encoding: 'utf8' });

    expect(equals.stdout).toContain(old);
    expect(contacts.stdout).toContain(old);
  });

  it('is found by a link to a folder', () => {
    symlinkSync(program, join(folder, 'link'));

    expect(spawnSync(join(folder, 'link', 'launch'), ['run', '--state', state], { encoding: 'utf8' }).stdout).toContain(fresh);
  });

  it('makes the folder of what it writes, for its own account alone', () => {
    rmSync(state, { recursive: true });

    expect(launch('run').release).toBe(fresh);
    expect(execFileSync('stat', ['-c', '%a', join(upgrade, 'tried')], { encoding: 'utf8' }).trim()).toBe('600');
  });

  it('starts the one before at once when the installed file is damaged, empty, for another machine or may not be run', () => {
    const elf = (machine: number): Buffer => {
      const head = Buffer.alloc(64);
      head.write('\x7fELF\x02\x01\x01', 'latin1');
      head.writeUInt16LE(machine, 18);
      return head;
    };
    const file = join(program, 'rollcall');
    const harms: readonly (readonly [string, () => void])[] = [
      ['garbage', () => writeFileSync(file, Buffer.alloc(4096, 'touch harmed\n'))],
      ['nothing', () => writeFileSync(file, '')],
      ['for another machine', () => writeFileSync(file, elf(0xf3f3))],
      ['cut off', () => writeFileSync(file, elf(62).subarray(0, 10))],
      ['not allowed', () => chmodSync(file, 0o644)],
      ['missing', () => rmSync(file)],
    ];
    for (const [what, harm] of harms) {
      rmSync(join(upgrade, 'refused'), { force: true });
      install('rollcall', fresh);
      harm();

      expect([what, launch('run').release, read('refused')]).toEqual([
        what,
        old,
        `${fresh}\nits file is damaged, or not for this machine\n`,
      ]);
    }
  });

  it('counts a program whose library is missing like any that ends', () => {
    // A real program, whose loader then does not find what it needs.
    const elf = readFileSync('/bin/true');
    const at = elf.indexOf('libc.so.6');
    elf.write('libX.so.6', at);
    writeFileSync(join(program, 'rollcall'), elf, { mode: 0o755 });

    const [first, second, third] = [launch('run'), launch('run'), launch('run')];

    expect([first.exit, second.exit]).toEqual([127, 127]);
    expect(first.stderr).toContain('libX.so.6');
    expect(third.release).toBe(old);
  });

  it('never goes back from a confirmed release: a damaged one is told', () => {
    write('confirmed', fresh);
    writeFileSync(join(program, 'rollcall'), '');

    expect(launch('run')).toMatchObject({ exit: 126, stdout: '', stderr: expect.stringContaining('missing or damaged') as string });
  });

  it('starts the installed release when the one before is damaged, however often that was tried', () => {
    writeFileSync(join(program, 'previous', 'rollcall'), '');
    write('refused', fresh);

    expect(launch('run').release).toBe(fresh);
  });

  it('takes an installed release without a name, and one of the same name, as it is', () => {
    writeFileSync(join(program, 'release'), '\n');
    expect(launch('run').release).toBe(fresh);
    writeFileSync(join(program, 'release'), `${old}\n`);
    write('refused', old);
    expect(launch('run').release).toBe(fresh);
    expect(read('tried')).toBeNull();
  });

  it.each([
    ['empty', ''],
    ['of zeros', Buffer.alloc(5_000)],
    ['long', 'x'.repeat(500_000)],
    ['with other words', `${fresh} \`touch harmed\`; $(touch harmed)\n`],
    ['that begins with the name', `${fresh}0\n`],
    ['with an option', '-e\n'],
  ])('is not led astray by files that are %s', (_, content) => {
    for (const name of ['confirmed', 'refused', 'tried']) write(name, content);

    expect([launch('run').release, launch('run').release, launch('run').release]).toEqual([fresh, fresh, old]);
    expect(existsSync(join(process.cwd(), 'harmed'))).toBe(false);
  });

  it('reads names that end as Windows ends lines', () => {
    write('refused', `${fresh}\r\nwhy\r\n`);

    expect(launch('run').release).toBe(old);
  });

  it('counts a try also after one whose line a power cut broke off', () => {
    write('tried', `${fresh}\n${fresh.slice(0, 6)}`);

    expect([launch('run').release, launch('run').release]).toEqual([fresh, old]);
  });

  it.each(['confirmed', 'refused', 'tried'])('goes on when %s is a folder or a pipe', (name) => {
    rmSync(join(upgrade, name), { force: true });
    mkdirSync(join(upgrade, name));
    const first = launch('run');
    rmSync(join(upgrade, name), { recursive: true });
    execFileSync('mkfifo', [join(upgrade, name)]);
    const second = launch('run');

    // Where tries cannot be counted nothing is tried.
    expect([first.release, second.release]).toEqual(name === 'tried' ? [old, old] : [fresh, fresh]);
    if (name === 'tried') expect(first.stderr).toContain('cannot be written to');
  });

  it('says that the state cannot be written to, and starts the release before instead of trying for ever', () => {
    rmSync(upgrade, { recursive: true });
    // A file in the place of the folder: nobody, not even root, can write below it.
    writeFileSync(upgrade, '');

    const runs = [launch('run'), launch('run'), launch('run')];

    expect(runs.map(({ release }) => release)).toEqual([old, old, old]);
    expect(runs[0]?.stderr).toContain('cannot be written to');
    expect(launch('status').release).toBe(fresh);
  });

  it('starts the release before when its refusal cannot be written down, and says so', () => {
    write('tried', `${fresh}\n${fresh}\n`);
    mkdirSync(join(upgrade, 'refused'));

    expect(launch('run')).toMatchObject({ release: old, stderr: expect.stringContaining('could not be written down') as string });
  });

  it('leaves the exit code and the signals to the program: it is replaced by it', () => {
    copyFileSync('/bin/sh', join(program, 'rollcall'));

    const result = spawnSync(join(program, 'launch'), ['-c', 'kill -TERM $$'], { encoding: 'utf8' });

    expect(result.signal).toBe('SIGTERM');
  });

  it('is a script for every POSIX shell', () => {
    expect(spawnSync('/bin/sh', ['-n', join(program, 'launch')]).status).toBe(0);
    expect(launcherText.startsWith('#!/bin/sh\n')).toBe(true);
  });
});

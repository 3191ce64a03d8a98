import { symlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import manifest from '../../../package.json' with { type: 'json' };
import { startProgram, temporaryConfig } from './start-program.ts';

const main = fileURLToPath(new URL('../../../agent/main.ts', import.meta.url));

let config: ReturnType<typeof temporaryConfig>;

beforeAll(() => {
  config = temporaryConfig();
});

afterAll(() => config.dispose());

describe('agent/main.ts', () => {
  it('works through a symbolic link', async () => {
    const link = `${config.state}-link.ts`;
    symlinkSync(main, link);

    expect(await startProgram(['--version'], { main: link }).ended).toEqual({ exit: 0, stdout: `${manifest.version}\n`, stderr: '' });
  });

  it('ends with the code of the command', async () => {
    const { exit, stdout } = await startProgram(['pln', '--json'], { main }).ended;

    expect(exit).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ formatVersion: 1, error: { code: 'USAGE' } });
  });

  it('prints the JSON schema of the configuration', async () => {
    expect(JSON.parse((await startProgram(['config-schema'], { main }).ended).stdout)).toMatchObject({ title: 'rollcall configuration' });
  });
});

describe('the process', () => {
  it('puts one document on standard output and nothing else, progress and log on standard error', async () => {
    const { exit, stdout, stderr } = await startProgram(['plan', '--config', config.file, '--json', '--exit-code'], {}).ended;

    expect(exit).toBe(5);
    expect(JSON.parse(stdout)).toMatchObject({ formatVersion: 1, organization: '4711' });
    expect(stderr).toContain('Operations were opened');
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('ends with 130 when %s asks a command to stop', async (signal) => {
    const program = startProgram(['--config', config.file, 'sync', '--json'], { fake: 'waits' });
    await program.said('waiting');
    program.kill(signal);

    const { exit, stdout } = await program.ended;

    expect(exit).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({ formatVersion: 1, error: { code: 'INTERRUPTED' } });
  });

  it('ends with 130 at once when a second signal comes to a command that does not stop', async () => {
    const program = startProgram(['--config', config.file, 'sync'], { fake: 'hangs' });
    await program.said('waiting');
    program.kill('SIGINT');
    program.kill('SIGTERM');

    expect((await program.ended).exit).toBe(130);
  });

  it('does not crash when the reader of standard output stops reading', async () => {
    const program = startProgram(['--config', config.file, 'contacts', 'list'], { fake: 'large' });
    program.closeOutput();

    const { exit, stderr } = await program.ended;

    expect(exit).toBe(0);
    expect(stderr).not.toMatch(/EPIPE|Error/);
  });

  it('writes a large document whole', async () => {
    const { stdout } = await startProgram(['--config', config.file, 'contacts', 'list', '--json'], { fake: 'large' }).ended;

    expect((JSON.parse(stdout) as { contacts: unknown[] }).contacts).toHaveLength(20_000);
  });

  it('tells what kind of error it was, and no more, when something fails outside of the command', async () => {
    const { exit, stderr } = await startProgram(['--config', config.file, 'sync'], { fake: 'later-crash' }).ended;

    expect(exit).toBe(1);
    expect(stderr).toMatch(/^Error {2}Something unforeseen happened \(TypeError\)\.\n code {2}INTERNAL$/m);
    expect(stderr).not.toContain('Canary');
  });

  it('has colours on standard output when they are forced, and never with NO_COLOR', async () => {
    const words = ['plan', '--config', config.file];
    const forced = await startProgram(words, { environment: { FORCE_COLOR: '1' } }).ended;
    const refused = await startProgram(words, { environment: { FORCE_COLOR: '1', NO_COLOR: '1' } }).ended;
    const plain = await startProgram(words, {}).ended;

    expect(forced.stdout).toContain('\u001B[');
    expect(refused.stdout).not.toContain('\u001B');
    expect(plain.stdout).not.toContain('\u001B');
  });
});

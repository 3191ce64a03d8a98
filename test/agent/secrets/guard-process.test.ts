import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startProgram, temporaryConfig } from '../cli/start-program.ts';

const canary = 'Canary-Pa55-phrase';

describe('a process that holds secrets', () => {
  let config: ReturnType<typeof temporaryConfig>;
  let reports: string;

  beforeEach(() => {
    config = temporaryConfig();
    reports = mkdtempSync(join(tmpdir(), 'rollcall-reports-'));
  });
  afterEach(() => {
    config.dispose();
    rmSync(reports, { recursive: true });
  });

  function start(fake: string): ReturnType<typeof startProgram> {
    return startProgram(['sync', '--config', config.file, '--state', config.state], {
      fake,
      environment: {
        ROLLCALL_CORP: canary,
        // What an operator, or a support page, may have left switched on.
        NODE_OPTIONS: `--report-on-signal --report-uncaught-exception --report-directory=${reports}`,
      },
    });
  }

  it('writes no environment into a diagnostic report', async () => {
    const program = start('waits');
    await program.said('waiting');

    program.kill('SIGUSR2');
    await program.said('Node.js report completed');
    program.kill('SIGTERM');
    const { stdout, stderr } = await program.ended;

    const texts = readdirSync(reports).map((name) => readFileSync(join(reports, name), 'utf8'));
    // Node may write it twice when the machine is busy.
    expect(texts.length).toBeGreaterThan(0);
    expect(texts[0]).toContain('"javascriptStack"');
    expect([...texts, stdout, stderr].join('\n')).not.toContain(canary);
  });

  it('writes no report of a crash, whose message may carry anything', async () => {
    const { exit, stdout, stderr } = await start('later-crash').ended;

    expect(exit).toBe(1);
    expect(readdirSync(reports)).toEqual([]);
    expect(stdout + stderr).not.toContain(canary);
  });

  it('opens no debugger port by a signal', async () => {
    const program = start('waits');
    await program.said('waiting');

    program.kill('SIGUSR1');
    program.kill('SIGUSR2');
    await program.said('Node.js report completed');
    program.kill('SIGTERM');

    expect(await program.ended).toMatchObject({ exit: 130, stderr: expect.not.stringContaining('Debugger listening') });
  });
});

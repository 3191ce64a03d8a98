import { describe, expect, it } from 'vitest';
import { person } from './people.ts';
import { startSite } from './site.ts';

describe('a service that the Windows service host started', () => {
  it('tells it by lines of standard output when it is ready and when it stops, and writes nothing else there', async () => {
    await using site = await startSite({ people: [person('ada')] });
    site.environment['ROLLCALL_HOST'] = '1';
    const { child, ended } = site.start('run');
    let seen = '';
    await new Promise<void>((resolve, reject) => {
      child.stdout?.on('data', (text: string) => {
        seen += text;
        if (seen.includes('READY=1\n')) resolve();
      });
      void ended.then(({ stderr }) => reject(new Error(stderr)));
    });
    child.kill('SIGTERM');
    const { exit, stdout, stderr } = await ended;

    const lines = stdout.trimEnd().split('\n');
    expect(exit, stderr).toBe(0);
    expect(lines.filter((line) => !/^(?:READY=1|STOPPING=1|WATCHDOG=1|STATUS=.+)$/.test(line))).toEqual([]);
    expect([lines[0], lines.at(-2), lines.at(-1)]).toEqual(['READY=1', 'STOPPING=1', 'STATUS=The service has stopped: a signal.']);
    expect(stderr).toContain('The service is ready');
  });

  it('writes nothing to standard output when it cannot start: why stands on standard error', async () => {
    await using site = await startSite();
    site.environment['ROLLCALL_HOST'] = '1';

    const { exit, stdout, stderr } = await site.start('run', '--config', `${site.folder}/absent.json`).ended;

    expect([exit, stdout]).toEqual([2, '']);
    expect(stderr).toContain('CONFIG_NOT_FOUND');
  });
});

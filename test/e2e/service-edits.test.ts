import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { describe, expect, it } from 'vitest';
import type { RunsDocument, StatusDocument } from '../../agent/cli/documents.ts';
import type { ServiceFacts } from '../../agent/service/service-facts.ts';
import { person } from './people.ts';
import { startService } from './running-service.ts';
import { program, type Site, startSite } from './site.ts';

const succeeded = ({ lastSuccessAt }: ServiceFacts): boolean => lastSuccessAt !== null;
const codes = ({ problems }: ServiceFacts): readonly string[] => problems.map(({ code }) => code);

function addOther(site: Site): string {
  return site.itGlue.data.addOrganization({ id: '4712', name: 'Other', typeName: 'Customer', statusName: 'Active' }).id;
}

function slowContacts(site: Site, delayMs: number): void {
  site.itGlue.faults.add({ match: { method: 'GET', path: /contacts/u }, kind: 'slow', delayMs });
}

/** No listener, and no watch: its looks would take the faults that are meant for a sync. */
const quiet = { console: { listen: '' }, psa: { twoWay: false } };

describe('the service and its file, edited at bad moments', () => {
  it('S3 a start with an edit that is refused runs by the configuration before it in every part', async () => {
    await using site = await startSite({ people: [person('ada')], sections: quiet });
    const other = addOther(site);
    await using service = await startService(site);
    const before = await service.until('a first success', succeeded);
    await service.stop();

    site.configure({ ...quiet, schedule: { scan: '0 5 1 1 *' }, collector: { name: 'hq', organization: other }, log: { level: 'debug' } });
    await using again = await startService(site);
    const facts = await again.until('refused', (seen) => codes(seen).includes('CONFIG_ORGANIZATION_IN_USE'));

    expect(facts.next).toEqual(before.next);
    expect(again.log().filter(({ level }) => level === 'debug')).toEqual([]);
  });

  it('S3 a store that was moved while nothing ran is in use at the next start', async () => {
    await using site = await startSite({ people: [person('ada')], sections: quiet });
    await using service = await startService(site);
    await service.until('a first success', succeeded);
    await service.stop();

    site.configure({ ...quiet, store: { path: 'elsewhere.db' } });
    await using again = await startService(site);
    const sync = await site.run('sync', '--json');
    const runs = (await site.run('runs', '--json')).json as RunsDocument;

    expect(sync.exit).toBe(0);
    expect(codes(await again.facts())).toEqual([]);
    expect(runs.runs.map(({ command }) => command)).toContain('sync');
  });

  it('S3 a secret that is missing for messages alone is told, and ends neither the start nor an edit', async () => {
    await using site = await startSite({ people: [person('ada')], sections: quiet });
    const messages = {
      notify: { webhook: 'https://127.0.0.1:9/hook' },
      proxy: { url: 'http://127.0.0.1:9', userName: 'rollcall', password: 'env:NO_SUCH_SECRET' },
    };
    await using service = await startService(site);
    await service.until('a first success', succeeded);

    site.configure({ ...quiet, ...messages, schedule: { scan: '0 5 * * *' } });
    const edited = await service.until('told', (facts) => codes(facts).includes('SECRET_NOT_SET'));
    await service.stop();
    await using again = await startService(site);
    const started = await again.until('told again', (facts) => codes(facts).includes('SECRET_NOT_SET'));

    expect(edited.schedule.scan).toBe('0 5 * * *');
    expect(service.log().filter(({ level }) => level === 'error')).toEqual([]);
    expect(started.problems[0]?.message).toContain('NO_SUCH_SECRET');
    expect(JSON.parse(readFileSync(join(site.folder, 'state', 'config.last-good.json'), 'utf8'))).toMatchObject(messages);
  });

  it('S4 a command under an edit that the service has not taken over yet is carried out under the edit', async () => {
    await using site = await startSite({ people: [person('ada')], sections: quiet });
    await using service = await startService(site);
    await service.until('a first success', succeeded);
    slowContacts(site, 900);
    const asked = site.itGlue.requests.length;
    const first = site.run('sync');
    // The directory has been read by then.
    await service.until('a look at the contacts', () => site.itGlue.requests.slice(asked).some(({ path }) => path.includes('contacts')));
    site.setPeople([person('ada'), person('bob')]);

    site.configure({ ...quiet, contacts: { create: 'off' } });
    const second = await site.run('sync', '--json');
    const runs = (await site.run('runs', '--json')).json as RunsDocument;

    const one = await first;
    expect([one.exit, one.exit === 0 ? '' : one.stderr + one.stdout, second.exit]).toEqual([0, '', 0]);
    expect(runs.runs.slice(0, 2).map(({ command }) => command)).toEqual(['sync', 'reload']);
    expect(site.itGlue.data.contacts.size).toBe(1);
  });

  it('S4 a command under an edit that is refused is refused too, and status tells of the customer in force', async () => {
    await using site = await startSite({ people: [person('ada')], sections: quiet });
    const other = addOther(site);
    await using service = await startService(site);
    await service.until('a first success', succeeded);

    site.configure({ ...quiet, collector: { name: 'hq', organization: other } });
    const sync = await site.run('sync');
    const status = (await site.run('status', '--json')).json as StatusDocument;

    expect(status.organizations.map(({ organization }) => organization)).toEqual([site.organization]);
    expect(sync.exit).not.toBe(0);
    expect(sync.stderr).toContain('CONFIG_ORGANIZATION_IN_USE');
  });

  it('S3 SIGHUP again and again looks at the file a few times, and ends no service that stops', async () => {
    await using site = await startSite({ people: [person('ada')], sections: quiet });
    await using service = await startService(site);
    await service.until('a first success', succeeded);
    slowContacts(site, 500);
    const sync = site.run('sync');
    await service.until('the run', ({ current }) => current?.command === 'sync');
    for (let times = 0; times < 100; times += 1) service.child.kill('SIGHUP');
    await sync;
    await service.until('idle', ({ current }) => current === null);
    const runs = (await site.run('runs', '--json')).json as RunsDocument;

    slowContacts(site, 900);
    const last = site.run('sync');
    await service.until('the last run', ({ current }) => current?.command === 'sync');
    service.child.kill('SIGTERM');
    await service.logged('The service stops');
    service.child.kill('SIGHUP');
    await last;

    expect(await service.ended).toEqual({ exit: 0, signal: null });
    expect(runs.runs.filter(({ command }) => command === 'reload').length).toBeLessThan(5);
  });

  it('a signal that comes while the program is still loading is not lost', async () => {
    await using site = await startSite({ people: [person('ada')], sections: quiet });
    // Sent in the moment when the listener of a library gives way to the program's own.
    const early = `process.prependListener('removeListener', function sent(name) {
      if (name !== 'SIGTERM') return;
      process.off('removeListener', sent);
      process.kill(process.pid, 'SIGTERM');
    });`;
    const words = ['run', '--config', join(site.folder, 'config.json'), '--state', join(site.folder, 'state')];
    const child = spawn(process.execPath, ['--import', `data:text/javascript,${encodeURIComponent(early)}`, program, ...words], {
      stdio: 'ignore',
      env: { ...process.env, ...site.environment },
    });
    const ended = await new Promise((resolve) => {
      child.once('exit', (exit, signal) => resolve(signal ?? exit));
      setTimeout(() => child.kill('SIGKILL'), 10_000).unref();
    });
    expect(ended).toBe(0);
  });

  it('S4 a command that is interrupted while it waits for its turn ends at once and is not carried out', async () => {
    await using site = await startSite({ people: [person('ada')], sections: quiet });
    await using service = await startService(site);
    await service.until('a first success', succeeded);
    slowContacts(site, 3_000);
    const first = site.run('sync');
    await service.until('the run', ({ current }) => current?.command === 'sync');

    const second = site.start('sync');
    await service.logged('A command is carried out', 2);
    second.child.kill('SIGINT');
    const ended = await second.ended;
    const stillRuns = (await service.facts()).current?.command;

    expect(ended.exit).toBe(130);
    expect(stillRuns).toBe('sync');
    expect((await first).exit).toBe(0);
  });
});

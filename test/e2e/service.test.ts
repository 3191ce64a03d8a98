import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { describe, expect, it } from 'vitest';
import type { RunsDocument, StatusDocument, SyncDocument } from '../../agent/cli/documents.ts';
import { person } from './people.ts';
import { startService } from './running-service.ts';
import { startSite, writes } from './site.ts';

describe('the service', () => {
  it('S1 syncs when it starts for the first time, is ready at once, and stops in order by SIGTERM', async () => {
    await using site = await startSite({ people: [person('ada'), person('bob')] });
    await using service = await startService(site);

    const facts = await service.until('a first success', ({ lastSuccessAt }) => lastSuccessAt !== null);
    const runs = (await site.run('runs', '--json')).json as RunsDocument;
    const stopMs = await service.stop();

    expect(site.itGlue.data.contacts.size).toBe(2);
    expect(facts.next[0]?.command).toBe('sync');
    expect(runs.runs.map(({ command, trigger, outcome }) => [command, trigger, outcome])).toContainEqual(['sync', 'first start', 'done']);
    expect(await service.ended).toEqual({ exit: 0, signal: null });
    expect(stopMs).toBeLessThan(10_000);
    const status = (await site.run('status', '--json')).json as StatusDocument;
    expect(status.service.state).toBe('not-running');
    expect(status.service.stoppedAt).not.toBeNull();
  });

  it('S4 a command goes to the running service, which tells its progress and its answer', async () => {
    await using site = await startSite({ people: [person('ada')] });
    await using service = await startService(site);
    await service.until('a first success', ({ lastSuccessAt }) => lastSuccessAt !== null);

    site.setPeople([person('ada'), person('bob')]);
    const sync = await site.run('sync', '--json');
    const ignored = await site.run('contacts', 'ignore', 'bob');
    const plain = await site.run('sync');

    expect((sync.json as SyncDocument).applied.map(({ kind }) => kind)).toContain('create');
    expect(sync.exit).toBe(0);
    expect(ignored).toMatchObject({ exit: 0 });
    expect(plain.stderr).toContain('Reading corp');
    expect(
      service
        .log()
        .filter(({ message }) => message === 'A command is carried out')
        .map(({ command }) => command),
    ).toEqual(['sync', 'ignoreContacts', 'sync']);
    expect(site.itGlue.data.contacts.size).toBe(2);
  });

  it('logs at the level that its command names, whatever the file says, in its jobs too', async () => {
    await using site = await startSite({ people: [person('ada')] });
    await using service = await startService(site, { words: ['--log-level', 'debug'] });
    await service.until('a first success', ({ lastSuccessAt }) => lastSuccessAt !== null);

    expect(service.log().filter(({ message }) => message === 'HTTP exchange').length).toBeGreaterThan(0);
  });

  it('S4 a failure in the service ends the command with its code, place and exit code', async () => {
    await using site = await startSite({ people: [person('ada')] });
    await using service = await startService(site);
    await service.until('a first success', ({ lastSuccessAt }) => lastSuccessAt !== null);

    const unknown = await site.run('contacts', 'ignore', 'nobody', '--json');
    const held = await site.run('approve', 'feed');

    expect(unknown).toMatchObject({ exit: 2, json: { error: { code: 'USER_NOT_FOUND' } } });
    expect(held.exit).toBe(2);
    expect(held.stderr).toContain('PLAN_NOT_HELD');
  });

  it('S2 a command waits for the run under way and says so, and neither is lost', async () => {
    await using site = await startSite({ people: [person('ada')] });
    site.itGlue.faults.add({ match: { method: 'GET', path: /contacts/u }, kind: 'slow', delayMs: 1_500 });
    await using service = await startService(site);
    await service.until('the first run', ({ current }) => current?.command === 'sync');

    const sync = await site.run('sync');

    expect(sync.stderr).toContain('Waiting for the service');
    expect(sync.exit).toBe(0);
    const runs = (await site.run('runs', '--json')).json as RunsDocument;
    expect(runs.runs.filter(({ command }) => command === 'sync').map(({ outcome }) => outcome)).toEqual(['done', 'done']);
    expect(writes(site)).toBeGreaterThan(0);
  });

  it('S3 an edit takes effect without a restart, with its diff and the people it takes in and leaves out in the journal', async () => {
    await using site = await startSite({ people: [person('ada'), person('bob')] });
    await using service = await startService(site);
    await service.until('a first success', ({ lastSuccessAt }) => lastSuccessAt !== null);

    site.configure({
      schedule: { scan: '0 6 * * *' },
      directories: [{ name: 'corp', type: 'ldif', file: 'users.ldif', filter: '(sAMAccountName=ada)' }],
    });
    await service.logged('The configuration was edited and is in force');
    const facts = await service.facts();
    const runs = (await site.run('runs', '--json')).json as RunsDocument;
    const reload = runs.runs.find(({ command }) => command === 'reload');
    const story = await site.run('runs', 'show', reload?.run ?? '');

    expect(facts.schedule.scan).toBe('0 6 * * *');
    expect(reload).toMatchObject({ outcome: 'done', trigger: 'reload', counts: { settings: 2, takenIn: 0, leftOut: 1 } });
    expect(story.stdout).toContain('schedule.scan');
    expect(service.stderr()).not.toContain('Bob');
  });

  it('S3 an edit that is not right is refused with its place, told by status, and forgotten when it is mended', async () => {
    await using site = await startSite({ people: [person('ada')] });
    await using service = await startService(site);
    await service.until('a first success', ({ lastSuccessAt }) => lastSuccessAt !== null);
    const file = join(site.folder, 'config.json');
    const good = readFileSync(file, 'utf8');

    writeFileSync(file, good.replace('"schedule"', '"shedule"').replace('{', '{ "shedule": {},'));
    const refused = await service.until('refused', ({ problems }) => problems.some(({ code }) => code === 'CONFIG_INVALID'));
    const status = await site.run('status');
    const runs = await site.run('runs');
    const sync = await site.run('sync');
    writeFileSync(file, good.slice(0, 40));
    await service.until('half saved', ({ problems }) => problems.some(({ code }) => code === 'CONFIG_NOT_JSON'));
    writeFileSync(file, good);
    await service.until('mended', ({ problems }) => problems.length === 0);

    expect(refused.problems[0]?.message).toContain('shedule');
    expect(status.exit).not.toBe(0);
    expect(status.stdout).toContain('shedule');
    expect(runs).toMatchObject({ exit: 0, stdout: expect.stringContaining('first start') as string });
    expect(runs.stderr).toContain('CONFIG_INVALID');
    expect(sync.exit).toBe(2);
  });

  it('S3 an edit that drops the organization in use is refused until a person accepts it, also over a restart', async () => {
    await using site = await startSite({ people: [person('ada')] });
    const other = site.itGlue.data.addOrganization({ id: '4712', name: 'Other', typeName: 'Customer', statusName: 'Active' }).id;
    await using service = await startService(site);
    await service.until('a first success', ({ lastSuccessAt }) => lastSuccessAt !== null);

    site.configure({ collector: { name: 'hq', organization: other }, limits: { firstRun: 'hold' } });
    await service.until('refused', ({ problems }) => problems.some(({ code }) => code === 'CONFIG_ORGANIZATION_IN_USE'));
    await service.stop();
    await using again = await startService(site);
    const kept = await again.until('still refused', ({ problems }) => problems.some(({ code }) => code === 'CONFIG_ORGANIZATION_IN_USE'));
    const accepted = await site.run('reload', '--yes');
    const facts = await again.facts();

    expect(kept.problems[0]?.hint).toContain('reload --yes');
    expect(accepted).toMatchObject({ exit: 0 });
    expect(accepted.stdout).toContain('collector.organization');
    expect(facts.problems).toEqual([]);
    expect([...site.itGlue.data.contacts.values()].filter(({ organizationId }) => organizationId === other)).toEqual([]);
  });

  it('S3 starts with the configuration that was in force when the file was broken meanwhile', async () => {
    await using site = await startSite({ people: [person('ada')] });
    await using first = await startService(site);
    await first.until('a first success', ({ lastSuccessAt }) => lastSuccessAt !== null);
    await first.stop();
    writeFileSync(join(site.folder, 'config.json'), '{ "collector": ');

    await using service = await startService(site);
    const facts = await service.until('told', ({ problems }) => problems.some(({ code }) => code === 'CONFIG_NOT_JSON'));

    expect(facts.schedule.scan).toBe('0 */4 * * *');
  });

  it.each([
    ['the command stop', async (site: Awaited<ReturnType<typeof startSite>>) => void (await site.run('stop'))],
    ['closed standard input', (_site: unknown, service: Awaited<ReturnType<typeof startService>>) => void service.child.stdin?.end()],
    ['SIGINT', (_site: unknown, service: Awaited<ReturnType<typeof startService>>) => void service.child.kill('SIGINT')],
  ])('stops under load by %s, in a consistent state', async (_name, ask) => {
    await using site = await startSite({ people: [person('ada'), person('bob')] });
    site.itGlue.faults.add({ match: { method: 'GET', path: /contacts/u }, kind: 'stall-before' });
    await using service = await startService(site, { stdio: ['pipe', 'pipe', 'pipe'] });
    await service.until('a request without an answer', () => site.itGlue.faults.pending.length === 0);

    const asked = performance.now();
    await ask(site, service);
    const end = await service.ended;
    const runs = (await site.run('runs', '--json')).json as RunsDocument;

    expect(end.exit).toBe(0);
    expect(performance.now() - asked).toBeLessThan(10_000);
    expect(runs.runs[0]).toMatchObject({ command: 'sync', outcome: 'interrupted' });
  });

  it('S2 refuses a second service for the same state, and a command under another configuration', async () => {
    await using site = await startSite({ people: [person('ada')] });
    await using service = await startService(site);
    await service.until('a first success', ({ lastSuccessAt }) => lastSuccessAt !== null);
    const other = join(site.folder, 'other.json');
    writeFileSync(other, readFileSync(join(site.folder, 'config.json')));

    const second = await site.run('run', '--json');
    const foreign = await site.run('sync', '--config', other);

    expect(second).toMatchObject({ exit: 1, json: { error: { code: 'SERVICE_RUNNING' } } });
    expect(foreign.exit).toBe(1);
    expect(foreign.stderr).toContain('SERVICE_MISMATCH');
  });

  it('S1 catches up a slot that passed while it was stopped, keeps its schedule over a clock that is set back, and says so', async () => {
    await using site = await startSite({ people: [person('ada')], sections: { schedule: { scan: '0 * * * *', jitterSeconds: 0 } } });
    const offsetFile = join(site.folder, 'offset');
    writeFileSync(offsetFile, '0');
    const noon = Date.UTC(2026, 10, 24, 12, 10);
    await using first = await startService(site, { clock: { origin: noon, scale: 1, offsetFile } });
    await first.until('a first success', ({ lastSuccessAt }) => lastSuccessAt !== null);
    await first.stop();

    await using second = await startService(site, { clock: { origin: noon + 3 * 3_600_000, scale: 1, offsetFile } });
    await second.logged('A scheduled run has ended');
    const caughtUp = (await site.run('runs', '--json')).json as RunsDocument;
    writeFileSync(offsetFile, String(-86_400_000));
    const back = await second.until('told', ({ problems }) => problems.some(({ code }) => code === 'CLOCK_JUMPED'));

    expect(caughtUp.runs.find(({ command }) => command === 'sync')?.trigger).toBe('catch-up');
    const next = back.next.find(({ command }) => command === 'sync')?.at ?? '';
    expect(Date.parse(next) - (noon + 2 * 3_600_000 + 3_600_000 - 86_400_000)).toBeLessThan(3_700_000);
  });

  it('A2 a worker that is killed costs its job, which the journal tells, and the next job goes on', async () => {
    await using site = await startSite({ people: [person('ada'), person('bob')] });
    site.itGlue.faults.add({ match: { method: 'GET', path: /contacts/u }, kind: 'stall-before' });
    await using service = await startService(site);
    await service.until('a request without an answer', () => site.itGlue.faults.pending.length === 0);
    const worker = Number(readFileSync(`/proc/${service.child.pid}/task/${service.child.pid}/children`, 'utf8').trim().split(' ')[0]);

    process.kill(worker, 'SIGKILL');
    await service.until('told', ({ problems }) => problems.some(({ code }) => code === 'SERVICE_JOB_LOST'));
    await service.until('to be tried again', ({ next }) => next.some(({ command }) => command === 'sync (again)'));
    const sync = await site.run('sync');
    const runs = (await site.run('runs', '--json')).json as RunsDocument;

    expect(sync.exit).toBe(0);
    expect(runs.runs.filter(({ command }) => command === 'sync').map(({ outcome }) => outcome)).toEqual(['done', 'interrupted']);
    await service.until('forgotten', ({ problems }) => problems.length === 0);
  });

  it('A2 a service that is killed takes its worker with it, and the next one goes on', async () => {
    await using site = await startSite({ people: [person('ada'), person('bob')] });
    site.itGlue.faults.add({ match: { method: 'GET', path: /contacts/u }, kind: 'stall-before' });
    await using service = await startService(site);
    await service.until('a request without an answer', () => site.itGlue.faults.pending.length === 0);

    service.child.kill('SIGKILL');
    await service.ended;
    const status = await site.run('status');
    await using next = await startService(site);
    const sync = await site.run('sync');

    expect(status.stdout).toContain('SERVICE_NOT_RUNNING');
    expect(sync.exit).toBe(0);
    expect(site.itGlue.data.contacts.size).toBe(2);
    await next.stop();
  });
});

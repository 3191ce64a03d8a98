import { describe, expect, it, vi } from 'vitest';
import { answer, stall, startScriptedServer } from '../agent/http/scripted-server.ts';
import { startMailbox } from '../agent/notify/receivers.ts';
import { ends, startHook, startTimedSite } from './timed-site.ts';

const waiting = { timeout: 20_000, interval: 50 };
/** For what is told some minutes after it was seen: under load it is seen late, so the clock goes on minute by minute. */
const minutely = { timeout: 30_000, interval: 200 };
/** Only the runs fail then, at the moments that a test sets: the watch looks when the real time says. */
const psa = { twoWay: false };

describe('a service that raises its hand', () => {
  it('tells each channel once that something is wrong and once that it is over, and gives a sign of life after good runs alone', async () => {
    const { hook, messages } = await startHook();
    await using _hook = hook;
    await using beat = await startScriptedServer(answer(200, 'OK'));
    await using mailbox = await startMailbox();
    const { site, start, forward } = await startTimedSite({
      psa,
      notify: {
        webhook: hook.url,
        heartbeatUrl: beat.url,
        email: 'ops@msp.test',
        smtp: { server: `smtp://127.0.0.1:${mailbox.port}`, from: 'rollcall@msp.test' },
      },
    });
    await using _site = site;
    await using service = await start();
    await service.logged('A scheduled run has ended');
    await vi.waitFor(() => expect(beat.seen).toHaveLength(1), waiting);

    const mend = site.itGlue.faults.add({ kind: 'unauthorized', times: Number.POSITIVE_INFINITY });
    forward(60);
    await service.logged('A scheduled run has ended', 2);
    await service.until('rest', ({ current }) => current === null);
    const atFirst = [...messages()];
    forward(4);
    await vi.waitFor(() => {
      forward(1);
      expect([messages().length, mailbox.mails.length]).toEqual([1, 1]);
    }, minutely);
    forward(60);
    await service.logged('A scheduled run has ended', 3);
    forward(60);
    await service.logged('A scheduled run has ended', 4);
    const beatsInTrouble = beat.seen.length;
    mend();
    forward(60);
    await service.logged('A scheduled run has ended', 5);
    await vi.waitFor(() => expect(beat.seen).toHaveLength(2), waiting);
    forward(4);
    await vi.waitFor(() => {
      forward(1);
      expect([messages().length, mailbox.mails.length]).toEqual([2, 2]);
    }, minutely);
    await service.stop();

    expect(ends(service)).toEqual([null, 'ITGLUE_KEY_REJECTED', 'ITGLUE_KEY_REJECTED', 'ITGLUE_KEY_REJECTED', null]);
    expect(atFirst, 'not before it has settled').toEqual([]);
    expect(messages()).toEqual(['problem ITGLUE_KEY_REJECTED', 'recovered ITGLUE_KEY_REJECTED']);
    expect(mailbox.mails.map(({ to }) => to)).toEqual([['ops@msp.test'], ['ops@msp.test']]);
    expect(beatsInTrouble).toBe(1);
  });

  it('a webhook that hangs is told by status and by the other channel, and holds up neither runs nor the stop', async () => {
    await using hook = await startScriptedServer(stall);
    await using mailbox = await startMailbox();
    const { site, start, forward } = await startTimedSite({
      psa,
      notify: {
        webhook: hook.url,
        email: 'ops@msp.test',
        smtp: { server: `smtp://127.0.0.1:${mailbox.port}`, from: 'rollcall@msp.test' },
      },
    });
    await using _site = site;
    await using service = await start();
    await service.logged('A scheduled run has ended');
    site.itGlue.faults.add({ kind: 'unauthorized', times: Number.POSITIVE_INFINITY });
    forward(60);
    await service.logged('A scheduled run has ended', 2);
    // The clock goes on after the service has looked at what the run left, not before.
    await service.until('rest', ({ current }) => current === null);

    forward(4);
    await vi.waitFor(() => {
      forward(1);
      expect([hook.seen.length, mailbox.mails.length]).toEqual([1, 1]);
    }, minutely);
    forward(60);
    await service.logged('A scheduled run has ended', 3);
    const facts = await service.until('the channel told', ({ problems }) => problems.some(({ code }) => code === 'NOTIFY_FAILED'));
    const status = await site.run('status');
    const stopMs = await service.stop();

    const told = facts.problems.filter(({ code }) => code === 'NOTIFY_FAILED');
    expect(told.map(({ severity, place, message }) => [severity, place, message])).toEqual([
      ['degraded', { channel: 'webhook' }, expect.stringMatching(/^notify\.webhook: /u)],
    ]);
    expect(status.stdout).toContain('NOTIFY_FAILED');
    expect(mailbox.mails[0]?.raw).toContain('ITGLUE_KEY_REJECTED');
    expect(stopMs).toBeLessThan(3_000);
  });

  it('repeats nothing after a restart', async () => {
    const { hook, messages } = await startHook();
    await using _hook = hook;
    const { site, start, forward } = await startTimedSite({ psa, notify: { webhook: hook.url } });
    await using _site = site;
    site.itGlue.faults.add({ kind: 'unauthorized', times: Number.POSITIVE_INFINITY });
    await using first = await start();
    await first.logged('A scheduled run has ended');
    await first.until('rest', ({ current }) => current === null);
    forward(4);
    await vi.waitFor(() => {
      forward(1);
      expect(messages()).toHaveLength(1);
    }, minutely);
    await first.stop();

    forward(54);
    await using second = await start();
    await second.logged('A scheduled run has ended');
    forward(20);
    await second.until('the next summary', ({ current }) => current === null);
    await second.stop();

    expect(messages()).toEqual(['problem ITGLUE_KEY_REJECTED']);
  });
});

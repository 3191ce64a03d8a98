import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { CollectedDocument } from '../../agent/cli/documents-collector.ts';
import { invitationCode } from '../../agent/hub/protocol/invitation.ts';
import { TestHub } from '../sandbox/hub/test-hub.ts';
import { person } from './people.ts';
import { startSite } from './site.ts';

const secret = 'one-time-secret-of-the-invitation';
const people = Array.from({ length: 2_500 }, (_, index) => person(`p${String(index).padStart(5, '0')}`));
const unused = { itglue: undefined, contacts: undefined, limits: undefined, psa: undefined };

function pagesIn(calls: readonly string[]): readonly string[] {
  return calls.flatMap((call) => /pages\/(\d+)$/u.exec(call)?.[1] ?? []);
}

describe('a collector that is killed', () => {
  it.each([
    ['announces what it sends', /PUT \/v1\/uploads\/\w+$/u, ['1', '2', '3']],
    ['sends its second page', /pages\/2$/u, ['2', '3']],
    ['says that it was all', /complete$/u, []],
  ] as const)('H2 while it %s sends only what the hub does not have', async (_when, at, missing) => {
    await using hub = await TestHub.start();
    hub.invitations.add(secret);
    await using site = await startSite({ people, sections: unused });
    const code = invitationCode({ url: hub.url, pinSha256: '', secret });
    expect(await site.run('enroll', '--code', code)).toMatchObject({ exit: 0 });

    hub.fail(at, { how: 'hang' });
    const killed = site.start('sync');
    const deadline = performance.now() + 60_000;
    while (!hub.calls.some((call) => at.test(call)) && performance.now() < deadline) await delay(20);
    killed.child.kill('SIGKILL');
    await killed.ended;
    hub.stopFailing();
    hub.calls.length = 0;

    const sync = await site.run('sync', '--no-scan', '--json');

    expect(sync.exit).toBe(0);
    expect((sync.json as CollectedDocument).sent).toMatchObject([{ state: 'landed', whole: true, records: 2_500 }]);
    expect(pagesIn(hub.calls)).toEqual([...missing]);
    const again = await site.run('sync', '--no-scan', '--json');
    expect((again.json as CollectedDocument).sent).toMatchObject([{ state: 'nothing' }]);
    expect(hub.complaints).toEqual([]);
  });
});

import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createActiveDirectorySource } from '../../agent/directory/active-directory/active-directory-source.ts';
import { firstReadRequest } from '../../core/collect/first-read.ts';
import { bindRejection, type Fault } from '../sandbox/ldap/faults.ts';
import { failureOf, readAll } from './directory-source.contract.ts';
import { sampleConfig, useStandIns } from './directory-source.subjects.ts';

const start = useStandIns();

describe('several servers', () => {
  it('goes to the next one when the first cannot be reached', async () => {
    const closed = createServer();
    const port = await new Promise<number>((resolve) =>
      closed.listen(0, '127.0.0.1', () => resolve((closed.address() as AddressInfo).port)),
    );
    await new Promise((resolve) => closed.close(resolve));
    const good = await start(5);

    const { proof, restarts } = await readAll(createActiveDirectorySource(sampleConfig([`ldap://127.0.0.1:${port}`, good.url])));

    expect(proof).toMatchObject({ complete: true, users: 6, server: good.url });
    expect(restarts).toBeLessThanOrEqual(1);
  });

  const breaks: readonly (readonly [string, Fault])[] = [
    ['is cut in mid-page', { at: 'search', page: 2, does: 'drop-in-page' }],
    ['is cut between pages', { at: 'search', page: 3, does: 'drop' }],
    ['stops answering', { at: 'search', page: 2, does: 'stall' }],
    ['goes down with a notice', { at: 'search', page: 2, does: 'disconnection-notice' }],
    ['talks nonsense', { at: 'search', page: 2, does: 'garbage' }],
  ];

  it.each(breaks)('starts over at the next one when a read %s', async (_, fault) => {
    const bad = await start(25, { faults: [fault] });
    const good = await start(25);

    const { proof, entries, restarts } = await readAll(createActiveDirectorySource(sampleConfig([bad.url, good.url], { pageSize: 10 })));

    expect(restarts).toBe(1);
    expect(proof).toMatchObject({ complete: true, users: 26, server: good.url });
    expect(entries).toHaveLength(26);
    await bad.idle();
  });

  it('awaits onRestart before it goes on', async () => {
    const bad = await start(25, { faults: [{ at: 'search', page: 2, does: 'drop' }] });
    const good = await start(25);
    const order: string[] = [];

    await createActiveDirectorySource(sampleConfig([bad.url, good.url], { pageSize: 10 })).read(
      {
        onPage: () => void order.push('page'),
        async onRestart() {
          order.push('restart');
          await new Promise((resolve) => setTimeout(resolve, 50));
          order.push('restarted');
        },
      },
      firstReadRequest,
    );

    expect(order).toEqual(['page', 'restart', 'restarted', 'page', 'page', 'page']);
  });

  it('fails when all fail, and names a code of theirs', async () => {
    const first = await start(25, { faults: [{ at: 'search', page: 2, does: 'drop' }] });
    const second = await start(25, { faults: [{ at: 'search', page: 1, does: 'stall' }] });

    const error = await failureOf(readAll(createActiveDirectorySource(sampleConfig([first.url, second.url], { pageSize: 10 }))));

    expect(['DIRECTORY_UNREACHABLE', 'DIRECTORY_TIMEOUT']).toContain(error.code);
  });

  it('does not try a refused password at every server: that would lock the account', async () => {
    const first = await start(1, { faults: [{ at: 'bind', does: bindRejection('52e') }] });
    const second = await start(1);

    const error = await failureOf(readAll(createActiveDirectorySource(sampleConfig([first.url, second.url]))));

    expect(error.code).toBe('DIRECTORY_BIND_REJECTED');
    expect(second.received.filter((request) => request.operation === 'bind')).toHaveLength(0);
  });
});

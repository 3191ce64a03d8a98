import { describe, expect, it } from 'vitest';
import { createActiveDirectorySource } from '../../agent/directory/active-directory/active-directory-source.ts';
import { firstReadRequest } from '../../core/collect/first-read.ts';
import type { ErrorCode } from '../../core/errors.ts';
import { type Fault } from '../sandbox/ldap/faults.ts';
import { sampleAccount } from '../sandbox/ldap/sample-directory.ts';
import { failureOf, readAll } from './directory-source.contract.ts';
import { boundMs, readInTime, sampleConfig, shortDeadlines, startSample, unprovenWords, useStandIns } from './directory-source.subjects.ts';

const start = useStandIns();

describe('deadlines and broken connections', () => {
  const cases: readonly (readonly [string, Fault, ErrorCode])[] = [
    ['a server that never answers', { at: 'connect', does: 'stall' }, 'DIRECTORY_TIMEOUT'],
    ['a server that resets every connection', { at: 'connect', does: 'drop' }, 'DIRECTORY_UNREACHABLE'],
    ['a port that speaks another protocol', { at: 'connect', does: 'garbage' }, 'DIRECTORY_PROTOCOL'],
    ['a bind that is never answered', { at: 'bind', does: 'stall' }, 'DIRECTORY_TIMEOUT'],
    ['a connection reset at the bind', { at: 'bind', does: 'drop' }, 'DIRECTORY_UNREACHABLE'],
    ['a bind answered with no LDAP', { at: 'bind', does: 'garbage' }, 'DIRECTORY_PROTOCOL'],
    ['a root that is never sent', { at: 'search', of: 'root', does: 'stall' }, 'DIRECTORY_TIMEOUT'],
    ['a first page that never comes', { at: 'search', page: 1, does: 'stall' }, 'DIRECTORY_TIMEOUT'],
    ['P2 a later page that never comes', { at: 'search', page: 2, does: 'stall' }, 'DIRECTORY_TIMEOUT'],
    ['a connection reset at the first page', { at: 'search', page: 1, does: 'drop' }, 'DIRECTORY_UNREACHABLE'],
    ['a connection reset between pages', { at: 'search', page: 2, does: 'drop' }, 'DIRECTORY_UNREACHABLE'],
    ['a connection reset in mid-page', { at: 'search', page: 2, does: 'drop-in-page' }, 'DIRECTORY_UNREACHABLE'],
    ['a notice of disconnection', { at: 'search', page: 2, does: 'disconnection-notice' }, 'DIRECTORY_UNREACHABLE'],
    ['bytes that are no LDAP', { at: 'search', page: 2, does: 'garbage' }, 'DIRECTORY_PROTOCOL'],
    ['a message of 2 GB', { at: 'search', page: 2, does: 'huge-length' }, 'DIRECTORY_PROTOCOL'],
    ['P13 an answer that drips', { at: 'search', page: 2, does: 'drip' }, 'DIRECTORY_TIMEOUT'],
    ['an answer to another request', { at: 'search', page: 2, does: 'wrong-id' }, 'DIRECTORY_PROTOCOL'],
  ];

  it.each(cases)('ends in time with its code: %s', async (_, fault, code) => {
    const server = await start(25, { faults: [fault] });

    const error = await failureOf(readInTime(server));

    expect(error.code).toBe(code);
    expect(error.message).toContain(server.url);
    expect(error.message).not.toContain(sampleAccount.password);
  });

  it('does not wait for the end of the request when no byte comes', async () => {
    const server = await start(25, { faults: [{ at: 'search', page: 2, does: 'stall' }] });

    const error = await failureOf(readInTime(server, { deadlines: { ...shortDeadlines, requestMs: 60_000 } }));

    expect(error.code).toBe('DIRECTORY_TIMEOUT');
  });

  it('cannot reach a port where nobody listens', async () => {
    const server = await startSample(1);
    const { url } = server;
    await server.stop();

    const error = await failureOf(readAll(createActiveDirectorySource(sampleConfig([url]))));

    expect(error.code).toBe('DIRECTORY_UNREACHABLE');
  });

  it.each(cases)('check() meets the same faults within its bound: %s', async (_, fault) => {
    const server = await start(25, { faults: [fault] });
    const startedAt = performance.now();

    await createActiveDirectorySource(sampleConfig([server.url]))
      .check()
      .catch((error: unknown) => failureOf(Promise.reject(error)));

    expect(performance.now() - startedAt).toBeLessThan(boundMs);
    await server.idle();
  });

  it('ends the whole read after its own deadline, however busy the server looks', async () => {
    const server = await start(25, { faults: [{ at: 'search', does: 'empty-page' }] });
    const deadlines = { connectMs: 900, handshakeMs: 900, requestMs: 1800, idleMs: 900, readMs: 700 };

    const words = await unprovenWords(readInTime(server, { deadlines }), ['DIRECTORY_INCOMPLETE', 'DIRECTORY_TIMEOUT']);

    expect(words).toMatch(/^incomplete: ./);
  });

  it('stops at once when it is told to', async () => {
    const server = await start(25, { faults: [{ at: 'search', page: 2, does: 'stall' }] });
    const stop = new AbortController();
    const reading = createActiveDirectorySource(sampleConfig([server.url], { pageSize: 10, signal: stop.signal })).read(
      {
        onPage: () => stop.abort(),
        onRestart: () => undefined,
      },
      firstReadRequest,
    );

    expect((await failureOf(reading)).code).toBe('INTERRUPTED');
    await server.idle();
  });
});

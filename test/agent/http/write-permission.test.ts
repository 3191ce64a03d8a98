import { describe, expect, it } from 'vitest';
import { createHttpClient, type HttpClient, type WritePermission } from '../../../agent/http/http-client.ts';
import { RollcallError } from '../../../core/errors.ts';
import { createFakeClock } from './fake-clock.ts';
import { answer, startScriptedServer } from './scripted-server.ts';

const lost = (): RollcallError => new RollcallError('STORE_LEASE_LOST', 'Another one is in charge.');

function clientWith(permission: WritePermission): HttpClient {
  const codes = {
    unreachable: 'ITGLUE_UNREACHABLE',
    rateLimited: 'ITGLUE_RATE_LIMITED',
    serverError: 'ITGLUE_SERVER_ERROR',
    answerInvalid: 'ITGLUE_ANSWER_INVALID',
  } as const;
  return createHttpClient({ service: 'Example', codes, limits: [], clock: createFakeClock(), random: () => 0, permission });
}

/** Answers each question with the next of these; the last one goes on. */
function inTurn(...answers: readonly ('yes' | 'no')[]): { ask(): void; readonly asked: number } {
  let asked = 0;
  return {
    ask() {
      const given = answers[Math.min(asked, answers.length - 1)];
      asked += 1;
      if (given === 'no') throw lost();
    },
    get asked() {
      return asked;
    },
  };
}

function permissionOf(confirm: { ask(): void }, fresh: { ask(): void }): WritePermission {
  return { confirm: () => Promise.resolve().then(() => confirm.ask()), assertFresh: () => fresh.ask() };
}

describe('H4 a write', () => {
  const write = { method: 'POST', body: '{"name":"a"}', intent: 'write' } as const;

  it('is sent when it may be', async () => {
    await using server = await startScriptedServer(answer(201, '{}'));
    const http = clientWith(permissionOf(inTurn('yes'), inTurn('yes')));

    expect(await http.send({ ...write, url: server.url })).toMatchObject({ kind: 'answer', status: 201 });
    await http.close();
  });

  it('is not sent when it may not be', async () => {
    await using server = await startScriptedServer(answer(201));
    const http = clientWith(permissionOf(inTurn('no'), inTurn('yes')));

    await expect(http.send({ ...write, url: server.url })).rejects.toMatchObject({ code: 'STORE_LEASE_LOST' });

    expect(server.seen).toEqual([]);
    await http.close();
  });

  it('is asked about again before it is sent again after a 429', async () => {
    await using server = await startScriptedServer(answer(429), answer(201));
    const http = clientWith(permissionOf(inTurn('yes', 'no'), inTurn('yes')));

    await expect(http.send({ ...write, url: server.url })).rejects.toMatchObject({ code: 'STORE_LEASE_LOST' });

    expect(server.seen).toHaveLength(1);
    await http.close();
  });

  it('does not leave a process that was paused while it connected, and is asked about anew', async () => {
    await using server = await startScriptedServer(answer(201));
    const confirm = inTurn('yes');
    const fresh = inTurn('no', 'yes');
    const http = clientWith(permissionOf(confirm, fresh));

    expect(await http.send({ ...write, url: server.url })).toMatchObject({ status: 201 });

    expect(server.seen).toHaveLength(1);
    expect([confirm.asked, fresh.asked]).toEqual([2, 2]);
    await http.close();
  });

  it('that is never certain to be allowed is never sent', async () => {
    await using server = await startScriptedServer(answer(201));
    const http = clientWith(permissionOf(inTurn('yes'), inTurn('no')));

    await expect(http.send({ ...write, url: server.url })).rejects.toMatchObject({ code: 'STORE_LEASE_LOST' });

    expect(server.seen).toEqual([]);
    expect(http.counts).toMatchObject({ writes: 0 });
    await http.close();
  });

  it('asks, and a read does not', async () => {
    await using server = await startScriptedServer(answer(200, 'yes'));
    const http = clientWith(permissionOf(inTurn('no'), inTurn('no')));

    expect(await http.send({ method: 'GET', url: server.url, intent: 'read' })).toMatchObject({ status: 200 });
    await http.close();
  });
});

import { describe, expect, it } from 'vitest';
import { SignInGate } from '../../../../agent/directory/active-directory/sign-in/sign-in-gate.ts';
import { type ErrorCode, RollcallError } from '../../../../core/errors.ts';
import type { JsonObject } from '../../../../core/model/json.ts';
import type { SourceMemory } from '../../../../core/ports/directory-source.ts';
import { testMoment } from '../../../fixtures/build.ts';

const minute = 60_000;
const account = { name: 'corp', bindDn: 'svc@corp.test', password: 'secret', passwordVersion: 'one' };

class Session implements AsyncDisposable {
  isClosed = false;

  async [Symbol.asyncDispose](): Promise<void> {
    this.isClosed = true;
  }
}

function memoryWith(value: JsonObject | null = null): SourceMemory {
  let kept = value;
  return {
    get value() {
      return kept;
    },
    async keep(next) {
      kept = next;
    },
  };
}

/** A directory that answers sign-ins in turn; the last answer stays. */
function directory(...answers: readonly (ErrorCode | 'accepted')[]) {
  const seen = { tries: 0, most: 0, open: 0, session: new Session() };
  return {
    seen,
    open: async (): Promise<Session> => {
      const answer = answers[Math.min(seen.tries, answers.length - 1)] ?? 'accepted';
      seen.tries += 1;
      seen.open += 1;
      seen.most = Math.max(seen.most, seen.open);
      await new Promise((resolve) => setImmediate(resolve));
      seen.open -= 1;
      if (answer !== 'accepted') throw new RollcallError(answer, answer, { place: { subCode: '52e' } });
      return seen.session;
    },
  };
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return await work.then(
    () => 'accepted',
    (error: unknown) => (error instanceof RollcallError ? error.code : String(error)),
  );
}

/** Signs in once as a run of the schedule does, at a moment in minutes. */
async function runAt(
  minutes: number,
  memory: SourceMemory,
  open: () => Promise<Session>,
  more: Partial<typeof account> = {},
): Promise<string> {
  const gate = new SignInGate({ ...account, ...more }, { attended: false, memory }, () => testMoment + minutes * minute);
  return await codeOf(gate.signIn(open));
}

describe('the gate of sign-ins', () => {
  it('lets a wrong password be tried once, however many servers are asked at a time', async () => {
    const { open, seen } = directory('DIRECTORY_BIND_REJECTED');
    const gate = new SignInGate(account);
    const codes = await Promise.all(Array.from({ length: 6 }, () => codeOf(gate.signIn(open))));
    expect(codes).toEqual(Array.from({ length: 6 }, () => 'DIRECTORY_BIND_REJECTED'));
    expect(await codeOf(gate.signIn(open))).toBe('DIRECTORY_BIND_REJECTED');
    expect(seen.tries).toBe(1);
  });

  it('asks servers at once after the first one accepted, and one alone again while none did', async () => {
    const { open, seen } = directory('DIRECTORY_UNREACHABLE', 'accepted');
    const gate = new SignInGate(account);
    const codes = await Promise.all(Array.from({ length: 6 }, () => codeOf(gate.signIn(open))));
    expect(codes.filter((code) => code === 'accepted')).toHaveLength(5);
    expect(seen).toMatchObject({ tries: 6, most: 4 });
  });

  it('waits after a refusal without a try, and says when and why it was refused and when it is tried again', async () => {
    const { open, seen } = directory('DIRECTORY_BIND_REJECTED');
    const memory = memoryWith({ lastServer: 'ldaps://dc1' });
    expect(await runAt(0, memory, open)).toBe('DIRECTORY_BIND_REJECTED');
    const gate = new SignInGate(account, { attended: false, memory }, () => testMoment + 29 * minute);
    await expect(gate.signIn(open)).rejects.toMatchObject({
      code: 'DIRECTORY_BIND_WAITING',
      message:
        'directory "corp": the sign-in was refused at 2026-01-05 08:00 UTC (the password is wrong); it is tried again after 2026-01-05 08:30 UTC',
      place: { directory: 'corp', subCode: '52e' },
    });
    expect(seen.tries).toBe(1);
    expect(await runAt(30, memory, open)).toBe('DIRECTORY_BIND_REJECTED');
    expect(await runAt(89, memory, open)).toBe('DIRECTORY_BIND_WAITING');
    expect(memory.value).toMatchObject({ lastServer: 'ldaps://dc1', signIn: { times: 2, since: testMoment } });
  });

  it('tries a password that may have changed at once, and forgets the refusal when it is accepted', async () => {
    const memory = memoryWith({ lastServer: 'ldaps://dc1' });
    const { open } = directory('DIRECTORY_BIND_REJECTED', 'accepted');
    await runAt(0, memory, open);
    expect(await runAt(1, memory, open, { passwordVersion: 'two' })).toBe('accepted');
    expect(memory.value).toEqual({ lastServer: 'ldaps://dc1' });
  });

  it('tries at once when a person waits, and remembers that refusal too', async () => {
    const memory = memoryWith();
    const { open, seen } = directory('DIRECTORY_BIND_REJECTED');
    await runAt(0, memory, open);
    const byHand = new SignInGate(account, { attended: true, memory }, () => testMoment + minute);
    expect(await codeOf(byHand.signIn(open))).toBe('DIRECTORY_BIND_REJECTED');
    expect(await runAt(31, memory, open)).toBe('DIRECTORY_BIND_WAITING');
    expect(seen.tries).toBe(2);
  });

  it.each(['DIRECTORY_UNREACHABLE', 'DIRECTORY_TIMEOUT', 'DIRECTORY_SIGNING_REQUIRED'] as const)(
    'takes %s for no refusal',
    async (code) => {
      const memory = memoryWith();
      const { open, seen } = directory(code);
      expect([await runAt(0, memory, open), await runAt(1, memory, open)]).toEqual([code, code]);
      expect(memory.value).toBeNull();
      expect(seen.tries).toBe(2);
    },
  );

  it('never waits with a certificate, which locks no account, and forgets the password that was refused before', async () => {
    const memory = memoryWith();
    const { open, seen } = directory('DIRECTORY_BIND_REJECTED');
    await runAt(0, memory, open);
    for (const at of [1, 2]) expect(await runAt(at, memory, open, { bindDn: '', password: '' })).toBe('DIRECTORY_BIND_REJECTED');
    expect(seen.tries).toBe(3);
    expect(memory.value).toEqual({});
  });

  it('leaves no session open when what it remembers cannot be kept', async () => {
    const before = memoryWith();
    const { open, seen } = directory('DIRECTORY_BIND_REJECTED', 'accepted');
    await runAt(0, before, open);
    const full = { value: before.value, keep: () => Promise.reject(new RollcallError('STORE_DISK_LOW', 'full')) };
    expect(await runAt(40, full, open)).toBe('STORE_DISK_LOW');
    expect(seen.session.isClosed).toBe(true);
  });
});

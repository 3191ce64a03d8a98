import { describe, expect, it } from 'vitest';
import { SignInGate } from '../../../../../agent/directory/active-directory/sign-in/sign-in-gate.ts';
import { SignInQueue } from '../../../../../agent/directory/active-directory/sign-in/sign-in-queue.ts';
import { RollcallError } from '../../../../../core/errors.ts';
import { failureOf } from '../../../../contract/directory-source.contract.ts';

const session: AsyncDisposable = { [Symbol.asyncDispose]: async () => {} };

function queueWith(patienceMs: number): SignInQueue {
  return new SignInQueue(new SignInGate({ name: 'corp', bindDn: 'svc@corp.test', password: 'secret' }), 'corp', patienceMs);
}

describe('the queue of sign-ins at many controllers', () => {
  it('lets one sign in at a time, and none after one was refused', async () => {
    const queue = queueWith(60_000);
    const seen = { open: 0, most: 0, tries: 0 };
    function open(answer: 'accepted' | 'refused' | 'down'): () => Promise<AsyncDisposable> {
      return async () => {
        seen.tries += 1;
        seen.open += 1;
        seen.most = Math.max(seen.most, seen.open);
        await new Promise((resolve) => setImmediate(resolve));
        seen.open -= 1;
        if (answer === 'refused') throw new RollcallError('DIRECTORY_BIND_REJECTED', 'no');
        if (answer === 'down') throw new RollcallError('DIRECTORY_UNREACHABLE', 'down');
        return session;
      };
    }
    const answers = ['accepted', 'down', 'accepted', 'refused', 'accepted', 'accepted'] as const;
    const outcomes = await Promise.allSettled(answers.map((answer, index) => queue.at(`ldaps://dc${index}`).signIn(open(answer))));

    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected', 'rejected', 'rejected']);
    expect(seen).toEqual({ open: 0, most: 1, tries: 4 });
    const last = await failureOf(queue.at('ldaps://dc9').signIn(open('accepted')));
    expect(last).toMatchObject({ code: 'DIRECTORY_BIND_REJECTED', place: { server: 'ldaps://dc9' } });
    expect(last.message).toContain('ldaps://dc3 refused');
  });

  it('waits no longer than its patience for one that hangs', async () => {
    const queue = queueWith(1);
    await queue.at('ldaps://dc0').signIn(async () => session);
    const hanging = Promise.withResolvers<AsyncDisposable>();
    const first = queue.at('ldaps://dc1').signIn(() => hanging.promise);

    await expect(queue.at('ldaps://dc2').signIn(async () => session)).resolves.toBe(session);
    hanging.resolve(session);
    await expect(first).resolves.toBe(session);
  });
});

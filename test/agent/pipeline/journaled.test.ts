import { describe, expect, it } from 'vitest';
import { journaled } from '../../../agent/pipeline/journaled.ts';
import { RollcallError } from '../../../core/errors.ts';
import type { WriteOutcome } from '../../../core/ports/write-outcome.ts';
import { contactState, testOrganization } from '../../fixtures/build.ts';
import { openPipelineSite, type PipelineSite } from './pipeline-site.ts';

const entry = {
  changes: ['create:jane'],
  operation: 'create-contact' as const,
  user: null,
  contactId: null,
  record: null,
  request: { change: null },
  before: null,
};

async function send(site: PipelineSite, outcome: () => Promise<WriteOutcome<string>>): Promise<WriteOutcome<string>> {
  return journaled(await site.context(), entry, {
    send: outcome,
    onDone: (record) => ({ record, result: { record }, remember: { contacts: [contactState({ pushWant: { rule: 'P3', since: 1 } })] } }),
    onRefused: () => ({ contacts: [contactState({ refusedAtUpdate: 'unknown' })] }),
    onUnknown: () => ({ contacts: [contactState({ fingerprint: 'unknown' })] }),
  });
}

describe('journaled', () => {
  it('A2 commits the intent before it sends', async () => {
    await using site = await openPipelineSite([]);
    let open: readonly string[] = [];

    await send(site, async () => {
      open = (await site.store.openIntents(testOrganization)).map(({ state }) => state);
      return { kind: 'done', value: '1001' };
    });

    expect(open).toEqual(['intended']);
    expect(await site.journal()).toMatchObject([{ state: 'done', record: '1001' }]);
    expect(await site.store.openIntents(testOrganization)).toEqual([]);
  });

  it('A2 keeps what is remembered together with the result', async () => {
    await using site = await openPipelineSite([]);

    await send(site, () => Promise.resolve({ kind: 'done', value: '1001' }));

    expect(await site.store.contactStates(testOrganization)).toMatchObject([{ pushWant: { rule: 'P3' } }]);
  });

  it('keeps no secret that a server repeats in its refusal', async () => {
    await using site = await openPipelineSite([]);
    const context = { ...(await site.context()), redact: (text: string) => text.replaceAll('ITG.canary', '<redacted>') };

    const outcome = await journaled(context, entry, {
      send: () => Promise.resolve({ kind: 'refused', code: 'ITGLUE_REFUSED', reason: 'bad key ITG.canary', synced: false }),
      onDone: () => ({ result: null }),
    });

    expect(outcome).toMatchObject({ reason: 'bad key <redacted>' });
    expect(JSON.stringify(await site.journal())).not.toContain('ITG.canary');
  });

  it('A4 records a refusal, and what is to be known because of it', async () => {
    await using site = await openPipelineSite([]);

    const outcome = await send(site, () =>
      Promise.resolve({ kind: 'refused', code: 'ITGLUE_REFUSED', reason: 'no such label', synced: false }),
    );

    expect(outcome.kind).toBe('refused');
    expect(await site.journal()).toMatchObject([{ state: 'refused', result: { reason: 'no such label' } }]);
    expect(await site.store.contactStates(testOrganization)).toMatchObject([{ refusedAtUpdate: 'unknown' }]);
  });

  it('A2 leaves a write open whose answer never came', async () => {
    await using site = await openPipelineSite([]);

    await send(site, () => Promise.resolve({ kind: 'unknown', code: 'ITGLUE_ANSWER_LOST', reason: 'time-out' }));

    expect(await site.store.openIntents(testOrganization)).toMatchObject([{ state: 'unknown' }]);
    expect(await site.store.contactStates(testOrganization)).toMatchObject([{ fingerprint: 'unknown' }]);
  });

  it.each(['ITGLUE_ANSWER_INVALID', 'ITGLUE_SERVER_ERROR', 'INTERNAL'] as const)(
    'A2 leaves a write open when %s was thrown after it may have been sent',
    async (code) => {
      await using site = await openPipelineSite([]);

      await expect(send(site, () => Promise.reject(new RollcallError(code, 'thrown by the test')))).rejects.toMatchObject({ code });

      expect(await site.store.openIntents(testOrganization)).toMatchObject([{ state: 'unknown' }]);
    },
  );

  it('A2 leaves a write open when something unforeseen was thrown', async () => {
    await using site = await openPipelineSite([]);

    await expect(send(site, () => Promise.reject(new TypeError('thrown by the test')))).rejects.toThrow(TypeError);

    expect(await site.store.openIntents(testOrganization)).toMatchObject([{ state: 'unknown', result: { code: 'INTERNAL' } }]);
  });

  it.each(['ITGLUE_UNREACHABLE', 'ITGLUE_KEY_REJECTED', 'ITGLUE_RATE_LIMITED', 'PSA_UNREACHABLE', 'INTERRUPTED'] as const)(
    'A2 closes a write as not done when %s proves that it was not carried out',
    async (code) => {
      await using site = await openPipelineSite([]);

      await expect(send(site, () => Promise.reject(new RollcallError(code, 'thrown by the test')))).rejects.toMatchObject({ code });

      expect(await site.store.openIntents(testOrganization)).toEqual([]);
      expect(await site.journal()).toMatchObject([{ state: 'not-done', result: { code } }]);
    },
  );
});

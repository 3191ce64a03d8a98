import { RollcallError } from '../../core/errors.ts';
import type { ContactId } from '../../core/model/ids.ts';
import type { OrganizationState } from '../../core/model/state.ts';
import type { AfterWrite } from '../../core/plan/after-write.ts';
import type { NewJournalEntry } from '../../core/ports/store.ts';
import type { WriteOutcome } from '../../core/ports/write-outcome.ts';
import type { RunContext } from './run-context.ts';

/** What is kept with the result of a write that was carried out. */
export interface Written {
  readonly record?: string;
  readonly contactId?: ContactId;
  readonly result: unknown;
  readonly remember?: AfterWrite & { readonly organization?: OrganizationState };
}

/** Failures that prove that the request was not carried out. */
const provesNotWritten: ReadonlySet<string> = new Set([
  'ITGLUE_UNREACHABLE',
  'ITGLUE_KEY_REJECTED',
  'ITGLUE_RATE_LIMITED',
  'PSA_UNREACHABLE',
  'PSA_CREDENTIALS_REJECTED',
  'PSA_PERMISSION_MISSING',
  'PSA_RATE_LIMITED',
  'HTTP_PROXY_UNREACHABLE',
  'HTTP_PROXY_CREDENTIALS_REJECTED',
  'HTTP_PROXY_REFUSED',
  'HTTP_CERTIFICATE_REJECTED',
  // Thrown while it waited for its turn; a write that was sent is let finish.
  'INTERRUPTED',
]);

/**
 * Sends one outside write: intent committed, request, result committed (A2). Whatever happens in between, the journal knows that the
 * write may have been carried out, and the next run looks before it writes again.
 */
export async function journaled<Value>(
  context: RunContext,
  entry: Omit<NewJournalEntry, 'run' | 'organization'>,
  write: {
    readonly send: () => Promise<WriteOutcome<Value>>;
    readonly onDone: (value: Value) => Written;
    readonly onRefused?: (reason: string, synced: boolean) => Written['remember'];
    /** What is remembered when nobody knows what became of it. */
    readonly onUnknown?: () => Written['remember'];
  },
): Promise<WriteOutcome<Value>> {
  const { store } = context;
  const id = await store.recordIntent({ ...entry, run: context.run, organization: context.organization }, context.now());
  let outcome: WriteOutcome<Value>;
  try {
    outcome = withoutSecrets(await write.send(), context.redact);
  } catch (error) {
    const code = error instanceof RollcallError ? error.code : 'INTERNAL';
    // The store is asked for permission before the first byte is sent.
    const state = provesNotWritten.has(code) || code.startsWith('STORE_') ? 'not-done' : 'unknown';
    await store.recordResult(id, { state, result: { code } }, state === 'unknown' ? (write.onUnknown?.() ?? {}) : {}, context.now());
    throw error;
  }
  switch (outcome.kind) {
    case 'done': {
      const written = write.onDone(outcome.value);
      const { remember, ...result } = written;
      await store.recordResult(id, { state: 'done', ...result }, remember ?? {}, context.now());
      break;
    }
    case 'refused': {
      const remember = write.onRefused?.(outcome.reason, outcome.synced) ?? {};
      await store.recordResult(id, { state: 'refused', result: { reason: outcome.reason } }, remember, context.now());
      break;
    }
    case 'unknown':
      await store.recordResult(id, { state: 'unknown', result: { reason: outcome.reason } }, write.onUnknown?.() ?? {}, context.now());
      break;
  }
  return outcome;
}

function withoutSecrets<Value>(outcome: WriteOutcome<Value>, redact: (text: string) => string): WriteOutcome<Value> {
  return outcome.kind === 'done' ? outcome : { ...outcome, reason: redact(outcome.reason) };
}

/**
 * What became of one outside write. A write is never repeated blindly: `unknown` means that the request may or may not have
 * been carried out (time-out, broken connection, server error), and the caller looks before it writes again (A2).
 * Failures that concern the whole run (credentials refused, address unreachable before anything was sent) are thrown.
 */
export type WriteOutcome<Value> =
  | { readonly kind: 'done'; readonly value: Value }
  /** The target said no to this record; nothing was written. `synced`: because another integration owns the record (E9). */
  | {
      readonly kind: 'refused';
      readonly code: 'ITGLUE_REFUSED' | 'PSA_REFUSED' | 'PSA_PERMISSION_MISSING';
      readonly reason: string;
      readonly synced: boolean;
    }
  | { readonly kind: 'unknown'; readonly code: 'ITGLUE_ANSWER_LOST' | 'PSA_ANSWER_LOST'; readonly reason: string };

import type { OutgoingMessage } from './outgoing.ts';

/** Why something did not arrive, and what to do about it. Holds no secret and no person. */
export interface DeliveryFailure {
  readonly message: string;
  readonly hint: string;
}

/** What became of sending once. */
export type Delivery =
  /** `remark`: it arrived, but not everywhere. */
  | { readonly kind: 'delivered'; readonly remark: DeliveryFailure | null }
  | {
      readonly kind: 'failed';
      readonly failure: DeliveryFailure;
      /** It may have arrived all the same: the answer was lost. */
      readonly isUncertain: boolean;
      /** How long the receiver wants to be left alone; `null`: it does not say. */
      readonly retryAfterMs: number | null;
    };

/** A way to the people. `send` tries once, within its bounds, and never throws. */
export interface MessageSender {
  send(message: OutgoingMessage): Promise<Delivery>;
}

export function failed(
  message: string,
  hint: string,
  rest: { readonly isUncertain?: boolean; readonly retryAfterMs?: number | null } = {},
): Delivery {
  return { kind: 'failed', failure: { message, hint }, isUncertain: rest.isUncertain ?? false, retryAfterMs: rest.retryAfterMs ?? null };
}

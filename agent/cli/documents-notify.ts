import type { DocumentBase } from './documents.ts';

/** What became of the test of one channel. */
export interface ChannelTestDocument {
  readonly channel: 'webhook' | 'email' | 'heartbeat';
  /** `false` too when only some of several addresses were taken. */
  readonly arrived: boolean;
  readonly error: { readonly code: 'NOTIFY_FAILED'; readonly message: string; readonly hint: string } | null;
  /** Milliseconds. */
  readonly took: number;
}

/** `notify test`. */
export interface NotifyTestDocument extends DocumentBase {
  readonly collector: string;
  /** Those that the configuration names, at least one. */
  readonly channels: readonly ChannelTestDocument[];
}

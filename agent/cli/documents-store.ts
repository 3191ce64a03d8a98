import type { DocumentBase } from './documents.ts';
import type { StoreStatus } from './documents-status.ts';

/** `store move`. */
export interface StoreMoveDocument extends DocumentBase {
  readonly from: StoreStatus['store'];
  readonly to: StoreStatus['store'];
  /** It went on where an earlier one was stopped. */
  readonly resumed: boolean;
  /** Compared row by row; `checksum`: SHA-256 over all rows in the order of their keys, the same on both sides. */
  readonly tables: readonly { readonly table: string; readonly rows: number; readonly checksum: string }[];
  readonly rows: number;
  readonly durationMs: number;
  /** What `store` is to be in the configuration file from now on. */
  readonly configuration: { readonly path: string } | { readonly url: string; readonly password?: string };
}

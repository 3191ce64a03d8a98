/** `bundle FILE`. */
export interface BundleDocument {
  readonly formatVersion: 1;
  /** Absolute. */
  readonly file: string;
  readonly bytes: number;
  /** `bytes`: before compression. `code`: why it has no more in it; `null` when it is whole. */
  readonly parts: readonly { readonly name: string; readonly bytes: number; readonly code: string | null }[];
}

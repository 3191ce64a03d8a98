import type { DocumentBase } from './documents.ts';

/** RFC 3339 UTC. */
type DateText = string;

/** `secret set`: never a value. */
export interface SecretSetDocument extends DocumentBase {
  readonly name: string;
  /** What stands in the configuration: `vault:NAME`. */
  readonly reference: string;
  readonly replaced: boolean;
  /** Settings of the configuration that refer to it; empty too when there is no configuration. */
  readonly usedBy: readonly string[];
}

/** `secret list`. */
export interface SecretListDocument extends DocumentBase {
  /** The vault's file. */
  readonly vault: string;
  /** `null`: there is no vault yet. */
  readonly key: {
    readonly id: string;
    readonly kept: 'file' | 'dpapi' | 'credential';
    readonly host: string;
    readonly madeAt: DateText;
    /** Why the secrets cannot be opened; `null` when they can. */
    readonly problem: { readonly code: string; readonly message: string; readonly hint: string } | null;
  } | null;
  readonly secrets: readonly { readonly name: string; readonly setAt: DateText; readonly usedBy: readonly string[] }[];
  /** Names that the configuration refers to and the vault does not have. */
  readonly missing: readonly { readonly name: string; readonly usedBy: readonly string[] }[];
  /** The configuration that was looked at; `null` when there is none, or it is not right. */
  readonly configuration: string | null;
}

/** `secret delete`. */
export interface SecretDeleteDocument extends DocumentBase {
  readonly name: string;
  /** False: the question was answered with no. */
  readonly deleted: boolean;
  readonly usedBy: readonly string[];
}

/** `secret rotate`. */
export interface SecretRotateDocument extends DocumentBase {
  /** How many secrets are under the new key. */
  readonly secrets: number;
  /** Ids of the keys. */
  readonly before: string;
  readonly after: string;
}

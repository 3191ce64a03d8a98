import type { ErrorDocument, PlanDocument } from './documents.ts';

/** `init`: what was found, tested and written. */
export interface InitDocument {
  readonly formatVersion: number;
  readonly file: string;
  /** The copy of the file that was there before; `null`: none was. */
  readonly backup: string | null;
  /** The CA that was saved beside the file. */
  readonly caFile: string | null;
  /** Names of the secrets in the vault. */
  readonly secrets: readonly string[];
  readonly collector: { readonly name: string; readonly location: string; readonly create: 'off' | 'auto' };
  readonly directory: {
    readonly name: string;
    readonly type: 'active-directory' | 'ldif';
    readonly domain: string;
    /** Servers, or the export. */
    readonly servers: readonly string[];
    /** How the servers are trusted; `null`: an export. */
    readonly trust: { readonly kind: 'system' | 'ca' | 'pin' | 'ca-file'; readonly sha256: string | null } | null;
    readonly bindUser: string | null;
    readonly searchBases: readonly string[];
    readonly users: number;
  };
  readonly itglue: { readonly region: string; readonly organization: { readonly id: string; readonly name: string } };
  readonly psa: {
    readonly type: string;
    readonly company: { readonly id: string; readonly name: string };
    /** Empty: addresses are not sent. */
    readonly emailType: string;
    /** Empty: numbers are not sent. */
    readonly phoneType: string;
    /** ConnectWise: where contacts carry rollcall's key; empty: nowhere. */
    readonly externalKeyField: string;
  } | null;
  /** The first plan, by organization; empty: not made (`--no-plan`), or it failed. */
  readonly plans: readonly PlanDocument[];
  /** Why there is no first plan; the configuration stays. */
  readonly planError: ErrorDocument | null;
}

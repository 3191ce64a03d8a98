import type { Redacted } from '../secrets/redacted.ts';
import type { Region } from './given.ts';
import type { ConnectedPsa, PsaField, PsaSecretField } from './psa-forms.ts';

/** How the domain controllers are to be trusted, decided before a password is sent. */
export type TrustChoice =
  /** This machine's own CAs vouch for them. */
  | { readonly kind: 'system' }
  /** A CA to save beside the configuration. */
  | { readonly kind: 'ca'; readonly pem: string; readonly sha256: string; readonly subject: string }
  /** One server's certificate. */
  | { readonly kind: 'pin'; readonly sha256: string; readonly subject: string }
  /** A file that the technician gave. */
  | { readonly kind: 'ca-file'; readonly path: string; readonly pem: string };

/** A secret and what the configuration will say of it. */
export interface SecretAnswer {
  readonly value: Redacted;
  /** A reference that was given and stays; `null`: the value goes into the vault. */
  readonly reference: string | null;
}

export interface ActiveDirectoryAnswers {
  readonly type: 'active-directory';
  readonly name: string;
  readonly domain: string;
  readonly servers: readonly string[];
  /** The configuration names no server: each read asks DNS, and prefers those of the collector's site. */
  readonly areFoundByDns: boolean;
  readonly trust: TrustChoice;
  readonly bindUser: string;
  readonly password: SecretAnswer;
  readonly searchBases: readonly string[];
  /** Users that the account sees; of the whole domain. */
  readonly users: number;
}

export interface LdifAnswers {
  readonly type: 'ldif';
  readonly name: string;
  readonly file: string;
  readonly searchBases: readonly string[];
  readonly users: number;
}

export interface ItGlueAnswers {
  readonly region: Region;
  /** Empty: the region's address. */
  readonly baseUrl: string;
  readonly key: SecretAnswer;
  readonly organization: { readonly id: string; readonly name: string };
}

export interface PsaAnswers {
  readonly type: ConnectedPsa;
  readonly displayName: string;
  readonly baseUrl: string;
  readonly credentials: {
    /** As they are written: names, public keys, or references to them. */
    readonly fields: Readonly<Partial<Record<PsaField, string>>>;
    readonly secret: { readonly field: PsaSecretField; readonly answer: SecretAnswer };
  };
  /** `pinned`: it is written down; else IT Glue's own link leads there. */
  readonly company: { readonly id: string; readonly name: string; readonly pinned: boolean };
  /** Empty: none; addresses are not sent. */
  readonly emailType: string;
  /** Empty: none; numbers are not sent. */
  readonly phoneType: string;
  /** ConnectWise: where contacts carry rollcall's key; empty: nowhere. */
  readonly externalKeyField: string;
}

/** The way out by HTTP, where it is not straight. */
export interface ProxyAnswers {
  readonly url: string;
  readonly userName: string;
  /** `null`: no sign-in. */
  readonly password: SecretAnswer | null;
  readonly caFile: string;
}

/** Everything that a configuration is made of, each part tested. */
export interface InitAnswers {
  readonly directory: ActiveDirectoryAnswers | LdifAnswers;
  readonly itGlue: ItGlueAnswers;
  readonly psa: PsaAnswers | null;
  /** `null`: straight out. */
  readonly proxy: ProxyAnswers | null;
  readonly collector: string;
  /** Empty: none. */
  readonly location: string;
  readonly create: 'off' | 'auto';
}

import type { PsaContactId } from './ids.ts';
import type { Phone } from './phone.ts';
import type { Moment } from './time.ts';

export interface PsaEmail {
  readonly value: string;
  readonly typeId: string | null;
  readonly typeName: string | null;
  readonly primary: boolean;
}

export interface PsaPhone {
  readonly phone: Phone;
  readonly typeId: string | null;
  readonly typeName: string | null;
  readonly primary: boolean;
}

/** A contact as the PSA has it. Blank and absent are both `null`; a placeholder phone (P2) is already left out. */
export interface PsaContact {
  readonly id: PsaContactId;
  readonly companyId: string;
  readonly locationId: string | null;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly title: string | null;
  readonly emails: readonly PsaEmail[];
  readonly phones: readonly PsaPhone[];
  readonly active: boolean;
  /** The key that rollcall gave it (P8); `null`: none, or the PSA has no place for one. */
  readonly externalKey: string | null;
  /** By the PSA's own clock. */
  readonly modifiedAt: Moment | null;
}

/** What a contact is to become in the PSA: everything by the PSA's own ids (P12). */
export interface PsaContactInput {
  readonly companyId: string;
  readonly locationId: string | null;
  readonly firstName: string;
  readonly lastName: string | null;
  readonly title: string | null;
  readonly emails: readonly PsaEmail[];
  readonly phones: readonly PsaPhone[];
  /** The PSA's contact type; `null`: none, or it has no such thing. */
  readonly contactTypeId: string | null;
  /** The key to find it by again (P8); `null`: the PSA has no place for one. */
  readonly externalKey: string | null;
}

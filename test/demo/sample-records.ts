import type { AdStatus } from '../../core/model/directory-user.ts';

/** What a person's account is in; the words of C3 where the directory has one. */
export type SampleStatus = 'enabled' | 'disabled' | 'expired' | 'locked' | 'must-change' | 'password-expired' | 'never-expires';

/** One user account of the sample directory. Absent members are absent attributes. */
export interface SamplePerson {
  /** sAMAccountName, and the local part of userPrincipalName unless that is given. */
  readonly account: string;
  readonly firstName?: string;
  readonly lastName?: string;
  /** The RDN as people write it; default: first and last name. */
  readonly commonName?: string;
  /** `null`: no mail. Default: the account at the company's domain. */
  readonly mail?: string | null;
  readonly userPrincipalName?: string;
  readonly title?: string;
  readonly phone?: string;
  readonly mobile?: string;
  readonly office?: string;
  readonly department?: string;
  /** proxyAddresses as they stand in the directory. */
  readonly proxyAddresses?: readonly string[];
  /** msExchRecipientTypeDetails. */
  readonly recipientType?: string;
  readonly status?: SampleStatus;
  readonly unit?: 'Staff' | 'Former Staff' | 'Services' | 'Rooms';
}

interface SampleEmail {
  readonly value: string;
  readonly labelName?: string;
  readonly primary?: boolean;
}

interface SamplePhone {
  readonly value: string;
  readonly extension?: string;
  readonly labelName?: string;
}

/** One contact of IT Glue as it is before rollcall comes. */
export interface SampleContact {
  readonly firstName?: string;
  readonly lastName?: string;
  readonly title?: string;
  readonly emails?: readonly SampleEmail[];
  readonly phones?: readonly SamplePhone[];
  /** Name of an IT Glue location. */
  readonly location?: string;
  readonly important?: boolean;
  /** The PSA's contact that IT Glue has linked with it and keeps in step. */
  readonly linked?: SamplePsaContact;
  /** Another integration that syncs the contact, by IT Glue's name of it. */
  readonly syncedBy?: string;
}

/** One contact of the PSA as it is before rollcall comes. */
export interface SamplePsaContact {
  readonly firstName: string;
  readonly lastName?: string;
  readonly title?: string;
  readonly email?: string;
  readonly phone?: string;
  readonly active?: boolean;
}

/** `left out`: never listed. */
interface SampleOutcome {
  readonly state: 'matched' | 'unmatched' | 'ignored' | 'left out';
  readonly psa?: 'pushed' | 'linked' | 'not-yet-pushed' | 'waiting' | 'held' | 'not-eligible' | 'off';
  readonly adStatus?: AdStatus;
  /** Words that the reason, or what the PSA lacks, has in it. */
  readonly because?: string;
}

/** One rule of design/behaviour shown by made-up records. */
export interface SampleCase {
  readonly what: string;
  readonly rule: string;
  /** Attributes of Exchange's schema, which a plain domain controller does not have. */
  readonly onlyInExport?: true;
  readonly people: readonly SamplePerson[];
  readonly contacts?: readonly SampleContact[];
  /** Contacts of the PSA without a link to any of `contacts`. */
  readonly psa?: readonly SamplePsaContact[];
  /** What is to become of every person of the case once the demo's syncs are through. */
  readonly comesOut: SampleOutcome;
  /** What is different with PSAs that take contacts without e-mail, phone and location: all but BMS. */
  readonly elsewhere?: Partial<SampleOutcome>;
}

export const mailDomain = 'larkfield.example.test';

/** An address of the company. */
export function at(localPart: string): string {
  return `${localPart}@${mailDomain}`;
}

/** The e-mail list of a contact with one address. */
export function mailed(localPart: string): readonly SampleEmail[] {
  return [{ value: at(localPart) }];
}

import { RollcallError } from '../../core/errors.ts';
import type { DoctorPart, FindingDocument, FindingState } from '../cli/documents-doctor.ts';
import { errorDocument } from '../pipeline/error-document.ts';

/** Why each thing is looked at: said whenever it is not as it should be. */
const reasons = {
  MACHINE: 'The program is tested with the versions that its package names.',
  MEMORY: 'A sync of 10,000 users needs some 250 MB for a minute.',
  DISK_SPACE: 'Each write is noted in the store before it is sent: with a full disk nothing can be synced.',
  FILE_MODES: 'Whoever can read a secret can use it, and whoever can write the configuration decides what is synced.',
  SECRETS: 'Without its secrets rollcall cannot sign in anywhere.',
  TIME_ZONE: 'The schedule is worked out in this zone.',
  CLOCK: 'Certificates, sign-ins and "last logon" are judged by this clock.',
  ENVIRONMENT_PROXY: 'rollcall does not use the proxy of the environment: a service has another environment than a shell.',
  SYSTEM_CERTIFICATES: "CAs that a company's policy puts on its machines are in the system's certificate store.",
  PROXY: 'IT Glue, the PSA and notifications are reached through it.',
  REACHABLE: 'Nothing can be synced while it cannot be reached.',
  CERTIFICATE: 'A certificate that has ended, or that nobody trusts, ends every connection.',
  TLS_INSPECTION: 'Somebody on the way reads what is sent, keys and passwords too.',
  RATE_LIMIT: 'Beyond its limit the service refuses.',
  SERVICE: 'Without it, syncs happen only when somebody starts them.',
  STORE: 'Matches, journal and held plans are in it.',
  BACKUP: 'A damaged store is put back from a backup.',
  LOCK: 'One process at a time writes to the store.',
  STORE_SERVER: 'Each write is noted in the store before it is sent: it must be there after a power failure.',
  STORE_TLS: 'Whoever can read or change what is stored on its way can change what is synced.',
  STORE_RIGHTS: 'The role needs a schema of its own, and nothing else.',
  STORE_CLOCK: 'The database serves several machines: what they note must be in the order in which it happened.',
  ITGLUE_KEY: 'Without a valid key nothing can be read or written in IT Glue.',
  ITGLUE_KEY_IDLE: 'IT Glue revokes keys after 90 days without use.',
  ITGLUE_ORGANIZATION: "The customer's contacts belong to it.",
  ITGLUE_RIGHTS: 'What the key may not read cannot be kept up to date.',
  ITGLUE_OVERLAY_TYPE: 'AD status, last logon and password dates are kept in assets of this type.',
  ITGLUE_CONTACT_TYPES: 'A contact type that IT Glue lacks is not written.',
  PSA_SIGN_IN: 'Without a sign-in nothing is pushed to the PSA.',
  PSA_COMPANY: 'Contacts are pushed to the company of the organization, with e-mail and phone types that the PSA has.',
  HUB: 'Only the hub writes contacts: what is read here has to get there.',
  HUB_CLOCK: 'The hub sets right what this clock tells, as far as it is not too wrong.',
  DIRECTORY: 'From it come the users.',
  DIRECTORY_CERTIFICATE: 'No password is sent to a server whose certificate does not stand the test, so nothing is read from it.',
  DIRECTORY_USERS: 'A directory in which no user is visible brings nobody.',
  DIRECTORY_DNS: 'By its SRV records the controllers of a domain are found, new ones too.',
  DIRECTORY_REACHABLE: 'While one controller cannot be reached another steps in; while none can, nothing is read.',
  DIRECTORY_SIGN_IN: 'A controller that does not let rollcall in cannot step in for another one.',
  DIRECTORY_SIGNING: 'Other programs may still sign in to it in clear; rollcall never does.',
  DIRECTORY_CLOCK: 'Kerberos refuses from 5 minutes on, and last logons are told by the clock of the controller.',
  DIRECTORY_SITE: 'The controllers of the own site are near: they are asked first.',
  DIRECTORY_COVERAGE: 'It tells where nobody looks from.',
  DIRECTORY_ATTRIBUTES: 'What may not be read looks as if it were not there.',
  DIRECTORY_POLICY: 'A changed password policy changes when passwords expire, without a write to any user.',
  DIRECTORY_DELETED: 'Only a deleted object that can be seen proves at once that a user is gone; else it takes two full reads and a day.',
  DIRECTORY_CHANGES: 'Reading only what changed spares the controller and the line.',
  DIRECTORY_ACCOUNT: 'When its password ends or is changed, nothing is read any more.',
  DIRECTORY_EXCESS: 'Whoever learns its password has all rights that it has; reading users needs hardly any.',
  DIRECTORY_READS: 'Leavers and joiners are seen when the directory is read.',
  DIRECTORY_LOGONS: 'Each controller knows only the logons that it saw itself; only all of them together know the last one.',
} as const;

type FindingCode = keyof typeof reasons;

/** What a check looks at. */
export interface Topic {
  readonly part: DoctorPart;
  readonly subject: string | null;
  /** Of a directory: the one of its servers that it is about. */
  readonly server?: string;
  readonly code: FindingCode;
}

export function ok(topic: Topic, seen: string): FindingDocument {
  return { ...topic, state: 'ok', seen, why: null, remedy: null, error: null };
}

/** `remedy` null: nothing needs to be done. */
export function notOk(topic: Topic, state: Exclude<FindingState, 'ok'>, seen: string, remedy: string | null): FindingDocument {
  return { ...topic, state, seen, why: reasons[topic.code], remedy, error: null };
}

/** A failure, with its own remedy. Faults of rollcall itself say nothing of their inside. */
export function failed(topic: Topic, error: unknown, state: Exclude<FindingState, 'ok'> = 'problem'): FindingDocument {
  const { code, message, hint } = errorDocument(error);
  return { ...topic, state, seen: message, why: reasons[topic.code], remedy: hint, error: code };
}

const severity: readonly FindingState[] = ['ok', 'note', 'warning', 'problem'];

/** The worst state; `ok` for none. */
export function worstOf(findings: readonly Pick<FindingDocument, 'state'>[]): FindingState {
  return severity[Math.max(0, ...findings.map(({ state }) => severity.indexOf(state)))] ?? 'ok';
}

export function isInterruption(error: unknown): boolean {
  return error instanceof RollcallError && error.code === 'INTERRUPTED';
}

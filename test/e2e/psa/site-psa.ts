import type { AutotaskSwitches } from '../../sandbox/autotask/switches.ts';
import type { BmsSwitches } from '../../sandbox/bms/switches.ts';
import type { ConnectWiseSwitches } from '../../sandbox/connectwise/switches.ts';
import type { Faults } from '../../sandbox/faults.ts';
import type { PsaForOwnSync } from '../../sandbox/it-glue/psa-for-own-sync.ts';
import type { LoggedRequest, SandboxCounts } from '../../sandbox/request-log.ts';
import type { Hold, WriteHook } from '../../sandbox/write-watch.ts';

export type SitePsaType = 'bms' | 'vorex' | 'pulseway' | 'connectwise' | 'autotask';

/** A contact of any PSA, as a person sees it there. */
export interface PsaPerson {
  readonly id: string;
  readonly firstName: string;
  readonly lastName: string | null;
  readonly title: string | null;
  /** The primary one first. */
  readonly emails: readonly string[];
  /** The primary one first; as they are written, an extension behind " x". */
  readonly phones: readonly string[];
  /** Id of the location; `null`: none. */
  readonly location: string | null;
  readonly active: boolean;
  /** rollcall's key; `null`: none, or the PSA keeps none. */
  readonly key: string | null;
}

/** What a person types in; what is not given is blank for a new contact, and stays for an old one. Items are of the type "Work". */
export type PsaEdit = Partial<Omit<PsaPerson, 'id' | 'key'>>;

/** The requests that write a contact, for faults and counts. */
interface PsaWriteRoutes {
  readonly create: { readonly method: string; readonly path: RegExp };
  readonly update: { readonly method: string; readonly path: RegExp };
}

/** The stand-in of the site's PSA, the same for every PSA. Changes are made as by a person in the PSA. */
export interface SitePsa {
  readonly type: SitePsaType;
  /** As rollcall calls it in its messages. */
  readonly name: string;
  /** As IT Glue names its links with it. */
  readonly adapterName: string;
  /** The company's id. */
  readonly company: string;
  /** Id of its location "Head Office". */
  readonly office: string;
  /** The section `psa` of the site's configuration. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Variables for the secrets that it names. */
  readonly environment: Readonly<Record<string, string>>;
  readonly ownSync: PsaForOwnSync;
  /** Of the company, in order of their ids. */
  contacts(): readonly PsaPerson[];
  /** Of all companies. */
  everybody(): readonly PsaPerson[];
  /** Of the company; there must be exactly one. */
  withEmail(email: string): PsaPerson;
  /** Throws when there is none. */
  contact(id: string): PsaPerson;
  has(id: string): boolean;
  add(person: PsaEdit & { readonly firstName: string }): PsaPerson;
  edit(id: string, fields: PsaEdit): PsaPerson;
  delete(id: string): void;
  /** What `into` lacks of e-mails and phones goes over; `from` is gone. */
  merge(from: string, into: string): PsaPerson;
  /** Moves the contact to a company that nobody maps to. */
  move(id: string): void;
  /** Returns its id. */
  addLocation(name: string): string;
  /** The company is gone, with its contacts and locations. */
  deleteCompany(): void;
  /** Contacts go over to a new company with a location of the same name; the old one is gone. Returns the id of the new one. */
  mergeCompany(name: string): string;
  /** Requests of other integrations, where all of them together have a limit; `null`: they have none. */
  readonly otherUse: ((requests: number) => void) | null;
  /** Moves its clock: limits recover. */
  passTime(ms: number): void;
  /** The API goes elsewhere: to another zone of Autotask, another codebase of ConnectWise. `null`: it never does. */
  readonly relocate: (() => Promise<void>) | null;
  readonly counts: Readonly<SandboxCounts>;
  readonly requests: readonly LoggedRequest[];
  readonly faults: Faults;
  readonly routes: PsaWriteRoutes;
  /** To be set by `Object.assign`; which ones there are depends on the PSA. */
  readonly switches: BmsSwitches | ConnectWiseSwitches | AutotaskSwitches;
  onRequest(hook: WriteHook): () => void;
  holdAtWrite(nth: number, when: 'before' | 'after'): Hold;
  resetCounts(): void;
  stop(): Promise<void>;
}

/** What a stand-in of any PSA has of the members of `SitePsa`. */
export type CommonSandbox = Pick<SitePsa, 'counts' | 'requests' | 'faults' | 'onRequest' | 'holdAtWrite' | 'resetCounts' | 'stop'>;

export function commonMembers(sandbox: CommonSandbox): CommonSandbox {
  const { counts, requests, faults } = sandbox;
  return {
    counts,
    requests,
    faults,
    onRequest: (hook) => sandbox.onRequest(hook),
    holdAtWrite: (nth, when) => sandbox.holdAtWrite(nth, when),
    resetCounts: () => sandbox.resetCounts(),
    stop: () => sandbox.stop(),
  };
}

export function onlyOne(contacts: readonly PsaPerson[], email: string): PsaPerson {
  const found = contacts.filter(({ emails }) => emails.some((value) => value.toLowerCase() === email.toLowerCase()));
  const [contact] = found;
  if (contact === undefined || found.length > 1) throw new Error(`${found.length} contacts of the PSA have ${email}`);
  return contact;
}

/** A phone as `PsaPerson` has it, taken apart. */
export function phoneParts(phone: string): { readonly value: string; readonly extension: string | null } {
  const [value = '', extension = null] = phone.split(' x');
  return { value, extension };
}

export function phoneText(value: string, extension: string | null): string {
  return extension === null ? value : `${value} x${extension}`;
}

/** The primary one first, the others as they are. */
export function primaryFirst<Item>(items: readonly Item[], isPrimary: (item: Item) => boolean): readonly Item[] {
  return items.toSorted((one, other) => Number(isPrimary(other)) - Number(isPrimary(one)));
}

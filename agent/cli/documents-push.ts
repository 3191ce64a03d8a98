/** The states of a contact that the contact table shows. */
type PsaState = 'pushed' | 'linked' | 'not-yet-pushed' | 'waiting' | 'held' | 'not-eligible' | 'off';

/** Where a contact of IT Glue stands with the PSA. */
export interface ContactPsaDocument {
  /** P11: the contact is in the PSA, or eligible for it. */
  readonly badge: boolean;
  readonly state: PsaState;
  /** For people, for example P4's sentence; `null` when there is nothing to say. */
  readonly message: string | null;
  /** What P1 misses, for example `primary phone`. */
  readonly missing: readonly string[];
}

/** A contact that was named, and that nothing is done about. */
export interface NotPushedDocument {
  readonly contactId: string;
  readonly label: string;
  readonly state: PsaState;
  /** For people: that it is there already, why it is held or what it lacks. */
  readonly reason: string;
}

/** What a push comes to, counted (P5). */
export interface PushOutlookDocument {
  /** The PSA's name. */
  readonly psa: string;
  readonly create: number;
  readonly link: number;
  readonly complete: number;
  /** Of those asked for, whom nothing is done about, by state and reason, the largest first. */
  readonly groups: readonly PushGroupDocument[];
  /** P10: that one goes first, and when the others go; `null`: all go at once. */
  readonly canary: string | null;
}

export interface PushGroupDocument {
  readonly state: PsaState | 'other';
  readonly reason: string;
  readonly count: number;
  /** Some of them. */
  readonly names: readonly string[];
}

/** Both sides after a push of all. */
export interface PushReconciliationDocument {
  readonly itGlue: {
    readonly contacts: number;
    /** In the PSA, or eligible for it. */
    readonly eligible: number;
    readonly linked: number;
    /** The rest of the eligible ones, by state. */
    readonly notLinked: Readonly<Record<string, number>>;
  };
  readonly psa: {
    readonly name: string;
    readonly company: string;
    /** Of the company, inactive ones too. */
    readonly contacts: number;
    readonly active: number;
    /** Created by this run. */
    readonly pushed: number;
  };
  /** Linked by rollcall, and not among the company's contacts. */
  readonly missing: readonly { readonly contactId: string; readonly label: string; readonly psaContactId: string }[];
  /** Same key, or same e-mail, more than once, where rollcall created one of them. */
  readonly doubled: readonly { readonly by: 'key' | 'e-mail'; readonly psaContacts: readonly string[] }[];
}

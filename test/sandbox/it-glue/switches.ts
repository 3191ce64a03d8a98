/** Behaviour of IT Glue that nobody public is sure of. Defaults are what the evidence leans to, or else the harder case. */
export interface ItGlueSwitches {
  /** Filters that the resource does not have. */
  unknownFilter: 'ignored' | 'refused';
  /** Filters on `/organizations/ID/relationships/…`. */
  nestedFilters: 'ignored' | 'honoured';
  unknownSort: 'refused' | 'ignored';
  /** Order of a list without `sort`. */
  defaultOrder: 'name' | 'id';
  pageSizeOverMaximum: 'clamped' | 'refused';
  /** Page parameters on countries and regions. */
  referencePaging: 'accepted' | 'refused';
  /** `filter[primary_email]`. */
  primaryEmailFilter: 'case-sensitive' | 'case-insensitive';
  /** What a PATCH does to the array of e-mails or phones that it carries. */
  arraysOnPatch: 'replaced' | 'appended';
  /** PATCH of a contact that an adapter syncs: everything refused, only mapped fields refused, or accepted. */
  syncedContact: 'strict' | 'mapped-only' | 'accepted';
  /** Which adapters make a contact externally synced. */
  syncedBy: 'any' | 'psa';
  bulk: 'atomic' | 'partial';
  /** More records than this in one request are refused; `null`: no limit. */
  bulkMaximum: number | null;
  bulkOrder: 'sent' | 'reversed';
  /** Seconds in Retry-After of a 429; `null`: no such header. */
  retryAfter: number | null;
  rateLimit: { requests: number; windowMs: number };
  /** A label that the account does not have. */
  unknownLabel: 'created' | 'refused';
  /** No primary, or several, in one array. */
  primaries: 'accepted' | 'refused' | 'fixed';
  /** A leading plus of a phone number. */
  phonePlus: 'stripped' | 'kept';
  firstName: 'optional' | 'required';
  /** `DELETE /contacts/ID`, which no document knows. */
  singleContactDelete: 'not-found' | 'accepted';
  /** Ids of included records as text, or as numbers as one example has them. */
  includedIds: 'text' | 'number';
  /** Adapters that `include=adapters_resources` does not show. */
  hiddenAdapters: string[];
  /** IT Glue's own two-way sync pushes what the API created or updated, at the next `runOwnPush()`. */
  ownPush: boolean;
  /** Its sync settings: the types by name; `null`: not chosen, then BMS gets nothing, and others get no e-mail or phone. */
  ownPushTypes: { email: string | null; phone: string | null };
}

export function defaultItGlueSwitches(): ItGlueSwitches {
  return {
    unknownFilter: 'ignored',
    nestedFilters: 'ignored',
    unknownSort: 'refused',
    defaultOrder: 'name',
    pageSizeOverMaximum: 'clamped',
    referencePaging: 'accepted',
    primaryEmailFilter: 'case-sensitive',
    arraysOnPatch: 'replaced',
    syncedContact: 'mapped-only',
    syncedBy: 'any',
    bulk: 'atomic',
    bulkMaximum: null,
    bulkOrder: 'sent',
    retryAfter: null,
    rateLimit: { requests: 3000, windowMs: 300_000 },
    unknownLabel: 'created',
    primaries: 'accepted',
    phonePlus: 'stripped',
    firstName: 'optional',
    singleContactDelete: 'not-found',
    includedIds: 'text',
    hiddenAdapters: [],
    ownPush: false,
    ownPushTypes: { email: 'Work', phone: 'Work' },
  };
}

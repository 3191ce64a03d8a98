/** Behaviour of BMS that nobody public is sure of. Defaults are what the evidence leans to, or else the harder case. */
export interface BmsSwitches {
  /** How a refused request is answered: `success: false` with HTTP 200, or with 400 and 404. */
  failures: 'in-200' | 'as-status';
  /** How a refused sign-in is answered. */
  refusedSignIn: 'unauthorized' | 'bad-request' | 'in-200';
  /** `GET accounts/summary/ID` and `contacts/summary/ID`. */
  summary: 'bare' | 'enveloped';
  /** Text filters of searches and lists. */
  search: 'contains' | 'exact';
  /** Which e-mails a search looks at. */
  searchEmails: 'default' | 'all';
  /** Whether a list without `Filter.IsActive` has inactive contacts. */
  inactiveUnlessAsked: 'shown' | 'hidden';
  /** Case of the names in answers. */
  output: 'camel' | 'pascal';
  /** Case of the names in JSON bodies; others are ignored without a word. */
  input: 'any' | 'camel' | 'pascal';
  defaultPageSize: number;
  /** A greater page size is cut down to this without a word. */
  maximumPageSize: number;
  /** Where the e-mail and phone types can be looked up; `null`: nowhere, every table is unknown. */
  typeTables: { readonly route: 'lookup' | 'tenantlookup'; readonly email: string; readonly phone: string } | null;
  /** `integrations/itglue/…`. */
  itGlueBridge: 'enabled' | 'not-enabled';
  /** What the bridge says of a record without a link. */
  itGlueUnlinked: 'null' | 'zero' | 'not-found';
  duplicateEmail: 'accepted' | 'refused';
  phone: 'optional' | 'required';
  delete: 'accepted' | 'refused';
  /** What a patch of IsActive does; that it may be patched at all is inferred. */
  patchActive: 'accepted' | 'refused' | 'ignored';
  /** What a patch of names, JobTitle and LocationId does; which members may be patched is inferred too. */
  patchFields: 'accepted' | 'ignored';
  /** The numbers of `Operation` in changes to e-mails and phones. */
  relatedOperations: { readonly add: number; readonly update: number; readonly delete: number };
  /** What `Filter.ModifiedOnFrom` and `Filter.CreatedOnFrom` do; a number: they are read as local time, this many minutes ahead of UTC. */
  momentFilters: 'honoured' | 'ignored' | 'date-only' | number;
  /** `ModifiedOn` of a contact that nobody changed since it was created. */
  neverModified: 'as-created' | 'null';
  accessTokenMinutes: number;
  refreshTokenMinutes: number;
  /** Requests in an hour, per endpoint. */
  hourlyLimit: number;
  /** How too many requests are answered. */
  overLimit: 'status' | 'in-200';
  /** Seconds in Retry-After of a 429; `null`: no such header. */
  retryAfter: number | null;
}

export function defaultBmsSwitches(): BmsSwitches {
  return {
    failures: 'in-200',
    refusedSignIn: 'unauthorized',
    summary: 'bare',
    search: 'contains',
    searchEmails: 'default',
    inactiveUnlessAsked: 'shown',
    output: 'camel',
    input: 'any',
    defaultPageSize: 25,
    maximumPageSize: 100,
    typeTables: null,
    itGlueBridge: 'enabled',
    itGlueUnlinked: 'null',
    duplicateEmail: 'accepted',
    phone: 'optional',
    delete: 'accepted',
    patchActive: 'accepted',
    patchFields: 'accepted',
    relatedOperations: { add: 0, update: 1, delete: 2 },
    momentFilters: 'honoured',
    neverModified: 'as-created',
    accessTokenMinutes: 15,
    refreshTokenMinutes: 24 * 60,
    hourlyLimit: 1500,
    overLimit: 'status',
    retryAfter: null,
  };
}

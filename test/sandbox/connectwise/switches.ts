/** Behaviour of ConnectWise PSA that nobody public is sure of. Defaults are what the evidence leans to, or else the harder case. */
export interface ConnectWiseSwitches {
  /** What `companyinfo` tells and the versioned routes are under; changing it is a cloud upgrade. The alias always works. */
  codebase: string;
  /** How a route under a codebase that is no longer there is answered: the web server's page, or the API's own 404. */
  oldCodebase: 'html' | 'json';
  /** The API's version: an Accept header that asks for a later one is refused. */
  apiVersion: string;
  /** How wrong credentials are answered; the vendor notes 404 and no answer at all for its cloud. */
  refusedSignIn: 'unauthorized' | 'not-found' | 'dropped';
  /** What the security role of the API member allows; the rest is refused with 403. */
  role: 'full' | 'no-delete' | 'read-only';
  /** No limit is published. */
  rateLimit: { requests: number; windowMs: number };
  /** Retry-After of a 429 in seconds: how long it takes, a fixed number, or `null`, no such header. */
  retryAfter: 'real' | number | null;
  /** The body of a 429: the API's, or a page of the proxy in front of it. */
  tooManyRequests: 'json' | 'html';
  /** A greater page size than the maximum. */
  pageSizeOverMaximum: 'refused' | 'clamped';
  maximumPageSize: number;
  /** Order of a list without `orderBy`. */
  defaultOrder: 'id' | 'name';
  /** `pageId` without the header `pagination-type: forward-only`. */
  pageIdWithoutHeader: 'ignored' | 'honoured';
  /** The address in `Link`: the one that was called, or another host. */
  linkHost: 'same' | 'other';
  /** Text in conditions. */
  text: 'case-insensitive' | 'case-sensitive';
  /** How a quote within quotes is written in conditions; a backslash is an ordinary character when they are doubled. */
  quoteEscape: 'backslash' | 'doubled';
  /** Whether all of `childConditions` must hold for one and the same item. */
  childConditions: 'same-item' | 'any-item';
  /** How exactly `lastUpdated` is compared; it is told in whole seconds. */
  lastUpdated: 'seconds' | 'milliseconds';
  /** Whether a write to a contact's communications or types alone moves the contact's `lastUpdated`. */
  childWrites: 'move-contact' | 'leave-contact';
  /** Text where the schema has an integer: `"13"`. */
  textForInteger: 'refused' | 'converted';
  /** Names beyond 30 characters; the limit is of an older description. */
  longNames: 'refused' | 'cut';
  /** The site of a contact that is created without one. */
  siteWhenAbsent: 'primary' | 'none';
  /** Whether an e-mail must look like one. */
  emailShape: 'checked' | 'unchecked';
  /** How phone numbers are kept. */
  phones: 'as-sent' | 'digits';
  /** Items of a kind of which none says that it is the default. */
  withoutDefault: 'left' | 'first-becomes';
  /** `types` in the body of a create, beside `typeIds`. */
  typesOnCreate: 'ignored' | 'honoured';
  /** `types` and `typeIds` in a patch, which are for creates only. */
  typesOnPatch: 'refused' | 'ignored';
  /** A create that looks like a contact of the same company, unless it says `ignoreDuplicates`. */
  duplicates: 'accepted' | 'refused-by-name' | 'refused-by-email';
  /** A patch without `/customFields`, when contacts have custom fields. */
  patchWithoutCustomFields: 'refused' | 'accepted';
  /** `/communicationItems/-`. */
  addAtDash: 'refused' | 'appended';
  /** The default flag of an item that is added at index 0 of a contact without items, where 0 is the end. */
  firstItemDefault: 'honoured' | 'ignored';
  /** A patch or PUT of all communication items at once. */
  wholeItems: 'refused' | 'replaced';
  /** Media type of a patch besides `application/json`. */
  jsonPatchMediaType: 'refused' | 'accepted';
  /** Deleting a contact that tickets refer to is a conflict unless `transferContactId` is given. */
  deleteContact: 'accepted' | 'in-use';
}

export function defaultConnectWiseSwitches(): ConnectWiseSwitches {
  return {
    codebase: 'v2026_1/',
    oldCodebase: 'html',
    apiVersion: '2026.1',
    refusedSignIn: 'unauthorized',
    role: 'full',
    rateLimit: { requests: 1000, windowMs: 60_000 },
    retryAfter: 'real',
    tooManyRequests: 'json',
    pageSizeOverMaximum: 'refused',
    maximumPageSize: 1000,
    defaultOrder: 'id',
    pageIdWithoutHeader: 'ignored',
    linkHost: 'same',
    text: 'case-insensitive',
    quoteEscape: 'backslash',
    childConditions: 'same-item',
    lastUpdated: 'seconds',
    childWrites: 'move-contact',
    textForInteger: 'refused',
    longNames: 'refused',
    siteWhenAbsent: 'primary',
    emailShape: 'checked',
    phones: 'as-sent',
    withoutDefault: 'left',
    typesOnCreate: 'ignored',
    typesOnPatch: 'refused',
    duplicates: 'accepted',
    patchWithoutCustomFields: 'refused',
    addAtDash: 'refused',
    firstItemDefault: 'honoured',
    wholeItems: 'refused',
    jsonPatchMediaType: 'refused',
    deleteContact: 'accepted',
  };
}

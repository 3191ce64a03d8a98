/** Behaviour of Autotask that nobody public is sure of. Defaults are what the evidence leans to, or else the harder case. */
export interface AutotaskSwitches {
  /** The status of a refused request; the vendor says 500, and that it may be one of 400. */
  failures: 500 | 400;
  /** `GET …/ID` of a record that is not there: 404, or 200 with `item: null`. */
  missingItem: 'not-found' | 'null';
  /** What a child list of a company that is not there has. */
  unknownParent: 'empty' | 'refused';
  /** Members of a body that the entity does not have. */
  unknownMembers: 'refused' | 'dropped';
  /** Members of a body that only the vendor sets: `createDate`, `lastModifiedDate` … */
  readOnlyMembers: 'refused' | 'dropped';
  /** Whether a create needs `companyID` in its body although the route has it. */
  companyIdInBody: 'optional' | 'required';
  /** The location of a contact that is created without one. */
  defaultLocation: 'none' | 'primary';
  duplicateEmail: 'accepted' | 'refused';
  /** What `null` in a PATCH does; only of PUT is it published that what is not there becomes empty. */
  nullInPatch: 'empties' | 'ignored';
  /** Whether an e-mail address must look like one. */
  emailFormat: 'checked' | 'unchecked';
  /** `no-permission`: the API user may read contacts only; told by an error text. */
  contactWrites: 'allowed' | 'no-permission';
  delete: 'accepted' | 'refused';
  /** Fields of contacts that a filter may not have; put `externalID` or `lastModifiedDate` here for tenants where they cannot be searched. */
  notQueryable: readonly string[];
  /** How moments are written, and how exactly they are kept. */
  dates: 'milliseconds' | 'seconds' | 'without-zone';
  /** Whether `eq` and the like on texts look at the case. */
  textCase: 'ignored' | 'exact';
  /** How a page goes on: after the last id, or after so many rows (then pages shift when rows come and go). */
  paging: 'by-id' | 'by-offset';
  /** A query that needs more than one page and does not include `id`. */
  pagingWithoutId: 'refused' | 'first-page-only';
  /** `nextPageUrl`: as it should be; or hostile: another origin, another host behind the zone's name as user info, the same page again and again. */
  nextPage: 'zone' | 'foreign-origin' | 'user-info' | 'repeating';
  /** Requests in 60 minutes, of all integrations together. */
  hourlyLimit: number;
  /** Minutes for which the whole tenant is refused once the limit was passed, whatever the count; 0: only while it is passed. */
  suspensionMinutes: number;
  /** The status of a request above the hourly limit. */
  overLimit: 429 | 500;
  /** Seconds in Retry-After of a 429; `null`: no such header. */
  retryAfter: number | null;
  /** Whether refused requests count towards the hourly limit. */
  refusedRequests: 'counted' | 'free';
  /** Requests at once per tracking identifier and endpoint. */
  threads: number;
  /** The status of a request above the thread limit. */
  overThreads: 500 | 429;
  /** Which endpoints a child route such as `Companies/1/Contacts` takes a thread of. */
  childThreads: 'parent' | 'child' | 'both';
  /** Milliseconds for which a thread stays taken after the answer. */
  threadLingerMs: number;
  /** Milliseconds a request waits from half of the hourly limit on, twice that from three quarters on; 0: only counted. The vendor waits 500. */
  slowMs: number;
}

export function defaultAutotaskSwitches(): AutotaskSwitches {
  return {
    failures: 500,
    missingItem: 'not-found',
    unknownParent: 'empty',
    unknownMembers: 'refused',
    readOnlyMembers: 'refused',
    companyIdInBody: 'optional',
    defaultLocation: 'none',
    duplicateEmail: 'accepted',
    nullInPatch: 'empties',
    emailFormat: 'checked',
    contactWrites: 'allowed',
    delete: 'accepted',
    notQueryable: ['isOptedOutFromBulkEmail', 'solicitationOptOut', 'surveyOptOut'],
    dates: 'milliseconds',
    textCase: 'ignored',
    paging: 'by-id',
    pagingWithoutId: 'refused',
    nextPage: 'zone',
    hourlyLimit: 10_000,
    suspensionMinutes: 0,
    overLimit: 429,
    retryAfter: null,
    refusedRequests: 'counted',
    threads: 3,
    overThreads: 500,
    childThreads: 'both',
    threadLingerMs: 0,
    slowMs: 0,
  };
}

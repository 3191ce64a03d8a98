declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** An IT Glue organization's id, as IT Glue writes it (digits; may exceed 2^53, so it stays text). */
export type OrganizationId = Branded<'OrganizationId'>;
/** An IT Glue contact's id. */
export type ContactId = Branded<'ContactId'>;
/** A directory user within an organization: `FAMILY/IMMUTABLE-ID` (rule D1), for example `ad:corp.example.com/6f9619ff-…`. */
export type UserId = Branded<'UserId'>;
/** A contact's id in the PSA. */
export type PsaContactId = Branded<'PsaContactId'>;
/** One execution in the journal. */
export type RunId = Branded<'RunId'>;

export function organizationId(text: string): OrganizationId {
  return text as OrganizationId;
}

export function contactId(text: string): ContactId {
  return text as ContactId;
}

/** Makes the identity of D1: source family and immutable id; never DN, name or mail. */
export function userId(family: string, immutableId: string): UserId {
  return `${family}/${immutableId}` as UserId;
}

export function psaContactId(text: string): PsaContactId {
  return text as PsaContactId;
}

export function runId(text: string): RunId {
  return text as RunId;
}

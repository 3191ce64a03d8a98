/** The text attributes of a user that are read (C2-C7), in AD's spelling. */
export const textAttributes = [
  'sAMAccountName',
  'userPrincipalName',
  'givenName',
  'sn',
  'displayName',
  'title',
  'mail',
  'telephoneNumber',
  'mobile',
  'ipPhone',
  'physicalDeliveryOfficeName',
  'department',
  'company',
  'manager',
  'userAccountControl',
  'msDS-User-Account-Control-Computed',
  'msDS-UserPasswordExpiryTimeComputed',
  'accountExpires',
  'pwdLastSet',
  'lastLogonTimestamp',
  'lastLogon',
  'msExchRecipientTypeDetails',
  'isCriticalSystemObject',
] as const;

/** Attributes whose values are bytes: never to be guessed from whether they happen to be valid text. */
export const binaryAttributes = ['objectGUID', 'mS-DS-ConsistencyGuid'] as const;

/** Attributes of which every value counts. */
const listAttributes = ['proxyAddresses'] as const;

export type TextAttribute = (typeof textAttributes)[number];
export type BinaryAttribute = (typeof binaryAttributes)[number];
type ListAttribute = (typeof listAttributes)[number];
export type UserAttribute = TextAttribute | BinaryAttribute | ListAttribute;

/** All that is asked of the server for a user. */
export const userAttributes: readonly UserAttribute[] = [...binaryAttributes, ...textAttributes, ...listAttributes];

/** One user as the directory sent it: the first value of each attribute, `null` when it sent none. */
export type RawUser = { dn: string; immutableId: string | null } & { [Name in TextAttribute]: string | null } & {
  [Name in BinaryAttribute]: Uint8Array | null;
} & { [Name in ListAttribute]: readonly string[] };

/** Makes an empty user. One literal with all members, so that every user has the same shape: reading 100,000 depends on it. */
export function emptyRawUser(dn: string): RawUser {
  return {
    dn,
    immutableId: null,
    objectGUID: null,
    'mS-DS-ConsistencyGuid': null,
    sAMAccountName: null,
    userPrincipalName: null,
    givenName: null,
    sn: null,
    displayName: null,
    title: null,
    mail: null,
    telephoneNumber: null,
    mobile: null,
    ipPhone: null,
    physicalDeliveryOfficeName: null,
    department: null,
    company: null,
    manager: null,
    userAccountControl: null,
    'msDS-User-Account-Control-Computed': null,
    'msDS-UserPasswordExpiryTimeComputed': null,
    accountExpires: null,
    pwdLastSet: null,
    lastLogonTimestamp: null,
    lastLogon: null,
    msExchRecipientTypeDetails: null,
    isCriticalSystemObject: null,
    proxyAddresses: noValues,
  };
}

const noValues: readonly string[] = [];

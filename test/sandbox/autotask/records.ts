/** Names are the vendor's own, so that a record is what the API shows. Moments are milliseconds since 1970. */
export interface AutotaskCompanyRecord {
  /** 0 is the company of the MSP itself. */
  readonly id: number;
  companyName: string;
  companyNumber: string | null;
  companyType: number;
  isActive: boolean;
  phone: string | null;
  createDate: number;
  lastActivityDate: number;
  lastTrackedModifiedDateTime: number;
}

export interface AutotaskLocationRecord {
  readonly id: number;
  readonly companyID: number;
  name: string;
  address1: string | null;
  city: string | null;
  phone: string | null;
  isActive: boolean;
  isPrimary: boolean;
}

interface AutotaskUserDefinedField {
  readonly name: string;
  value: string | null;
}

export interface AutotaskContactRecord {
  readonly id: number;
  companyID: number;
  companyLocationID: number | null;
  firstName: string;
  middleInitial: string | null;
  lastName: string;
  namePrefix: number | null;
  nameSuffix: number | null;
  title: string | null;
  emailAddress: string | null;
  emailAddress2: string | null;
  emailAddress3: string | null;
  phone: string | null;
  extension: string | null;
  mobilePhone: string | null;
  alternatePhone: string | null;
  faxNumber: string | null;
  addressLine: string | null;
  addressLine1: string | null;
  additionalAddressInformation: string | null;
  city: string | null;
  state: string | null;
  zipCode: string | null;
  countryID: number | null;
  /** 1 or 0; a number, unlike the other flags. */
  isActive: number;
  primaryContact: boolean | null;
  billingContact: boolean | null;
  receivesEmailNotifications: boolean | null;
  note: string | null;
  roomNumber: string | null;
  externalID: string | null;
  apiVendorID: number | null;
  facebookUrl: string | null;
  twitterUrl: string | null;
  linkedInUrl: string | null;
  bulkEmailOptOutTime: number | null;
  isOptedOutFromBulkEmail: boolean | null;
  solicitationOptOut: boolean | null;
  solicitationOptOutTime: number | null;
  surveyOptOut: boolean | null;
  createDate: number;
  lastActivityDate: number;
  lastModifiedDate: number;
  impersonatorCreatorResourceID: number | null;
  userDefinedFields: AutotaskUserDefinedField[];
}

/** Credentials that went to a place that is not the tenant's zone. */
export interface StrayCredentials {
  /** `look-up`: the host of the zone look-up; `old-zone`: where the tenant was before `moveZone`; `foreign`: not Autotask at all. */
  readonly place: 'look-up' | 'old-zone' | 'foreign';
  readonly method: string;
  readonly path: string;
  /** Names of the credential headers that were sent. */
  readonly headers: readonly string[];
}

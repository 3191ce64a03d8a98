export interface BmsAccountRecord {
  readonly id: number;
  name: string;
  code: string;
  typeName: string;
  active: boolean;
  createdOn: number;
  modifiedOn: number;
}

export interface BmsLocationRecord {
  readonly id: number;
  readonly accountId: number;
  name: string;
  main: boolean;
  active: boolean;
}

export interface BmsEmailRecord {
  readonly id: number;
  emailAddress: string;
  emailTypeId: number;
  isDefault: boolean;
}

export interface BmsPhoneRecord {
  readonly id: number;
  phone: string;
  phoneTypeId: number;
  isDefault: boolean;
}

interface BmsCustomFieldRecord {
  readonly customFieldId: number;
  data: string | null;
}

export interface BmsContactRecord {
  readonly id: number;
  accountId: number;
  locationId: number;
  firstName: string;
  middleName: string | null;
  lastName: string | null;
  jobTitle: string | null;
  poc: boolean;
  active: boolean;
  receiveInvoices: boolean;
  billByContact: boolean;
  effectiveDate: string | null;
  emails: BmsEmailRecord[];
  phones: BmsPhoneRecord[];
  customFields: BmsCustomFieldRecord[];
  createdOn: number;
  modifiedOn: number;
}

export interface BmsUserRecord {
  readonly userName: string;
  password: string;
  /** The company's name; may contain spaces. */
  readonly tenant: string;
  /** An Api Employee is exempt from MFA. */
  mfa: boolean;
}

export interface BmsTokenRecord {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly userName: string;
  accessTokenExpiresAt: number;
  refreshTokenExpiresAt: number;
}

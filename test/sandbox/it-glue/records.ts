/** A link to a record elsewhere (`adapters_resources`). */
export interface AdapterRecord {
  readonly id: string;
  /** IT Glue's name of the integration: `Kaseya BMS`, `Autotask`, `Microsoft`. */
  adapterName: string;
  remoteId: string;
  sync: boolean;
  orphaned: boolean;
}

export interface OrganizationRecord {
  readonly id: string;
  name: string;
  typeId: string | null;
  statusId: string | null;
  shortName: string | null;
  description: string | null;
  alert: string | null;
  quickNotes: string | null;
  primary: boolean;
  /** Belongs to another account: the key neither sees it nor may refer to it. */
  foreign: boolean;
  adapters: AdapterRecord[];
  createdAt: number;
  updatedAt: number;
}

export interface LocationRecord {
  readonly id: string;
  organizationId: string;
  name: string;
  primary: boolean;
  address1: string | null;
  address2: string | null;
  city: string | null;
  postalCode: string | null;
  regionId: string | null;
  countryId: string | null;
  phone: string | null;
  fax: string | null;
  notes: string | null;
  adapters: AdapterRecord[];
  createdAt: number;
  updatedAt: number;
}

export interface EmailRecord {
  value: string;
  primary: boolean;
  labelName: string;
}

export interface PhoneRecord {
  value: string;
  extension: string | null;
  primary: boolean;
  labelName: string;
  labelType: 'phone' | 'fax';
}

export interface ContactRecord {
  readonly id: string;
  organizationId: string;
  firstName: string | null;
  lastName: string | null;
  title: string | null;
  contactTypeId: string | null;
  locationId: string | null;
  important: boolean | null;
  notes: string | null;
  restricted: boolean;
  emails: EmailRecord[];
  phones: PhoneRecord[];
  adapters: AdapterRecord[];
  /** Written by the API since IT Glue's own push last ran. */
  waitsForOwnPush: boolean;
  createdAt: number;
  updatedAt: number;
}

/** A contact type, organization type or organization status. */
export interface NamedRecord {
  readonly id: string;
  name: string;
  createdAt: number;
  updatedAt: number;
}

export interface CountryRecord {
  readonly id: string;
  readonly name: string;
  readonly iso: string;
}

export interface RegionRecord extends CountryRecord {
  readonly countryId: string;
}

export const fieldKinds = [
  'Checkbox',
  'Date',
  'Header',
  'Number',
  'Select',
  'Text',
  'Textbox',
  'Upload',
  'Tag',
  'Percent',
  'Password',
] as const;

export type FieldKind = (typeof fieldKinds)[number];

export interface FieldRecord {
  readonly id: string;
  readonly typeId: string;
  order: number;
  name: string;
  readonly nameKey: string;
  kind: FieldKind;
  hint: string | null;
  decimals: number | null;
  defaultValue: string | null;
  tagType: string | null;
  required: boolean;
  useForTitle: boolean;
  expiration: boolean;
  showInList: boolean;
  createdAt: number;
  updatedAt: number;
}

export interface AssetTypeRecord {
  readonly id: string;
  name: string;
  description: string | null;
  icon: string | null;
  enabled: boolean;
  showInMenu: boolean;
  createdAt: number;
  updatedAt: number;
}

/** A trait as it is kept: tags are ids. */
export type TraitValue = string | number | boolean | readonly string[];

export interface AssetRecord {
  readonly id: string;
  organizationId: string;
  readonly typeId: string;
  /** By name key. */
  traits: Map<string, TraitValue>;
  archived: boolean;
  restricted: boolean;
  createdAt: number;
  updatedAt: number;
}

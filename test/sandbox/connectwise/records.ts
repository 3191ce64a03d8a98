export interface CwCompanyRecord {
  readonly id: number;
  identifier: string;
  name: string;
  statusName: string;
  typeName: string;
  deleted: boolean;
  lastUpdated: number;
}

export interface CwSiteRecord {
  readonly id: number;
  readonly companyId: number;
  name: string;
  primary: boolean;
  inactive: boolean;
  lastUpdated: number;
}

export type CwKind = 'Email' | 'Fax' | 'Phone';

export interface CwCommunicationTypeRecord {
  readonly id: number;
  description: string;
  kind: CwKind;
  /** The one default of its kind. */
  isDefault: boolean;
}

export interface CwContactTypeRecord {
  readonly id: number;
  description: string;
  isDefault: boolean;
}

/** A custom field of contacts: a caption and text. */
export interface CwCustomFieldRecord {
  readonly id: number;
  caption: string;
}

export interface CwItemRecord {
  readonly id: number;
  typeId: number;
  kind: CwKind;
  value: string;
  extension: string | null;
  isDefault: boolean;
}

export interface CwTypeAssociationRecord {
  readonly id: number;
  readonly typeId: number;
}

export interface CwContactRecord {
  readonly id: number;
  companyId: number | null;
  siteId: number | null;
  firstName: string;
  lastName: string | null;
  title: string | null;
  inactive: boolean;
  items: CwItemRecord[];
  types: CwTypeAssociationRecord[];
  /** Values by the id of the custom field. */
  customFields: Record<string, unknown>;
  /** Everything else that the description knows, by its name there: `securityIdentifier`, `userDefinedField1`, `nickName` … */
  more: Record<string, unknown>;
  /** Milliseconds since 1970. */
  lastUpdated: number;
  updatedBy: string;
}

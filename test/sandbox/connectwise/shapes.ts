/** What a member holds. `any` is whatever JSON has; `hidden` is not for conditions. */
export type Shape =
  | { readonly kind: 'text'; readonly oneOf?: readonly string[] }
  | { readonly kind: 'integer' | 'boolean' | 'moment' | 'any' | 'hidden' }
  | { readonly kind: 'object'; readonly type: string; readonly members: Members }
  | { readonly kind: 'list'; readonly of: Shape };

export type Members = Readonly<Record<string, Shape>>;

const text: Shape = { kind: 'text' };
const integer: Shape = { kind: 'integer' };
const boolean: Shape = { kind: 'boolean' };
export const moment: Shape = { kind: 'moment' };
const hidden: Shape = { kind: 'hidden' };

/** A reference to another record, by id. */
function reference(type: string, more: Members = {}): Shape {
  return { kind: 'object', type, members: { id: integer, ...more, name: text, _info: hidden } };
}

const communicationType: Shape = { kind: 'text', oneOf: ['Email', 'Fax', 'Phone'] };

export const itemMembers: Members = {
  id: integer,
  type: reference('CommunicationTypeReference', { coreEntityId: text }),
  value: text,
  extension: text,
  defaultFlag: boolean,
  domain: text,
  communicationType,
};

const customFieldMembers: Members = {
  id: integer,
  caption: text,
  type: text,
  entryMethod: text,
  numberOfDecimals: integer,
  value: { kind: 'any' },
  connectWiseId: text,
  rowNum: integer,
  userDefinedFieldRecId: integer,
  podId: text,
};

/** Members of Contact that the sandbox only keeps, and gives back. */
export const keptMembers: Members = {
  addressLine1: text,
  addressLine2: text,
  city: text,
  state: text,
  zip: text,
  country: reference('CountryReference', { identifier: text }),
  relationship: reference('RelationshipReference'),
  relationshipOverride: text,
  department: reference('ContactDepartmentReference'),
  defaultMergeContactId: integer,
  securityIdentifier: text,
  managerContact: reference('ContactReference'),
  assistantContact: reference('ContactReference'),
  school: text,
  nickName: text,
  marriedFlag: boolean,
  childrenFlag: boolean,
  children: text,
  significantOther: text,
  portalPassword: text,
  portalSecurityLevel: integer,
  disablePortalLoginFlag: boolean,
  unsubscribeFlag: boolean,
  gender: { kind: 'text', oneOf: ['Female', 'Male'] },
  birthDay: text,
  anniversary: text,
  presence: { kind: 'text', oneOf: ['NoAgent', 'Online', 'DoNotDisturb', 'Away', 'Offline'] },
  mobileGuid: text,
  facebookUrl: text,
  twitterUrl: text,
  linkedInUrl: text,
  defaultBillingFlag: boolean,
  defaultFlag: boolean,
  userDefinedField1: text,
  userDefinedField2: text,
  userDefinedField3: text,
  userDefinedField4: text,
  userDefinedField5: text,
  userDefinedField6: text,
  userDefinedField7: text,
  userDefinedField8: text,
  userDefinedField9: text,
  userDefinedField10: text,
  companyLocation: reference('SystemLocationReference'),
  integratorTags: { kind: 'list', of: text },
  photo: reference('DocumentReference'),
};

export const contactMembers: Members = {
  id: integer,
  firstName: text,
  lastName: text,
  company: reference('CompanyReference', { identifier: text }),
  site: reference('SiteReference'),
  inactiveFlag: boolean,
  title: text,
  ...keptMembers,
  defaultPhoneType: text,
  defaultPhoneNbr: text,
  defaultPhoneExtension: text,
  communicationItems: { kind: 'list', of: { kind: 'object', type: 'ContactCommunicationItem', members: itemMembers } },
  types: { kind: 'list', of: reference('ContactTypeReference') },
  typeIds: { kind: 'list', of: integer },
  customFields: { kind: 'list', of: { kind: 'object', type: 'CustomFieldValue', members: customFieldMembers } },
  ignoreDuplicates: boolean,
  _info: hidden,
};

export const communicationMembers: Members = {
  id: integer,
  contactId: integer,
  type: reference('CommunicationTypeReference', { coreEntityId: text }),
  value: text,
  extension: text,
  defaultFlag: boolean,
  mobileGuid: text,
  communicationType,
  domain: text,
  _info: hidden,
};

export const typeAssociationMembers: Members = {
  id: integer,
  type: reference('ContactTypeReference'),
  contact: reference('ContactReference'),
  _info: hidden,
};

export const companyMembers: Members = {
  id: integer,
  identifier: text,
  name: text,
  status: reference('CompanyStatusReference'),
  deletedFlag: boolean,
  types: { kind: 'list', of: reference('CompanyTypeReference') },
  site: reference('SiteReference'),
  _info: hidden,
};

export const siteMembers: Members = {
  id: integer,
  name: text,
  primaryAddressFlag: boolean,
  inactiveFlag: boolean,
  company: reference('CompanyReference', { identifier: text }),
  _info: hidden,
};

export const communicationTypeMembers: Members = {
  id: integer,
  description: text,
  phoneFlag: boolean,
  faxFlag: boolean,
  emailFlag: boolean,
  defaultFlag: boolean,
  exchangeXref: text,
  _info: hidden,
};

export const contactTypeMembers: Members = {
  id: integer,
  description: text,
  defaultFlag: boolean,
  serviceAlertFlag: boolean,
  _info: hidden,
};

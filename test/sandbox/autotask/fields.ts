/** A field as `entityInformation/fields` tells it. */
export interface FieldRule {
  readonly name: string;
  readonly dataType: 'string' | 'integer' | 'long' | 'boolean' | 'datetime' | 'double';
  /** Longest text, in characters; 0 for what is no text. */
  readonly length: number;
  readonly required: boolean;
  readonly readOnly: boolean;
  readonly reference: 'Company' | 'CompanyLocation' | 'Country' | 'Resource' | null;
  /** The values of a pick list by their label. */
  readonly picklist: Readonly<Record<string, number>> | null;
}

type Extra = Partial<Omit<FieldRule, 'name' | 'dataType' | 'length'>>;

const readOnly: Extra = { readOnly: true };

/** Lengths: facts of the SOAP metadata; those of phone, title and the address members as the vendor's documentation gives them. */
export const contactFields: readonly FieldRule[] = [
  field('id', 'long', 0, readOnly),
  field('companyID', 'integer', 0, { required: true, reference: 'Company' }),
  field('companyLocationID', 'integer', 0, { reference: 'CompanyLocation' }),
  text('firstName', 50, { required: true }),
  text('middleInitial', 50),
  text('lastName', 50, { required: true }),
  field('namePrefix', 'integer', 0, { picklist: { 'Mr.': 1, 'Ms.': 2, 'Dr.': 3 } }),
  field('nameSuffix', 'integer', 0, { picklist: { Jr: 1, Sr: 2 } }),
  text('title', 50),
  text('emailAddress', 254),
  text('emailAddress2', 254),
  text('emailAddress3', 254),
  text('phone', 25),
  text('extension', 10),
  text('mobilePhone', 25),
  text('alternatePhone', 32),
  text('faxNumber', 25),
  text('addressLine', 128),
  text('addressLine1', 128),
  text('additionalAddressInformation', 100),
  text('city', 32),
  text('state', 40),
  text('zipCode', 16),
  field('countryID', 'integer', 0, { reference: 'Country' }),
  field('isActive', 'integer', 0, { required: true }),
  field('primaryContact', 'boolean'),
  field('billingContact', 'boolean'),
  field('receivesEmailNotifications', 'boolean'),
  text('note', 50),
  text('roomNumber', 50),
  text('externalID', 50),
  field('apiVendorID', 'integer', 0, readOnly),
  text('facebookUrl', 200),
  text('twitterUrl', 200),
  text('linkedInUrl', 200),
  field('bulkEmailOptOutTime', 'datetime', 0, readOnly),
  field('isOptedOutFromBulkEmail', 'boolean'),
  field('solicitationOptOut', 'boolean'),
  field('solicitationOptOutTime', 'datetime', 0, readOnly),
  field('surveyOptOut', 'boolean'),
  field('createDate', 'datetime', 0, readOnly),
  field('lastActivityDate', 'datetime', 0, readOnly),
  field('lastModifiedDate', 'datetime', 0, readOnly),
  field('impersonatorCreatorResourceID', 'integer', 0, { readOnly: true, reference: 'Resource' }),
];

/** Members that the sandbox keeps no value for are shown as null. */
export const companyFields: readonly FieldRule[] = [
  field('id', 'long', 0, readOnly),
  text('companyName', 100, { required: true }),
  text('companyNumber', 50),
  field('companyType', 'integer', 0, { required: true, picklist: { Customer: 1, Lead: 2, Prospect: 3, Vendor: 7 } }),
  field('classification', 'integer'),
  field('isActive', 'boolean'),
  text('phone', 25, { required: true }),
  text('fax', 25),
  text('address1', 128),
  text('address2', 128),
  text('city', 30),
  text('state', 40),
  text('postalCode', 10),
  field('countryID', 'integer', 0, { reference: 'Country' }),
  field('ownerResourceID', 'integer', 0, { required: true, reference: 'Resource' }),
  field('parentCompanyID', 'integer', 0, { reference: 'Company' }),
  text('webAddress', 255),
  field('createDate', 'datetime', 0, readOnly),
  field('lastActivityDate', 'datetime', 0, readOnly),
  field('lastTrackedModifiedDateTime', 'datetime', 0, readOnly),
];

export const locationFields: readonly FieldRule[] = [
  field('id', 'long', 0, readOnly),
  field('companyID', 'integer', 0, { required: true, reference: 'Company' }),
  text('name', 100, { required: true }),
  text('description', 500),
  text('address1', 128),
  text('address2', 128),
  text('city', 32),
  text('state', 40),
  text('postalCode', 20),
  field('countryID', 'integer', 0, { reference: 'Country' }),
  text('phone', 25),
  text('alternatePhone1', 25),
  text('alternatePhone2', 25),
  text('fax', 25),
  field('isActive', 'boolean'),
  field('isPrimary', 'boolean'),
  field('isTaxExempt', 'boolean'),
  field('overrideCompanyTaxSettings', 'boolean'),
  field('roundtripDistance', 'double'),
  field('taxRegionID', 'integer'),
];

/** Finds a field whatever the case of its name. */
export function fieldNamed(fields: readonly FieldRule[], name: string): FieldRule | null {
  return fields.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase()) ?? null;
}

function text(name: string, length: number, extra: Extra = {}): FieldRule {
  return field(name, 'string', length, extra);
}

function field(name: string, dataType: FieldRule['dataType'], length = 0, extra: Extra = {}): FieldRule {
  return { name, dataType, length, required: false, readOnly: false, reference: null, picklist: null, ...extra };
}

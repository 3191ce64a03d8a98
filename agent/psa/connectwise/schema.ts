import { z } from 'zod';

const id = z.union([z.number().int(), z.string().regex(/^\d+$/)]).transform(String);
const text = z
  .string()
  .nullish()
  .transform((value) => (value === undefined || value === null || value.trim() === '' ? null : value));
const fact = z.boolean().nullish();
const reference = z.object({ id, name: text }).nullish();

/** What is wrong with a request; `errors` says it field by field. */
export const errorSchema = z.object({
  code: z.string().nullish().catch(null),
  message: z.string().nullish().catch(null),
  errors: z
    .array(z.object({ code: z.string().nullish().catch(null), message: z.string().nullish().catch(null) }))
    .nullish()
    .catch(null),
});

/** Told without signing in, below the host itself; `null` for a company that there is not. */
export const companyInfoSchema = z.object({ Codebase: text, VersionNumber: text }).nullable();

export const systemInfoSchema = z.object({ version: text, isCloud: fact, cloudRegion: text });

export const countSchema = z.object({ count: z.number().int().min(0) });

export const companySchema = z.object({ id, name: text, deletedFlag: fact });
export type CompanyRow = z.infer<typeof companySchema>;

export const siteSchema = z.object({ id, name: text, primaryAddressFlag: fact, inactiveFlag: fact, company: reference });

export const communicationTypeSchema = z.object({ id, description: text, phoneFlag: fact, emailFlag: fact });
export type CommunicationTypeRow = z.infer<typeof communicationTypeSchema>;

export const contactTypeSchema = z.object({ id, description: text });

const itemSchema = z.object({
  id: id.nullish(),
  type: reference,
  value: text,
  extension: text,
  defaultFlag: fact,
  /** `Email`, `Fax`, `Phone`. */
  communicationType: text,
});
export type ItemRow = z.infer<typeof itemSchema>;

const userDefined = {
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
};
export type UserDefinedField = keyof typeof userDefined;

/** Members that are null are left out of answers. */
export const contactSchema = z.object({
  id,
  firstName: text,
  lastName: text,
  title: text,
  company: reference,
  site: reference,
  inactiveFlag: fact,
  communicationItems: z.array(itemSchema).nullish(),
  /** Kept as they came: a patch sends them back. */
  customFields: z.array(z.record(z.string(), z.unknown())).nullish(),
  ...userDefined,
  _info: z.object({ lastUpdated: text }).nullish().catch(null),
});
export type ContactRow = z.infer<typeof contactSchema>;

export const createdSchema = z.object({ id });

import { z } from 'zod';

const id = z.union([z.number().int(), z.string().regex(/^\d+$/)]).transform(String);
const text = z
  .string()
  .nullish()
  .transform((value) => (value === undefined || value === null || value.trim() === '' ? null : value));
/** The location of a record; 0 is none. */
const optionalId = id.nullish().transform((value) => (value === undefined || value === '0' ? null : value));
const fact = z.boolean().nullish();
const amount = z.number().int().min(0);

export const zoneSchema = z.object({ url: text, zoneName: text });

/** What is beyond belief is not taken: it would let everything through, or nothing for years. The timeframe is in minutes. */
export const thresholdSchema = z.object({
  externalRequestThreshold: amount.min(1).max(10_000_000),
  requestThresholdTimeframe: amount.min(1).max(24 * 60),
  currentTimeframeRequestCount: amount,
});

/** A company; the tenant's own has id 0. */
export const companySchema = z.object({ id, companyName: text, isActive: fact });
export type CompanyRow = z.infer<typeof companySchema>;

export const locationSchema = z.object({ id, companyID: id, name: text, isActive: fact, isPrimary: fact });

export const contactSchema = z.object({
  id,
  companyID: id,
  companyLocationID: optionalId,
  firstName: text,
  lastName: text,
  title: text,
  emailAddress: text,
  emailAddress2: text,
  emailAddress3: text,
  phone: text,
  extension: text,
  mobilePhone: text,
  alternatePhone: text,
  /** 1 or 0, unlike the flags of all other records. */
  isActive: z.union([z.number(), z.boolean()]).nullish(),
  externalID: text,
  lastModifiedDate: text,
});
export type ContactRow = z.infer<typeof contactSchema>;

/** All that is asked of a contact. */
export const contactMembers: readonly string[] = Object.keys(contactSchema.shape);

/** `GET …/{id}`: there is none when `item` is null. */
export const itemSchema = z.object({ item: z.unknown() });

export const pageSchema = z.object({
  items: z.array(z.unknown()),
  pageDetails: z.object({ nextPageUrl: text }),
});

export const countSchema = z.object({ queryCount: amount });

export const writtenSchema = z.object({ itemId: id });

export const fieldsSchema = z.object({
  fields: z.array(z.object({ name: z.string(), length: z.number().nullish(), isQueryable: fact })),
});

import { z } from 'zod';
import { isRecord } from '../json.ts';

/**
 * An object whose members are found whatever their case: the published description writes `AccessToken`, the wire has
 * `accessToken`. Only the members of `shape` are kept.
 */
function caseless<Shape extends z.ZodRawShape>(shape: Shape) {
  const names = new Map(Object.keys(shape).map((name) => [name.toLowerCase(), name]));

  function rename(value: unknown): unknown {
    if (!isRecord(value)) return value;
    const known = Object.entries(value).flatMap(([key, member]) => {
      const name = names.get(key.toLowerCase());
      return name === undefined ? [] : [[name, member] as const];
    });
    return Object.fromEntries(known);
  }

  return z.preprocess(rename, z.object(shape));
}

const id = z.union([z.number().int(), z.string().regex(/^\d+$/)]).transform(String);
const optionalId = id.nullish().transform((value) => (value === undefined || value === '0' ? null : value));
const text = z
  .string()
  .nullish()
  .transform((value) => (value === undefined || value === null || value.trim() === '' ? null : value));
const fact = z.boolean().nullish();

export const envelopeSchema = caseless({
  success: z.boolean().nullish(),
  error: caseless({
    code: z.number().nullish().catch(null),
    message: z.string().nullish().catch(null),
    details: z.string().nullish().catch(null),
    subErrors: z.array(z.string()).nullish().catch(null),
  })
    .nullish()
    .catch(null),
  result: z.unknown().optional(),
  totalRecords: z.number().int().min(0).nullish().catch(null),
});

/** ASP.NET's own form of a refusal, sent before the envelope is made. */
export const problemSchema = caseless({
  title: z.string().nullish().catch(null),
  detail: z.string().nullish().catch(null),
  message: z.string().nullish().catch(null),
  errors: z.record(z.string(), z.array(z.string())).nullish().catch(null),
});

export const tokenSchema = caseless({
  accessToken: z.string().min(1),
  refreshToken: text,
  accessTokenExpireOn: text,
  refreshTokenExpireOn: text,
});

export const userInfoSchema = caseless({ userId: optionalId, tenantId: optionalId, businessName: text });

export const companySchema = caseless({ id, name: text, isActive: fact });
export type CompanyRow = z.infer<typeof companySchema>;

export const locationSchema = caseless({ id, name: text, accountId: optionalId, isMain: fact });

export const typeSchema = caseless({ id, name: text, isActive: fact });

const emailSchema = caseless({ emailAddress: text, emailTypeId: optionalId, emailType: text, isDefault: fact });
const phoneSchema = caseless({ phone: text, phoneTypeId: optionalId, phoneType: text, isDefault: fact });

export const contactSchema = caseless({
  id,
  accountId: id,
  locationId: optionalId,
  firstName: text,
  lastName: text,
  jobTitle: text,
  isActive: fact,
  createdOn: text,
  modifiedOn: text,
  emails: z.array(emailSchema).nullish(),
  phones: z.array(phoneSchema).nullish(),
});
export type ContactRow = z.infer<typeof contactSchema>;

export const searchRowSchema = caseless({ id, accountId: id, firstName: text, lastName: text, emailAddress: text, isActive: fact });
export type SearchRow = z.infer<typeof searchRowSchema>;

export const createdSchema = caseless({ id });

/** Of a changed contact: what a patch may have changed. */
export const patchedSchema = caseless({ firstName: text, lastName: text, jobTitle: text, locationId: optionalId, isActive: fact });
export type Patched = z.infer<typeof patchedSchema>;

export const itGlueLookupSchema = caseless({ id: optionalId });

/** What a change of e-mails or phones reports; the counts show that the operation meant what it was sent for. */
export const itemsChangedSchema = caseless({ added: z.number(), updated: z.number(), deleted: z.number() });

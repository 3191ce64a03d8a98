import * as z from 'zod';

// Only the members that rollcall uses. IT Glue's own pages and what it sends differ in types (ids as text and as numbers,
// `status` as number, text or word, null for anything): what can be understood is understood, what cannot becomes null.

/** A member that may be absent, null or of an odd type; `read` makes the best of it. */
function member<Value>(read: (value: unknown) => Value) {
  return z.unknown().transform(read).prefault(null);
}

function readText(value: unknown): string | null {
  const words = typeof value === 'number' ? String(value) : value;
  return typeof words === 'string' && words.trim() !== '' ? words : null;
}

/** Numbers beyond 2^53 arrive as text from `parseJson`. */
function readId(value: unknown): string | null {
  const digits = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value;
  return typeof digits === 'string' && digits.trim() !== '' ? digits.trim() : null;
}

function readTruth(value: unknown): boolean {
  return value === true || value === 'true' || value === 1 || value === '1';
}

/** Text or null; blank is null. */
const text = member(readText);

/** An id as text, or null. */
const id = member(readId);

const truth = member(readTruth);

const truthOrNull = member((value) => (value === null || value === undefined || value === '' ? null : readTruth(value)));

const moment = member((value) => {
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? null : at;
});

/** Refuses the record that lacks it. */
function required(read: (value: unknown) => string | null) {
  return z.unknown().transform((value, context) => {
    const found = read(value);
    if (found === null) {
      context.addIssue({ code: 'custom', message: 'missing' });
      return z.NEVER;
    }
    return found;
  });
}

const requiredId = required(readId);
const requiredText = required(readText);

/** An array of what fits; anything else in its place is no array. Entries that do not fit are left out. */
function tolerantArray<Item extends z.ZodType>(item: Item) {
  return member((value) => {
    const items: z.output<Item>[] = [];
    for (const entry of Array.isArray(value) ? value : []) {
      const parsed = item.safeParse(entry);
      if (parsed.success) {
        items.push(parsed.data);
      }
    }
    return items;
  });
}

const emailEntry = z.object({ value: requiredText, primary: truth, 'label-name': text });

const phoneEntry = z.object({ value: requiredText, extension: text, primary: truth, 'label-name': text, 'label-type': text });

const adapterReferences = z.looseObject({
  'adapters-resources': z.looseObject({ data: tolerantArray(z.looseObject({ id: requiredId })) }).optional(),
});

function resource<Attributes extends z.ZodType>(attributes: Attributes) {
  return z.looseObject({ id: requiredId, attributes, relationships: adapterReferences.nullish().catch(null) });
}

export const contactResource = resource(
  z.looseObject({
    'organization-id': id,
    name: text,
    'first-name': text,
    'last-name': text,
    title: text,
    'contact-type-id': id,
    'contact-type-name': text,
    'location-id': id,
    'location-name': text,
    important: truthOrNull,
    notes: text,
    'contact-emails': tolerantArray(emailEntry),
    'contact-phones': tolerantArray(phoneEntry),
    'psa-integration': text,
    'created-at': moment,
    'updated-at': moment,
  }),
);
export type ContactResource = z.output<typeof contactResource>;

export const locationResource = resource(z.looseObject({ 'organization-id': id, name: text, primary: truth }));

export const organizationResource = resource(
  z.looseObject({ name: text, 'organization-type-name': text, 'organization-status-name': text }),
);

export const namedResource = resource(z.looseObject({ name: text }));

export const fieldResource = resource(z.looseObject({ name: text, kind: text, 'tag-type': text, 'name-key': text, required: truth }));
export type FieldResource = z.output<typeof fieldResource>;

export const assetResource = resource(
  z.looseObject({
    'organization-id': id,
    'flexible-asset-type-id': id,
    name: text,
    traits: z.record(z.string(), z.unknown()).catch({}),
    'created-at': moment,
  }),
);
export type AssetResource = z.output<typeof assetResource>;

/** A tag trait as it is read. */
export const tagTrait = z.looseObject({ type: z.string(), values: z.array(z.looseObject({ id: requiredId })) });

export const adapterResource = z.looseObject({
  id: requiredId,
  type: z.string(),
  attributes: z.looseObject({ 'adapter-type-name': requiredText, 'remote-id': text, sync: truth, orphaned: truth }),
});
export type AdapterResource = z.output<typeof adapterResource>;

const count = z.unknown().transform((value, context) => {
  const parsed = typeof value === 'string' && /^\d+$/u.test(value) ? Number(value) : value;
  if (typeof parsed !== 'number' || !Number.isSafeInteger(parsed) || parsed < 0) {
    context.addIssue({ code: 'custom', message: 'not a count' });
    return z.NEVER;
  }
  return parsed;
});

/** The envelope of a list; its rows are parsed one by one. */
export const listDocument = z.looseObject({
  data: z.array(z.unknown()),
  meta: z.looseObject({ 'total-count': count }),
  included: z.array(z.unknown()).nullish().catch(null),
});

/** The envelope of one record. */
export const singleDocument = z.looseObject({ data: z.looseObject({}), included: z.array(z.unknown()).nullish().catch(null) });

/** The envelope of the answer to a bulk write. */
export const bulkDocument = z.looseObject({ data: z.array(z.unknown()) });

const errorEntry = z.looseObject({
  title: text,
  detail: text,
  source: z.looseObject({ pointer: text }).nullish().catch(null),
});

export const errorDocument = z.looseObject({ errors: z.array(errorEntry).min(1) });
export type ErrorEntry = z.output<typeof errorEntry>;

import { z } from 'zod';
import type { Absence } from '../../../core/model/absence.ts';
import type { DirectoryEntry } from '../../../core/model/directory-user.ts';
import type { ReadProof } from '../../../core/ports/directory-source.ts';
import { textLimits } from './limits.ts';

const { name, word, text, value } = textLimits;

/** Milliseconds since 1970, within what a date can be. */
export const moment = z.int().min(-8_640_000_000_000_000).max(8_640_000_000_000_000);
const blankable = z.string().max(value).nullable();
const count = z.int().min(0).max(100_000_000);

const phone = z.strictObject({ raw: z.string().max(word), e164: z.string().max(32).nullable(), extension: z.string().max(64).nullable() });

const person = z.strictObject({
  firstName: blankable,
  lastName: blankable,
  displayName: blankable,
  title: blankable,
  email: blankable,
  phone: phone.nullable(),
  office: blankable,
  department: blankable,
  company: blankable,
  aliases: z.array(z.string().max(word)).max(5_000),
  userPrincipalName: blankable,
  samAccountName: blankable,
  manager: blankable,
  consistencyGuid: blankable,
  mailbox: z.enum(['user', 'shared', 'room', 'equipment', 'system', 'other']).nullable(),
});

const account = z.strictObject({
  disabled: z.boolean(),
  expires: z.union([moment, z.literal('never')]),
  locked: z.boolean(),
  mustChangePassword: z.boolean(),
  passwordLastSet: moment.nullable(),
  passwordExpired: z.boolean(),
  passwordExpires: z.union([moment, z.enum(['never', 'at next logon'])]).nullable(),
  lastLogon: z.union([moment, z.literal('never')]).nullable(),
  lastLogonAccuracy: z.enum(['exact', 'within 14 days']),
});

/** Immutable ids are GUIDs or what an LDAP server calls entryUUID: never long, never with a slash or a control character. */
export const immutableId = z.string().regex(/^[^\p{Cc}/]{1,200}$/u);

/** A user as a collector saw it. The collector's own phone parser has parsed the number. */
export const directoryEntry: z.ZodType<DirectoryEntry> = z
  .strictObject({
    immutableId,
    dn: z.string().min(1).max(text),
    person,
    account,
    groups: z.array(z.string().max(text)).max(10_000).optional(),
  })
  .transform(({ groups, ...entry }) => (groups === undefined ? entry : { ...entry, groups }));

/** What a collector knows of a user that its latest complete read did not bring. */
export const absence: z.ZodType<Absence> = z.strictObject({
  grade: z.enum(['absent', 'missing', 'gone', 'out']),
  since: moment,
  fullReads: count,
  checkedAt: moment,
  why: z.string().max(word),
});

/** What the collector's read proved about itself (C1). */
export const readProof: z.ZodType<ReadProof> = z
  .strictObject({
    kind: z.enum(['full', 'changes']).optional(),
    fullBecause: z.string().max(word).optional(),
    complete: z.boolean(),
    gaps: z.array(z.string().max(word)).max(100),
    users: count,
    leftOut: z.record(z.string().max(word), count),
    containers: count,
    containersDeleted: count.optional(),
    server: z.string().max(word),
    family: z.string().regex(/^[^\p{Cc}/]{1,300}$/u),
    ownAccountId: z.string().max(name).nullable(),
    scopeKey: z.string().max(value),
    rejected: z.array(z.strictObject({ dn: z.string().max(text), reason: z.string().max(word) })).max(1_000),
    groups: z.array(z.string().max(text)).max(1_000).optional(),
    tombstones: z.enum(['visible', 'hidden']).optional(),
    site: z.string().max(word).optional(),
  })
  .transform((proof) => withoutUndefined(proof));

/** An absent member and one that is `undefined` are the same to JSON, not to the types. */
function withoutUndefined<Value extends object>(given: Value): ReadProof {
  return Object.fromEntries(Object.entries(given).filter(([, member]) => member !== undefined)) as unknown as ReadProof;
}

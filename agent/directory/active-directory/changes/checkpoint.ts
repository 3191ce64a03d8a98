import { z } from 'zod';
import { userAttributes } from '../../../../core/active-directory/user-attributes.ts';
import type { JsonObject } from '../../../../core/model/json.ts';
import type { ActiveDirectoryConfig } from '../config.ts';

const digits = z.string().regex(/^\d{1,20}$/);

const checkpointSchema = z.strictObject({
  version: z.literal(1),
  /** The scope that the reads since the full one have had (C1). */
  scopeKey: z.string(),
  /** What records of users were made of: see `madeOf`. */
  madeOf: z.string(),
  domainRoot: z.string(),
  family: z.string(),
  ownAccountId: z.string().nullable(),
  /** When everything was read last, in ms since 1970 by this machine's clock. */
  fullAt: z.number(),
  /** What that read counted. */
  users: z.number(),
  containers: z.number(),
  /** Canonical DNs of the groups whose members the entries tell. */
  watched: z.array(z.string()),
  /** objectGUIDs of all groups, nested ones too, whose members decide who is read, what is told of users, or which policy holds. */
  groupIds: z.array(z.string()),
  /** Changed groups cannot be told apart by their ids: any of them counts. */
  anyGroup: z.boolean(),
  /** Whether the fine-grained password policies can be read: when not, a change of them is not seen. */
  policies: z.enum(['visible', 'hidden']),
  tombstones: z.enum(['visible', 'hidden']).nullable(),
  /** The domain controller that gave it. */
  server: z.string(),
  dsServiceName: z.string(),
  invocationId: z.string(),
  highestUsn: digits,
  /** DirSync's own marks, base64. */
  cookies: z.strictObject({ people: z.string(), structure: z.string() }).nullable(),
  /** Password and lockout policy of the domain, as text; compared where DirSync does not tell that it changed. */
  policy: z.string(),
});

/** What a read of Active Directory leaves for the next one, so that it can ask for what changed since (C9). */
export type Checkpoint = z.output<typeof checkpointSchema>;

/**
 * Text that changes with what a record of a user is made of besides the user: the attributes that this program reads, the country of
 * phone numbers. Users that do not change would keep records of the old make.
 */
export function madeOf({ phoneCountry = '' }: Pick<ActiveDirectoryConfig, 'phoneCountry'>): string {
  return JSON.stringify([phoneCountry, [...userAttributes].sort()]);
}

/** Takes a checkpoint as it was kept; `null` when it is none of this version. */
export function parseCheckpoint(value: JsonObject): Checkpoint | null {
  const parsed = checkpointSchema.safeParse(value);
  return parsed.success ? parsed.data : null;
}

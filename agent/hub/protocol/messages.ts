import { z } from 'zod';
import { moment } from './entries.ts';
import { textLimits } from './limits.ts';
import { shortName } from './uploads.ts';

const line = z.string().max(textLimits.word);
const code = z.string().regex(/^[A-Z][A-Z0-9_]{0,63}$/u);
const subnetText = z.string().max(64);

/** A collector's key as it is sent: `rck1.ID.SECRET`. The hub keeps a hash of it. */
const keyText = z.string().regex(/^rck1\.[0-9a-f]{32}\.[A-Za-z0-9_-]{43}$/u);

/** What both sides say first, without a key. */
export const hubFacts = z.object({
  product: z.literal('rollcall hub'),
  version: line,
  protocol: z.object({ oldest: z.int(), newest: z.int() }),
});

/** A machine that joins, by the secret of its invitation. */
export const enrolmentRequest = z.object({
  /** The invitation's secret part, not the whole code. */
  secret: z.string().regex(/^[A-Za-z0-9_-]{22,64}$/u),
  name: shortName,
  version: line,
  platform: line,
  subnets: z.array(subnetText).max(100),
  location: line,
});
export type EnrolmentRequest = z.output<typeof enrolmentRequest>;

export const enrolmentAnswer = z.object({
  collector: z.object({ id: z.string().regex(/^[0-9a-f]{32}$/u), name: shortName, organization: z.string().max(64) }),
  key: keyText,
  hub: z.object({ name: line }),
});
export type EnrolmentAnswer = z.output<typeof enrolmentAnswer>;

/** What a newer collector tells besides is left aside, here and in the other messages: one release more or less still understands. */
const directoryFacts = z.object({
  name: shortName,
  type: z.enum(['active-directory', 'ldif']),
  /** Of its latest complete read (D1): collectors with the same one see the same users. `null`: none was complete yet. */
  family: z.string().max(textLimits.word).nullable(),
  /** By the collector's clock. */
  lastReadAt: moment.nullable(),
  lastFullAt: moment.nullable(),
  /** Why the latest read failed; `null`: it did not. */
  error: code.nullable(),
  /** Its reads of changes tell of deletions (C10). Not told: they do not. */
  seesDeleted: z.boolean().default(false),
  /** Since when a read waits to be sent, by the collector's clock; `null`: the hub has all. */
  unsentSince: moment.nullable(),
});

/** A collector's sign of life. */
export const heartbeatRequest = z.object({
  version: line,
  platform: line,
  /** By the collector's clock, now. */
  clock: moment,
  subnets: z.array(subnetText).max(100),
  location: line,
  directories: z.array(directoryFacts).max(100),
  /** What is wrong there. Never a name or an address of a person. */
  problems: z.array(z.strictObject({ code, severity: z.enum(['degraded', 'failed']), since: moment.nullable() })).max(100),
});
export type HeartbeatRequest = z.output<typeof heartbeatRequest>;

/** What the hub wants of a collector. */
export const heartbeatAnswer = z.object({
  /** By the hub's clock, now. */
  clock: moment,
  organization: z.string().max(64),
  name: shortName,
  /** Directories whose scheduled full reads others do: this one reads what changed, and everything only when it must (C9). */
  sparedFullReads: z.array(shortName),
  /** The collector is to fetch a new key: its own is old. */
  rotateKey: z.boolean(),
});
export type HeartbeatAnswer = z.output<typeof heartbeatAnswer>;

export const rotationAnswer = z.object({ key: keyText });

/** Every refusal of the hub: a code of the one table, and a sentence without content. */
export const refusal = z.object({ error: z.object({ code, message: z.string().max(textLimits.word) }) });
export type Refusal = z.output<typeof refusal>;

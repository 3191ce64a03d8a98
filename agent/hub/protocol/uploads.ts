import { z } from 'zod';
import { absence, directoryEntry, immutableId, moment, readProof } from './entries.ts';
import { textLimits, uploadLimits } from './limits.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/u);
const localRead = z.int().min(1).max(Number.MAX_SAFE_INTEGER);

/** Names an upload; the same for the same state of the same source sent again. */
export const uploadId = z.string().regex(/^[0-9a-f]{32}$/u);

/** Names of directories and collectors: one line of printable text. */
export const shortName = z.string().regex(new RegExp(`^[^\\p{Cc}\\p{Cf}]{1,${textLimits.name}}$`, 'u'));

/** What a survey of the last logons found out about itself (C4). */
const survey = z.strictObject({
  at: moment,
  exact: z.boolean(),
  asked: z
    .array(
      z.strictObject({
        server: z.string().max(textLimits.word),
        users: z.int().min(0),
        requests: z.int().min(0),
        durationMs: z.number().min(0),
      }),
    )
    .max(10_000),
  failed: z
    .array(
      z.strictObject({
        server: z.string().max(textLimits.word),
        code: z.string().max(textLimits.name),
        message: z.string().max(textLimits.word),
      }),
    )
    .max(10_000),
});

/**
 * What an upload is: the state of one source (one directory as one collector reads it) after a read of the collector, whole or as what
 * changed since another state that the hub has. Sending it twice changes nothing (H2).
 */
export const uploadManifest = z.strictObject({
  directory: shortName,
  sourceType: z.enum(['active-directory', 'ldif']),
  /** Of the collector's store: numbers of its reads mean something within it only. */
  storeId: z.string().regex(/^[0-9a-f]{32}$/u),
  /** Number of the collector's read whose state this is. */
  read: localRead,
  /** The state that this one builds on, which the hub must have; `null`: this one is whole. */
  base: localRead.nullable(),
  /** By the collector's clock, when it began to send: all its times are told by that clock, which need not be right. */
  clock: moment,
  /** By the same clock: when the read began and ended. */
  startedAt: moment,
  finishedAt: moment,
  /**
   * Of the collector's latest complete read, but for `kind` and `users`, which are those of this upload: `changes` with a base, and
   * the number of its entries.
   */
  proof: readProof,
  survey: survey.nullable(),
  /** Of everything, in all pages together. */
  counts: z.strictObject({ entries: z.int().min(0), absences: z.int().min(0), logons: z.int().min(0) }),
  /** In their order: SHA-256 of the text of each page, so that what was sent before need not be sent again. */
  pages: z.array(sha256).max(uploadLimits.pages),
});
export type UploadManifest = z.output<typeof uploadManifest>;

/** A page's text is the JSON of this, sent by gzip. */
export const uploadPage = z.strictObject({
  entries: z.array(directoryEntry).max(uploadLimits.pageRecords),
  absences: z.array(z.tuple([immutableId, absence])).max(uploadLimits.pageRecords),
  /** Latest logons by immutable id; 0: there was none. */
  logons: z.array(z.tuple([immutableId, moment])).max(uploadLimits.pageRecords),
});
export type UploadPage = z.output<typeof uploadPage>;

/**
 * How far an upload is.
 * - `receiving`: the pages of `missing` (numbered from 1) have not arrived
 * - `waiting`: complete, and on the hub's disk; it lands when the hub gets to it
 * - `landed`: in the hub's store, whole; the collector need not keep it
 * - `refused`: nothing of it was stored, and the same again would be refused again
 */
export const uploadStatus = z.discriminatedUnion('state', [
  z.object({ state: z.literal('receiving'), missing: z.array(z.int()) }),
  z.object({ state: z.literal('waiting') }),
  z.object({ state: z.literal('landed') }),
  z.object({ state: z.literal('refused'), code: z.string(), message: z.string() }),
]);
export type UploadStatus = z.output<typeof uploadStatus>;

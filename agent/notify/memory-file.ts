import { open } from 'node:fs/promises';
import { z } from 'zod';
import { writePrivateFile } from '../files/private-file.ts';
import type { ChannelMemory } from './memory.ts';
import type { Channel } from './notice.ts';

/** What a channel's last sends came to; `null` in its place: all arrived. */
export interface ChannelFailure {
  readonly message: string;
  readonly hint: string;
  /** Since when, in milliseconds since 1970. */
  readonly since: number;
  /** It arrives, but not everywhere. */
  readonly isPartial: boolean;
}

export interface ChannelRecord {
  readonly memory: ChannelMemory;
  readonly failure: ChannelFailure | null;
}

/** All that is remembered of notifications, by channel. */
export type Records = Readonly<Partial<Record<Channel, ChannelRecord>>>;

const formatVersion = 1;
const largestBytes = 8 * 1024 * 1024;

const moment = z.number().min(0).max(8.64e15);
const severity = z.enum(['degraded', 'failed']);

const episode = z.object({
  key: z.string(),
  code: z.string(),
  organization: z.string().nullable(),
  part: z.string(),
  severity,
  message: z.string(),
  hint: z.string(),
  since: z.string().nullable(),
  hash: z.string().nullable(),
  // Absent in files of before.
  cause: z.string().nullable().default(null),
  phase: z.enum(['open', 'quiet']),
  seenAt: moment,
  failedAt: moment.nullable(),
  goneAt: moment.nullable(),
  told: z.object({ at: moment, severity, times: z.int().min(1), thread: z.string(), hashes: z.array(z.string()) }).nullable(),
  returns: z.int().min(0),
  lastRecoveredAt: moment.nullable(),
});

const record = z.object({
  memory: z.object({ episodes: z.array(episode), sentAt: z.array(moment) }),
  failure: z.object({ message: z.string(), hint: z.string(), since: moment, isPartial: z.boolean() }).nullable(),
});

const file = z.object({
  formatVersion: z.literal(formatVersion),
  channels: z.object({ webhook: record.optional(), email: record.optional(), heartbeat: record.optional() }),
});

/** What was found where the file should be. `damage`: why it cannot be used; then everything starts afresh. */
export interface FoundRecords {
  readonly records: Records;
  readonly damage: string | null;
}

/** Reads what was told. Never throws: a file that cannot be used is a reason to start afresh, not to stay silent. */
export async function readRecords(path: string): Promise<FoundRecords> {
  try {
    const parsed = file.safeParse(JSON.parse(await readBounded(path)));
    if (!parsed.success) return { records: {}, damage: 'it is not what this version writes' };
    const { channels } = parsed.data;
    return { records: withoutUndefined(channels), damage: null };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'it is not JSON';
    return { records: {}, damage: code === 'ENOENT' ? null : code };
  }
}

/** Replaces the file as a whole, for this account alone. Throws what the file system says. */
export function writeRecords(path: string, records: Records): Promise<void> {
  return writePrivateFile(path, textOf(records));
}

/** The text that `writeRecords` writes. */
export function textOf(records: Records): string {
  return JSON.stringify({ formatVersion, channels: records });
}

async function readBounded(path: string): Promise<string> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    if (size > largestBytes) throw Object.assign(new Error('too large'), { code: 'it is too large' });
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

function withoutUndefined(channels: z.output<typeof file>['channels']): Records {
  const { webhook, email, heartbeat } = channels;
  return {
    ...(webhook === undefined ? {} : { webhook }),
    ...(email === undefined ? {} : { email }),
    ...(heartbeat === undefined ? {} : { heartbeat }),
  };
}

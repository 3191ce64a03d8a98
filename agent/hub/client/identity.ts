import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { RollcallError } from '../../../core/errors.ts';
import { writePrivateFile } from '../../files/private-file.ts';
import { moment } from '../protocol/entries.ts';
import { textLimits } from '../protocol/limits.ts';

const largestFile = 64 * 1024;

/** Names in the vault; the identity says which of them is the key in use, so that one is never written over the other. */
const keyNames = ['hub-key', 'hub-key-next'] as const;

const identitySchema = z.strictObject({
  formatVersion: z.literal(1),
  url: z.url({ protocol: /^https?$/u }).max(1_000),
  /** The hub's id of this collector. */
  collector: z.string().regex(/^[0-9a-f]{32}$/u),
  name: z.string().min(1).max(textLimits.name),
  organization: z.string().max(64),
  /** SHA-256 of the hub's public key; empty: its certificate is proven by a CA. */
  pinSha256: z.string().regex(/^(?:[0-9a-f]{64})?$/u),
  enrolledAt: moment,
  /** Name in the vault of the key in use. */
  keyName: z.enum(keyNames),
  /** Name of the one before it, which a hub that was restored may still want; `null`: there is none. */
  previousKeyName: z.enum(keyNames).nullable(),
});

/** As whom this machine has joined which hub. It holds no secret. */
export type HubIdentity = z.output<typeof identitySchema>;

export function identityFile(stateDirectory: string): string {
  return join(stateDirectory, 'hub-identity.json');
}

/** `null`: this machine has joined no hub. Throws `HUB_NOT_JOINED` when what is there cannot be understood. */
export async function readIdentity(stateDirectory: string): Promise<HubIdentity | null> {
  const file = identityFile(stateDirectory);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown reason';
    if (code === 'ENOENT') return null;
    throw new RollcallError('HUB_NOT_JOINED', `${file}, by which this machine is known to its hub, cannot be read (${code}).`, {
      place: { file },
      cause,
    });
  }
  const parsed = text.length > largestFile ? null : identitySchema.safeParse(jsonOf(text));
  if (parsed?.success === true) return parsed.data;
  throw new RollcallError('HUB_NOT_JOINED', `${file}, by which this machine is known to its hub, is damaged.`, { place: { file } });
}

/** Throws `HUB_NOT_JOINED` when there is none. */
export async function requireIdentity(stateDirectory: string, hubUrl: string): Promise<HubIdentity> {
  const identity = await readIdentity(stateDirectory);
  if (identity !== null && sameHub(identity.url, hubUrl)) return identity;
  const message =
    identity === null
      ? `The configuration names the hub ${hubUrl}, and this machine has not joined it.`
      : `The configuration names the hub ${hubUrl}, and this machine has joined ${identity.url}.`;
  throw new RollcallError('HUB_NOT_JOINED', message, { place: { hub: hubUrl } });
}

/** Replaces the identity as a whole: from then on it is the one that holds. */
export async function writeIdentity(stateDirectory: string, identity: HubIdentity): Promise<void> {
  await writePrivateFile(identityFile(stateDirectory), `${JSON.stringify(identity, null, 2)}\n`);
}

/** The name that is not in use. */
export function otherKeyName(identity: Pick<HubIdentity, 'keyName'> | null): HubIdentity['keyName'] {
  return identity?.keyName === 'hub-key' ? 'hub-key-next' : 'hub-key';
}

/** Whether two addresses name the same hub: what stands after the port does not count when it is only a slash. */
export function sameHub(one: string, other: string): boolean {
  const [a, b] = [URL.parse(one), URL.parse(other)];
  if (a === null || b === null) return false;
  return a.origin === b.origin && a.pathname.replace(/\/+$/u, '') === b.pathname.replace(/\/+$/u, '');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

import { createHash } from 'node:crypto';
import { z } from 'zod';

/** What an invitation's code carries. */
export interface Invitation {
  /** `https://hub.msp.example:7443`. */
  readonly url: string;
  /** SHA-256 of the hub's public key (SubjectPublicKeyInfo, DER) in hexadecimal; empty: its certificate is proven by a CA. */
  readonly pinSha256: string;
  /** Proves the invitation; works once. */
  readonly secret: string;
}

const prefix = 'rollcall1.';
const body = z.strictObject({
  u: z.url({ protocol: /^https?$/u }).max(1_000),
  p: z.string().regex(/^(?:[0-9a-f]{64})?$/u),
  s: z.string().regex(/^[A-Za-z0-9_-]{22,64}$/u),
});

/** The code as a person copies it: one word, whose last part tells a mistake in copying. */
export function invitationCode({ url, pinSha256, secret }: Invitation): string {
  const text = Buffer.from(JSON.stringify({ u: url, p: pinSha256, s: secret })).toString('base64url');
  return `${prefix}${text}.${checkOf(text)}`;
}

/** `null`: it is not a code, or not a whole one. */
export function readInvitation(code: string): Invitation | null {
  const [text, check, ...rest] = code.trim().slice(prefix.length).split('.');
  if (!code.trim().startsWith(prefix) || text === undefined || check !== checkOf(text) || rest.length > 0) return null;
  try {
    const read = body.safeParse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
    return read.success ? { url: read.data.u, pinSha256: read.data.p, secret: read.data.s } : null;
  } catch {
    return null;
  }
}

function checkOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 6);
}

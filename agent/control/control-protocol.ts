import { createHmac, timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';

/**
 * The talk between a command and the running service: one JSON object a line over a local socket or named pipe. Both prove first that
 * they can read the token in the state directory, so that nobody can put himself in the place of either.
 */
export const controlProtocol = 1;
/** Longest line that the service takes. */
export const longestLine = 1024 * 1024;

/** The file with the token; made anew by each start of the service, for its account alone. */
export function tokenFile(stateDirectory: string): string {
  return join(stateDirectory, 'control-token');
}

type Side = 'client' | 'service';

/** What a side shows to prove that it knows the token. */
export function proofOf(token: string, side: Side, nonces: { readonly service: string; readonly client: string }): string {
  return createHmac('sha256', token).update(`rollcall ${side} ${nonces.service} ${nonces.client}`).digest('base64url');
}

/** Compares in constant time. */
export function isProof(given: string, wanted: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(wanted)];
  return left.length === right.length && timingSafeEqual(left, right);
}

const nonce = z.string().min(16).max(100);
const proof = z.string().min(16).max(100);

/** First line, by the service. */
export const helloLine = z.object({ protocol: z.number(), nonce });
/** Second line, by the client. */
export const clientLine = z.object({ nonce, proof });
/** Third line, by the service. */
export const serviceLine = z.object({ proof, version: z.string(), configFile: z.string(), configuration: z.string().default('') });

/** What a client asks for; one call a connection. */
export const callLine = z.object({ call: z.string().max(100), options: z.record(z.string(), z.unknown()) });
/** What a client says while its call is under way. */
export const interjection = z.union([z.object({ answer: z.boolean() }), z.object({ stop: z.literal(true) })]);

const newsSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('task'), task: z.number(), label: z.string() }),
  z.object({ kind: z.literal('update'), task: z.number(), done: z.number(), total: z.number().nullable() }),
  z.object({ kind: z.enum(['task-done', 'task-failed']), task: z.number(), text: z.string().nullable() }),
]);

const place = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));

/** What the service says while a call is under way; `done` and `failed` are the last. */
export const replyLine = z.union([
  z.object({ news: newsSchema }),
  z.object({ waiting: z.string() }),
  z.object({ question: z.object({ kind: z.enum(['push', 'undo']) }).loose() }),
  z.object({ done: z.unknown() }),
  z.object({ failed: z.object({ code: z.string(), message: z.string(), place }).loose() }),
]);
export type ReplyLine = z.output<typeof replyLine>;

import type { LdapRequest } from '../ldap/message.ts';
import type { Answer } from './answer.ts';

/** One moment at which a fault strikes, and what it can do then. */
export interface Strike {
  /** The request that it strikes; `null` at `connect` and `handshake`, when there is none. */
  readonly request: LdapRequest | null;
  /** Asks the real server, and resolves with all messages of its answer. */
  readonly ask: () => Promise<readonly Answer[]>;
  readonly send: (bytes: Uint8Array) => void;
  /** Sends byte by byte; other answers wait behind it. */
  readonly sendSlowly: (bytes: Uint8Array, everyMs: number) => Promise<void>;
  /** Sends nothing more, and leaves the connection open. */
  readonly fallSilent: () => void;
  /** Closes the connection in order. */
  readonly end: () => void;
  /** Resets the connection: what was sent before still arrives. */
  readonly reset: () => void;
  /** A cookie that leads to this very request again. */
  readonly again: () => string;
}

/** Carries one kind of fault out. */
export type FaultKind = (strike: Strike) => void | Promise<void>;

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const mebibyte = 1024 * 1024;

/** How much of what the hub lets others ask of it. */
export interface HubLimits {
  /** Requests a minute: of one address, of one collector, and to join: of one address and of all. */
  readonly addressRequests: number;
  readonly collectorRequests: number;
  readonly addressJoins: number;
  readonly joins: number;
  /** New keys a minute, of one collector: each is noted, and what is noted is bounded. */
  readonly collectorKeys: number;
  readonly windowMs: number;
  /** Open connections, and those of one address. */
  readonly connections: number;
  readonly addressConnections: number;
  /** Of a manifest, in bytes: it names all pages. */
  readonly manifestBytes: number;
  /** How long a client may take for its handshake and for its headers, for a whole request, and between two of its bytes. */
  readonly headersMs: number;
  readonly requestMs: number;
  readonly idleMs: number;
}

export const usualHubLimits: HubLimits = {
  // Several collectors may stand behind one address.
  addressRequests: 3_000,
  collectorRequests: 1_200,
  addressJoins: 5,
  joins: 30,
  collectorKeys: 5,
  windowMs: minuteMs,
  connections: 1_000,
  addressConnections: 100,
  manifestBytes: 4 * mebibyte,
  headersMs: 10 * secondMs,
  requestMs: 2 * minuteMs,
  idleMs: 30 * secondMs,
};

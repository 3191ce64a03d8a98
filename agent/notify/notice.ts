export type Severity = 'degraded' | 'failed';

/** What a message is about: new or worse problems, the daily reminder, plans that wait for a person, problems that are gone. */
export type NoticeEvent = 'problem' | 'reminder' | 'held' | 'recovered';

/** The channels that carry messages; the heartbeat carries none. */
export type MessageChannel = 'webhook' | 'email';
export type Channel = MessageChannel | 'heartbeat';

/** A problem as `status` and the service name it; both of their documents fit. */
export interface NotifiableProblem {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  /** `directory`, `server`, `channel` and the like tell parts apart; `hash` is that of a held plan. */
  readonly place?: Readonly<Record<string, string | number | boolean | null>>;
  readonly severity: Severity;
  /** Absent or `null`: it concerns no customer in particular. */
  readonly organization?: string | null;
  /** RFC 3339 UTC. */
  readonly since: string | null;
}

/** One problem in a message. */
export interface NoticeItem {
  /** Code, organization and part: what makes it the same problem, whatever its words are. */
  readonly key: string;
  readonly code: string;
  readonly organization: string | null;
  /** Directory, server or the like; empty when the problem has no part. */
  readonly part: string;
  readonly severity: Severity;
  readonly message: string;
  readonly hint: string;
  /** RFC 3339 UTC. */
  readonly since: string;
  /** Of a held plan. */
  readonly hash: string | null;
  /** It was told as degraded before. */
  readonly isWorse: boolean;
  /** Id of the message that told this problem first; `null`: this one does. */
  readonly thread: string | null;
}

/** One message: what a channel is to say now. */
export interface Notice {
  readonly event: NoticeEvent;
  /** The same for the same message sent again; another one for any other message of this channel. */
  readonly id: string;
  readonly items: readonly NoticeItem[];
  /** Milliseconds since 1970. Set when this is the last message that the hour allows: until then the channel is quiet. */
  readonly quietUntil: number | null;
}

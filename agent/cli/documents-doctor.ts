/** How bad it is: `note` is worth knowing, `warning` will or may become a problem, `problem` keeps a sync from working. */
export type FindingState = 'ok' | 'note' | 'warning' | 'problem';

/** What a finding is about. */
export type DoctorPart = 'machine' | 'service' | 'store' | 'network' | 'it-glue' | 'psa' | 'directory' | 'hub';

/** One thing that `doctor` looked at. */
export interface FindingDocument {
  readonly part: DoctorPart;
  /** Which of several: a host, a file, an organization, a directory; `null` when there is only one. */
  readonly subject: string | null;
  /** Of a directory: the server that it is about, by its host name or address; absent: all of it. */
  readonly server?: string;
  /** What was looked at; stable. The state tells how it was found. */
  readonly code: string;
  readonly state: FindingState;
  /** What was seen, with figures. */
  readonly seen: string;
  /** Why it matters; `null` when all is well. */
  readonly why: string | null;
  /** What to do; `null` when there is nothing. */
  readonly remedy: string | null;
  /** Command lines that carry the remedy out, for an administrator of the domain; absent: none. */
  readonly commands?: readonly string[];
  /** The error's code when it was an error that was seen. */
  readonly error: string | null;
}

/** `doctor`. */
export interface DoctorDocument {
  readonly formatVersion: 1;
  /** The worst of the findings. */
  readonly state: FindingState;
  readonly counts: Readonly<Record<FindingState, number>>;
  readonly findings: readonly FindingDocument[];
  readonly notices: readonly string[];
}

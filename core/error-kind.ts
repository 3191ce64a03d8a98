/** How a failure may be tried again: `never` until a person changed something, `later` by the next run as it is. */
export type Retry = 'never' | 'later';

export interface ErrorKind {
  /** The process exit code when this error ends a command (design/interface: 1 failed, 2 wrong words or configuration). */
  readonly exit: 1 | 2;
  readonly retry: Retry;
  /** What the operator should do next; one sentence. */
  readonly hint: string;
}

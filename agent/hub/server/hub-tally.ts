/** What the hub was asked, by what became of it, since it listens. */
export class HubTally {
  /** By code; `done` are those that were not refused. */
  readonly requests = new Map<string, number>();
  /** Uploads that were begun, and that were whole. */
  begun = 0;
  complete = 0;
  /** Uploads that were taken in, and that could not be. */
  landed = 0;
  refused = 0;
  /** Bytes of pages, as they were sent. */
  pageBytes = 0;

  answered(code: string): void {
    this.requests.set(code, (this.requests.get(code) ?? 0) + 1);
  }
}

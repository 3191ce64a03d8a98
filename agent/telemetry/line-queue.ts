/** Lines that did not fit: how many, and when the first and the last of them came (milliseconds since 1970). */
export interface Gap {
  readonly lost: number;
  readonly from: number;
  readonly to: number;
}

/** What is to be written next: a line with its line end, or the place where lines are missing. */
export type Queued = { readonly kind: 'line'; readonly bytes: Buffer } | { readonly kind: 'gap'; readonly gap: Gap };

/**
 * Lines that wait for the disk, bounded in bytes. What does not fit is lost and counted at its place, so that the file tells
 * where lines are missing; after a loss, lines are taken again when half of the room is free.
 */
export class LineQueue {
  readonly #mostBytes: number;
  #items: Queued[] = [];
  /** Items before it were taken: shifting a long array for each line costs too much. */
  #head = 0;
  #bytes = 0;
  #full = false;
  #lost = 0;
  /** Items, from the head on, that are being written at the moment: they do not change any more. */
  #reserved = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  get isEmpty(): boolean {
    return this.#head >= this.#items.length;
  }

  /** Lines lost since the queue was made. */
  get lost(): number {
    return this.#lost;
  }

  push(line: string, now: number): void {
    const bytes = Buffer.from(line, 'utf8');
    if (this.#full || this.#bytes + bytes.length > this.#mostBytes) {
      this.lose(1, now);
      return;
    }
    this.#items.push({ kind: 'line', bytes });
    this.#bytes += bytes.length;
  }

  /** Counts lines that are lost here and now. */
  lose(lines: number, now: number): void {
    this.#full = this.#bytes > this.#mostBytes / 2;
    this.#lost += lines;
    const last = this.#items.length > this.#head + this.#reserved ? this.#items.at(-1) : undefined;
    if (last?.kind === 'gap') {
      this.#items[this.#items.length - 1] = { kind: 'gap', gap: { lost: last.gap.lost + lines, from: last.gap.from, to: now } };
    } else {
      this.#items.push({ kind: 'gap', gap: { lost: lines, from: now, to: now } });
    }
  }

  /** What is next (`index` 0), and what comes after it; nothing is taken away. */
  peek(index: number): Queued | undefined {
    return this.#items[this.#head + index];
  }

  /** The next ones are on their way: what is lost meanwhile is counted behind them. Ends with `drop`. */
  reserve(items: number): void {
    this.#reserved = items;
  }

  /** Takes away the next ones. */
  drop(items: number): void {
    this.#reserved = 0;
    for (const item of this.#items.slice(this.#head, this.#head + items)) {
      this.#head += 1;
      if (item.kind === 'line') this.#bytes -= item.bytes.length;
    }
    if (this.#bytes <= this.#mostBytes / 2) this.#full = false;
    if (this.isEmpty || (this.#head > 1_000 && this.#head * 2 > this.#items.length)) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
  }
}

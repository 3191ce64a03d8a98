import { constants, type Stats } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Gap, LineQueue } from './line-queue.ts';

export const logFileName = 'rollcall.log';

export interface RotatingFileOptions {
  /** Made (0700) when it is not there, with those above it. */
  readonly directory: string;
  /** The file is set aside before it would grow beyond. A single longer line has a file of its own. */
  readonly maxBytes: number;
  /** Files in all: `rollcall.log`, `rollcall.log.1` (the newest before it) and so on. At least one. */
  readonly count: number;
  /** The line that stands where lines are missing, without its line end. */
  readonly describeGap: (gap: Gap, reason: string) => string;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Bytes that wait in memory while the disk is slow or does not take them; 1 MiB when not given. */
  readonly queueBytes?: number;
  /** Pause after a failure in milliseconds; it doubles up to twenty times as long. 250 when not given. */
  readonly retryMs?: number;
}

/** Why nothing can be written at the moment. */
export interface WriteTrouble {
  /** The operating system's word, for example `ENOSPC`. */
  readonly reason: string;
  readonly since: number;
  /** Lines lost since then. */
  readonly lost: number;
}

/** The reason of a loss while writing works. */
const tooFast = 'ENOBUFS';
/** How long an open file is trusted to be the one that its name means: somebody may have renamed or removed it. */
const trustMs = 1_000;
/** A file that cannot be set aside is written on, up to so many times its size. */
const mostOvergrowth = 2;
const mostBatchBytes = 64 * 1024;
/** How many times the first pause the longest one is. */
const longestWait = 20;
const openFlags = constants.O_APPEND | constants.O_CREAT | constants.O_WRONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

interface OpenFile {
  readonly handle: FileHandle;
  readonly identity: string;
  size: number;
  /** The size at which it is set aside. */
  limit: number;
  provenAt: number;
}

/**
 * A log file that is set aside when it is full. Lines are taken at once and written later, one batch at a time, so that nobody
 * waits for a disk; no method throws. What cannot be written is tried again; what does not fit into memory meanwhile is lost,
 * and a line in the file tells so as soon as writing works again. At most one handle is open at any time.
 */
export class RotatingFile {
  readonly path: string;
  readonly #options: RotatingFileOptions;
  readonly #queue: LineQueue;
  readonly #now: () => number;
  #file: OpenFile | null = null;
  #trouble: { readonly reason: string; readonly since: number; readonly lostBefore: number } | null = null;
  #lastReason = tooFast;
  #work: Promise<void> | null = null;
  #wake: (() => void) | null = null;
  #closing = false;
  #closed = false;

  constructor(options: RotatingFileOptions) {
    this.#options = options;
    this.#queue = new LineQueue(options.queueBytes ?? 1024 * 1024);
    this.#now = options.now ?? Date.now;
    this.path = join(options.directory, logFileName);
  }

  /** `null` while writing works. */
  get trouble(): WriteTrouble | null {
    const trouble = this.#trouble;
    return trouble === null ? null : { reason: trouble.reason, since: trouble.since, lost: this.#queue.lost - trouble.lostBefore };
  }

  /** Takes one line, with its line end. After `close` it is dropped. */
  append(line: string): void {
    if (this.#closed) return;
    this.#queue.push(line, this.#now());
    this.#work ??= this.#drain();
  }

  /** Writes what is waiting, closes the file; gives up after `deadlineMs`. */
  async close(deadlineMs: number): Promise<void> {
    this.#closing = true;
    this.#wake?.();
    const deadline = Promise.withResolvers<void>();
    const timer = setTimeout(deadline.resolve, deadlineMs);
    await Promise.race([this.#work ?? Promise.resolve(), deadline.promise]);
    clearTimeout(timer);
    this.#closed = true;
    // A write that never ends keeps its handle: waiting for it here would be the hang that the deadline is for.
    if (this.#work === null) await this.#forgetFile();
  }

  async #drain(): Promise<void> {
    const shortest = this.#options.retryMs ?? 250;
    let wait = shortest;
    while (!this.#queue.isEmpty && !this.#closed) {
      try {
        await this.#writeSome(await this.#ready());
        this.#trouble = null;
        wait = shortest;
      } catch (error) {
        await this.#fail(error);
        if (this.#closing) break;
        await this.#pause(wait);
        wait = Math.min(wait * 2, shortest * longestWait);
      }
    }
    // At once with the last look at the queue: a line that comes now starts the work anew.
    this.#work = null;
  }

  async #writeSome(file: OpenFile): Promise<void> {
    const lines: Buffer[] = [];
    let bytes = 0;
    let gaps = 0;
    for (let next = this.#queue.peek(0); next !== undefined; next = this.#queue.peek(lines.length)) {
      const line = next.kind === 'line' ? next.bytes : Buffer.from(`${this.#options.describeGap(next.gap, this.#lastReason)}\n`);
      const isTooMuch = file.size + bytes > 0 && file.size + bytes + line.length > file.limit;
      if (isTooMuch || (lines.length > 0 && bytes + line.length > mostBatchBytes)) break;
      lines.push(line);
      bytes += line.length;
      if (next.kind === 'gap') gaps += 1;
    }
    if (lines.length === 0) {
      await this.#setAside(file);
      return;
    }
    await this.#write(file, lines);
    if (gaps > 0) this.#lastReason = tooFast;
  }

  /** Writes whole lines. When the disk takes only a part, the torn line is cut off again and stays in the queue. */
  async #write(file: OpenFile, lines: readonly Buffer[]): Promise<void> {
    const all = Buffer.concat(lines);
    let written = 0;
    this.#queue.reserve(lines.length);
    try {
      while (written < all.length) {
        written += (await file.handle.write(all, written, all.length - written, null)).bytesWritten;
      }
    } finally {
      let whole = 0;
      let end = 0;
      for (const line of lines) {
        if (end + line.length > written) break;
        end += line.length;
        whole += 1;
      }
      this.#queue.drop(whole);
      file.size += written;
      if (end < written) await file.handle.truncate(file.size - (written - end)).catch(() => undefined);
    }
  }

  /** The current file becomes `.1`, the others move up, the oldest goes. A file that cannot be moved is written on for a while. */
  async #setAside(file: OpenFile): Promise<void> {
    await this.#forgetFile();
    const facts = await stat(this.path).catch(() => null);
    // Another process was faster: the name stands for its new file.
    if (facts === null || identityOf(facts) !== file.identity) return;
    try {
      const last = this.#options.count - 1;
      if (last < 1) await rm(this.path);
      for (let index = last; index >= 1; index -= 1) await moveOver(this.#named(index - 1), this.#named(index));
    } catch (error) {
      const { maxBytes } = this.#options;
      const most = maxBytes * mostOvergrowth;
      if (file.limit >= most || file.size >= most) throw error;
      // Somebody has it open (a virus scanner, a viewer on Windows): it is written on a little, then this is tried again.
      this.#file = { ...(await this.#open(this.#now())), limit: Math.min(most, file.size + maxBytes / 8) };
    }
  }

  #named(index: number): string {
    return index === 0 ? this.path : `${this.path}.${index}`;
  }

  async #ready(): Promise<OpenFile> {
    const now = this.#now();
    if (this.#file !== null && Math.abs(now - this.#file.provenAt) > trustMs) await this.#prove(this.#file, now);
    this.#file ??= await this.#open(now);
    return this.#file;
  }

  /** Lets go of a file that is not the one of this name any more. */
  async #prove(file: OpenFile, now: number): Promise<void> {
    const facts = await stat(this.path).catch(() => null);
    if (facts === null || identityOf(facts) !== file.identity) {
      await this.#forgetFile();
      return;
    }
    file.size = facts.size;
    file.provenAt = now;
  }

  async #open(now: number): Promise<OpenFile> {
    await mkdir(this.#options.directory, { recursive: true, mode: 0o700 });
    const handle = await open(this.path, openFlags, 0o600);
    try {
      const facts = await handle.stat();
      if (!facts.isFile()) throw Object.assign(new Error('not a file'), { code: 'EINVAL' });
      return { handle, identity: identityOf(facts), size: facts.size, limit: this.#options.maxBytes, provenAt: now };
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  async #fail(error: unknown): Promise<void> {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown reason';
    this.#lastReason = reason;
    this.#trouble = { reason, since: this.#trouble?.since ?? this.#now(), lostBefore: this.#trouble?.lostBefore ?? this.#queue.lost };
    await this.#forgetFile();
  }

  async #forgetFile(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    // What a close complains of (a network file system, a late ENOSPC) was said by the write or will be by the next one.
    await file?.handle.close().catch(() => undefined);
  }

  #pause(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    // A log that cannot be written must not keep the process alive.
    timer.unref();
    this.#wake = () => {
      clearTimeout(timer);
      resolve();
    };
    return promise.finally(() => {
      this.#wake = null;
    });
  }
}

function identityOf(facts: Stats): string {
  return `${facts.dev}:${facts.ino}`;
}

async function moveOver(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

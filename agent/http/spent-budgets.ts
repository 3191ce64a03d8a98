import { lstatSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { writePrivateFile } from '../files/private-file.ts';
import type { HttpClock } from './http-clock.ts';
import type { RateBudget } from './rate-budget.ts';

/** What the buckets granted, kept in a file, so that processes one after another, and beside each other, keep one limit. */
export interface SpentBudgets {
  /** Tells the bucket what was spent in it before, and from then on what others spend. */
  attach(bucket: string, budget: RateBudget): void;
  /** One request was granted. */
  note(bucket: string): void;
  /** Adds what was granted since to the file. Never throws: what cannot be kept is told to `onProblem`. */
  save(): Promise<void>;
}

export interface SpentBudgetsOptions {
  /** The file; its folder is not made. */
  readonly path: string;
  /** That of the buckets. */
  readonly clock: Pick<HttpClock, 'now' | 'elapsed'>;
  readonly onProblem: (error: unknown) => void;
}

const minuteMs = 60_000;
/** The longest window of any limit. */
const keptMs = 60 * minuteMs;
const saveEveryMs = 30_000;
const mostBuckets = 300;
const mostBytes = 2_000_000;
const attempts = 3;

/** Requests by minute since 1970, by bucket. No single request, no address of one, nothing about anybody. */
type Spent = Map<string, Map<number, number>>;

const fileSchema = z.object({
  version: z.literal(1),
  buckets: z.record(z.string().min(1).max(300), z.record(z.string().regex(/^\d{1,9}$/), z.int().min(1).max(1_000_000))),
});

/** Reads the file; one that is not there, or is none of ours, counts for nothing. */
export function openSpentBudgets({ path, clock, onProblem }: SpentBudgetsOptions): SpentBudgets {
  const budgets = new Map<string, RateBudget>();
  let known = read().spent;
  let unsaved: Spent = new Map();
  let savedAt = clock.elapsed();
  let saving: Promise<void> = Promise.resolve();

  /** `wentBack`: the clock was set back since it was written; what would be in the future was spent just now. */
  function read(): { readonly spent: Spent; readonly wentBack: boolean } {
    const spent: Spent = new Map();
    const now = minuteOf(clock.now());
    let wentBack = false;
    for (const [bucket, counts] of Object.entries(fileSchema.safeParse(readJson(path)).data?.buckets ?? {})) {
      for (const [text, count] of Object.entries(counts)) {
        wentBack ||= Number(text) > now;
        add(spent, bucket, Math.min(Number(text), now), count);
      }
    }
    prune(spent, now);
    return { spent, wentBack };
  }

  async function write(): Promise<void> {
    if (unsaved.size === 0) return;
    const mine = unsaved;
    unsaved = new Map();
    savedAt = clock.elapsed();
    try {
      for (let attempt = 1; ; attempt += 1) {
        const { spent, wentBack } = read();
        if (!wentBack) tellWhatOthersSpent(spent);
        addAll(spent, mine);
        prune(spent, minuteOf(clock.now()));
        try {
          await writePrivateFile(path, toText(spent));
          known = spent;
          return;
        } catch (error) {
          // Another process writes at this moment.
          if (codeOf(error) !== 'EEXIST' || attempt === attempts) throw error;
        }
      }
    } catch (error) {
      addAll(unsaved, mine);
      // Before anything else is kept there, there is no such folder.
      if (codeOf(error) !== 'ENOENT') onProblem(error);
    }
  }

  function tellWhatOthersSpent(spent: Spent): void {
    for (const [bucket, counts] of spent) {
      const before = known.get(bucket);
      const more = [...counts].map(([minute, count]) => [minute, count - (before?.get(minute) ?? 0)] as const);
      tell(
        bucket,
        more.filter(([, count]) => count > 0),
      );
    }
    known = spent;
  }

  /** A minute counts as its end, so that nothing leaves a window too early. */
  function tell(bucket: string, counts: Iterable<readonly [minute: number, count: number]>): void {
    const now = clock.now();
    const grants = [...counts].map(([minute, count]) => ({ at: clock.elapsed() - Math.max(0, now - (minute + 1) * minuteMs), count }));
    if (grants.length > 0) budgets.get(bucket)?.spend(grants, minuteMs);
  }

  function save(): Promise<void> {
    saving = saving.then(write);
    return saving;
  }

  return {
    save,
    attach(bucket, budget) {
      budgets.set(bucket, budget);
      tell(bucket, known.get(bucket) ?? []);
    },
    note(bucket) {
      add(unsaved, bucket, minuteOf(clock.now()), 1);
      if (clock.elapsed() - savedAt < saveEveryMs) return;
      savedAt = clock.elapsed();
      void save();
    },
  };
}

function minuteOf(moment: number): number {
  return Math.floor(moment / minuteMs);
}

function add(spent: Spent, bucket: string, minute: number, count: number): void {
  const counts = spent.get(bucket) ?? new Map<number, number>();
  counts.set(minute, (counts.get(minute) ?? 0) + count);
  spent.set(bucket, counts);
}

function addAll(spent: Spent, more: Spent): void {
  for (const [bucket, counts] of more) {
    for (const [minute, count] of counts) add(spent, bucket, minute, count);
  }
}

/** Leaves out what no window holds any more, and all but the busiest buckets. */
function prune(spent: Spent, now: number): void {
  for (const [bucket, counts] of spent) {
    for (const minute of counts.keys()) if (minute < now - keptMs / minuteMs - 1) counts.delete(minute);
    if (counts.size === 0) spent.delete(bucket);
  }
  const busiest = [...spent].toSorted(([, one], [, other]) => sum(other) - sum(one));
  for (const [bucket] of busiest.slice(mostBuckets)) spent.delete(bucket);
}

function sum(counts: ReadonlyMap<number, number>): number {
  return [...counts.values()].reduce((total, count) => total + count, 0);
}

function toText(spent: Spent): string {
  const buckets = Object.fromEntries([...spent].map(([bucket, counts]) => [bucket, Object.fromEntries(counts)]));
  return `${JSON.stringify({ version: 1, buckets })}\n`;
}

/** `null` for whatever is no file with JSON of a bearable size. */
function readJson(path: string): unknown {
  try {
    const facts = lstatSync(path);
    return facts.isFile() && facts.size <= mostBytes ? (JSON.parse(readFileSync(path, 'utf8')) as unknown) : null;
  } catch {
    return null;
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

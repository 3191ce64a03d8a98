import { errorTable } from '../../core/error-table.ts';
import { type ErrorCode, RollcallError } from '../../core/errors.ts';
import type { Change } from '../../core/model/plan.ts';
import type { WriteOutcome } from '../../core/ports/write-outcome.ts';

export interface FailedChange {
  readonly change: Change;
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryable: boolean;
}

type ReportMark = Readonly<Record<'applied' | 'failed' | 'skipped', number>>;

/** What became of each change of a plan. A record that fails stops no other (A4). */
export class ApplyReport {
  readonly applied: { readonly change: Change; readonly record: string | null }[] = [];
  readonly failed: FailedChange[] = [];
  readonly skipped: { readonly change: Change; readonly reason: string }[] = [];
  interrupted = false;

  done(change: Change, record: string | null = change.record): void {
    this.applied.push({ change, record });
  }

  skip(change: Change, reason: string): void {
    this.skipped.push({ change, reason });
  }

  fail(change: Change, code: ErrorCode, message: string): void {
    this.failed.push({ change, code, message, retryable: errorTable[code].retry === 'later' });
  }

  /** Records an outcome that is not `done`. */
  failOutcome(change: Change, outcome: Exclude<WriteOutcome<unknown>, { kind: 'done' }>): void {
    this.fail(change, outcome.code, outcome.reason);
  }

  /** What was reported so far. */
  mark(): ReportMark {
    return { applied: this.applied.length, failed: this.failed.length, skipped: this.skipped.length };
  }

  /** Puts what was reported since into the order of the changes: some were carried out at once. */
  sortSince(mark: ReportMark, changes: readonly Change[]): void {
    const places = new Map(changes.map((change, place) => [change.id, place]));
    const sort = <Item extends { readonly change: Change }>(items: Item[], from: number): void => {
      const placeOf = ({ change }: Item): number => places.get(change.id) ?? changes.length;
      items.push(...items.splice(from).sort((one, other) => placeOf(one) - placeOf(other)));
    };
    sort(this.applied, mark.applied);
    sort(this.failed, mark.failed);
    sort(this.skipped, mark.skipped);
  }

  /** The changes that were carried out. */
  get appliedIds(): ReadonlySet<string> {
    return new Set(this.applied.map(({ change }) => change.id));
  }
}

/** Failures after which no other record can succeed either: the run ends, the rest is left for the next one. */
const endsTheRun: ReadonlySet<string> = new Set([
  'ITGLUE_UNREACHABLE',
  'ITGLUE_KEY_REJECTED',
  'PSA_UNREACHABLE',
  'PSA_CREDENTIALS_REJECTED',
  'PSA_PERMISSION_MISSING',
  'HTTP_PROXY_UNREACHABLE',
  'HTTP_PROXY_CREDENTIALS_REJECTED',
  'HTTP_PROXY_REFUSED',
  'HTTP_CERTIFICATE_REJECTED',
  'STORE_LEASE_LOST',
  'STORE_LOCKED',
  'STORE_REFUSED',
  'STORE_TLS',
  'STORE_UNREACHABLE',
  'STORE_UNUSABLE',
  'STORE_CORRUPT',
]);

/** Failures of the target and not of a record: several in a row mean that it is out of order, and each one costs minutes. */
const outages: ReadonlySet<string> = new Set([
  'ITGLUE_SERVER_ERROR',
  'ITGLUE_RATE_LIMITED',
  'ITGLUE_ANSWER_LOST',
  'PSA_SERVER_ERROR',
  'PSA_RATE_LIMITED',
  'PSA_ANSWER_LOST',
]);
const mostOutages = 5;

export interface Target {
  /** Set by the first failure that ends the work with this target. */
  closed: RollcallError | null;
  /** How often it failed in a row. */
  outages: number;
}

/**
 * Carries out one change; a failure of the record is reported, one of the whole target closes it. A fault of rollcall itself is thrown.
 */
export async function attempt(report: ApplyReport, target: Target, change: Change, work: () => Promise<void>): Promise<void> {
  if (target.closed !== null) {
    report.fail(change, target.closed.code, target.closed.message);
    return;
  }
  try {
    await work();
    target.outages = 0;
  } catch (error) {
    if (!(error instanceof RollcallError)) throw error;
    target.outages = outages.has(error.code) ? target.outages + 1 : 0;
    if (endsTheRun.has(error.code) || target.outages >= mostOutages) target.closed = error;
    report.fail(change, error.code, error.message);
  }
}

/** Works through a list, some at a time; stops taking new items when the signal is aborted and says so. */
export async function forEachLimited<Item>(
  items: readonly Item[],
  limit: number,
  signal: AbortSignal,
  work: (item: Item) => Promise<void>,
): Promise<boolean> {
  let next = 0;
  async function worker(): Promise<void> {
    while (next < items.length && !signal.aborted) {
      const item = items[next];
      next += 1;
      if (item !== undefined) await work(item);
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return next >= items.length;
}

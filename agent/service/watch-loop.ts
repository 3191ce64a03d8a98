import { asRollcallError } from '../cli/failure.ts';
import type { WatchedOrganization, WatchOutcome } from '../pipeline/watch/watch-outcome.ts';
import { spreadOf } from '../schedule/spread.ts';
import { afterLook, hastened, isLookDue, isOverdue, type LookResult, newPace, type WatchPace } from '../schedule/watch-pace.ts';
import type { Logger } from '../telemetry/logger.ts';
import { mayPass } from './job-outcome.ts';
import type { Problems, ProblemWords } from './problem.ts';
import type { WatchFacts } from './service-facts.ts';

/** What the watch goes by; `null`: nothing is watched. Another mark: it looks elsewhere than before. */
export type WatchSettings = { readonly mark: string } | null;

export interface WatchLoopOptions {
  readonly collector: string;
  readonly now: () => number;
  /** Milliseconds of a clock that nobody sets. */
  readonly elapsed: () => number;
  readonly logger: Logger;
  readonly problems: Problems;
  /** Nothing else is under way or waits: a person's command and a scheduled run go first. */
  readonly isFree: () => boolean;
  /** Looks once; rejects when it could not be done at all. */
  readonly look: () => Promise<WatchOutcome>;
  /** Something happened in these organizations; none: it looks again after a failure, and all is to be judged anew. */
  readonly onSomething: (organizations: readonly WatchedOrganization[]) => void;
}

interface Failing {
  readonly since: number;
  readonly error: ProblemWords;
}

const lookEveryMs = 1_000;
const problemKind = 'watch';
/** Of what was stopped with the service, or by it: that says nothing about either side. */
const stopped = 'INTERRUPTED';
/** An organization's own failure is told when it lasts; the look after may have mended it. */
const organizationPatienceMs = 10 * 60_000;

/**
 * Looks at both sides of two-way sync again and again (P9), while nothing else is done. It only decides when, and remembers how it went:
 * the look itself is a job like any other.
 */
export class WatchLoop {
  readonly #options: WatchLoopOptions;
  #mark: string | null = null;
  #pace: WatchPace | null = null;
  /** Goes up when what is watched changes: a look of before says nothing about it. */
  #round = 0;
  #isLooking = false;
  #timer: NodeJS.Timeout | null = null;
  #lastLookAt: number | null = null;
  #lastGoodAt: number | null = null;
  #seenTo: WatchOutcome['seenTo'] = { itGlue: null, psa: null };
  #failing: Failing | null = null;
  readonly #organizations = new Map<string, Failing>();
  readonly #counts = { nothing: 0, something: 0, failed: 0 };

  constructor(options: WatchLoopOptions) {
    this.#options = options;
  }

  /** Settings that came into force. */
  configure(settings: WatchSettings): void {
    const mark = settings?.mark ?? null;
    if (mark === this.#mark) return;
    this.#mark = mark;
    this.#round += 1;
    this.#pace = mark === null ? null : newPace(this.#options.elapsed());
    this.#failing = null;
    this.#organizations.clear();
    if (mark === null) {
      this.#lastLookAt = null;
      this.#lastGoodAt = null;
      this.#seenTo = { itGlue: null, psa: null };
    }
    this.#judge();
  }

  start(): void {
    this.#timer = setInterval(() => this.tick(), lookEveryMs).unref();
    this.tick();
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.#pace = null;
  }

  /** A sync of all organizations went well: both sides answer again. */
  hasten(): void {
    if (this.#pace !== null) this.#pace = hastened(this.#pace, this.#options.elapsed());
  }

  /** Looks when it is time. */
  tick(): void {
    if (this.#pace === null) return;
    this.#judge();
    if (!this.#isLooking && isLookDue(this.#pace, this.#options.elapsed()) && this.#options.isFree()) void this.#look();
  }

  /** `null`: nothing is watched. */
  facts(): WatchFacts | null {
    if (this.#pace === null) return null;
    const failing = this.#failing;
    const next = this.#options.now() + Math.max(0, this.#pace.nextAt - this.#options.elapsed());
    return {
      lastLookAt: dateText(this.#lastLookAt),
      lastGoodAt: dateText(this.#lastGoodAt),
      seenTo: this.#seenTo,
      nextLookAt: new Date(next).toISOString(),
      failing:
        failing === null
          ? null
          : { code: failing.error.code, message: failing.error.message, since: new Date(failing.since).toISOString() },
      counts: { ...this.#counts },
    };
  }

  async #look(): Promise<void> {
    const round = this.#round;
    this.#isLooking = true;
    try {
      this.#ended(round, await this.#options.look());
    } catch (thrown) {
      const { code, message, hint, place } = asRollcallError(thrown);
      if (code === stopped) this.#pause(round, 'stopped');
      else this.#failed(round, { code, message, hint, place });
    } finally {
      this.#isLooking = false;
    }
  }

  #ended(round: number, { error, seenTo, organizations }: WatchOutcome): void {
    if (organizations.length > 0) this.#options.onSomething(organizations);
    if (error !== null) {
      if (error.code === stopped) this.#pause(round, 'stopped');
      else this.#failed(round, error);
      return;
    }
    this.#counts[organizations.length > 0 ? 'something' : 'nothing'] += 1;
    if (round !== this.#round || this.#pace === null) return;
    const now = this.#options.now();
    const failedBefore = this.#failing !== null;
    this.#failing = null;
    this.#lastLookAt = now;
    this.#lastGoodAt = now;
    this.#seenTo = { itGlue: seenTo.itGlue ?? this.#seenTo.itGlue, psa: seenTo.psa ?? this.#seenTo.psa };
    this.#rememberFailed(organizations, now);
    this.#pause(round, 'good');
    this.#judge();
    if (!failedBefore) return;
    this.#options.logger.info('Two-way sync looks again');
    if (organizations.length === 0) this.#options.onSomething([]);
  }

  /** An organization whose failure is not repeated by the next good look is well again. */
  #rememberFailed(organizations: readonly WatchedOrganization[], now: number): void {
    const failed = new Map(
      organizations.flatMap(({ organization, error }) =>
        error === null || error.code === stopped ? [] : [[organization as string, error]],
      ),
    );
    for (const organization of this.#organizations.keys()) if (!failed.has(organization)) this.#organizations.delete(organization);
    for (const [organization, error] of failed) {
      this.#organizations.set(organization, { since: this.#organizations.get(organization)?.since ?? now, error });
    }
  }

  #failed(round: number, error: ProblemWords): void {
    const { logger, now } = this.#options;
    this.#counts.failed += 1;
    if (round !== this.#round || this.#pace === null) return;
    const { code, message } = error;
    if (this.#failing?.error.code !== code) logger.warn('A look of two-way sync failed', { code, reason: message });
    this.#lastLookAt = now();
    this.#failing = { since: this.#failing?.since ?? now(), error };
    this.#pause(round, mayPass(code) ? 'failed' : 'refused');
    this.#judge();
  }

  #pause(round: number, result: LookResult): void {
    if (this.#pace === null || round !== this.#round) return;
    const { collector, elapsed } = this.#options;
    this.#pace = afterLook(this.#pace, result, elapsed(), spreadOf(`${collector} watch`));
  }

  /** Says so when it has seen nothing for long, and takes it back. */
  #judge(): void {
    const { problems, now, elapsed } = this.#options;
    const told = this.#pace === null ? null : this.#whatIsWrong(this.#pace, elapsed(), now());
    if (told === null) problems.clear(problemKind);
    else problems.put(problemKind, told.error, 'degraded', told.since);
  }

  #whatIsWrong(pace: WatchPace, elapsed: number, now: number): Failing | null {
    // What will not pass by itself is told at once.
    if (this.#failing !== null && (isOverdue(pace, elapsed) || !mayPass(this.#failing.error.code))) {
      const { error, since } = this.#failing;
      return { since, error: failing(`Two-way sync sees no changes, neither in IT Glue nor in the PSA: ${error.message}`, error) };
    }
    const lasting = [...this.#organizations].filter(([, { since }]) => now - since >= organizationPatienceMs);
    const [first] = lasting;
    if (first === undefined) return null;
    const [organization, { error, since }] = first;
    const names = lasting.map(([name]) => name).join(', ');
    return { since, error: failing(`Two-way sync fails for organization ${names}: ${error.message}`, error, { organization }) };
  }
}

/** What the watch fails with, under a code of its own: it stays the same problem when IT Glue is away and then the PSA. */
function failing(message: string, { code, hint, place }: ProblemWords, more: ProblemWords['place'] = {}): ProblemWords {
  return { code: 'PSA_WATCH_FAILING', message, hint, place: { ...place, ...more, cause: code } };
}

function dateText(moment: number | null): string | null {
  return moment === null ? null : new Date(moment).toISOString();
}

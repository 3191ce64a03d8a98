import { RollcallError } from '../../../core/errors.ts';
import type { OrganizationId } from '../../../core/model/ids.ts';
import type { Lease } from '../../../core/ports/lease.ts';

/** Two clocks, in milliseconds: one stands still while the machine sleeps, the other one may be set. */
export type LeaseClock = () => { readonly elapsed: number; readonly wall: number };

export const machineClock: LeaseClock = () => ({ elapsed: performance.now(), wall: Date.now() });

/** How old a confirmation may be for a write to rely on it: half of what the lease then lasts. */
const freshMs = 15_000;

export interface HeldLeaseOptions {
  readonly organization: OrganizationId;
  readonly token: number;
  /** Without being renewed. */
  readonly lastsMs: number;
  /** Before it was asked for. */
  readonly askedAt: ReturnType<LeaseClock>;
  readonly clock: LeaseClock;
  /** Whether it still is this one's. */
  readonly renew: () => Promise<boolean>;
  readonly giveBack: () => Promise<void>;
  /** Which database, for messages. */
  readonly words: string;
}

/** A lease as its holder has it. */
export class HeldLease implements Lease {
  readonly organization: OrganizationId;
  readonly token: number;
  readonly #options: HeldLeaseOptions;
  readonly #listeners: (() => void)[] = [];
  #isLost = false;
  #isKeeping = false;
  #confirmedAt: ReturnType<LeaseClock>;

  constructor(options: HeldLeaseOptions) {
    this.organization = options.organization;
    this.token = options.token;
    this.#options = options;
    this.#confirmedAt = options.askedAt;
  }

  onLost(listener: () => void): void {
    this.#listeners.push(listener);
  }

  async confirm(): Promise<void> {
    if (this.#isLost) throw this.lost();
    const askedAt = this.#options.clock();
    if (!(await this.#options.renew())) {
      this.lose();
      throw this.lost();
    }
    this.#confirmedAt = askedAt;
  }

  assertFresh(): void {
    if (this.#isLost || this.#age() > freshMs) throw this.lost();
  }

  /**
   * Renews it from time to time. A database that cannot be asked may be back before it ends. An answer may take its time, while the
   * session is busy with a long transaction: what was renewed then is not lost, however long ago it was asked for.
   */
  async keep(): Promise<void> {
    if (this.#isKeeping) return;
    this.#isKeeping = true;
    const isRenewed = await this.confirm().then(
      () => true,
      () => false,
    );
    this.#isKeeping = false;
    if (!isRenewed && this.#age() > this.#options.lastsMs) this.lose();
  }

  /** Somebody else has it. */
  lose(): void {
    if (this.#isLost) return;
    this.#isLost = true;
    for (const listener of this.#listeners) listener();
  }

  lost(): RollcallError {
    const { organization, words } = this.#options;
    return new RollcallError(
      'STORE_LEASE_LOST',
      `This process is not in charge of organization ${organization} any more, or cannot tell (${words}).`,
      { place: { organization } },
    );
  }

  async release(): Promise<void> {
    await this.#options.giveBack().catch(() => undefined);
  }

  /** The longer of both clocks: a machine that slept, and a clock that was set forward, make it older; one that was set back does not make it younger. */
  #age(): number {
    const { elapsed, wall } = this.#options.clock();
    return Math.max(elapsed - this.#confirmedAt.elapsed, wall - this.#confirmedAt.wall);
  }
}

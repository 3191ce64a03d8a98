import type { SandboxRequest } from './exchange.ts';

export interface WriteEvent {
  /** `before`: checked and about to be carried out; `after`: carried out, the answer not yet sent. */
  readonly when: 'before' | 'after';
  /** The how-manieth write it is, from 1. */
  readonly nth: number;
  readonly request: SandboxRequest;
}

/** `continue` goes on with the request; `drop` breaks its connection, and does not carry it out when it was still before. */
export type Release = 'continue' | 'drop';

/** Called around each write and waited for; answers nothing to let it go on. */
export type WriteHook = (event: WriteEvent) => Release | undefined | Promise<Release | undefined> | void | Promise<void>;

/** A request that is, or will be, parked. */
export interface Hold {
  readonly parked: Promise<WriteEvent>;
  readonly state: 'waiting' | 'parked' | 'released';
  release(how?: Release): void;
}

/** Counts the writes, tells the hooks, and parks a write on demand. */
export class WriteWatch {
  readonly #hooks = new Set<WriteHook>();
  #holds: ParkingSpace[] = [];
  writes = 0;

  onRequest(hook: WriteHook): () => void {
    this.#hooks.add(hook);
    return () => this.#hooks.delete(hook);
  }

  /** Parks the nth write from now on (from 1), before or after it is carried out. */
  holdAtWrite(nth: number, when: 'before' | 'after'): Hold {
    const space = new ParkingSpace(this.writes + nth, when);
    this.#holds.push(space);
    return space;
  }

  /** Tells hooks and holds of a write; says how a parked one was released. `gone` ends the parking when the client leaves. */
  async pass(event: WriteEvent, gone: Promise<void>): Promise<Release> {
    let dropped = false;
    for (const hook of this.#hooks) {
      dropped = (await hook(event)) === 'drop' || dropped;
    }
    if (dropped) {
      return 'drop';
    }
    const space = this.#holds.find((hold) => hold.nth === event.nth && hold.when === event.when && hold.state === 'waiting');
    return space === undefined ? 'continue' : space.park(event, gone);
  }

  releaseAll(): void {
    for (const hold of this.#holds) {
      hold.release('drop');
    }
    this.#holds = [];
  }
}

class ParkingSpace implements Hold {
  readonly nth: number;
  readonly when: 'before' | 'after';
  readonly parked: Promise<WriteEvent>;
  state: 'waiting' | 'parked' | 'released' = 'waiting';
  readonly #tellParked: (event: WriteEvent) => void;
  readonly #released: Promise<Release>;
  readonly #release: (how: Release) => void;

  constructor(nth: number, when: 'before' | 'after') {
    this.nth = nth;
    this.when = when;
    const parked = Promise.withResolvers<WriteEvent>();
    const released = Promise.withResolvers<Release>();
    this.parked = parked.promise;
    this.#tellParked = parked.resolve;
    this.#released = released.promise;
    this.#release = released.resolve;
  }

  async park(event: WriteEvent, gone: Promise<void>): Promise<Release> {
    this.state = 'parked';
    this.#tellParked(event);
    const how = await Promise.race([this.#released, gone.then(() => 'drop' as const)]);
    this.state = 'released';
    return how;
  }

  release(how: Release = 'continue'): void {
    this.state = 'released';
    this.#release(how);
  }
}

import { RollcallError } from '../../../../core/errors.ts';
import type { SignInGate } from './sign-in-gate.ts';

/** A sign-in that hangs is no refusal: the next one waits for it no longer than this. */
const patienceMs = 2_000;

/**
 * Lets sessions at many controllers sign in one after the other, and none once one was refused: a password that was changed a moment
 * ago and that one controller still knows would else be wrong at all others at once, which locks the account.
 */
export class SignInQueue {
  readonly #gate: SignInGate;
  readonly #directory: string;
  readonly #patienceMs: number;
  #last: Promise<unknown> = Promise.resolve();
  #refusedBy: string | null = null;

  constructor(gate: SignInGate, directory: string, patience: number = patienceMs) {
    this.#gate = gate;
    this.#directory = directory;
    this.#patienceMs = patience;
  }

  /** The gate for one server. Throws `DIRECTORY_BIND_REJECTED` without asking it when another has refused the sign-in. */
  at(server: string): Pick<SignInGate, 'signIn'> {
    return { signIn: (open) => this.#signIn(server, open) };
  }

  async #signIn<Session extends AsyncDisposable>(server: string, open: () => Promise<Session>): Promise<Session> {
    const before = this.#last;
    const mine = Promise.withResolvers<void>();
    this.#last = mine.promise;
    try {
      await before;
      if (this.#refusedBy !== null) {
        const message = `${server} (directory "${this.#directory}") was not asked, because ${this.#refusedBy} refused the sign-in`;
        throw new RollcallError('DIRECTORY_BIND_REJECTED', message, { place: { directory: this.#directory, server } });
      }
      const patience = setTimeout(() => mine.resolve(), this.#patienceMs);
      try {
        return await this.#gate.signIn(open);
      } finally {
        clearTimeout(patience);
      }
    } catch (error) {
      if (error instanceof RollcallError && error.code === 'DIRECTORY_BIND_REJECTED') this.#refusedBy ??= server;
      throw error;
    } finally {
      mine.resolve();
    }
  }
}

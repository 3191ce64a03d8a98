import { refusalWords } from '../../../../core/active-directory/bind-sub-codes.ts';
import { firstReadRequest } from '../../../../core/collect/first-read.ts';
import {
  afterRefusal,
  maySignIn,
  type RefusedSignIn,
  refusedSignIn,
  type SignInAccount,
  withRefusedSignIn,
} from '../../../../core/collect/sign-in-patience.ts';
import { RollcallError } from '../../../../core/errors.ts';
import type { ReadRequest } from '../../../../core/ports/directory-source.ts';
import type { ActiveDirectoryConfig } from '../config.ts';

type GateConfig = Pick<ActiveDirectoryConfig, 'name' | 'bindDn' | 'password' | 'passwordVersion'>;

/**
 * Through which all sign-ins of one read, survey or check go, so that a wrong password makes one bad sign-in and not one for each
 * server or each run: the first one goes alone, the others wait for its outcome; what the directory refused is remembered, and the
 * next read waits its time (`core/collect/sign-in-patience.ts`). A certificate locks no account: it is always tried.
 */
export class SignInGate {
  readonly #config: GateConfig;
  readonly #request: Pick<ReadRequest, 'attended' | 'memory'>;
  readonly #now: () => number;
  #isAccepted = false;
  #refusal: RollcallError | null = null;
  #first: Promise<unknown> | null = null;

  /** Without a request nothing is remembered and nothing is waited for: a person asks, once. */
  constructor(config: GateConfig, request: Pick<ReadRequest, 'attended' | 'memory'> = firstReadRequest, now: () => number = Date.now) {
    this.#config = config;
    this.#request = request;
    this.#now = now;
  }

  /**
   * Opens a session that is signed in. Throws what `open` throws, `DIRECTORY_BIND_WAITING` before anything is opened while a refusal is
   * too fresh, and the refusal itself when this gate has seen one.
   */
  async signIn<Session extends AsyncDisposable>(open: () => Promise<Session>): Promise<Session> {
    while (!this.#isAccepted && this.#first !== null) await this.#first.catch(() => undefined);
    if (this.#refusal !== null) throw this.#refusal;
    if (this.#isAccepted) return await open();
    const first = this.#openFirst(open);
    this.#first = first;
    try {
      return await first;
    } finally {
      this.#first = null;
    }
  }

  async #openFirst<Session extends AsyncDisposable>(open: () => Promise<Session>): Promise<Session> {
    const early = this.#proveTime();
    let session: Session;
    try {
      session = await open();
    } catch (error) {
      if (error instanceof RollcallError && error.code === 'DIRECTORY_BIND_REJECTED') await this.#noteRefusal(error, early);
      throw error;
    }
    this.#isAccepted = true;
    try {
      await this.#remember(null);
      return session;
    } catch (error) {
      await session[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Tells whether this try comes before its time. */
  #proveTime(): boolean {
    if (this.#isByCertificate) return false;
    const verdict = maySignIn(this.#known, { ...this.#account, attended: this.#request.attended }, this.#now());
    if (verdict.wait) throw waiting(this.#config.name, verdict.refused, verdict.until);
    return verdict.early;
  }

  async #noteRefusal(error: RollcallError, early: boolean): Promise<void> {
    this.#refusal = error;
    const subCode = typeof error.place['subCode'] === 'string' ? error.place['subCode'] : null;
    const refusal = { ...this.#account, subCode, early };
    await this.#remember(this.#isByCertificate ? null : afterRefusal(this.#known, refusal, this.#now()));
  }

  get #isByCertificate(): boolean {
    return this.#config.password === '';
  }

  get #account(): SignInAccount {
    return { bindDn: this.#config.bindDn, passwordVersion: this.#config.passwordVersion ?? '' };
  }

  get #known(): RefusedSignIn | null {
    return refusedSignIn(this.#request.memory.value);
  }

  async #remember(refused: RefusedSignIn | null): Promise<void> {
    const { memory } = this.#request;
    if (refused === null && this.#known === null) return;
    await memory.keep(withRefusedSignIn(memory.value, refused));
  }
}

function waiting(directory: string, refused: RefusedSignIn, until: number): RollcallError {
  const { refusedAt, subCode, times } = refused;
  const often = times === 1 ? '' : `, ${times} times so far`;
  const message =
    `directory "${directory}": the sign-in was refused at ${clockText(refusedAt)} (${refusalWords(subCode)})${often}; ` +
    `it is tried again after ${clockText(until)}`;
  return new RollcallError('DIRECTORY_BIND_WAITING', message, { place: { directory, subCode } });
}

/** `2026-11-22 06:30 UTC`. */
function clockText(moment: number): string {
  return `${new Date(moment).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

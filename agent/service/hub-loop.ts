import type { ErrorCode, RollcallError } from '../../core/errors.ts';
import type { SentDocument } from '../cli/documents-collector.ts';
import { asRollcallError } from '../cli/failure.ts';
import { growingPauseMs } from '../http/retry.ts';
import { waitOf } from '../hub/client/hub-link.ts';
import type { HubIdentity } from '../hub/client/identity.ts';
import { type LinkState, newLinkState, readLinkState, sparedNow, writeLinkState } from '../hub/client/link-state.ts';
import type { OpenDoor } from '../hub/client/open-door.ts';
import type { HeartbeatAnswer, HeartbeatRequest } from '../hub/protocol/messages.ts';
import type { CollectorFacts } from '../pipeline/hub/collector-facts.ts';
import type { Logger } from '../telemetry/logger.ts';

/** What the link needs of the configuration and of the service. */
export interface HubLoopOptions {
  readonly stateDirectory: string;
  readonly now: () => number;
  /** From 0 to below 1. */
  readonly random: () => number;
  readonly logger: Logger;
  /** What a heartbeat says of this machine itself. */
  readonly self: () => Pick<HeartbeatRequest, 'version' | 'platform' | 'subnets' | 'location'>;
  /** The way to the hub of the configuration in force, opened anew each time: machine and key may be others by now. */
  readonly openDoor: (signal: AbortSignal) => Promise<OpenDoor>;
  /** Puts a key into use that the hub gave. */
  readonly takeKey: (identity: HubIdentity, key: string) => Promise<unknown>;
  /** No job is under way that would have to be waited for. */
  readonly isFree: () => boolean;
  readonly facts: () => Promise<CollectorFacts>;
  readonly send: () => Promise<readonly SentDocument[]>;
  /** The link is as it was not before. */
  readonly onChange: () => void;
}

const lookEveryMs = 1_000;
const beatMs = 60_000;
/** What no run of this service changes may change by a command's: it is looked at this often. */
const factsLastMs = 10 * 60_000;
const longestBeatPauseMs = 5 * 60_000;
/** For what does not pass by itself: the operator of the hub may have put it right. */
const rareMs = 3_600_000;
const sendPauses = { first: 15_000, longest: 10 * 60_000 } as const;
const standing: ReadonlySet<ErrorCode> = new Set([
  'HUB_COLLECTOR_REVOKED',
  'HUB_KEY_REJECTED',
  'HUB_PROTOCOL_UNKNOWN',
  'HUB_CERTIFICATE_REJECTED',
]);

/**
 * A collector's link to its hub, on the thread that is always free: a sign of life each minute, with what the hub answers to it, and the
 * sending of what waits, as a job, once the hub can be heard. After failures the pauses grow.
 */
export class HubLoop {
  readonly #options: HubLoopOptions;
  readonly #stop = new AbortController();
  #isOn = false;
  #timer: NodeJS.Timeout | null = null;
  #underWay: Promise<void> | null = null;
  #state: LinkState | null = null;
  #facts: CollectorFacts = { directories: [], problems: [] };
  /** When they were worked out; 0: something has happened since. */
  #factsAt = 0;
  #beatAt = 0;
  #sendAt = 0;
  #beatFailures = 0;
  #sendFailures = 0;

  constructor(options: HubLoopOptions) {
    this.#options = options;
  }

  /** Directories whose scheduled full reads other collectors do, as the hub said within the last day (C9). */
  get sparedFullReads(): readonly string[] {
    return this.#isOn ? sparedNow(this.#state, this.#options.now()) : [];
  }

  /** Settings that came into force: whether there is a hub to talk to. Another one is talked to at once. */
  configure(isOn: boolean): void {
    this.#isOn = isOn;
    this.#factsAt = 0;
    this.#beatAt = 0;
    this.#sendAt = 0;
  }

  async start(): Promise<void> {
    this.#state = await readLinkState(this.#options.stateDirectory);
    this.#timer = setInterval(() => void this.look(), lookEveryMs).unref();
  }

  /** A run has ended: what it could not send is tried soon, and the next sign of life tells of it. */
  hasten(): void {
    this.#factsAt = 0;
    this.#sendAt = Math.min(this.#sendAt, this.#options.now() + sendPauses.first);
  }

  async close(): Promise<void> {
    this.#isOn = false;
    this.#stop.abort();
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#underWay;
  }

  /** Does what is due now, unless something is being done. */
  look(): Promise<void> {
    this.#underWay ??= this.#look().finally(() => {
      this.#underWay = null;
    });
    return this.#underWay;
  }

  async #look(): Promise<void> {
    const { now, isFree } = this.#options;
    if (!this.#isOn) return;
    if (now() >= this.#beatAt || this.#beatAt - now() > rareMs + beatMs) await this.#beat();
    const waits = this.#facts.directories.some(({ unsentSince }) => unsentSince !== null);
    if (waits && this.#state?.failing === null && now() >= this.#sendAt && isFree()) await this.#send();
  }

  async #beat(): Promise<void> {
    const { now, random, openDoor, logger } = this.#options;
    let door: OpenDoor | null = null;
    try {
      await this.#learnFacts();
      door = await openDoor(this.#stop.signal);
      const identity = await door.identity();
      const link = await door.link();
      const askedAt = now();
      const answer = await link.heartbeat({ ...this.#options.self(), clock: askedAt, ...this.#facts });
      this.#beatAt = now() + Math.round(beatMs * (0.9 + 0.2 * random()));
      await this.#heard(identity, answer, (askedAt + now()) / 2);
      if (answer.rotateKey) {
        await this.#options.takeKey(identity, await link.newKey());
        logger.info('The key for the hub was changed');
      }
    } catch (thrown) {
      await this.#notHeard(asRollcallError(thrown));
    } finally {
      await door?.close();
    }
  }

  /** A job for what changes seldom, and never one that waits for another: then what was known before will do. */
  async #learnFacts(): Promise<void> {
    const { now, isFree } = this.#options;
    const age = now() - this.#factsAt;
    if (!isFree() || (age >= 0 && age < factsLastMs)) return;
    try {
      this.#facts = await this.#options.facts();
      this.#factsAt = now();
    } catch (thrown) {
      this.#options.logger.debug('What a heartbeat tells could not be worked out', { code: asRollcallError(thrown).code });
    }
  }

  async #heard(identity: HubIdentity, answer: HeartbeatAnswer, at: number): Promise<void> {
    const { logger, onChange } = this.#options;
    const wasFailing = this.#state?.failing != null;
    this.#state = {
      collector: identity.collector,
      lastContactAt: Math.round(at),
      clockDifferenceMs: Math.round(at - answer.clock),
      sparedFullReads: answer.sparedFullReads,
      failing: null,
    };
    this.#beatFailures = 0;
    await this.#keep();
    if (!wasFailing) return;
    // What waits goes at once.
    this.#sendAt = 0;
    this.#sendFailures = 0;
    logger.info('The hub is heard again');
    onChange();
  }

  async #notHeard(error: RollcallError): Promise<void> {
    const { now, random, logger, onChange } = this.#options;
    const { code, message } = error;
    if (code === 'INTERRUPTED') return;
    const before = this.#state?.failing ?? null;
    this.#beatFailures += 1;
    const pause = standing.has(code) ? rareMs : growingPauseMs(beatMs, longestBeatPauseMs, this.#beatFailures, random());
    // Whether this machine has joined is only looked up.
    this.#beatAt = now() + (code === 'HUB_NOT_JOINED' ? beatMs : Math.max(pause, Math.min(waitOf(error) ?? 0, rareMs)));
    const since = before?.code === code || (before !== null && !standing.has(code)) ? before.since : now();
    this.#state = { ...(this.#state ?? newLinkState('')), failing: { code, message, since } };
    await this.#keep();
    if (before?.code !== code) logger.warn('The hub cannot be talked to', { code, reason: message });
    onChange();
  }

  async #send(): Promise<void> {
    const { now, random, logger } = this.#options;
    try {
      const sent = await this.#options.send();
      const isDone = sent.every(({ state }) => state === 'landed' || state === 'nothing');
      this.#sendFailures = isDone ? 0 : this.#sendFailures + 1;
      const longest = sent.some(({ state }) => state === 'failed') ? rareMs : sendPauses.longest;
      this.#sendAt = now() + growingPauseMs(sendPauses.first, longest, Math.max(1, this.#sendFailures), random());
      this.#factsAt = 0;
      await this.#learnFacts();
    } catch (thrown) {
      const { code, message } = asRollcallError(thrown);
      this.#sendFailures += 1;
      this.#sendAt = now() + growingPauseMs(sendPauses.first, sendPauses.longest, this.#sendFailures, random());
      if (code !== 'INTERRUPTED') logger.warn('What was read could not be sent', { code, reason: message });
    }
  }

  /** What cannot be kept costs a full read at most. */
  async #keep(): Promise<void> {
    const { stateDirectory, logger } = this.#options;
    if (this.#state === null) return;
    try {
      await writeLinkState(stateDirectory, this.#state);
    } catch (thrown) {
      logger.debug('What is known of the link to the hub could not be kept', { code: asRollcallError(thrown).code });
    }
  }
}

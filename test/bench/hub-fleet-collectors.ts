import { createHash } from 'node:crypto';
import { systemClock } from '../../agent/http/http-clock.ts';
import type { HttpNetwork } from '../../agent/http/network.ts';
import { largestPages } from '../../agent/hub/client/cut-pages.ts';
import { createHubLink, type HubLink } from '../../agent/hub/client/hub-link.ts';
import { sendState } from '../../agent/hub/client/send-state.ts';
import { Redacted } from '../../agent/secrets/redacted.ts';
import { organizationId } from '../../core/model/ids.ts';
import type { SourceState } from '../../core/ports/store.ts';
import { sampleEntry, sampleProof } from '../contract/store.samples.ts';
import { goingOutFrom } from './hub-fleet-addresses.ts';

const directory = 'corp';
const patienceMs = 1_800_000;

export interface CollectorPlace {
  readonly organization: string;
  readonly name: string;
  /** Of this machine: each collector has its own, as collectors in the field do. */
  readonly address: string;
  readonly key: string;
}

/** What went over the wire to the hub. */
export interface Traffic {
  requests: number;
  /** Of pages, as they are sent. */
  bytes: number;
}

/** A collector as its hub knows it: the real client, over a state that is made up while it is sent. */
export class SimulatedCollector {
  readonly #place: CollectorPlace;
  readonly #users: number;
  readonly #link: HubLink;
  readonly #storeId: string;
  readonly #traffic: Traffic;
  #read = 0;
  #uploadId = '';

  constructor(place: CollectorPlace, users: number, hub: { readonly url: string; readonly network: HttpNetwork }, traffic: Traffic) {
    this.#place = place;
    this.#users = users;
    this.#traffic = traffic;
    this.#storeId = createHash('sha256').update(place.name).digest('hex').slice(0, 32);
    const keys = [new Redacted(place.key)];
    this.#link = createHubLink({
      ...hub,
      keys: () => keys,
      version: '0',
      onExchange: () => {
        traffic.requests += 1;
      },
    });
  }

  /** A read of everything: the whole state is sent, and what becomes of it waited for. */
  sendAll(): Promise<void> {
    return this.#send(null);
  }

  /** A read that found nothing new: what is sent holds nobody, and builds on the one before. */
  sendNothingNew(): Promise<void> {
    return this.#send(this.#read);
  }

  /** What the service does each minute: a sign of life, and asking what became of what was sent. */
  async beat(): Promise<void> {
    await goingOutFrom(this.#place.address, async () => {
      const at = Date.now();
      const facts = { name: directory, type: 'active-directory', lastReadAt: at, lastFullAt: at, error: null } as const;
      const { version, platform } = { version: '0', platform: 'bench' };
      await this.#link.heartbeat({
        version,
        platform,
        clock: at,
        subnets: [],
        location: '',
        directories: [{ ...facts, family: this.#family, seesDeleted: true, unsentSince: null }],
        problems: [],
      });
      const status = await this.#link.uploadStatus(this.#uploadId);
      if (status?.state !== 'landed') throw new Error(`The hub says "${status?.state ?? 'unknown'}" of what it has landed.`);
    });
  }

  async close(): Promise<void> {
    await this.#link.close();
  }

  get #family(): string {
    return `ad:${this.#place.name}.example.test`;
  }

  async #send(base: number | null): Promise<void> {
    this.#read += 1;
    const state = this.#stateSince(base);
    const link: HubLink = {
      ...this.#link,
      beginUpload: (id, manifest) => {
        this.#uploadId = id;
        return this.#link.beginUpload(id, manifest);
      },
      sendPage: (id, page) => {
        this.#traffic.bytes += page.gzip.length;
        return this.#link.sendPage(id, page);
      },
    };
    const context = { link, storeId: this.#storeId, clock: systemClock, patienceMs };
    const sent = await goingOutFrom(this.#place.address, () => sendState(context, state, largestPages));
    if (sent !== 'landed') throw new Error('What was sent has not landed in half an hour.');
  }

  #stateSince(base: number | null): SourceState {
    const { organization, name } = this.#place;
    const users = base === null ? this.#users : 0;
    const proof = sampleProof(users, { family: this.#family });
    const at = Date.now() - 1_000;
    const state: SourceState = {
      read: {
        id: this.#read,
        organization: organizationId(organization),
        collector: name,
        directory,
        sourceType: 'active-directory',
        startedAt: at,
        finishedAt: at + 500,
        outcome: 'complete',
        proof,
        error: null,
      },
      base,
      counts: { entries: users, absences: 0, logons: 0 },
      survey: null,
      reaches: { read: this.#read, family: this.#family, survey: null },
      async *pages(mostRecords) {
        for (let from = 0; from < users; from += mostRecords) {
          const count = Math.min(mostRecords, users - from);
          const entries = Array.from({ length: count }, (_, index) => sampleEntry(`${name}-${String(from + index).padStart(6, '0')}`));
          yield { entries, absences: [], logons: [] };
        }
      },
      close: () => Promise.resolve(),
    };
    return state;
  }
}

import { RollcallError } from '../../../core/errors.ts';
import { checkAddress } from '../../http/address.ts';
import type { HttpClient } from '../../http/http-client.ts';
import type { HttpClock } from '../../http/http-clock.ts';
import { type AutotaskReply, readAnswer, readError } from './errors.ts';
import type { TenantMemory } from './memory.ts';
import { productName } from './products.ts';
import { zoneSchema } from './schema.ts';

/** Where a tenant lives. */
export interface Zone {
  /** The only origin that credentials are sent to. */
  readonly origin: string;
  /** The API's address without a trailing slash: `https://webservices5.autotask.net/ATServicesRest/V1.0`. */
  readonly address: string;
}

interface ZoneOptions {
  /** The host of the look-up. */
  readonly address: string;
  readonly userName: string;
  readonly http: HttpClient;
  readonly clock: Pick<HttpClock, 'now' | 'wait'>;
  readonly signal?: AbortSignal | undefined;
  readonly memory: TenantMemory;
  readonly redact: (text: string) => string;
}

export interface Zones {
  /** The tenant's zone. Throws `PSA_CREDENTIALS_REJECTED` when Autotask knows none of this user. */
  current(): Promise<Zone>;
  /** Looks it up again; `null`: it is the same. */
  moved(from: Zone): Promise<Zone | null>;
}

const keptMs = 12 * 3_600_000;
const faultPausesMs = [1_000, 4_000];
const what = 'looking up the zone';
const vendorDomain = '.autotask.net';

/** Looks the tenant's zone up, without credentials, and keeps it for 12 hours: tenants are moved now and then. */
export function createZones(options: ZoneOptions): Zones {
  const { address, userName, http, clock, memory, redact } = options;

  async function current(): Promise<Zone> {
    const { zone } = memory;
    if (zone !== null && clock.now() - zone.lookedUpAt < keptMs) return zone.zone;
    return lookUp();
  }

  async function moved(from: Zone): Promise<Zone | null> {
    const known = memory.zone?.zone ?? null;
    const zone = known !== null && known.address !== from.address ? known : await lookUp();
    return zone.address === from.address ? null : zone;
  }

  /** One look-up at a time, whoever asks. */
  function lookUp(): Promise<Zone> {
    memory.lookUp ??= read().finally(() => {
      memory.lookUp = null;
    });
    return memory.lookUp;
  }

  async function read(): Promise<Zone> {
    const pauses = [...faultPausesMs];
    for (;;) {
      const reply = await ask();
      if (reply.kind === 'result') {
        const zone = toZone(reply.value);
        memory.zone = { zone, lookedUpAt: clock.now() };
        return zone;
      }
      const mayPass = reply.kind === 'failure' && reply.class === 'fault';
      const pauseMs = mayPass ? pauses.shift() : undefined;
      if (pauseMs === undefined) throw lookUpError(reply);
      await clock.wait(pauseMs, options.signal);
    }
  }

  async function ask(): Promise<AutotaskReply> {
    const result = await http.send({
      method: 'GET',
      url: `${address}/ATServicesRest/V1.0/ZoneInformation?user=${encodeURIComponent(userName)}`,
      headers: { accept: 'application/json' },
      budget: 'zone look-up',
      intent: 'read',
      keepsFaults: true,
    });
    return result.kind === 'lost' ? { kind: 'lost', message: result.reason } : readAnswer(result.status, result.text);
  }

  function toZone(value: unknown): Zone {
    const place = { system: productName, address };
    const { url } = zoneSchema.safeParse(value).data ?? { url: null };
    if (url === null) {
      throw new RollcallError('PSA_ANSWER_INVALID', `${productName} answered without the address of a zone (${what}).`, { place });
    }
    try {
      const { origin, pathname, hostname } = checkAddress(url);
      if (!isOwn({ hostname }, new URL(address))) throw foreign(hostname);
      return { origin, address: `${origin}${pathname.replace(/\/+(v1\.0\/*)?$/iu, '')}/V1.0` };
    } catch (cause) {
      if (cause instanceof RollcallError && cause.code === 'PSA_ANSWER_INVALID') throw cause;
      const message = `${productName} answered with a zone that credentials may not be sent to (${what}): an address with https: is needed.`;
      throw new RollcallError('PSA_ANSWER_INVALID', message, { place, cause });
    }
  }

  function foreign(host: string): RollcallError {
    const message = `${productName} answered with a zone at ${host} (${what}), which is not beside the host of the look-up: no credentials were sent there.`;
    return new RollcallError('PSA_ANSWER_INVALID', message, { place: { system: productName, address, host } });
  }

  function lookUpError(reply: Exclude<AutotaskReply, { kind: 'result' }>): RollcallError {
    const saysNothing: readonly string[] = ['fault', 'limited', 'threads'];
    if (reply.kind === 'failure' && !saysNothing.includes(reply.class) && reply.status !== 404) {
      const message = `${productName} knows no zone of the API user: check psa.credentials.userName, the whole user name of an active API user (${redact(reply.message)}).`;
      return new RollcallError('PSA_CREDENTIALS_REJECTED', message, { place: { system: productName, address, status: reply.status } });
    }
    if (reply.kind === 'garbled' || (reply.kind === 'failure' && reply.status === 404)) {
      const message = `There is no ${productName} API at this address: ${what} gave status ${reply.status}.`;
      return new RollcallError('PSA_ANSWER_INVALID', message, { place: { system: productName, address, status: reply.status } });
    }
    return readError({ what, redact }, reply);
  }

  return { current, moved };
}

type Host = Pick<URL, 'hostname'>;

/** The vendor's zones are beside the host of the look-up: `webservices5.autotask.net`. */
function isOwn(zone: Host, lookUp: Host): boolean {
  if (zone.hostname === lookUp.hostname || zone.hostname.endsWith(vendorDomain)) return true;
  const domain = /^[^.]+(\.[^.]+\.[^.]*[a-z][^.]*)$/iu.exec(lookUp.hostname)?.[1];
  return domain !== undefined && zone.hostname.endsWith(domain);
}

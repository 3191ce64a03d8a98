import type { FastifyReply, FastifyRequest } from 'fastify';
import { RollcallError } from '../../../core/errors.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { Inbox } from '../inbox/inbox.ts';
import { headers, protocolVersions } from '../protocol/versions.ts';
import type { KeyHolder, Registry } from '../registry/registry.ts';
import type { HubLimits } from './hub-limits.ts';
import type { HubTally } from './hub-tally.ts';

export interface HubOptions {
  /** The hub's own name, for people. */
  readonly name: string;
  readonly version: string;
  readonly registry: Registry;
  readonly inbox: Inbox;
  readonly logger: Logger;
  readonly now: () => number;
  /** Names that the hub's own directories are read under. */
  readonly isReserved?: (organization: string, name: string) => boolean;
  /** Directories of the collector whose scheduled full reads others do. */
  readonly sparedFullReads?: (collector: KeyHolder) => Promise<readonly string[]> | readonly string[];
  /** An upload is whole and waits. */
  readonly onWaiting?: () => void;
  readonly tally?: HubTally;
  readonly limits?: HubLimits;
}

/** Who asks, once the key was proven. */
const holders = new WeakMap<FastifyRequest, KeyHolder>();

export function holderOf(request: FastifyRequest): KeyHolder {
  const holder = holders.get(request);
  if (holder === undefined) throw new Error('a route without a key was asked who it is asked by');
  return holder;
}

/** For the log: nobody when no key was proven. */
export function collectorIdOf(request: FastifyRequest): string | null {
  return holders.get(request)?.id ?? null;
}

/** Proves the key and that both sides speak one version, before anything of the body is read. */
export function authorization({ registry, now }: Pick<HubOptions, 'registry' | 'now'>) {
  return async (request: FastifyRequest, _reply: FastifyReply): Promise<void> => {
    const key = /^Bearer +(\S{1,200}) *$/i.exec(request.headers.authorization ?? '')?.[1];
    if (key === undefined) throw new RollcallError('HUB_KEY_REJECTED', 'A key is needed.');
    holders.set(request, await registry.authenticate(key, now()));
    const spoken = request.headers[headers.protocol];
    const version = typeof spoken === 'string' && /^\d{1,4}$/.test(spoken) ? Number(spoken) : null;
    if (version === null || version < protocolVersions.oldest || version > protocolVersions.newest) {
      const { oldest, newest } = protocolVersions;
      throw new RollcallError('HUB_PROTOCOL_UNKNOWN', `The hub speaks the versions ${oldest} to ${newest} of the protocol.`);
    }
  };
}

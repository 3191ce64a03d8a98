import type { FastifyInstance, FastifyRequest } from 'fastify';
import { RollcallError } from '../../../core/errors.ts';
import { collectorIdOf } from './hub-context.ts';
import type { HubLimits } from './hub-limits.ts';

type Check = (request: FastifyRequest) => Promise<void>;

/** Each throws `HUB_BUSY` when it was called too often. Needs `@fastify/rate-limit`, which keeps count of so many askers at most. */
export function rateLimits(
  app: FastifyInstance,
  limits: HubLimits,
): { readonly address: Check; readonly collector: Check; readonly key: Check; readonly join: Check } {
  const limit = (max: number, keyGenerator?: (request: FastifyRequest) => string): Check => {
    const check = app.createRateLimit({ max, timeWindow: limits.windowMs, ...(keyGenerator === undefined ? {} : { keyGenerator }) });
    return async (request) => {
      const found = await check(request);
      if (found.isAllowed || !found.isExceeded) return;
      throw new RollcallError('HUB_BUSY', 'The hub was asked too often.', { place: { retryAfter: Math.max(1, found.ttlInSeconds) } });
    };
  };
  const joinOfAddress = limit(limits.addressJoins);
  const joinOfAll = limit(limits.joins, () => 'all');
  return {
    address: limit(limits.addressRequests),
    collector: limit(limits.collectorRequests, (request) => collectorIdOf(request) ?? ''),
    key: limit(limits.collectorKeys, (request) => collectorIdOf(request) ?? ''),
    async join(request) {
      // First its own: who tries too often must not use up what all have.
      await joinOfAddress(request);
      await joinOfAll(request);
    },
  };
}

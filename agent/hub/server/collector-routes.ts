import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { heartbeatAnswer, heartbeatRequest, refusal, rotationAnswer } from '../protocol/messages.ts';
import { type HubOptions, holderOf } from './hub-context.ts';

const keyLifeMs = 30 * 86_400_000;

/** What a collector says and asks about itself. */
export function collectorRoutes(options: HubOptions, allowKey: (request: never) => Promise<void>): FastifyPluginCallbackZod {
  const { registry, now } = options;
  return (app, _settings, done) => {
    app.post(
      '/v1/heartbeat',
      {
        schema: {
          operationId: 'heartbeat',
          summary: 'A sign of life, answered with what the hub wants of the collector',
          body: heartbeatRequest,
          response: { 200: heartbeatAnswer, '4xx': refusal, '5xx': refusal },
        },
      },
      async (request) => {
        const holder = holderOf(request);
        const at = now();
        await registry.heartbeat(holder.id, request.body, at);
        const own = new Set(request.body.directories.map(({ name }) => name));
        const spared = (await options.sparedFullReads?.(holder)) ?? [];
        return {
          clock: at,
          organization: holder.organization,
          name: holder.name,
          sparedFullReads: spared.filter((name) => own.has(name)),
          rotateKey: at - holder.keyMadeAt > keyLifeMs,
        };
      },
    );
    app.post(
      '/v1/key',
      {
        onRequest: (request) => allowKey(request as never),
        schema: {
          operationId: 'rotateKey',
          summary: 'A new key; the old one is valid until the new one was used',
          // Nothing has to be said with it.
          body: z.object({}).nullish(),
          response: { 200: rotationAnswer, '4xx': refusal, '5xx': refusal },
        },
      },
      async (request) => ({ key: await registry.rotateKey(holderOf(request).id, now()) }),
    );
    done();
  };
}

import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { enrolmentAnswer, enrolmentRequest, hubFacts, refusal } from '../protocol/messages.ts';
import { protocolVersions } from '../protocol/versions.ts';
import type { HubOptions } from './hub-context.ts';

/** What is answered without a key: what the hub is, and joining it. */
export function openRoutes(options: HubOptions, allowJoin: (request: never) => Promise<void>): FastifyPluginCallbackZod {
  return (app, _settings, done) => {
    app.get(
      '/v1/hub',
      {
        schema: {
          operationId: 'hub',
          summary: 'What the hub is, and which versions of the protocol it speaks',
          response: { 200: hubFacts },
        },
      },
      () => ({ product: 'rollcall hub' as const, version: options.version, protocol: { ...protocolVersions } }),
    );
    app.post(
      '/v1/enrolment',
      {
        onRequest: (request) => allowJoin(request as never),
        schema: {
          operationId: 'enrol',
          summary: 'A machine joins by its invitation, which works once',
          body: enrolmentRequest,
          response: { 201: enrolmentAnswer, '4xx': refusal, '5xx': refusal },
        },
      },
      async (request, reply) => {
        const { collector, key } = await options.registry.join(request.body, options.now(), options.isReserved);
        const { id, name, organization } = collector;
        options.logger.info('A collector joined the hub', { collectorId: id, organization });
        return reply.code(201).send({ collector: { id, name, organization }, key, hub: { name: options.name } });
      },
    );
    done();
  };
}

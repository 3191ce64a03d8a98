import type { Server, Socket } from 'node:net';
import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import {
  createJsonSchemaTransform,
  createJsonSchemaTransformObject,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import { z } from 'zod';
import { uploadLimits } from '../protocol/limits.ts';
import { refusal } from '../protocol/messages.ts';
import { uploadPage } from '../protocol/uploads.ts';
import { collectorRoutes } from './collector-routes.ts';
import { authorization, collectorIdOf, type HubOptions } from './hub-context.ts';
import { usualHubLimits } from './hub-limits.ts';
import { LogBurst } from './log-burst.ts';
import { openRoutes } from './open-routes.ts';
import { rateLimits } from './rate-limits.ts';
import { refusalOf } from './refusals.ts';
import { pageRoutes, uploadRoutes } from './upload-routes.ts';

/** The TLS that a hub listens with; `null`: none, which is for this machine alone. */
export interface HubTls {
  readonly cert: string;
  readonly key: string;
}

/** Refusals a minute of those who proved no key that are told above `debug`. */
const strangersTold = 60;

const strictHeaders = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000',
  'x-content-type-options': 'nosniff',
} as const;

/** The hub's routes, without a listener. `options` say what they work on; who asks is told by the key alone (H3). */
export async function buildHub(options: HubOptions, tls: HubTls | null = null): Promise<FastifyInstance> {
  const limits = options.limits ?? usualHubLimits;
  const app = serverOf(options, tls);
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  answerFaults(app, options);

  await app.register(rateLimit, { global: false });
  await app.register(swagger, documentSettings(options.version));
  const allow = rateLimits(app, limits);
  app.addHook('onRequest', async (request, reply) => {
    void reply.headers(strictHeaders);
    await allow.address(request);
  });

  const zod = app.withTypeProvider<ZodTypeProvider>();
  await zod.register(openRoutes(options, allow.join));
  await zod.register(async (guarded) => {
    guarded.addHook('onRequest', authorization(options));
    guarded.addHook('onRequest', (request) => allow.collector(request));
    guarded.addHook('onRoute', (route) => {
      route.schema = { ...route.schema, security: [{ key: [] }] };
    });
    await guarded.register(collectorRoutes(options, allow.key));
    await guarded.register(uploadRoutes(options, limits));
    await guarded.register(pageRoutes(options));
    guarded.get('/v1/openapi.json', { schema: { operationId: 'openapi', summary: 'This document' } }, () => app.swagger());
  });
  await app.ready();
  return app;
}

function serverOf({ limits = usualHubLimits }: HubOptions, tls: HubTls | null): FastifyInstance {
  const settings = {
    logger: false,
    bodyLimit: uploadLimits.messageBytes,
    requestTimeout: limits.requestMs,
    connectionTimeout: limits.idleMs,
    keepAliveTimeout: 65_000,
    forceCloseConnections: true,
    // An address that somebody else writes into a header is nobody's.
    trustProxy: false,
    routerOptions: { maxParamLength: 64 },
    return503OnClosing: true,
  } as const;
  const node = { maxHeaderSize: 8_192, headersTimeout: limits.headersMs, connectionsCheckingInterval: Math.min(5_000, limits.headersMs) };
  const app: FastifyInstance =
    tls === null
      ? fastify({ ...settings, http: node })
      : fastify({ ...settings, https: { ...node, ...tls, minVersion: 'TLSv1.2', handshakeTimeout: limits.headersMs } });
  app.server.maxConnections = limits.connections;
  boundAddresses(app.server, limits.addressConnections);
  return app;
}

/** One address must not take all connections: before a handshake nothing else tells who comes. */
function boundAddresses(server: Server, most: number): void {
  const open = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? '';
    const count = (open.get(address) ?? 0) + 1;
    if (count > most) {
      socket.destroy();
      return;
    }
    open.set(address, count);
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1;
      if (left === 0) open.delete(address);
      else open.set(address, left);
    });
  });
}

function answerFaults(app: FastifyInstance, { logger, tally, now }: HubOptions): void {
  const strangers = new LogBurst(strangersTold, now);
  const refuse = (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const { status, document, retryAfter, isFault } = refusalOf(error);
    const { code } = document.error;
    tally?.answered(code);
    const facts = { code, status, route: request.routeOptions.url ?? null, collectorId: collectorIdOf(request) };
    if (isFault) logger.error('The hub failed to answer', { ...facts, reason: error instanceof Error ? error.message : null });
    else if (facts.collectorId !== null || strangers.take()) logger.info('The hub refused a request', facts);
    else logger.debug('The hub refused a request', facts);
    if (retryAfter !== null) void reply.header('retry-after', String(retryAfter));
    if (status === 401) void reply.header('www-authenticate', 'Bearer');
    if (!isWorthReading(request)) void reply.header('connection', 'close');
    return reply.code(status).send(document);
  };
  app.setErrorHandler(refuse);
  app.setNotFoundHandler((request, reply) => refuse(Object.assign(new Error('no route'), { statusCode: 404 }), request, reply));
  app.addHook('onResponse', async (request, reply) => {
    if (reply.statusCode < 400) tally?.answered('done');
    const facts = { method: request.method, route: request.routeOptions.url ?? null, status: reply.statusCode };
    logger.debug('The hub answered', { ...facts, ms: Math.round(reply.elapsedTime), collectorId: collectorIdOf(request) });
  });
}

/** Whether the rest of a refused body is so little that reading it costs less than another connection. */
function isWorthReading({ headers, raw }: FastifyRequest): boolean {
  const length = Number(headers['content-length'] ?? (raw.complete || headers['transfer-encoding'] === undefined ? 0 : Number.NaN));
  return length <= uploadLimits.pageBytes;
}

function documentSettings(version: string): Parameters<typeof swagger>[1] {
  const schemaRegistry = z.registry<{ readonly id: string }>();
  schemaRegistry.add(uploadPage, { id: 'UploadPage' });
  schemaRegistry.add(refusal, { id: 'Refusal' });
  return {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'rollcall hub', version, description: 'What collectors tell a hub. Errors are a Refusal, whose code is stable.' },
      components: { securitySchemes: { key: { type: 'http', scheme: 'bearer', description: "A collector's key." } } },
    },
    transform: createJsonSchemaTransform({ schemaRegistry }),
    transformObject: createJsonSchemaTransformObject({ schemaRegistry }),
  };
}

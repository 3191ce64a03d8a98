import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { type ConsoleSource, currentHealth } from './console-facts.ts';
import { isToken } from './console-token.ts';
import { namesLoopback } from './listen-address.ts';
import type { Metrics } from './metrics.ts';

export interface ConsoleOptions extends ConsoleSource {
  readonly token: string;
  /** Only requests that name this machine itself are answered. */
  readonly loopbackOnly: boolean;
  /** A fault while a request was answered. */
  readonly onFault: (error: Error) => void;
}

const secondMs = 1_000;
/** Without a token. */
const openPaths: ReadonlySet<string> = new Set(['/healthz', '/readyz']);

const strictHeaders = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const;

/** No route has a schema; fastify's own compilers would take 8 MB of memory for nothing. */
const noSchemas = { buildValidator: () => refuseSchema, buildSerializer: () => refuseSchema };

function refuseSchema(): never {
  throw new Error('The console compiles no schemas.');
}

/**
 * The console's routes, without a listener. `/healthz` says that the process is alive: it answers 200 whatever the health, since
 * nothing gets better by restarting a service because IT Glue is away; the word is in its body. `/readyz` answers 503 until the
 * service is ready, and while its health is `failed`. Everything but these two needs the token.
 */
export function buildConsole(options: ConsoleOptions): FastifyInstance {
  const app = fastify({
    logger: false,
    bodyLimit: 1_024,
    requestTimeout: 5 * secondMs,
    connectionTimeout: 10 * secondMs,
    keepAliveTimeout: 5 * secondMs,
    forceCloseConnections: true,
    http: { maxHeaderSize: 8_192, headersTimeout: 5 * secondMs },
    schemaController: { compilersFactory: noSchemas },
  });
  app.server.maxConnections = 64;
  let metrics: Promise<Metrics> | null = null;

  app.addHook('onRequest', async (request, reply) => {
    void reply.headers(strictHeaders);
    if (options.loopbackOnly && !namesLoopback(request.headers.host)) return refuse(reply, 421, 'this address is not served');
    if (!openPaths.has(request.routeOptions.url ?? '') && !isAllowed(request, options.token)) {
      return refuse(reply.header('www-authenticate', 'Bearer'), 401, "the console's token is needed");
    }
    return undefined;
  });
  app.setNotFoundHandler((_request, reply) => refuse(reply, 404, 'not found'));
  app.setErrorHandler((error: Error & { readonly statusCode?: number }, _request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500) options.onFault(error);
    return refuse(reply, status >= 400 && status < 500 ? status : 500, status >= 500 ? 'something went wrong' : 'bad request');
  });

  app.get('/healthz', () => ({ health: currentHealth(options) }));
  app.get('/readyz', (_request, reply) => {
    const health = currentHealth(options);
    const ready = options.ready() && health !== 'failed';
    return reply.code(ready ? 200 : 503).send({ ready, health });
  });
  app.get('/metrics', async (_request, reply) => {
    // Loaded when it is first asked for: most consoles are only ever asked whether they are alive.
    metrics ??= import('./metrics.ts').then(({ createMetrics }) => createMetrics(options));
    const loaded = await metrics;
    return reply.type(loaded.contentType).send(await loaded.text());
  });
  return app;
}

function isAllowed({ headers }: FastifyRequest, token: string): boolean {
  const given = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1];
  return given !== undefined && isToken(given, token);
}

function refuse(reply: FastifyReply, status: number, error: string): FastifyReply {
  return reply.code(status).send({ error });
}

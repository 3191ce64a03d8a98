import { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { RollcallError } from '../../../core/errors.ts';
import { uploadLimits } from '../protocol/limits.ts';
import { refusal } from '../protocol/messages.ts';
import { type UploadStatus, uploadId, uploadManifest, uploadStatus } from '../protocol/uploads.ts';
import { headers } from '../protocol/versions.ts';
import { type HubOptions, holderOf } from './hub-context.ts';
import { type HubLimits, usualHubLimits } from './hub-limits.ts';

const upload = z.object({ uploadId });
const page = z.object({ uploadId, number: z.string().regex(/^[1-9]\d{0,4}$/u) });
const pageHeaders = z.looseObject({ [headers.pageHash]: z.string().regex(/^[0-9a-f]{64}$/u), 'content-encoding': z.literal('gzip') });
const response = { 200: uploadStatus, '4xx': refusal, '5xx': refusal };

/** How an upload begins, is asked for and ends. */
export function uploadRoutes(options: HubOptions, { manifestBytes }: HubLimits = usualHubLimits): FastifyPluginCallbackZod {
  const { inbox, tally, now, onWaiting } = options;
  const told = (status: UploadStatus): UploadStatus => {
    if (status.state === 'waiting') onWaiting?.();
    return status;
  };
  return (app, _settings, done) => {
    app.put(
      '/v1/uploads/:uploadId',
      {
        bodyLimit: manifestBytes,
        schema: {
          operationId: 'beginUpload',
          summary: 'Begins an upload, or goes on with it',
          params: upload,
          body: uploadManifest,
          response,
        },
      },
      async (request) => {
        const { id: collectorId, organization, name: collector } = holderOf(request);
        const status = await inbox.begin({ organization, collector, collectorId }, request.params.uploadId, request.body, now());
        if (tally !== undefined) tally.begun += 1;
        return status;
      },
    );
    app.post(
      '/v1/uploads/:uploadId/complete',
      { schema: { operationId: 'completeUpload', summary: 'All pages were sent', params: upload, body: z.object({}).nullish(), response } },
      async (request) => {
        const status = await inbox.complete(holderOf(request).id, request.params.uploadId);
        if (tally !== undefined && status.state === 'waiting') tally.complete += 1;
        return told(status);
      },
    );
    app.get(
      '/v1/uploads/:uploadId',
      { schema: { operationId: 'uploadStatus', summary: 'How far an upload is', params: upload, response } },
      (request) => inbox.status(holderOf(request).id, request.params.uploadId),
    );
    done();
  };
}

/** The pages, which are not read into memory: each goes to the disk as it comes. */
export function pageRoutes({ inbox, tally }: HubOptions): FastifyPluginCallbackZod {
  return (app, _settings, done) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', (_request: FastifyRequest, body: Readable, parsed: (error: null, body: Readable) => void) =>
      parsed(null, body),
    );
    app.put(
      '/v1/uploads/:uploadId/pages/:number',
      {
        schema: {
          operationId: 'sendPage',
          summary: 'One page: the gzip of the JSON of an UploadPage, whose SHA-256 is the one that the manifest names',
          params: page,
          headers: pageHeaders,
          response,
        },
        onRequest: (request, _reply, next) => next(sizeFault(request)),
      },
      async (request) => {
        const { uploadId: id, number } = request.params;
        const body = request.body instanceof Readable ? request.body : Readable.from([]);
        const sha256 = request.headers[headers.pageHash];
        try {
          // Whatever is wrong with a page, the connection has to last for the answer.
          const status = await inbox.addPage(holderOf(request).id, id, {
            number: Number(number),
            sha256,
            body: body.iterator({ destroyOnReturn: false }),
          });
          if (tally !== undefined) tally.pageBytes += Number(request.headers['content-length'] ?? 0);
          return status;
        } finally {
          body.resume();
        }
      },
    );
    done();
  };
}

function sizeFault(request: FastifyRequest): Error | undefined {
  const size = Number(request.headers['content-length'] ?? 0);
  return size > uploadLimits.pageBytes
    ? new RollcallError('HUB_UPLOAD_TOO_LARGE', `The page is larger than ${uploadLimits.pageBytes} bytes.`)
    : undefined;
}

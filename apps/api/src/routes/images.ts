// /v1/images: what is known of an image, and its bytes as they were uploaded.
import { Readable } from 'node:stream';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { AppError, mimeTypeOf, type ObjectStore } from '@tintype/core';
import type { ImageSummaryRow, TenantDatabase } from '@tintype/prisma';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { readConditions, type WantedBytes } from '../conditional-request.ts';
import type { Deps } from '../deps.ts';
import { ownOf } from '../principal.ts';
import { presentImage } from '../schemas/image.ts';
import { presentMetadata } from '../schemas/metadata.ts';
import { problems } from '../schemas/problem.ts';
import { Id } from '../schemas/types.ts';
import { discardOriginal } from '../store-original.ts';

const params = Type.Object({ id: Id('The image.') });

const bytesHeaders = {
  etag: { type: 'string', description: 'The SHA-256 of the file, quoted.' },
  'accept-ranges': { type: 'string', enum: ['bytes'] },
  'content-disposition': { type: 'string', description: 'attachment, with the name given at upload.' },
};
/** The answer's media type is the one of the file. */
const binary = { schema: { type: 'string', format: 'binary' } };
const bytes = { content: { 'image/*': binary, 'application/octet-stream': binary } };

export function addImageRoutes(instance: FastifyInstance, { deps }: { deps: Deps }): void {
  const app = instance.withTypeProvider<TypeBoxTypeProvider>();
  const { objects } = deps;

  app.get(
    '/v1/images/:id',
    {
      config: { access: 'images:read' },
      schema: {
        operationId: 'getImage',
        tags: ['images'],
        summary: 'One image',
        params,
        response: {
          200: { description: 'The image.', ...Type.Ref('Image#') },
          ...problems(400, 401, 404, 500, 503),
        },
      },
    },
    async (request) => presentImage(await findImage(request.params.id, ownOf(request))),
  );

  app.get(
    '/v1/images/:id/metadata',
    {
      config: { access: 'images:read' },
      schema: {
        operationId: 'getMetadata',
        tags: ['images'],
        summary: 'Everything the file says about itself',
        params,
        response: {
          200: { description: 'The whole document.', ...Type.Ref('Metadata#') },
          ...problems(400, 401, 404, 409, 500, 503),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const own = ownOf(request);
      const metadata = await own.images.metadata(id);
      if (metadata === undefined) throw new AppError('IMAGE_NOT_FOUND');
      if (metadata === null) throw await whyNoMetadata(id, own);
      return reply.send(presentMetadata(metadata));
    },
  );

  app.get(
    '/v1/images/:id/original',
    {
      config: { access: 'images:read' },
      schema: {
        operationId: 'getOriginal',
        tags: ['images'],
        summary: 'The bytes as they were uploaded or fetched',
        description: 'The media type is the one of the content. Honours Range, If-Range and If-None-Match.',
        params,
        headers: Type.Object({
          range: Type.Optional(Type.String({ description: 'One range: `bytes=0-499`.' })),
          'if-range': Type.Optional(Type.String()),
          'if-none-match': Type.Optional(Type.String()),
        }),
        response: {
          200: { description: 'All of it.', headers: bytesHeaders, ...bytes },
          206: {
            description: 'The range.',
            headers: { ...bytesHeaders, 'content-range': { type: 'string' } },
            ...bytes,
          },
          304: { description: 'You have it already.', type: 'null', headers: { etag: bytesHeaders.etag } },
          ...problems(400, 401, 404, 409, 416, 500, 503),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const own = ownOf(request);
      const row = stored(await findImage(id, own));
      if (row === undefined) throw await whyNoOriginal(id, own);
      const etag = `"${Buffer.from(row.sha256).toString('hex')}"`;
      const totalBytes = Number(row.bytes);
      const wanted = readConditions(request, { etag, totalBytes });
      if (wanted.kind === 'unsatisfiable') throw noSuchRange(reply, totalBytes);
      // Opened before any header is set: what the headers say of the file must not stand above an error.
      const body = await openBytes(request, { row, wanted }, objects);
      reply.headers({
        etag,
        'accept-ranges': 'bytes',
        'cache-control': 'private, max-age=31536000, immutable',
        'content-disposition': disposition(row.fileName ?? row.id),
        'content-security-policy': "default-src 'none'; sandbox",
        'x-content-type-options': 'nosniff',
      });
      return describeBytes(reply, { row, wanted, totalBytes }).send(body);
    },
  );

  app.delete(
    '/v1/images/:id',
    {
      config: { access: 'images:write' },
      schema: {
        operationId: 'deleteImage',
        tags: ['images'],
        summary: 'Remove an image',
        description:
          'With its file, its jobs and all that was found out. A job that has not ended is canceled first.',
        params,
        response: {
          204: { description: 'Removed.', type: 'null' },
          ...problems(400, 401, 404, 500, 503),
        },
      },
    },
    async (request, reply) => {
      const own = ownOf(request);
      const removed = await own.images.remove(request.params.id);
      if (removed === undefined) throw new AppError('IMAGE_NOT_FOUND');
      // Not awaited: the image is gone, and what of its objects stays now is left to the sweep.
      for (const { uploadId, objectKey } of removed)
        void discardOriginal({ imageId: uploadId, objectKey }, { own, objects });
      return reply.code(204).send(null);
    },
  );
}

async function findImage(id: string, { images }: TenantDatabase): Promise<ImageSummaryRow> {
  const row = await images.get(id);
  if (row === undefined) throw new AppError('IMAGE_NOT_FOUND');
  return row;
}

async function whyNoOriginal(id: string, { images }: TenantDatabase): Promise<AppError> {
  return (await images.isFailed(id))
    ? new AppError('ORIGINAL_UNAVAILABLE')
    : new AppError('ORIGINAL_NOT_READY', { retryAfterSeconds: 1 });
}

async function whyNoMetadata(id: string, { images }: TenantDatabase): Promise<AppError> {
  return (await images.isFailed(id))
    ? new AppError('METADATA_UNAVAILABLE')
    : new AppError('METADATA_NOT_READY', { retryAfterSeconds: 1 });
}

/** An image whose bytes are there. */
type StoredImageRow = ImageSummaryRow & { bytes: bigint; sha256: Uint8Array; format: string };

function stored(row: ImageSummaryRow): StoredImageRow | undefined {
  const { bytes, sha256, format } = row;
  return bytes === null || sha256 === null || format === null ? undefined : { ...row, bytes, sha256, format };
}

async function openBytes(
  { method }: FastifyRequest,
  { row, wanted }: { row: ImageSummaryRow; wanted: WantedBytes },
  objects: ObjectStore,
): Promise<Readable> {
  // An empty stream is the only body for which Fastify leaves content-length to us.
  if (method === 'HEAD' || wanted.kind === 'not-modified') return Readable.from([]);
  const object = await objects.open(row.objectKey, wanted.kind === 'range' ? wanted.range : undefined);
  if (object === undefined) throw new AppError('IMAGE_NOT_FOUND', { message: 'The stored file is gone.' });
  return object.body;
}

/** What the status and the headers say of the bytes that follow. */
function describeBytes(
  reply: FastifyReply,
  { row, wanted, totalBytes }: { row: StoredImageRow; wanted: WantedBytes; totalBytes: number },
): FastifyReply {
  if (wanted.kind === 'not-modified') return reply.code(304);
  reply.type(mimeTypeOf(row.format));
  if (wanted.kind !== 'range') return reply.header('content-length', totalBytes);
  const { first, last } = wanted.range;
  return reply
    .code(206)
    .headers({ 'content-range': `bytes ${first}-${last}/${totalBytes}`, 'content-length': last - first + 1 });
}

function noSuchRange(reply: FastifyReply, totalBytes: number): AppError {
  reply.header('content-range', `bytes */${totalBytes}`);
  return new AppError('RANGE_NOT_SATISFIABLE', {
    message: `The file has ${totalBytes} bytes: the range lies outside.`,
  });
}

/** RFC 6266: a plain name for old clients, the real one for all others. */
function disposition(name: string): string {
  const plain = name.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const encoded = encodeURIComponent(name).replace(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}

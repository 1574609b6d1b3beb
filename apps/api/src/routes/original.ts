// GET /v1/images/:id/original: the bytes of an image as they were uploaded.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { AppError, mimeTypeOf } from '@tintype/core';
import type { ImageSummaryRow, TenantDatabase } from '@tintype/prisma';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { answerBytes, bytesContent, bytesHeaders, type StoredBytes } from '../answer-bytes.ts';
import type { Deps } from '../deps.ts';
import { findImage } from '../find-image.ts';
import { ownOf } from '../principal.ts';
import { problems } from '../schemas/problem.ts';
import { Id } from '../schemas/types.ts';

const headers = {
  ...bytesHeaders,
  etag: { type: 'string', description: 'The SHA-256 of the file, quoted.' },
  'content-disposition': { type: 'string', description: 'attachment, with the name given at upload.' },
};

export function addOriginalRoute(instance: FastifyInstance, { deps: { objects } }: { deps: Deps }): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().get(
    '/v1/images/:id/original',
    {
      config: { access: 'images:read' },
      schema: {
        operationId: 'getOriginal',
        tags: ['images'],
        summary: 'The bytes as they were uploaded or fetched',
        description: 'The media type is the one of the content. Honours Range, If-Range and If-None-Match.',
        params: Type.Object({ id: Id('The image.') }),
        headers: Type.Object({
          range: Type.Optional(Type.String({ description: 'One range: `bytes=0-499`.' })),
          'if-range': Type.Optional(Type.String()),
          'if-none-match': Type.Optional(Type.String()),
        }),
        response: {
          200: { description: 'All of it.', headers, ...bytesContent },
          206: {
            description: 'The range.',
            headers: { ...headers, 'content-range': { type: 'string' } },
            ...bytesContent,
          },
          304: { description: 'You have it already.', type: 'null', headers: { etag: headers.etag } },
          ...problems(400, 401, 404, 409, 416, 500, 503),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const own = ownOf(request);
      const bytes = bytesOf(await findImage(id, own));
      if (bytes === undefined) throw await whyNoOriginal(id, own);
      const body = await answerBytes(bytes, { request, reply }, objects);
      if (body !== undefined) return reply.send(body);
      throw new AppError('IMAGE_NOT_FOUND', { message: 'The stored file is gone.' });
    },
  );
}

/** Undefined: there are none yet, or there will be none. */
function bytesOf({
  bytes,
  sha256,
  format,
  objectKey,
  fileName,
  id,
}: ImageSummaryRow): StoredBytes | undefined {
  if (bytes === null || sha256 === null || format === null) return undefined;
  return {
    objectKey,
    etag: `"${Buffer.from(sha256).toString('hex')}"`,
    totalBytes: Number(bytes),
    contentType: mimeTypeOf(format),
    headers: {
      'cache-control': 'private, max-age=31536000, immutable',
      'content-disposition': disposition(fileName ?? id),
    },
  };
}

async function whyNoOriginal(id: string, { images }: TenantDatabase): Promise<AppError> {
  return (await images.isFailed(id))
    ? new AppError('ORIGINAL_UNAVAILABLE')
    : new AppError('ORIGINAL_NOT_READY', { retryAfterSeconds: 1 });
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

// POST /v1/images/:id/signed-urls, POST /v1/signed-urls: an address of one picture that works without a credential, for a while.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { Presets } from '@tintype/core';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { ApiConfig } from '../config.ts';
import { transformOfName } from '../delivery/named-transform.ts';
import { makeSignedUrl } from '../delivery/signed-url.ts';
import { findImage } from '../find-image.ts';
import { invalid, readPath } from '../image-fields.ts';
import { ownOf } from '../principal.ts';
import { imageParams, NewSignedFileUrl, NewSignedUrl } from '../schemas/delivery.ts';
import { problems } from '../schemas/problem.ts';

export function addSignedUrlRoutes(
  instance: FastifyInstance,
  { config }: { config: Pick<ApiConfig, 'presets' | 'maxSignedUrlSeconds' | 'publicUrl'> },
): void {
  const app = instance.withTypeProvider<TypeBoxTypeProvider>();
  const { presets, maxSignedUrlSeconds, publicUrl: base } = config;

  /** @throws AppError INVALID_REQUEST */
  function expectLifetime(seconds: number): void {
    if (seconds > maxSignedUrlSeconds)
      throw invalid('expiresInSeconds', `must be at most ${maxSignedUrlSeconds}`);
  }

  app.post(
    '/v1/images/:id/signed-urls',
    {
      config: { access: 'images:read', idempotent: 'sealed' },
      schema: {
        operationId: 'createSignedUrl',
        tags: ['delivery'],
        summary: 'An address for an <img> tag',
        description:
          'Whoever has it may GET this one picture, in this size and format, until it expires. What it costs counts as yours. `POST /v1/delivery-keys/rotate` takes back all that were made before.',
        params: imageParams,
        body: NewSignedUrl,
        response: {
          201: { description: 'Made.', ...Type.Ref('SignedUrl#') },
          ...problems(400, 401, 404, 409, 422, 500, 503),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { expiresInSeconds: seconds, transform, derivative } = request.body;
      expectLifetime(seconds);
      if (transform !== undefined && derivative !== undefined)
        throw invalid('derivative', 'must stand alone: a derivative has its transform');
      const own = ownOf(request);
      const row = await findImage(id, own);
      if (derivative !== undefined)
        transformOfName(derivative, { derivatives: row.derivatives as Presets }, presets);
      const path = `/v1/images/${row.id}/${derivative === undefined ? 'render' : `derivatives/${derivative}`}`;
      const key = await own.deliveryKeys.current();
      const { url, expiresAt } = makeSignedUrl({ path, transform, seconds }, { key, base });
      return reply.code(201).send({ url, expiresAt: expiresAt.toISOString() });
    },
  );

  app.post(
    '/v1/signed-urls',
    {
      config: { access: 'images:read', idempotent: 'sealed' },
      schema: {
        operationId: 'createSignedFileUrl',
        tags: ['delivery'],
        summary: 'An address for an <img> tag, by path',
        description:
          'The same for a picture that is delivered by its path. What lies there is looked for when somebody asks.',
        body: NewSignedFileUrl,
        response: {
          201: { description: 'Made.', ...Type.Ref('SignedUrl#') },
          ...problems(400, 401, 409, 500, 503),
        },
      },
    },
    async (request, reply) => {
      const { expiresInSeconds: seconds, transform } = request.body;
      const path = readPath(request.body.path);
      expectLifetime(seconds);
      const own = ownOf(request);
      const key = await own.deliveryKeys.current();
      const encoded = `/v1/files/${path.split('/').map(encodeURIComponent).join('/')}`;
      const { url, expiresAt } = makeSignedUrl({ path: encoded, transform, seconds }, { key, base });
      return reply.code(201).send({ url, expiresAt: expiresAt.toISOString() });
    },
  );
}

// /v1/api-keys: the credentials for programs of whoever is logged in.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { AppError } from '@tintype/core';
import { type ApiKeyRow, makeApiKey, type Scope, USER_SCOPES } from '@tintype/prisma';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { Type } from 'typebox';
import type { ApiConfig } from '../config.ts';
import { dateOf } from '../date-of.ts';
import type { Deps } from '../deps.ts';
import { expectPlan } from '../expect-plan.ts';
import type { Auth } from '../plugins/auth.ts';
import { ownOf, personOf } from '../principal.ts';
import {
  ApiKeyId,
  ApiKeyRotation,
  type ApiKeyWithSecret,
  NewApiKey,
  presentApiKey,
} from '../schemas/api-key.ts';
import { problems } from '../schemas/problem.ts';

const tags = ['accounts'];
const params = Type.Object({ id: ApiKeyId });
const DEFAULT_OVERLAP_SECONDS = 86_400;
const NOT_IDEMPOTENT =
  'An `Idempotency-Key` is not taken: the answer holds a secret, and is not kept to be given again. Where an answer was lost, revoke the key and make another.';
const location = { location: { type: 'string', description: 'Address of the key.' } };

export function addApiKeyRoutes(
  instance: FastifyInstance,
  { config, deps, auth }: { config: Pick<ApiConfig, 'maxApiKeys'>; deps: Pick<Deps, 'db'>; auth: Auth },
): void {
  const app = instance.withTypeProvider<TypeBoxTypeProvider>();
  const { db } = deps;

  app.post(
    '/v1/api-keys',
    {
      config: { access: 'person' },
      schema: {
        operationId: 'createApiKey',
        tags,
        summary: 'Make an API key',
        description: `The whole key is in this answer alone. ${NOT_IDEMPOTENT}`,
        body: NewApiKey,
        response: {
          201: { description: 'Made.', headers: location, ...Type.Ref('ApiKeyWithSecret#') },
          ...problems(400, 401, 409, 413, 415, 500, 503),
        },
      },
    },
    async (request, reply) => {
      const { name, plan: planName = null } = request.body;
      const scopes: readonly Scope[] = request.body.scopes ?? USER_SCOPES;
      const expiresAt = futureOf(request.body.expiresAt);
      if (scopes.includes('admin')) await expectAdministrator(personOf(request).userId);
      if (planName !== null) await expectPlan(planName, db);
      const { id, key, secretSha256 } = makeApiKey();
      const row = await ownOf(request).apiKeys.create({
        ...{ id, name, scopes, planName, expiresAt, secretSha256 },
        most: config.maxApiKeys,
      });
      if (row === undefined)
        throw new AppError('TOO_MANY_API_KEYS', {
          message: `There are ${config.maxApiKeys} live keys already. Revoke one first.`,
        });
      return sendOnce(reply.code(201), row, key);
    },
  );

  app.get(
    '/v1/api-keys',
    {
      config: { access: 'person' },
      schema: {
        operationId: 'listApiKeys',
        tags,
        summary: 'Your API keys',
        response: {
          200: {
            description: 'Those that work no more, too: the newest 1000 of them.',
            ...Type.Ref('ApiKeyList#'),
          },
          ...problems(401, 500, 503),
        },
      },
    },
    async (request) => ({ items: (await ownOf(request).apiKeys.list()).map(presentApiKey) }),
  );

  app.get(
    '/v1/api-keys/:id',
    {
      config: { access: 'person' },
      schema: {
        operationId: 'getApiKey',
        tags,
        summary: 'One API key',
        params,
        response: {
          200: { description: 'The key, without its secret.', ...Type.Ref('ApiKey#') },
          ...problems(400, 401, 404, 500, 503),
        },
      },
    },
    async (request) => presentApiKey(there(await ownOf(request).apiKeys.get(request.params.id))),
  );

  app.post(
    '/v1/api-keys/:id/rotate',
    {
      config: { access: 'person' },
      schema: {
        operationId: 'rotateApiKey',
        tags,
        summary: 'Replace an API key',
        description: `Makes a new key of the same name, scopes, plan and expiry. For a while both work, so that programs can change over without failing. A key is replaced once. ${NOT_IDEMPOTENT}`,
        params,
        body: ApiKeyRotation,
        response: {
          201: { description: 'The new key.', headers: location, ...Type.Ref('ApiKeyWithSecret#') },
          ...problems(400, 401, 404, 409, 413, 415, 500, 503),
        },
      },
    },
    async (request, reply) => {
      const overlapSeconds = request.body?.overlapSeconds ?? DEFAULT_OVERLAP_SECONDS;
      const { id, key, secretSha256 } = makeApiKey();
      const old = request.params.id;
      const next = { id, secretSha256, overlapMs: overlapSeconds * 1000, most: config.maxApiKeys };
      const row = await ownOf(request).apiKeys.rotate(old, next);
      if (row === undefined)
        throw new AppError('API_KEY_NOT_FOUND', {
          message: 'There is no such live key, or it was replaced before.',
        });
      if (row === 'too-many')
        throw new AppError('TOO_MANY_API_KEYS', {
          message: `${config.maxApiKeys} keys that were replaced work still. Revoke one first.`,
        });
      auth.forget((principal) => principal.id === old);
      return sendOnce(reply.code(201), row, key);
    },
  );

  app.delete(
    '/v1/api-keys/:id',
    {
      config: { access: 'person' },
      schema: {
        operationId: 'revokeApiKey',
        tags,
        summary: 'Revoke an API key',
        description: 'It works no longer than `KEY_CACHE_MS` anywhere. It stays in the list.',
        params,
        response: {
          204: { description: 'Revoked.', type: 'null' },
          ...problems(400, 401, 404, 413, 415, 500, 503),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      if (!(await ownOf(request).apiKeys.revoke(id))) throw new AppError('API_KEY_NOT_FOUND');
      auth.forget((principal) => principal.id === id);
      return reply.code(204).send(null);
    },
  );

  /** A key outlives what a token says of groups: it operates the service only for those who do so here. */
  async function expectAdministrator(userId: string): Promise<void> {
    if ((await db.users.get(userId))?.isAdmin !== true)
      throw new AppError('FORBIDDEN', {
        message: 'Only administrators may make keys with the scope "admin".',
      });
  }
}

function sendOnce(reply: FastifyReply, row: ApiKeyRow, key: string): FastifyReply {
  const apiKey: ApiKeyWithSecret = { ...presentApiKey(row), key };
  return reply.headers({ location: apiKey.links.self, 'cache-control': 'no-store' }).send(apiKey);
}

/** @throws AppError INVALID_REQUEST */
function futureOf(text: string | undefined): Date | null {
  const date = dateOf('expiresAt', text);
  if (date === undefined || date.getTime() > Date.now()) return date ?? null;
  throw new AppError('INVALID_REQUEST', {
    message: 'expiresAt must lie in the future.',
    problems: [{ pointer: '/expiresAt', message: 'must lie in the future' }],
  });
}

function there(row: ApiKeyRow | undefined): ApiKeyRow {
  if (row === undefined) throw new AppError('API_KEY_NOT_FOUND');
  return row;
}

// /v1/users/me: the account of whoever asks.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { AppError } from '@tintype/core';
import type { UserRow } from '@tintype/prisma';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { clientAddress } from '../client-address.ts';
import type { Deps } from '../deps.ts';
import { type Passwords, refuseAddressAsPassword } from '../login.ts';
import type { Auth } from '../plugins/auth.ts';
import { personOf, principalOf } from '../principal.ts';
import { problems } from '../schemas/problem.ts';
import { AccountDeletion, PasswordChange, presentUser, UserChange } from '../schemas/user.ts';
import type { SessionCookies } from '../session-cookie.ts';

const tags = ['accounts'];

export function addMeRoutes(
  instance: FastifyInstance,
  {
    deps,
    auth,
    passwords,
    cookies,
  }: { deps: Pick<Deps, 'db'>; auth: Auth; passwords: Passwords; cookies: SessionCookies },
): void {
  const app = instance.withTypeProvider<TypeBoxTypeProvider>();
  const { db } = deps;

  app.get(
    '/v1/users/me',
    {
      config: { access: 'any' },
      schema: {
        operationId: 'getMe',
        tags,
        summary: 'Who you are here',
        response: {
          200: { description: 'You.', ...Type.Ref('Me#') },
          ...problems(401, 500, 503),
        },
      },
    },
    async (request) => {
      const { kind, id, tenantId, userId, scopes, planName } = principalOf(request);
      const user = userId === null ? null : presentUser(there(await db.users.get(userId)));
      const keyId = kind === 'key' ? id : null;
      return { tenantId, user, credential: kind, keyId, scopes, plan: planName };
    },
  );

  app.patch(
    '/v1/users/me',
    {
      config: { access: 'person' },
      schema: {
        operationId: 'updateMe',
        tags,
        summary: 'Change your name',
        description:
          'The name of an account that logs in by an OIDC provider follows the provider again with its next token.',
        body: UserChange,
        response: {
          200: { description: 'As it is now.', ...Type.Ref('User#') },
          ...problems(400, 401, 413, 415, 500, 503),
        },
      },
    },
    async (request) => presentUser(there(await db.users.update(personOf(request).userId, request.body))),
  );

  app.put(
    '/v1/users/me/password',
    {
      config: { access: 'person' },
      schema: {
        operationId: 'changePassword',
        tags,
        summary: 'Change your password',
        description:
          'Ends all your sessions but the one that asks. API keys go on working: revoke those that somebody else may have. A wrong present password counts as a failed login.',
        body: PasswordChange,
        response: {
          204: { description: 'Changed.', type: 'null' },
          ...problems(400, 401, 409, 413, 415, 500, 503),
        },
      },
    },
    async (request, reply) => {
      const { userId, sessionId } = personOf(request);
      const { currentPassword, newPassword } = request.body;
      const user = there(await db.users.get(userId));
      if (!user.hasPassword) throw new AppError('NO_PASSWORD');
      refuseAddressAsPassword(user.email, { newPassword });
      await passwords.confirm(user, { password: currentPassword, ip: clientAddress(request) });
      const passwordHash = await passwords.hash(newPassword);
      await db.users.setPassword(userId, passwordHash, sessionId ?? undefined);
      auth.forget((principal) => principal.userId === userId && principal.kind === 'session');
      return reply.code(204).send(null);
    },
  );

  app.delete(
    '/v1/users/me',
    {
      config: { access: 'person' },
      schema: {
        operationId: 'deleteMe',
        tags,
        summary: 'Delete your account and all that is yours',
        description:
          'Wants your password again; of an account without one, `{"confirm": "delete"}`. From this moment on no session and no key of yours works, and the address may be registered anew. Images, jobs, events and files follow within minutes. There is no way back.',
        body: AccountDeletion,
        response: {
          204: { description: 'Deleted.', type: 'null' },
          ...problems(400, 401, 413, 415, 500, 503),
        },
      },
    },
    async (request, reply) => {
      const { userId, tenantId } = personOf(request);
      const user = there(await db.users.get(userId));
      await confirmDeletion(user, request.body, clientAddress(request));
      await db.users.remove(userId);
      auth.forget((principal) => principal.tenantId === tenantId);
      await cookies.end(null, reply);
      return reply.code(204).send(null);
    },
  );

  async function confirmDeletion(
    user: UserRow,
    { password, confirm }: { password?: string; confirm?: 'delete' },
    ip: string,
  ): Promise<void> {
    if (!user.hasPassword && confirm === undefined) throw missing('confirm');
    if (!user.hasPassword) return;
    if (password === undefined) throw missing('password');
    await passwords.confirm(user, { password, ip });
  }
}

function missing(name: string): AppError {
  return new AppError('INVALID_REQUEST', {
    message: `body must have required property '${name}'.`,
    problems: [{ pointer: `/${name}`, message: `must have required property '${name}'` }],
  });
}

/** A person that was deleted a moment ago asks no more. */
function there(user: UserRow | undefined): UserRow {
  if (user === undefined) throw new AppError('UNAUTHENTICATED');
  return user;
}

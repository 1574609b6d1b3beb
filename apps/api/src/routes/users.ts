// /v1/users: registering; and what administrators see and decide of people.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { AppError, faultOfFilesPrefix } from '@tintype/core';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { clientAddress } from '../client-address.ts';
import type { ApiConfig } from '../config.ts';
import type { Deps } from '../deps.ts';
import { expectPlan } from '../expect-plan.ts';
import { invalid } from '../image-fields.ts';
import { type Passwords, refuseAddressAsPassword } from '../login.ts';
import { nextLink } from '../next-link.ts';
import type { Auth } from '../plugins/auth.ts';
import { principalOf } from '../principal.ts';
import { problems } from '../schemas/problem.ts';
import { Id } from '../schemas/types.ts';
import { Email, presentUser, Registration, UserAdministration } from '../schemas/user.ts';
import type { SessionCookies } from '../session-cookie.ts';
import { setCookie } from './sessions.ts';

const tags = ['accounts'];

export function addUserRoutes(
  instance: FastifyInstance,
  {
    config,
    deps,
    auth,
    passwords,
    cookies,
  }: {
    config: Pick<ApiConfig, 'registration' | 'defaultPlan'>;
    deps: Pick<Deps, 'db'>;
    auth: Auth;
    passwords: Passwords;
    cookies: SessionCookies;
  },
): void {
  const app = instance.withTypeProvider<TypeBoxTypeProvider>();
  const { db } = deps;

  app.post(
    '/v1/users',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'register',
        tags,
        summary: 'Make an account',
        description:
          'And log in: the answer has the cookie of a session. Where registration is closed, those who run the service make accounts.',
        body: Registration,
        response: {
          201: {
            description: 'Made, and logged in.',
            headers: { ...setCookie, location: { type: 'string', description: 'Address of the account.' } },
            $ref: 'User#',
          },
          ...problems(400, 401, 403, 409, 413, 415, 429, 500, 503),
        },
      },
    },
    async (request, reply) => {
      if (config.registration === 'closed') throw new AppError('REGISTRATION_CLOSED');
      const { email, password, name = null } = request.body;
      refuseAddressAsPassword(email, { password });
      // Never forgiven: who makes accounts by the dozen has to wait, and so has who tries which addresses are taken.
      await passwords.attempts.begin({ ip: clientAddress(request) });
      const passwordHash = await passwords.hash(password);
      const made = await db.users.create({ email, name, passwordHash, planName: config.defaultPlan });
      if (made === undefined) throw new AppError('EMAIL_TAKEN');
      const { user } = await cookies.begin({ user: made, passwordHash }, request, reply);
      return reply.code(201).header('location', '/v1/users/me').send(presentUser(user));
    },
  );

  app.get(
    '/v1/users',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'listUsers',
        tags,
        summary: 'All people, newest first',
        description: 'For administrators.',
        querystring: Type.Object({
          email: Type.Optional(Email),
          cursor: Type.Optional(Id('`nextCursor` of the page before.')),
          limit: Type.Integer({ minimum: 1, maximum: 100, default: 20 }),
        }),
        response: {
          200: { description: 'One page.', ...Type.Ref('UserPage#') },
          ...problems(400, 401, 500, 503),
        },
      },
    },
    async (request) => {
      const { email, cursor, limit } = request.query;
      const rows = await db.users.list({ email, after: cursor, limit: limit + 1 });
      const items = rows.slice(0, limit).map(presentUser);
      const nextCursor = rows.length > limit ? (items.at(-1)?.id ?? null) : null;
      const links = nextCursor === null ? {} : { next: nextLink(request, ['cursor', nextCursor]) };
      return { items, nextCursor, links };
    },
  );

  app.patch(
    '/v1/users/:id',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'administerUser',
        tags,
        summary: 'Plan, suspension and rights of a person, and where his files lie',
        description:
          'For administrators; what is left out stays. It takes effect within `KEY_CACHE_MS` everywhere. Who loses the rights of an administrator loses them for his keys, too. Nobody takes his own rights or suspends himself: 409. So the last administrator does not shut himself out by mistake; should none be left all the same, `tintype admin grant` makes one.',
        params: Type.Object({ id: Id('The person.') }),
        body: UserAdministration,
        response: {
          200: { description: 'As it is now.', ...Type.Ref('User#') },
          ...problems(400, 401, 404, 409, 413, 415, 500, 503),
        },
      },
    },
    async (request) => {
      const { id } = request.params;
      const { plan: planName, suspended, admin: isAdmin, filesPrefix } = request.body;
      const isSelf = principalOf(request).userId === id.toLowerCase();
      if (isSelf && (suspended === true || isAdmin === false)) throw new AppError('OWN_RIGHTS');
      if (planName !== undefined) await expectPlan(planName, db);
      if (typeof filesPrefix === 'string') await expectFilesPrefix(id, filesPrefix, db);
      const row = await db.users.update(id, {
        ...(planName !== undefined && { planName }),
        ...(suspended !== undefined && { suspended }),
        ...(isAdmin !== undefined && { isAdmin }),
        ...(filesPrefix !== undefined && { filesPrefix }),
      });
      if (row === undefined) throw new AppError('USER_NOT_FOUND');
      auth.forget((principal) => principal.tenantId === row.tenantId);
      return presentUser(row);
    },
  );
}

/** @throws AppError USER_NOT_FOUND, INVALID_REQUEST */
async function expectFilesPrefix(
  id: string,
  filesPrefix: string,
  { users }: Pick<Deps['db'], 'users'>,
): Promise<void> {
  const user = await users.get(id);
  if (user === undefined) throw new AppError('USER_NOT_FOUND');
  const fault = faultOfFilesPrefix(filesPrefix, user.tenantId);
  if (fault !== undefined) throw invalid('filesPrefix', fault);
}

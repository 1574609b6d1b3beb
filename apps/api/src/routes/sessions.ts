// /v1/sessions: logging a browser in and out.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { clientAddress } from '../client-address.ts';
import type { Passwords } from '../login.ts';
import { personOf } from '../principal.ts';
import { problems } from '../schemas/problem.ts';
import { Login, presentUser } from '../schemas/user.ts';
import type { SessionCookies } from '../session-cookie.ts';

const tags = ['accounts'];

/** What an answer that logs in has more. */
export const setCookie = {
  'set-cookie': { type: 'string', description: 'The session: HttpOnly, Secure, SameSite=Lax.' },
};

export function addSessionRoutes(
  instance: FastifyInstance,
  { passwords, cookies }: { passwords: Passwords; cookies: SessionCookies },
): void {
  const app = instance.withTypeProvider<TypeBoxTypeProvider>();

  app.post(
    '/v1/sessions',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'logIn',
        tags,
        summary: 'Log in',
        description:
          'Answers with a cookie, which browsers send from then on. A session that the request brought along is ended. An address that is unknown is answered like a wrong password. After too many failures, of one account or from one network, even the right password is answered 429 until `Retry-After` has passed.',
        body: Login,
        response: {
          201: { description: 'Logged in.', headers: setCookie, $ref: 'Session#' },
          ...problems(400, 401, 403, 413, 415, 429, 500, 503),
        },
      },
    },
    async (request, reply) => {
      const { email, password } = request.body;
      const login = await passwords.logIn({ email, password, ip: clientAddress(request) });
      const begun = { user: login, passwordHash: login.passwordHash };
      const { user, expiresAt } = await cookies.begin(begun, request, reply);
      return reply.code(201).send({ user: presentUser(user), expiresAt: expiresAt.toISOString() });
    },
  );

  app.delete(
    '/v1/sessions/current',
    {
      config: { access: 'person' },
      schema: {
        operationId: 'logOut',
        tags,
        summary: 'Log out',
        description:
          'Ends the session of the cookie, here and now, and takes the cookie back. Other browsers stay logged in.',
        response: {
          204: { description: 'Logged out.', type: 'null' },
          ...problems(400, 401, 413, 415, 500, 503),
        },
      },
    },
    async (request, reply) => {
      await cookies.end(personOf(request).sessionId, reply);
      return reply.code(204).send(null);
    },
  );
}

// A small service with one of everything that the access matrix looks at, and with whatever mistake a test wants it to make.
import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import { type PrincipalName, verdictOf } from '../src/access/expectations.ts';
import { fixtureOf, pathOf } from '../src/access/fixtures.ts';
import { send } from '../src/access/http.ts';
import { type MatrixResult, runMatrix, type Stage } from '../src/access/matrix.ts';
import { type Route, watchRoutes } from '../src/access/route-table.ts';

/** What can be wrong with it. */
export interface Mistakes {
  /** Says whether somebody is let in, instead of the right rule. */
  rule?: (access: string, principal: PrincipalName) => string;
  /** Answers about another's image. */
  foreign?: { status: number; code: string };
  /** Removes the image before it looks whose it is. */
  removesFirst?: boolean;
  /** Adds what it likes. */
  add?: (app: FastifyInstance) => void;
}

const OWNERS = /^(owner|anonymous|key with|expired|revoked|ended|forged|token)/;
export const ownsThings = (principal: PrincipalName) => OWNERS.test(principal);

/** Runs the matrix over it. */
export async function matrixOf(
  mistakes: Mistakes = {},
): Promise<MatrixResult & { routes: Route[]; inRouter: number }> {
  const images = new Set<string>();
  const app = Fastify();
  const table = watchRoutes(app);
  addRoutes(app, images, mistakes);
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  let count = 0;

  const stage: Stage = {
    owns: ownsThings,
    send: (order) => send(`http://127.0.0.1:${port}`, order),
    state: async () => new Map([['images', [...images].join()]]),
    open: async (route) => {
      const { missing } = fixtureOf(route) ?? {};
      count += 1;
      const id = `image-${count}`;
      images.add(id);
      return {
        missing,
        isGood: ({ status }) => status === 200,
        order: async (principal) => ({
          method: route.method,
          path: pathOf(route, { id, '*': 'page.css' }),
          headers: { 'x-as': principal },
        }),
      };
    },
  };
  try {
    const { routes, inRouter } = table();
    return { ...(await runMatrix(routes, stage)), routes, inRouter };
  } finally {
    await app.close();
  }
}

function addRoutes(
  app: FastifyInstance,
  images: Set<string>,
  { rule, foreign, removesFirst, add }: Mistakes,
): void {
  const judge = rule ?? verdictOf;
  const { status, code } = foreign ?? { status: 404, code: 'IMAGE_NOT_FOUND' };
  app.addHook('onRequest', async (request, reply) => {
    const { access = 'public' } = request.routeOptions.config as { access?: string };
    const verdict = judge(access, asked(request));
    const [refused = '200', why] = verdict.split(' ');
    if (verdict !== 'in') return reply.code(Number(refused)).send({ code: why });
  });
  const asked = ({ headers }: { headers: Record<string, unknown> }) =>
    String(headers['x-as']) as PrincipalName;
  const route = (method: 'GET' | 'DELETE' | 'POST', url: string, access: string, mayRemove = false) =>
    app.route<{ Params: { id?: string } }>({
      ...{ method, url, config: { access } as object },
      handler: async (request, reply) => {
        const { id } = request.params;
        if (mayRemove && removesFirst === true && id !== undefined) images.delete(id);
        if (id !== undefined && !ownsThings(asked(request))) return reply.code(status).send({ code });
        if (mayRemove && id !== undefined) images.delete(id);
        return { fine: true };
      },
    });
  route('GET', '/healthz', 'public');
  route('GET', '/v1/users/me', 'any');
  route('POST', '/v1/users/me/password', 'person');
  route('GET', '/v1/images/:id', 'images:read');
  route('DELETE', '/v1/images/:id', 'images:write', true);
  route('GET', '/v1/request-logs', 'admin');
  add?.(app);
}

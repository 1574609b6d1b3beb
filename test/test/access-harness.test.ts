// The parts of the access matrix that could be wrong without anybody noticing.
import { createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import Fastify from 'fastify';
import t from 'tap';
import {
  type Document,
  exampleBody,
  isDocumentedSuccess,
  mismatches,
  requiredQuery,
} from '../src/access/document.ts';
import { PRINCIPALS, verdictOf } from '../src/access/expectations.ts';
import { fixtureOf } from '../src/access/fixtures.ts';
import { AUDIENCE, startIssuer } from '../src/access/issuer.ts';
import type { Cell } from '../src/access/matrix.ts';
import { readOptions } from '../src/access/options.ts';
import { ownsThings, SHOWN } from '../src/access/principals.ts';
import { median } from '../src/access/proofs/login-timing.ts';
import { matrixTable, unexpected } from '../src/access/report.ts';
import { nameOf, type Route, watchRoutes } from '../src/access/route-table.ts';

const route = (method: string, url: string, more: Partial<Route> = {}): Route => ({
  ...{ method, url, operationId: undefined, access: 'any' },
  ...more,
});

t.test('every route that Fastify is given is in the table', async (t) => {
  const app = Fastify();
  const table = watchRoutes(app);
  const config = { access: 'any' } as object;
  app.get('/a/:id', { config, schema: { operationId: 'getA' } as object }, async () => '');
  app.post('/a', { config }, async () => '');
  app.get('/quiet', { exposeHeadRoute: false }, async () => '');
  app.route({ method: ['PUT', 'PATCH'], url: '/both', handler: async () => '' });
  // Hooks that come later may say who may call it.
  app.addHook('onRoute', (options) => {
    if (options.url.startsWith('/pages')) options.config = { access: 'admin' } as object;
  });
  await app.register(
    async (scope) => {
      scope.get('/', async () => '');
      scope.get('/files/*', async () => '');
    },
    { prefix: '/pages' },
  );
  await app.ready();
  const { routes, inRouter } = table();
  t.same(routes.map((one) => `${one.access ?? '-'} ${nameOf(one)}`).sort(), [
    '- GET /quiet',
    '- PATCH /both',
    '- PUT /both',
    'admin GET /pages',
    'admin GET /pages/',
    'admin GET /pages/files/*',
    'admin HEAD /pages',
    'admin HEAD /pages/',
    'admin HEAD /pages/files/*',
    'any HEAD getA',
    'any POST /a',
    'any getA',
  ]);
  t.equal(inRouter, routes.length, 'the router knows as many');
});

t.test('the table of expectations', async (t) => {
  for (const principal of PRINCIPALS) {
    t.equal(verdictOf('public', principal), 'in', `${principal} on a public route`);
    const verdicts = ['any', 'person', 'images:read', 'admin'].map((access) => verdictOf(access, principal));
    t.equal(
      new Set(verdicts).has('in') || new Set(verdicts).size === 1,
      true,
      `${principal}: in somewhere, or one refusal everywhere`,
    );
    if (!principal.startsWith('administrator,'))
      t.not(verdictOf('admin', principal), 'in', `${principal} is no administrator`);
    t.equal(typeof SHOWN[principal].show, 'function');
  }
  t.throws(() => verdictOf(undefined, 'anonymous'), /not declared/);
  t.throws(() => verdictOf('nonsense', 'anonymous'), /its access is nonsense/);
  t.same(
    PRINCIPALS.filter((principal) => ownsThings(principal) && verdictOf('any', principal) === 'in'),
    ['owner, key', 'owner, session', 'owner, token', 'key without the scope'],
  );
});

t.test('the longest fixture that fits', async (t) => {
  t.equal(fixtureOf(route('GET', '/v1/jobs/:id/events'))?.under, '/v1/jobs/:id');
  t.equal(fixtureOf(route('GET', '/v1/jobs/reprocess/:id'))?.under, '/v1/jobs/reprocess/:id');
  t.equal(fixtureOf(route('GET', '/v1/jobs')), undefined);
  t.throws(() => fixtureOf(route('GET', '/v1/jobs/:number')), /no fixture is known for its parameter number/);
  t.throws(() => fixtureOf(route('GET', '/v1/jobsters/:id')), /no fixture/);
});

const DOCUMENT: Document = {
  paths: {
    '/a/{id}': {
      get: { responses: { 200: {}, 404: {} }, parameters: [{ name: 'id', in: 'path', required: true }] },
    },
    '/b': {
      post: {
        parameters: [
          { name: 'from', in: 'query', required: true, example: '2026-01-01' },
          { name: 'limit', in: 'query', required: true, schema: { default: 20 } },
        ],
        requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/B' } } } },
        responses: { 202: {} },
      },
    },
    '/c': {
      put: {
        parameters: [{ name: 'to', in: 'query', required: true }],
        requestBody: { content: { 'application/json': { schema: {} } } },
        responses: { 204: {} },
      },
    },
  },
  components: { schemas: { B: { examples: [{ b: 1 }] } } },
};

t.test('what the document says', async (t) => {
  const [a, b, c] = [route('GET', '/a/:id', { operationId: 'a' }), route('POST', '/b'), route('PUT', '/c')];
  t.same(mismatches(DOCUMENT, [a, b, c]), []);
  t.same(mismatches(DOCUMENT, [a, c, route('GET', '/d', { operationId: 'd' })]), [
    'POST /b is documented and was not registered',
    'd was registered and is not documented',
  ]);
  t.equal(isDocumentedSuccess(DOCUMENT, a, 200), true);
  t.equal(isDocumentedSuccess(DOCUMENT, { ...a, method: 'HEAD' }, 200), true);
  t.equal(isDocumentedSuccess(DOCUMENT, a, 404), false, 'documented, and no success');
  t.equal(isDocumentedSuccess(DOCUMENT, a, 204), false, 'a success, and not documented');
  t.equal(isDocumentedSuccess(DOCUMENT, route('GET', '/hidden'), 302), true);
  t.same(exampleBody(DOCUMENT, b), { b: 1 });
  t.throws(() => exampleBody(DOCUMENT, c), /it wants a body/);
  t.equal(requiredQuery(DOCUMENT, b), '?from=2026-01-01');
  t.throws(() => requiredQuery(DOCUMENT, c), /its query needs to/);
});

t.test('the report marks what is unexpected', async (t) => {
  const about = { route: 'a', status: 200, code: undefined };
  const cells: Cell[] = [
    { ...about, principal: 'anonymous', expected: '401 UNAUTHENTICATED', holds: false },
    { ...about, principal: 'owner, key', expected: 'in', holds: true },
  ];
  const matrix = { cells, faults: [] };
  t.match(matrixTable([route('GET', '/a', { operationId: 'a' })], matrix), /^any +GET \/a +200!200 {3}– /m);
  t.same(unexpected(matrix), ['a as anonymous: 200 instead of 401 UNAUTHENTICATED']);
});

t.test('tokens of the issuer are what they should be', async (t) => {
  const issuer = await startIssuer();
  t.teardown(() => issuer.close());
  const discovery = (await (await fetch(`${issuer.url}/.well-known/openid-configuration`)).json()) as {
    jwks_uri: string;
  };
  const { keys } = (await (await fetch(discovery.jwks_uri)).json()) as { keys: JsonWebKey[] };
  const key = createPublicKey({ key: keys[0] ?? {}, format: 'jwk' });
  const isSigned = (token: string) => {
    const [head = '', claims = '', signature = ''] = token.split('.');
    const signed = Buffer.from(`${head}.${claims}`);
    return verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'));
  };
  t.equal(isSigned(issuer.token('ada')), true);
  t.equal(isSigned(issuer.forge('ada')), false);
  const claims = JSON.parse(
    Buffer.from(issuer.token('ada', { exp: 1 }).split('.')[1] ?? '', 'base64url').toString(),
  );
  t.match(claims, { iss: issuer.url, aud: AUDIENCE, sub: 'ada', exp: 1 });
});

t.test('small things', async (t) => {
  t.equal(median([3, 1, 2]), 2);
  t.equal(median([4, 1, 2, 3]), 2.5);
  t.match(readOptions(['--only', 'getJob, revocation', '--json', 'x']), {
    only: ['getJob', 'revocation'],
    json: 'x',
    list: false,
  });
  t.equal(readOptions([]).only, undefined);
  t.throws(() => readOptions(['--nonsense']));
});

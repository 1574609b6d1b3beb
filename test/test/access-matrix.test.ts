// The access matrix catches what it is there to catch: services that are wrong on purpose.
import t from 'tap';
import { PRINCIPALS, type PrincipalName, verdictOf } from '../src/access/expectations.ts';
import type { MatrixResult } from '../src/access/matrix.ts';
import { type Mistakes, matrixOf } from './access-app.ts';

const wrong = ({ cells }: MatrixResult) =>
  cells
    .filter(({ holds }) => !holds)
    .map(({ route, principal, status, expected }) => `${route} as ${principal}: ${status} for ${expected}`)
    .sort();

const STRANGERS: PrincipalName[] = PRINCIPALS.filter((principal) =>
  /^(other|administrator|former)/.test(principal),
);

t.test('nothing is unexpected of a service that is right', async (t) => {
  const { cells, faults, routes, inRouter } = await matrixOf();
  // The four that read are there for HEAD, too.
  t.equal(routes.length, 10);
  t.equal(inRouter, 10);
  t.equal(cells.length, 10 * PRINCIPALS.length);
  t.same(wrong({ cells, faults }), []);
  t.same(faults, []);
});

/** One rule broken: `access` is answered as `verdict` to `principal`. */
const breaks =
  (access: string, principal: PrincipalName, verdict: string): NonNullable<Mistakes['rule']> =>
  (asked, who) =>
    asked === access && who === principal ? verdict : verdictOf(asked, who);

const RULES = [
  {
    name: 'who is not known is let in',
    access: 'any',
    principal: 'anonymous',
    verdict: 'in',
    routes: ['GET', 'HEAD'],
  },
  {
    name: 'a revoked key works',
    access: 'images:read',
    principal: 'revoked key',
    verdict: 'in',
    routes: ['GET', 'HEAD'],
  },
  {
    name: 'a scope is not asked for',
    access: 'images:write',
    principal: 'key without the scope',
    verdict: 'in',
    routes: ['DELETE'],
  },
  {
    name: 'a key does what is for people',
    access: 'person',
    principal: 'owner, key',
    verdict: 'in',
    routes: ['POST'],
  },
  {
    name: 'a person operates the service',
    access: 'admin',
    principal: 'owner, session',
    verdict: 'in',
    routes: ['GET', 'HEAD'],
  },
  {
    name: 'a suspended user is told that he is unknown',
    access: 'any',
    principal: 'suspended user, key',
    verdict: '401 UNAUTHENTICATED',
    routes: ['GET', 'HEAD'],
  },
  {
    name: 'the code is another',
    access: 'person',
    principal: 'owner, key',
    verdict: '403 FORBIDDEN',
    routes: ['POST'],
  },
  {
    name: 'the owner is not let in',
    access: 'images:read',
    principal: 'owner, session',
    verdict: '403 FORBIDDEN',
    routes: ['GET', 'HEAD'],
  },
  {
    name: 'an administrator is not let in',
    access: 'admin',
    principal: 'administrator, token',
    verdict: '403 FORBIDDEN',
    routes: ['GET', 'HEAD'],
  },
] as const;

for (const { name, access, principal, verdict, routes } of RULES) {
  t.test(`caught: ${name}`, async (t) => {
    const found = wrong(await matrixOf({ rule: breaks(access, principal, verdict) }));
    t.equal(found.length, routes.length);
    for (const method of routes)
      t.ok(
        found.some((one) => one.startsWith(`${method} `) && one.includes(`as ${principal}:`)),
        method,
      );
  });
}

const FOREIGN = [
  { name: 'another tenant reads an image', foreign: { status: 200, code: 'NONE' } },
  { name: 'another tenant is told that there is one', foreign: { status: 403, code: 'FORBIDDEN' } },
  { name: 'another tenant is told a code of its own', foreign: { status: 404, code: 'NOT_FOUND' } },
];

for (const { name, foreign } of FOREIGN) {
  t.test(`caught: ${name}`, async (t) => {
    const found = wrong(await matrixOf({ foreign }));
    // HEAD can't show a code.
    const methods = foreign.status === 404 ? ['GET', 'DELETE'] : ['GET', 'HEAD', 'DELETE'];
    const expected = methods.flatMap((method) =>
      STRANGERS.map(
        (stranger) => `${method} /v1/images/:id as ${stranger}: ${foreign.status} for 404 IMAGE_NOT_FOUND`,
      ),
    );
    t.same(found, expected.sort());
  });
}

t.test('caught: a refusal that has done it all the same', async (t) => {
  const { faults, ...result } = await matrixOf({ removesFirst: true });
  t.same(faults, ['DELETE /v1/images/:id: refused calls changed images']);
  t.same(wrong({ ...result, faults }), []);
});

const UNKNOWN = [
  {
    name: 'does not say who may call it',
    url: '/v1/images/new',
    access: undefined,
    faults: [/its access is undefined, and in/, /its access is not declared/],
  },
  {
    name: 'has an access that nobody knows',
    url: '/v1/images/new',
    access: 'images:burn',
    faults: [/its access is images:burn, and in/, /its access is images:burn$/],
  },
  {
    name: 'is for readers, and changes something',
    url: '/v1/images/new',
    access: 'images:read',
    faults: [/its access is images:read, and in \/v1\/images it is images:write/],
  },
  {
    name: 'is public, and is none of those few',
    url: '/v1/jobs/new',
    access: 'public',
    faults: [/its access is public, and in/],
  },
  { name: 'stands where none stood before', url: '/v1/albums', access: 'any', faults: [/no area/] },
  {
    name: 'has a parameter without a fixture',
    url: '/v1/api-keys/:number',
    access: 'person',
    faults: [/no fixture is known for its parameter number/],
  },
  {
    name: 'has a parameter more than its fixture',
    url: '/v1/images/:id/parts/:part',
    access: 'images:write',
    faults: [/has no value for :part/],
  },
];

for (const { name, url, access, faults } of UNKNOWN) {
  t.test(`caught: a route that ${name}`, async (t) => {
    const config = (access === undefined ? {} : { access }) as object;
    const result = await matrixOf({
      add: (app) => void app.route({ method: 'POST', url, config, handler: async () => ({}) }),
    });
    t.equal(result.faults.length, faults.length);
    for (const [index, fault] of faults.entries()) {
      t.match(result.faults[index], fault);
      t.match(result.faults[index], `POST ${url}: `);
    }
  });
}

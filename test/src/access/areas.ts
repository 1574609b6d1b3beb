// Which access a route must declare, by where it stands and whether it changes something. The matrix believes what routes declare: this
// table is what a wrong declaration fails by.
import { isSafe, type Route } from './route-table.ts';

/** Nothing of the kind stands there. */
const NONE = undefined;

type Area = readonly [under: string, toRead: string | undefined, toChange: string | undefined];

/** The longest that fits counts. A name with a method before it is one route, and no more. */
// biome-ignore format: a table
const AREAS: readonly Area[] = [
  //                             to read        to change
  ['/v1/jobs',                   'images:read', 'jobs:write'],
  ['/v1/uploads',                NONE,          'jobs:write'],
  ['/v1/jobs/reprocess',         'admin',       'admin'],
  ['/v1/images',                 'images:read', 'images:write'],
  ['/v1/tags',                   'images:read', NONE],
  ['POST /v1/images/:id/signed-urls', NONE,     'images:read'],
  ['/v1/files',                  'images:read', NONE],
  ['/v1/signed-urls',            NONE,          'images:read'],
  ['/v1/delivery-keys',          NONE,          'images:write'],
  ['/v1/events',                 'images:read', NONE],
  ['/v1/webhook-endpoints',      'webhooks',    'webhooks'],
  ['/v1/webhook-deliveries',     'webhooks',    'webhooks'],
  ['/v1/webhook-secret',         NONE,          'webhooks'],
  ['POST /v1/users',             NONE,          'public'],
  ['/v1/users',                  'admin',       'admin'],
  ['/v1/users/me',               'any',         'person'],
  ['POST /v1/sessions',          NONE,          'public'],
  ['/v1/sessions/current',       NONE,          'person'],
  ['/v1/api-keys',               'person',      'person'],
  ['/v1/plans',                  'any',         'admin'],
  ['/v1/usage',                  'any',         NONE],
  ['/v1/request-logs',           'admin',       NONE],
  ['/admin/queues',              'admin',       'admin'],
  ['/docs',                      'public',      NONE],
  ['/openapi.json',              'public',      NONE],
  ['/healthz',                   'public',      NONE],
  ['/readyz',                    'public',      NONE],
  ['/metrics',                   'public',      NONE],
];

/** What is wrong with what the route declares; undefined: nothing. */
export function faultOfAccess(route: Route): string | undefined {
  const [found] = AREAS.filter((area) => fits(area, route)).sort(
    ([one], [other]) => other.length - one.length,
  );
  if (found === undefined) return 'it stands in no area of areas.ts';
  const [under, toRead, toChange] = found;
  const due = isSafe(route) ? toRead : toChange;
  return route.access === due
    ? undefined
    : `its access is ${route.access}, and in ${under} it is ${due ?? 'nobody’s'}`;
}

function fits([under]: Area, { method, url }: Route): boolean {
  return under.includes(' ') ? under === `${method} ${url}` : url === under || url.startsWith(`${under}/`);
}

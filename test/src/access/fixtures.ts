// What routes with a parameter work on: how one is made, whose it is, and what those are told whose it is not.
// A parameter that is not found here ends the run: no new route is forgotten.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Headers } from './accounts.ts';
import { type Body, PAST_THE_API } from './bodies.ts';
import { good, json, type Send } from './http.ts';
import type { Ground } from './people.ts';
import { nameOf, parametersOf, type Route } from './route-table.ts';

/** Of the parameters of a route. */
export type Values = Record<string, string>;

/** Who makes it: its owner to be, or an administrator where it is nobody's. */
export interface Maker {
  self: Headers;
  ground: Ground;
  /** A form with a picture that nobody has sent before. */
  upload(): Body;
}

interface Fixture {
  /** Urls that begin with it, as long as no longer one does. */
  under: string;
  /** What is answered about another tenant's; undefined: it is the service's, and its access says all. */
  missing?: string;
  make(maker: Maker, route: Route): Promise<Values>;
}

export const FIXTURES: readonly Fixture[] = [
  { under: '/v1/jobs/:id', missing: 'JOB_NOT_FOUND', make: makeJob },
  {
    under: '/v1/images/:id',
    missing: 'IMAGE_NOT_FOUND',
    make: async (maker) => ({ id: String((await postImage(maker)).imageId) }),
  },
  {
    under: '/v1/images/:id/tags/:tag',
    missing: 'IMAGE_NOT_FOUND',
    make: async (maker) => {
      const id = String((await postImage(maker)).imageId);
      await ask(maker, 'PUT', `/v1/images/${id}/tags/access`);
      return { id, tag: 'access' };
    },
  },
  {
    under: '/v1/uploads/:id',
    missing: 'UPLOAD_NOT_FOUND',
    make: (maker) => ask(maker, 'POST', '/v1/uploads', PAST_THE_API).then(idOf),
  },
  // Pictures are made by a worker: those that are to be there while none runs are asked for before.
  { under: '/v1/images/:id/render', missing: 'IMAGE_NOT_FOUND', make: makePicture },
  { under: '/v1/images/:id/derivatives/:name', missing: 'IMAGE_NOT_FOUND', make: makePicture },
  { under: '/v1/files', missing: 'FILE_NOT_FOUND', make: makePicture },
  {
    under: '/v1/jobs/reprocess/:id',
    make: (maker) => ask(maker, 'POST', '/v1/jobs/reprocess', { olderThan: '0.0.1' }).then(idOf),
  },
  {
    under: '/v1/webhook-endpoints/:id',
    missing: 'WEBHOOK_ENDPOINT_NOT_FOUND',
    make: (maker) => makeEndpoint(maker).then(idOf),
  },
  {
    under: '/v1/webhook-deliveries/:id',
    missing: 'WEBHOOK_DELIVERY_NOT_FOUND',
    make: async (maker) => {
      const { id } = await makeEndpoint(maker);
      return idOf(await ask(maker, 'POST', `/v1/webhook-endpoints/${id}/ping`));
    },
  },
  {
    under: '/v1/api-keys/:id',
    missing: 'API_KEY_NOT_FOUND',
    make: (maker) => ask(maker, 'POST', '/v1/api-keys', { name: 'access' }).then(idOf),
  },
  {
    under: '/v1/users/:id',
    make: async ({ ground }) => ({ id: (await ground.accounts.person()).userId }),
  },
  {
    under: '/v1/plans/:name',
    make: async ({ ground }) => {
      const name = `plan-${crypto.randomUUID()}`.slice(0, 40);
      const limits = { requestsPerSecond: null, requestsPerDay: null, storedBytes: null, uploadBytes: null };
      await ground.accounts.db.plans.put({ name, description: '', ...limits, concurrentJobs: null });
      return { name };
    },
  },
  // Libraries' pages. Of the queues there are two kinds of route: those about a queue, and those about a nudge in it.
  { under: '/docs/static/*', make: async () => ({ '*': 'swagger-ui.css' }) },
  { under: '/admin/queues/static/*', make: async () => ({ '*': 'favicon.ico' }) },
  { under: '/admin/queues', make: makeNudge },
];

/** The fixture of a route with parameters; undefined for one without. @throws Error when there is none */
export function fixtureOf(route: Route): Fixture | undefined {
  const parameters = parametersOf(route);
  if (parameters.length === 0) return undefined;
  const found = FIXTURES.filter(({ under }) => route.url === under || route.url.startsWith(`${under}/`));
  const [longest] = found.sort((one, other) => other.under.length - one.under.length);
  if (longest === undefined)
    throw new Error(`no fixture is known for its parameter ${parameters.join(', ')}`);
  return longest;
}

/** @throws Error for a parameter that has no value */
export function pathOf(route: Route, values: Values): string {
  return route.url.replace(/:(\w+)|\*/g, (written, name = '*') => {
    const value = values[name];
    if (value === undefined) throw new Error(`the fixture of ${nameOf(route)} has no value for ${written}`);
    return name === '*' ? value : encodeURIComponent(value);
  });
}

async function makeJob(maker: Maker, { operationId }: Route): Promise<Values> {
  const { id } = await postImage(maker);
  // Only what was called off can be run again.
  if (operationId === 'retryJob') await ask(maker, 'DELETE', `/v1/jobs/${id}`);
  return { id: String(id) };
}

/** An image with a path, one picture of which is made. */
async function makePicture(maker: Maker, route: Route): Promise<Values> {
  const id = String((await postImage(maker)).imageId);
  const path = `access/${id}.png`;
  await ask(maker, 'PATCH', `/v1/images/${id}`, { path });
  const values = { id, name: 'thumb', '*': path };
  await ask(maker, 'GET', pathOf(route, values));
  return values;
}

/** While a worker runs, until all is known of it. */
async function postImage({ self, ground, upload }: Maker): Promise<Record<string, unknown>> {
  const { headers, body } = upload();
  const order = { method: 'POST', path: '/v1/jobs', headers: { ...self, ...headers }, body };
  return good(order, await ground.send(order));
}

function makeEndpoint(maker: Maker): Promise<Record<string, unknown>> {
  return ask(maker, 'POST', '/v1/webhook-endpoints', { url: `${maker.ground.issuer.url}/hook` });
}

/** Of a job that waits, as all do while no worker runs. The api does not wait for the nudge, so we do. */
async function makeNudge(maker: Maker): Promise<Values> {
  const queueName = 'process-image';
  await postImage(maker);
  for (let tries = 0; tries < 100; tries += 1) {
    const { queues } = await ask(
      maker,
      'GET',
      `/admin/queues/api/queues?activeQueue=${queueName}&status=waiting`,
    );
    const queue = (queues as { name: string; jobs: { id: string }[] }[]).find(
      ({ name }) => name === queueName,
    );
    const [nudge] = queue?.jobs ?? [];
    if (nudge !== undefined)
      return { queueName, jobId: nudge.id, queueStatus: 'failed', schedulerId: 'none' };
    await sleep(20);
  }
  throw new Error('no nudge of a job that waits is in its queue');
}

async function ask(
  { self, ground }: { self: Headers; ground: { send: Send } },
  method: string,
  path: string,
  body?: object,
): Promise<Record<string, unknown>> {
  const content = body === undefined ? { headers: {} } : json(body);
  const order = { method, path, ...content, headers: { ...self, ...content.headers } };
  return good(order, await ground.send(order));
}

const idOf = ({ id }: Record<string, unknown>) => ({ id: String(id) });

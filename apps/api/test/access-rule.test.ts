import { createLogger } from '@tintype/core';
import type { FastifyInstance } from 'fastify';
import t from 'tap';
import { buildApp } from '../src/app.ts';
import { readConfig } from '../src/config.ts';
import type { Deps } from '../src/deps.ts';
import { describeApi } from '../src/describe.ts';
import type { Access } from '../src/principal.ts';
import { startApi } from './app.ts';

const SAYS_NOTHING = /Route (GET|POST|HEAD) \S+ does not say who may call it/;

async function buildUnconnected(): Promise<FastifyInstance> {
  const config = readConfig({
    DATABASE_URL: 'postgres://nowhere',
    QUEUE_URL: 'redis://nowhere',
    OBJECT_STORE_URL: 'file:///nowhere',
  });
  const log = createLogger({ name: 'api', level: 'silent' });
  const deps = { db: {}, finished: { close: async () => undefined } } as unknown as Deps;
  const { app } = await buildApp({ config, deps, log });
  return app;
}

const answer = async () => '';
const FORGETFUL: Record<string, (app: FastifyInstance) => unknown> = {
  'by its method': (app) => app.get('/v1/open', answer),
  'with a schema alone': (app) => app.post('/v1/open', { schema: { body: {} } }, answer),
  'with another rule': (app) => app.post('/v1/open', { config: { idempotent: true } }, answer),
  'with undefined access': (app) =>
    app.route({ method: 'GET', url: '/v1/open', config: { access: undefined as never }, handler: answer }),
  'beside the board of administrators': (app) => app.get('/administration', answer),
  'beside the pages of the documentation': (app) => app.get('/docs-of-mine', answer),
};

for (const [what, add] of Object.entries(FORGETFUL)) {
  t.test(`a route that does not say who may call it, ${what}`, async (t) => {
    const app = await buildUnconnected();
    t.throws(() => add(app), SAYS_NOTHING);
    await app.close();
  });

  t.test(`in a plugin, ${what}: the app does not start`, async (t) => {
    const app = await buildUnconnected();
    app.register(async (scope) => {
      add(scope);
    });
    await t.rejects(app.listen({ host: '127.0.0.1', port: 0 }), SAYS_NOTHING);
    t.notOk(app.server.listening);
    await app.close();
  });
}

for (const access of ['public', 'any', 'person', 'images:read', 'admin'] satisfies Access[]) {
  t.test(`a route for ${access}`, async (t) => {
    const app = await buildUnconnected();
    app.get('/v1/more', { config: { access } }, answer);
    await t.resolves(async () => void (await app.ready()));
    await app.close();
  });
}

t.test('libraries say nothing of theirs', async (t) => {
  const { origin } = await startApi();
  const asked = async (path: string) => (await fetch(`${origin}${path}`)).status;
  t.equal(await asked('/docs/json'), 200);
  t.equal(await asked('/admin/queues'), 401);
});

t.test('what the build describes is an app that starts', async (t) => {
  t.match(JSON.parse(await describeApi()), { openapi: '3.1.0' });
});

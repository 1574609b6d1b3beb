// Kept answers that hold a secret: given again to who asked, readable by nobody else.
import { makeWebhookSecret } from '@tintype/prisma';
import t from 'tap';
import { addKey, startApi } from './app.ts';
import { postJson, problem } from './client.ts';

const api = await startApi();
const sameTenant = await addKey(api.rows, { tenantId: api.tenantId });
const url = 'https://example.com/hook';

const ROUTES: [what: string, path: () => Promise<string>, body: object, status: number][] = [
  ['a new endpoint', async () => '/v1/webhook-endpoints', { url }, 201],
  [
    'a new secret of an endpoint',
    async () => {
      const made = (await postJson(api, '/v1/webhook-endpoints', { url })).json<{
        links: { self: string };
      }>();
      return `${made.links.self}/rotate-secret`;
    },
    {},
    200,
  ],
  ['a new secret of the tenant', async () => '/v1/webhook-secret/rotate', {}, 200],
];

for (const [what, pathOf, body, status] of ROUTES) {
  t.test(what, async (t) => {
    const path = await pathOf();
    const headers = { 'idempotency-key': crypto.randomUUID() };
    const first = await postJson(api, path, body, { headers });
    t.equal(first.status, status);
    const { secret } = first.json<{ secret: string }>();
    t.equal(secret.length, makeWebhookSecret().length);

    const [kept] = await api.rows<{ text: string }>(
      'SELECT k::text AS text FROM idempotency_keys k WHERE key = $1',
      [headers['idempotency-key']],
    );
    t.notMatch(kept?.text, secret.slice('whsec_'.length));
    t.notMatch(kept?.text, 'example.com');
    t.notMatch(kept?.text, Buffer.from(secret).toString('base64').slice(4, -4));

    const again = await postJson(api, path, body, { headers });
    t.equal(again.status, status);
    t.equal(again.headers['idempotent-replayed'], 'true');
    t.same(again.json(), first.json());
    t.equal(again.headers.location, first.headers.location);
    const bearer = await postJson(api, path, body, {
      key: null,
      headers: { ...headers, authorization: `Bearer ${api.key}` },
    });
    t.same(bearer.json(), first.json(), 'however the same key is sent');

    const other = await postJson(api, path, body, { headers, key: sameTenant });
    t.equal(other.status, 422, 'another key of the same tenant');
    t.match(problem(other), { code: 'IDEMPOTENCY_KEY_REUSED', detail: /secret/ });
    t.notMatch(other.body.toString(), secret);
    const changed = await postJson(api, path, { ...body, overlapHours: 1, description: 'x' }, { headers });
    t.ok([400, 422].includes(changed.status), 'another request');
  });
}

import { readFile } from 'node:fs/promises';
import { Validator } from '@seriousme/openapi-schema-validator';
import { EVENT_TYPES } from '@tintype/prisma';
import t from 'tap';
import { describeApi } from '../src/describe.ts';
import { startApi } from './app.ts';
import { call } from './client.ts';

interface Operation {
  operationId?: string;
  summary?: string;
  tags?: string[];
  security?: object[];
  requestBody?: {
    content: Record<
      string,
      { schema: { required: string[]; properties: Record<string, object>; additionalProperties?: boolean } }
    >;
  };
  parameters?: { name: string; in: string; description?: string }[];
  responses: Record<
    string,
    { description: string; headers?: Record<string, object>; content?: Record<string, { schema: object }> }
  >;
}

interface Document {
  openapi: string;
  info: object;
  paths: Record<string, Record<string, Operation>>;
  webhooks: Record<string, Record<string, Operation>>;
}

const api = await startApi();
const document = (await call(api, '/openapi.json', { key: null })).json<Document>();
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    name: `${method.toUpperCase()} ${path}`,
    operation,
  })),
);
const find = (wanted: string) => operations.find(({ name }) => name === wanted)?.operation as Operation;

t.test('is valid OpenAPI 3.1', async (t) => {
  const { valid, errors } = await new Validator().validate(structuredClone(document) as never);
  t.ok(valid, JSON.stringify(errors));
  t.equal(document.openapi, '3.1.0');
});

t.test('docs/openapi.json is what the code says', async (t) => {
  // The compiled test lies in apps/api/dist/test.
  const file = new URL('../../../../docs/openapi.json', import.meta.url);
  const text = await readFile(file, 'utf8');
  t.equal(text, await describeApi(), 'else run "npm run describe"');
  t.same(JSON.parse(text), document, 'and what the API answers');
});

/** Of those who are not known yet. */
const WAYS_IN = ['POST /v1/users', 'POST /v1/sessions'];
/** No key may call them. */
const isForPersons = (name: string) =>
  /api-keys|me\/password|sessions\/current|(PATCH|DELETE) .*users\/me$/.test(name);
/** Their answers hold secrets that are not kept to be given again. */
const NOT_KEPT = [...WAYS_IN, 'POST /v1/api-keys', 'POST /v1/api-keys/{id}/rotate'];

/** What an address that is signed lets in to. */
const SIGNED = [
  'GET /v1/files/{path}',
  'GET /v1/images/{id}/derivatives/{name}',
  'GET /v1/images/{id}/render',
  'PUT /v1/uploads/{id}/content',
];
/** What anybody sees, where its owner wants that. */
const PUBLIC = ['GET /v1/images/{id}/derivatives/{name}'];

function securityOf(name: string): object[] {
  const person = [{ bearer: [] }, { session: [] }];
  if (isForPersons(name)) return person;
  const signed = SIGNED.includes(name) ? [{ signature: [] }] : [];
  return [{ apiKey: [] }, ...person, ...signed, ...(PUBLIC.includes(name) ? [{}] : [])];
}

t.test('is complete', async (t) => {
  const ids = operations.map(({ operation }) => operation.operationId);
  t.equal(new Set(ids).size, ids.length, 'each operationId once');
  for (const { name, operation } of operations) {
    t.match(operation.operationId, /^[a-z]+[A-Za-z]+$/, name);
    t.ok(operation.summary);
    t.equal(operation.tags?.length, 1);
    const isWayIn = WAYS_IN.includes(name);
    const statuses = Object.keys(operation.responses);
    t.ok(statuses.some((status) => status.startsWith('2')));
    t.ok(Object.values(operation.responses).every(({ description }) => description.length > 0));
    const open = ['/healthz', '/readyz', '/metrics'].some((path) => name.endsWith(path));
    t.same(operation.security, open || isWayIn ? undefined : securityOf(name), name);
    if (!open) for (const status of ['401', '500', '503']) t.ok(statuses.includes(status), status);
    for (const status of statuses.filter((one) => !open && Number(one) >= 400)) {
      t.same(Object.keys(operation.responses[status]?.content ?? {}), ['application/problem+json']);
    }
  }
  t.same(operations.map(({ name }) => name).sort(), [
    'DELETE /v1/api-keys/{id}',
    'DELETE /v1/images/{id}',
    'DELETE /v1/images/{id}/tags',
    'DELETE /v1/images/{id}/tags/{tag}',
    'DELETE /v1/jobs/reprocess/{id}',
    'DELETE /v1/jobs/{id}',
    'DELETE /v1/plans/{name}',
    'DELETE /v1/sessions/current',
    'DELETE /v1/users/me',
    'DELETE /v1/webhook-endpoints/{id}',
    'GET /healthz',
    'GET /metrics',
    'GET /readyz',
    'GET /v1/api-keys',
    'GET /v1/api-keys/{id}',
    'GET /v1/events',
    'GET /v1/files/{path}',
    'GET /v1/images',
    'GET /v1/images/{id}',
    'GET /v1/images/{id}/derivatives',
    'GET /v1/images/{id}/derivatives/{name}',
    'GET /v1/images/{id}/metadata',
    'GET /v1/images/{id}/original',
    'GET /v1/images/{id}/render',
    'GET /v1/images/{id}/similar',
    'GET /v1/images/{id}/tags',
    'GET /v1/jobs',
    'GET /v1/jobs/reprocess/{id}',
    'GET /v1/jobs/{id}',
    'GET /v1/jobs/{id}/events',
    'GET /v1/plans',
    'GET /v1/request-logs',
    'GET /v1/tags',
    'GET /v1/usage',
    'GET /v1/users',
    'GET /v1/users/me',
    'GET /v1/webhook-deliveries',
    'GET /v1/webhook-deliveries/{id}',
    'GET /v1/webhook-endpoints',
    'GET /v1/webhook-endpoints/{id}',
    'PATCH /v1/images/{id}',
    'PATCH /v1/users/me',
    'PATCH /v1/users/{id}',
    'PATCH /v1/webhook-endpoints/{id}',
    'POST /v1/api-keys',
    'POST /v1/api-keys/{id}/rotate',
    'POST /v1/delivery-keys/rotate',
    'POST /v1/images/bulk/delete',
    'POST /v1/images/bulk/tags',
    'POST /v1/images/{id}/signed-urls',
    'POST /v1/images/{id}/tags',
    'POST /v1/jobs',
    'POST /v1/jobs/reprocess',
    'POST /v1/jobs/retry',
    'POST /v1/jobs/{id}/retry',
    'POST /v1/sessions',
    'POST /v1/signed-urls',
    'POST /v1/uploads',
    'POST /v1/users',
    'POST /v1/webhook-deliveries/{id}/redeliver',
    'POST /v1/webhook-endpoints',
    'POST /v1/webhook-endpoints/{id}/ping',
    'POST /v1/webhook-endpoints/{id}/rotate-secret',
    'POST /v1/webhook-secret/rotate',
    'PUT /v1/images/{id}/tags',
    'PUT /v1/images/{id}/tags/{tag}',
    'PUT /v1/plans/{name}',
    'PUT /v1/uploads/{id}/content',
    'PUT /v1/users/me/password',
  ]);
});

t.test('tells how the caller stands', async (t) => {
  const { headers } = (document as { components?: { headers?: object } }).components ?? {};
  const told = ['ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset', 'ratelimit-policy'];
  t.same(Object.keys(headers ?? {}), told);
  for (const { name, operation } of operations) {
    for (const [status, { headers = {} }] of Object.entries(operation.responses)) {
      const isTold = operation.security !== undefined && /^(2..|429)$/.test(status);
      const ofThese = told.filter((header) => header in headers);
      t.same(ofThese, isTold ? told : [], `${name} ${status}`);
    }
  }
});

t.test('tells of the form and of the bytes', async (t) => {
  const form = find('POST /v1/jobs').requestBody?.content['multipart/form-data']?.schema;
  t.same(form?.required, ['image']);
  t.match(form?.properties, {
    image: { type: 'string', format: 'binary' },
    title: {},
    tags: { type: 'array' },
  });
  const byUrl = find('POST /v1/jobs').requestBody?.content['application/json']?.schema;
  t.match(byUrl?.properties, { url: {}, uploadId: {}, title: {}, tags: {} }, 'the same in JSON');
  t.equal(byUrl?.additionalProperties, false);
  t.ok(find('POST /v1/jobs').parameters?.some(({ name }) => name.toLowerCase() === 'prefer'));
  const { responses } = find('GET /v1/images/{id}/original');
  for (const status of ['200', '206']) {
    t.match(responses[status]?.content, { 'application/octet-stream': { schema: { format: 'binary' } } });
  }
  t.equal(responses['304']?.content, undefined);
});

t.test('tells of streams and of what receivers of webhooks are sent', async (t) => {
  const { responses } = find('GET /v1/jobs/{id}/events');
  t.same(Object.keys(responses['200']?.content ?? {}), ['text/event-stream']);
  t.equal(responses['204']?.content, undefined);
  t.same(Object.keys(document.webhooks), [...EVENT_TYPES, 'ping']);
  for (const [type, { post }] of Object.entries(document.webhooks)) {
    t.match(post?.operationId, /^on[A-Z]\w+$/, type);
    t.same(
      post?.parameters?.map(({ name }) => name),
      ['webhook-id', 'webhook-timestamp', 'webhook-signature'],
    );
  }
});

t.test('every POST that makes something takes an Idempotency-Key', async (t) => {
  const posts = operations.filter(({ name }) => name.startsWith('POST ') && !NOT_KEPT.includes(name));
  for (const { name, operation } of posts) {
    t.ok(
      operation.parameters?.some((one) => one.in === 'header' && one.name === 'idempotency-key'),
      name,
    );
    for (const status of ['400', '409', '422']) t.ok(operation.responses[status], `${name} ${status}`);
  }
});

t.test('/docs', async (t) => {
  const page = await call(api, '/docs', { key: null });
  t.equal(page.status, 200);
  t.match(page.headers['content-type'], /^text\/html/);
  t.match(page.body.toString(), 'swagger-ui');
});

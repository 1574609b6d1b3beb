// The Postman collection: what is made of a document, that it is always the same, and that a run of it notices wrong answers.

import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import t from 'tap';
import { makeCollection } from '../src/postman/collection.ts';
import { idVariable } from '../src/postman/item.ts';
import type { Schema } from '../src/postman/operations.ts';
import { PICTURE } from '../src/postman/recipes.ts';
import { runCollection } from '../src/postman/run.ts';
import { exampleOf, shapeOf } from '../src/postman/shape.ts';
import { ROOT } from '../src/service/root.ts';

const thing = {
  type: 'object',
  required: ['id', 'size'],
  properties: { id: { type: 'string' }, size: { type: 'integer' } },
};
const json = (schema: object) => ({ content: { 'application/json': { schema } } });
const id = { name: 'id', in: 'path', required: true, schema: { type: 'string' } };
const key = [{ apiKey: [] }, { session: [] }];

const DOCUMENT = {
  info: { title: 'Things', description: 'A service.' },
  tags: [{ name: 'things', description: 'All kinds.' }, { name: 'nothing' }],
  components: { schemas: { Thing: thing } },
  paths: {
    '/v1/things/{id}': {
      delete: {
        operationId: 'dropThing',
        tags: ['things'],
        summary: 'Drop',
        parameters: [id],
        security: [{ session: [] }],
        responses: { 204: {} },
      },
      get: {
        operationId: 'getThing',
        tags: ['things'],
        summary: 'One',
        parameters: [id],
        security: key,
        'x-scope': 'read',
        responses: { 200: json({ $ref: '#/components/schemas/Thing' }), 404: {} },
      },
    },
    '/v1/things/{id}/picture': {
      get: {
        operationId: 'getPicture',
        tags: ['things'],
        summary: 'Picture',
        parameters: [id, { name: 'width', in: 'query', schema: { type: 'integer', minimum: 7 } }],
        security: key,
        responses: { 200: { content: { 'image/*': {} } }, 304: {} },
      },
    },
    '/v1/things': {
      post: {
        ...{ operationId: 'makeThing', tags: ['things'], summary: 'Make', security: key },
        requestBody: json({
          type: 'object',
          required: ['name'],
          properties: { name: { type: 'string', examples: ['a lamp'] }, colour: { type: 'string' } },
        }),
        responses: { 201: json({ $ref: '#/components/schemas/Thing' }) },
      },
    },
  },
};
const TEXT = makeCollection(JSON.stringify(DOCUMENT));

t.test('a collection is made of a document', async (t) => {
  t.equal(makeCollection(JSON.stringify(DOCUMENT)), TEXT, 'always the same');
  const { info, item, variable, auth } = JSON.parse(TEXT);
  t.match(info, { name: 'Things', schema: /collection\/v2\.1\.0/ });
  t.match(auth, { type: 'apikey' });
  t.same(
    item.map(({ name }: { name: string }) => name),
    ['things'],
    'tags that have operations',
  );
  const [make, get, picture, drop] = item[0].item;
  t.same(
    [make.name, get.name, picture.name, drop.name],
    ['Make', 'One', 'Picture', 'Drop'],
    'made before it is asked for, dropped last',
  );
  t.match(make.request, {
    method: 'POST',
    body: { mode: 'raw', raw: JSON.stringify({ name: 'a lamp' }, null, 2) },
  });
  t.match(get.request, {
    url: { raw: '{{baseUrl}}/v1/things/:id', variable: [{ key: 'id', value: '{{thingId}}' }] },
    description: /scope `read`/,
  });
  t.match(
    picture.request.url,
    { raw: /picture$/, query: [{ key: 'width', value: '7', disabled: true }] },
    'what is not needed is not sent',
  );
  t.match(drop.request, { auth: { type: 'noauth' }, header: [{ key: 'Cookie', value: '{{session}}' }] });
  t.ok(variable.some(({ key: name }: { key: string }) => name === 'thingId'));
});

t.test('an operation that nobody can know how to ask for is refused by name', async (t) => {
  const paths = {
    '/v1/things/{colour}': {
      get: { operationId: 'byColour', parameters: [{ ...id, name: 'colour' }], responses: { 200: {} } },
    },
  };
  t.throws(
    () => makeCollection(JSON.stringify({ ...DOCUMENT, paths })),
    /recipes\.ts must say .*\/v1\/things\/\{colour\}/,
  );
});

for (const [collection, name] of [
  ['jobs', 'jobId'],
  ['webhook-endpoints', 'webhookEndpointId'],
  ['webhook-deliveries', 'webhookDeliveryId'],
  ['reprocess', 'reprocessId'],
] as const)
  t.equal(idVariable(collection), name);

t.test('the shape of an answer, and an example of a request', async (t) => {
  const resolve = (schema: Schema): Schema => ('$ref' in schema ? thing : schema);
  const page = {
    type: 'object',
    required: ['items'],
    properties: { items: { type: 'array', items: { $ref: 'Thing' } }, more: { type: 'string' } },
  };
  t.same(shapeOf(page, resolve), {
    type: 'object',
    required: ['items'],
    properties: {
      items: {
        type: 'array',
        items: {
          type: 'object',
          required: ['id', 'size'],
          properties: { id: { type: 'string' }, size: { type: 'integer' } },
        },
      },
    },
  });
  t.same(shapeOf({ anyOf: [{ type: 'string', format: 'date' }, { type: 'null' }] }, resolve), {
    anyOf: [{ type: 'string' }, { type: 'null' }],
  });
  for (const [schema, example] of [
    [{ type: 'string', examples: ['a', 'b'] }, 'a'],
    [{ enum: ['x', 'y'] }, 'x'],
    [{ type: 'integer', minimum: 3 }, 3],
    [{ type: 'string' }, undefined],
    [
      { type: 'object', required: ['a'], properties: { a: { type: 'boolean' }, b: { type: 'boolean' } } },
      { a: true },
    ],
  ] as const)
    t.same(exampleOf(schema, resolve), example);
});

interface Given {
  status: number;
  type?: string;
  body?: string;
}
const RIGHT: Record<string, Given> = {
  'POST /v1/things': { status: 201, type: 'application/json', body: '{"id":"7","size":1}' },
  'GET /v1/things/7': { status: 200, type: 'application/json', body: '{"id":"7","size":1}' },
  'GET /v1/things/7/picture': { status: 200, type: 'image/png', body: 'x' },
  'DELETE /v1/things/7': { status: 204 },
};

/** What is found wrong where the service answers so; and what it was asked. */
async function run(answers: Record<string, Given>) {
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    asked.push(request);
    request.resume();
    const { status, type, body } = answers[`${request.method} ${request.url}`] ?? { status: 404 };
    response.writeHead(status, type === undefined ? {} : { 'content-type': type }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const variables = { baseUrl: `http://127.0.0.1:${port}`, apiKey: 'tt_secret' };
  try {
    return { sent: await runCollection(TEXT, { variables, workingDir: ROOT }), asked };
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

t.test('a service that keeps its word passes', async (t) => {
  const { sent, asked } = await run(RIGHT);
  t.same(
    sent.flatMap(({ failures }) => failures),
    [],
  );
  t.same(
    sent.map(({ folder, method, path, status }) => `${folder}: ${method} ${path} ${status}`),
    [
      'things: POST /v1/things 201',
      'things: GET /v1/things/7 200',
      'things: GET /v1/things/7/picture 200',
      'things: DELETE /v1/things/7 204',
    ],
  );
  t.same(
    asked.map(({ headers }) => headers['x-api-key']),
    ['tt_secret', 'tt_secret', 'tt_secret', undefined],
  );
});

for (const [what, wrong, complaint] of [
  [
    'another status',
    { 'GET /v1/things/7': { status: 404, type: 'application/json', body: '{}' } },
    /answers 200/,
  ],
  [
    'a field that lacks',
    { 'GET /v1/things/7': { ...RIGHT['GET /v1/things/7'], body: '{"id":"7"}' } },
    /right shape: .*size/s,
  ],
  [
    'a field of another type',
    { 'GET /v1/things/7': { ...RIGHT['GET /v1/things/7'], body: '{"id":"7","size":"1"}' } },
    /right shape: .*integer/s,
  ],
  [
    'text for a picture',
    { 'GET /v1/things/7/picture': { status: 200, type: 'text/plain', body: 'x' } },
    /is image/,
  ],
  [
    'an empty picture',
    { 'GET /v1/things/7/picture': { status: 200, type: 'image/png', body: '' } },
    /is image/,
  ],
] as const)
  t.test(`${what} is noticed`, async (t) => {
    const { sent } = await run({ ...RIGHT, ...(wrong as Record<string, Given>) });
    const failures = sent.flatMap((one) => one.failures);
    t.ok(failures.length > 0);
    t.match(failures.join('\n'), complaint);
  });

t.test('the picture is as large as the collection says', async (t) => {
  t.equal((await stat(path.join(ROOT, PICTURE.path))).size, PICTURE.bytes);
});

t.test('nobody there is noticed', async (t) => {
  const sent = await runCollection(TEXT, {
    variables: { baseUrl: 'http://127.0.0.1:1', apiKey: 'x' },
    workingDir: ROOT,
  });
  t.equal(sent.length, 4);
  t.ok(sent.every(({ failures }) => failures.length > 0));
});

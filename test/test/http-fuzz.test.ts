// The fuzzer of the HTTP API where it could be wrong without anybody noticing: that it leaves nothing out, and that it sees what is wrong.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import type { Attempt } from '../src/http-fuzz/attempt.ts';
import { attemptsAt } from '../src/http-fuzz/attempts.ts';
import { createChecker, type Sent } from '../src/http-fuzz/check-answer.ts';
import { type Operation, readDocument } from '../src/http-fuzz/document.ts';
import { matcherOf } from '../src/http-fuzz/match-operation.ts';
import { makePictures } from '../src/http-fuzz/pictures.ts';
import { describe, neverGood, table } from '../src/http-fuzz/report.ts';
import { createResources } from '../src/http-fuzz/resources.ts';
import { run } from '../src/http-fuzz/run.ts';
import { openSender } from '../src/http-fuzz/send.ts';
import { readAnswer } from '../src/http-fuzz/send-by-hand.ts';
import { fillIn, token } from '../src/http-fuzz/tokens.ts';
import { toWire, WIRE_TWISTS } from '../src/http-fuzz/wire.ts';

const Problem = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'code', 'requestId'],
  properties: {
    code: { type: 'string', enum: ['NOT_FOUND', 'INVALID_REQUEST', 'UNAUTHENTICATED', 'OVERLOADED'] },
  },
};
const Thing = {
  type: 'object',
  required: ['id', 'size'],
  properties: { id: { type: 'string', format: 'uuid' }, size: { type: 'integer', minimum: 0 } },
};
const problem = {
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};
const thing = { content: { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } } } };
const id = { name: 'id', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } };
const secured = { security: [{ apiKey: [] }] };

const DOCUMENT = readDocument({
  openapi: '3.1.0',
  paths: {
    '/v1/things': {
      get: {
        operationId: 'listThings',
        parameters: [{ name: 'limit', in: 'query', schema: { type: 'integer', minimum: 1, maximum: 100 } }],
        responses: { 200: thing, 503: problem },
      },
      post: {
        operationId: 'makeThing',
        ...secured,
        requestBody: {
          content: {
            'application/json': {
              schema: {
                type: 'object',
                required: ['name'],
                properties: { name: { type: 'string', maxLength: 20 } },
              },
            },
            'multipart/form-data': {
              schema: {
                type: 'object',
                required: ['image'],
                properties: { image: { type: 'string', format: 'binary' } },
              },
            },
          },
        },
        responses: { 201: thing, 400: problem, 401: problem },
      },
    },
    '/v1/things/{id}': {
      get: {
        operationId: 'getThing',
        ...secured,
        parameters: [id],
        responses: { 200: thing, 401: problem, 404: problem },
      },
      delete: { parameters: [id], responses: { 204: { description: 'Gone.' }, 404: problem } },
    },
  },
  components: { schemas: { Problem, Thing } },
});

t.test('every operation of a document has its share', async (t) => {
  const pictures = await makePictures();
  const seen: Attempt[] = [];
  const { statuses, requests } = await run({
    ...{ document: DOCUMENT, pictures, operations: DOCUMENT.operations, requests: 400, seed: 1, atOnce: 3 },
    probe: async (attempt) => {
      seen.push(attempt);
      return { sent: sentBy(attempt), outcome: { silence: 'closed', reason: '' }, fault: undefined };
    },
  });
  t.equal(requests, seen.length);
  t.ok(requests >= 400);
  const operations = ['listThings', 'makeThing', 'getThing', 'DELETE /v1/things/{id}'];
  t.same([...statuses.keys()], operations);
  for (const name of operations) {
    const own = seen.filter(({ operationId }) => operationId === name);
    t.ok(own.length >= 60, `${own.length} requests to ${name}`);
    t.ok(new Set(own.map(({ wire }) => wire)).size > 5, 'some are written by hand');
    t.ok(own.some(({ who }) => who === 'nobody') && own.some(({ who }) => who === 'owner'), 'all kinds ask');
  }
  const makers = seen.filter(({ operationId }) => operationId === 'makeThing');
  for (const type of ['application/json', 'multipart/form-data; boundary=a-boundary'])
    t.ok(
      makers.some(({ headers }) =>
        headers.some(([name, value]) => name === 'content-type' && value === type),
      ),
      type,
    );
});

t.test('the same seed makes the same requests', async (t) => {
  const pictures = await makePictures();
  for (const operation of DOCUMENT.operations) {
    const make = (seed: number) =>
      fc.sample(attemptsAt(operation, { document: DOCUMENT, pictures }), { seed, numRuns: 50 });
    t.same(make(7), make(7));
    t.not(JSON.stringify(make(7)), JSON.stringify(make(8)));
  }
});

t.test('what an answer may be', async (t) => {
  const checker = createChecker(DOCUMENT);
  const complete = (status: number, code: string) => ({
    ...{ type: `urn:tintype:error:${code}`, title: 'No', status, detail: 'No.', code, requestId: 'r' },
  });
  const asked = (method: string, target: string, about: Partial<Sent> = {}): Sent => ({
    ...{ method, target, headers: [], body: undefined },
    ...{ wire: 'keep-alive', isBent: false, who: 'owner', isForeign: false },
    ...about,
  });
  const get = asked('GET', '/v1/things/1');
  const good = { id: '0199b4a5-7d2c-7000-8000-000000000000', size: 1 };
  const CASES: [name: string, sent: Sent, status: number, body: unknown, fault: RegExp | undefined][] = [
    ['as documented', get, 200, good, undefined],
    ['a body of the wrong type', get, 200, { ...good, size: 'large' }, /body of status 200/],
    ['a body that lacks something', get, 200, { id: good.id }, /body of status 200/],
    ['an undocumented status', get, 418, good, /status 418 is not documented/],
    ['an error of the service', get, 500, complete(500, 'INTERNAL'), /answered 500/],
    ['503 where it is documented', asked('GET', '/v1/things'), 503, complete(503, 'OVERLOADED'), undefined],
    ['503 where it is not', get, 503, complete(503, 'OVERLOADED'), /503 is not documented/],
    [
      '503 for an unknown reason',
      asked('GET', '/v1/things'),
      503,
      complete(503, 'TIRED'),
      /body of status 503/,
    ],
    ['a documented problem', get, 404, complete(404, 'NOT_FOUND'), undefined],
    ['a problem of another status', get, 404, complete(400, 'NOT_FOUND'), /not complete/],
    [
      'a problem that tells too much',
      get,
      404,
      { ...complete(404, 'NOT_FOUND'), detail: 'at x.js:1' },
      /inside/,
    ],
    ['nowhere', asked('GET', '/v2'), 404, complete(404, 'NOT_FOUND'), undefined],
    ['something where nothing is', asked('GET', '/v2'), 200, good, /no operation/],
    [
      'a bent path that means nothing',
      asked('GET', '/v1/things', { isBent: true }),
      404,
      complete(404, 'NOT_FOUND'),
      undefined,
    ],
    [
      'a straight path that means nothing',
      asked('GET', '/v1/things'),
      404,
      complete(404, 'NOT_FOUND'),
      /404 is not documented/,
    ],
    ['an answer to nobody', { ...get, who: 'nobody' }, 200, good, /to nobody/],
    ["another tenant's", { ...get, isForeign: true }, 200, good, /another tenant/],
    [
      'a parser that refuses bent HTTP',
      { ...get, wire: 'two hosts' },
      400,
      complete(400, 'INVALID_REQUEST'),
      undefined,
    ],
    ['a refusal of straight HTTP', get, 400, complete(400, 'INVALID_REQUEST'), /400 is not documented/],
  ];
  for (const [name, sent, status, body, fault] of CASES) {
    const type = status < 400 || status === 418 ? 'application/json' : 'application/problem+json';
    const headers = { 'content-type': type, 'x-request-id': 'r', 'retry-after': '1' };
    const answer = { status, headers, body: Buffer.from(JSON.stringify(body)), isCut: false };
    const found = checker.faultOf(sent, { answer })?.what;
    if (fault === undefined) t.equal(found, undefined, name);
    else t.match(found, fault, name);
  }
  t.match(checker.faultOf(get, { silence: 'hangs', reason: '' })?.what, /hangs/);
  t.match(checker.faultOf(get, { silence: 'closed', reason: '' })?.what, /without an answer/);
  t.equal(checker.faultOf({ ...get, wire: 'head cut off' }, { silence: 'closed', reason: '' }), undefined);
});

/** Does all as documented, but for what `wrong` does. */
async function scratch(t: Test, wrong: (name: string, response: ServerResponse) => boolean) {
  const match = matcherOf(DOCUMENT);
  const answer = (response: ServerResponse, status: number, body?: object) => {
    const problems = {
      type: 'urn:tintype:error:NOT_FOUND',
      title: 'No',
      status,
      detail: 'No.',
      code: 'NOT_FOUND',
      requestId: 'r',
    };
    const type = status < 400 ? 'application/json' : 'application/problem+json';
    const empty = status === 204 || status === 304;
    response.writeHead(status, { 'x-request-id': 'r', ...(!empty && { 'content-type': type }) });
    response.end(empty ? '' : JSON.stringify(body ?? problems));
  };
  const good: Record<string, number> = { GET: 200, HEAD: 200, POST: 201, DELETE: 204 };
  const server = createServer((request, response) => {
    request.resume();
    const { method = '', url = '' } = request;
    const operation = match(method, url);
    if (operation === undefined) return answer(response, 404);
    if (wrong(operation.id, response)) return;
    answer(response, good[method] ?? 404, { id: '0199b4a5-7d2c-7000-8000-000000000000', size: 1 });
  });
  server.on('clientError', (_error, socket) => {
    const body =
      '{"type":"urn:tintype:error:INVALID_REQUEST","title":"No","status":400,"detail":"No.","code":"INVALID_REQUEST","requestId":"r"}';
    socket.end(
      `HTTP/1.1 400 Bad Request\r\ncontent-type: application/problem+json\r\nx-request-id: r\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const address = `http://127.0.0.1:${port}`;
  const sender = openSender(address, { connections: 4 });
  t.teardown(async () => {
    await sender.close();
    server.closeAllConnections();
    server.close();
  });
  const checker = createChecker(DOCUMENT);
  const tally = await run({
    ...{ document: DOCUMENT, pictures: await makePictures(), operations: DOCUMENT.operations },
    ...{ requests: 300, seed: 2, atOnce: 4 },
    probe: async (attempt) => {
      // What Node.js answers by itself is no matter of this server's.
      const wire = /expects what|no host/.test(attempt.wire) ? 'keep-alive' : attempt.wire;
      const sent = { ...sentBy(attempt), wire, who: 'owner' as const };
      const outcome = await sender.send(sent, wire);
      return { sent, outcome, fault: checker.faultOf(sent, outcome) };
    },
  });
  return { tally, address };
}

t.test('a service that does as it says', async (t) => {
  const { tally } = await scratch(t, () => false);
  t.same(
    tally.findings.map(({ fault }) => fault),
    [],
  );
  t.same(neverGood(tally), []);
  t.match(table(tally), /`getThing` \| \d+ \| .*200 × \d+/);
});

const WRONGS: { name: string; what: RegExp; wrong: (response: ServerResponse) => void }[] = [
  {
    name: 'an undocumented status',
    what: /status 418 is not documented/,
    wrong: (response) =>
      response.writeHead(418, { 'x-request-id': 'r', 'content-type': 'application/json' }).end('{}'),
  },
  {
    name: 'a wrong body',
    what: /the body of status 200 is not as documented/,
    wrong: (response) =>
      response
        .writeHead(200, { 'x-request-id': 'r', 'content-type': 'application/json' })
        .end('{"id":1,"size":-1}'),
  },
  {
    name: 'an error',
    what: /answered 500/,
    wrong: (response) => response.writeHead(500, { 'x-request-id': 'r' }).end('oh'),
  },
  {
    name: 'no request id',
    what: /without x-request-id/,
    wrong: (response) =>
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end('{"id":"0199b4a5-7d2c-7000-8000-000000000000","size":1}'),
  },
  {
    name: 'a connection that is closed',
    what: /closed without an answer/,
    wrong: (response) => void response.socket?.destroy(),
  },
];

for (const { name, what, wrong } of WRONGS) {
  t.test(`finds ${name}`, async (t) => {
    const { tally, address } = await scratch(t, (operation, response) => {
      if (operation !== 'getThing') return false;
      wrong(response);
      return true;
    });
    const found = tally.findings.filter(({ fault }) => what.test(fault.what));
    t.ok(found.length > 0);
    for (const finding of found) {
      const text = describe(finding, 1, { address, seed: 2, requests: 300, folder: t.testdir({}) });
      t.match(text, /curl -i --path-as-is/);
      t.match(text, `--seed 2 --requests 300 --operation ${finding.operationId}`);
      t.match(text, address);
    }
    t.match(
      found.map(({ operationId }) => operationId),
      ['getThing'],
    );
    t.ok(found.every(({ count }) => count >= 1));
  });
}

t.test('what a request line means', async (t) => {
  const match = matcherOf(DOCUMENT);
  for (const [method, target, expected] of [
    ['GET', '/v1/things', 'listThings'],
    ['HEAD', '/v1/things?x=/a', 'listThings'],
    ['GET', '/things', 'listThings'],
    ['GET', '/v1/%74hings', 'listThings'],
    ['GET', '/v1/things/a%2fb', 'getThing'],
    ['GET', 'http://x/v1/things/1', 'getThing'],
    ['GET', '/v1/things/', 'getThing'],
    ['PUT', '/v1/things', undefined],
    ['GET', '/v1/Things', undefined],
    ['GET', '/v1/things/1/2', undefined],
  ] as const)
    t.equal(match(method, target)?.id, expected, `${method} ${target}`);
});

t.test('what is learned of the answers', async (t) => {
  const resources = createResources(DOCUMENT, new Set(['untold']));
  const [list] = DOCUMENT.operations as [Operation];
  const items = [
    { id: 'a' },
    { id: 'b', links: { self: '/v1/things/b' } },
    { id: 'untold' },
    { thingId: 'c' },
  ];
  resources.learn('mine', list, { items, nextCursor: 'd' });
  const mine = () => new Set([1, 2, 3, 4, 5].map(() => resources.own('things', 'mine', 'any')?.id));
  t.same(mine(), new Set(['a', 'b', 'c']));
  t.equal(resources.own('things', 'yours', 'any'), undefined);
  t.equal(resources.other('of-thing', 'yours', 'any')?.tenant, 'mine');
  t.equal(resources.cursor('listThings'), 'd');
  resources.forget({ kind: 'things', tenant: 'mine', id: 'a' });
  t.same(mine(), new Set(['b', 'c']));
  resources.keep();
  t.equal(resources.own('things', 'mine', 'deletion'), undefined);
  t.same(mine(), new Set(['b', 'c']));
});

t.test('tokens survive every encoding', async (t) => {
  const written = token('own', 'of-thing');
  t.equal(encodeURIComponent(written), written);
  t.equal(
    fillIn(`{"a":"${written}~x~"}`, (what, kind) => `<${what} ${kind}>`),
    '{"a":"<own of-thing><x >"}',
  );
});

t.test('HTTP by hand', async (t) => {
  const request = {
    method: 'POST',
    target: '/v1/é',
    headers: [['x', 'y']] as const,
    body: Buffer.from('abc'),
  };
  const whole = toWire(request, 'whole').toString();
  t.equal(
    whole,
    'POST /v1/\xe9 HTTP/1.1\r\nhost: 127.0.0.1\r\nx: y\r\ncontent-length: 3\r\nconnection: close\r\n\r\nabc'.replace(
      '\xe9',
      '\ufffd',
    ),
  );
  const texts = WIRE_TWISTS.filter((twist) => twist !== 'whole').map((twist) =>
    toWire(request, twist).toString('latin1'),
  );
  t.equal(new Set([whole, ...texts]).size, WIRE_TWISTS.length, 'each twist is another');
  const about = { isEnd: false, method: 'GET' };
  const head = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n';
  t.equal(readAnswer(`${head}o`, about), undefined);
  t.equal(readAnswer(`${head}ok`, about)?.body.toString(), 'ok');
  const chunks = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n';
  t.equal(readAnswer(chunks, about), undefined);
  t.equal(readAnswer(`${chunks}0\r\n\r\n`, about)?.body.toString(), 'ok');
});

function sentBy({ method, target, headers, body, wire, isBent, who }: Attempt): Sent {
  return { ...{ method, target, headers, body, wire, isBent, who }, isForeign: false };
}

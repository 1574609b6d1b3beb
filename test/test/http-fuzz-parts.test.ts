// The parts of the HTTP API's fuzzer: what it holds against an answer, what it learns, and what it writes by hand.
import t from 'tap';
import { createChecker, type Sent } from '../src/http-fuzz/check-answer.ts';
import type { Operation } from '../src/http-fuzz/document.ts';
import { errorsIn } from '../src/http-fuzz/log-errors.ts';
import { matcherOf } from '../src/http-fuzz/match-operation.ts';
import { createResources } from '../src/http-fuzz/resources.ts';
import { readAnswer } from '../src/http-fuzz/send-by-hand.ts';
import { fillIn, token } from '../src/http-fuzz/tokens.ts';
import { toWire, WIRE_TWISTS } from '../src/http-fuzz/wire.ts';
import { DOCUMENT } from './http-fuzz-document.ts';

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

t.test('what was logged as an error', async (t) => {
  const err = {
    stack: 'Error: outer',
    cause: { stack: 'TypeError: inner\n  at x\n\n  at y\n  at z\n  at far' },
  };
  const lines = [
    { level: 40, msg: 'a warning', err },
    { level: 50, msg: 'INTERNAL', requestId: 'r', err },
    { level: 60, msg: 'the end' },
  ];
  const log = ['--- starts', ...lines.map((line) => JSON.stringify(line)), '{"level":50,"msg":"cut o', ''];
  t.same(errorsIn(log.join('\n')), [
    'INTERNAL r TypeError: inner\n     at x\n     at y\n     at z',
    'the end',
  ]);
});

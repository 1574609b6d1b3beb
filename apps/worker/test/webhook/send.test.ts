import { pipeline } from 'node:stream/promises';
import { createOutgoingAgent } from '@tintype/core';
import { freePort } from '@tintype/local';
import t from 'tap';
import { send } from '../../src/webhook/send.ts';
import { answer, type Behave, hang, startReceiver } from './receiver.ts';

const ALLOW = ['127.0.0.0/8'];
const TIMEOUT_MS = 700;

const dispatcher = createOutgoingAgent({
  allow: ALLOW,
  connectTimeoutMs: TIMEOUT_MS,
  headersTimeoutMs: 0,
  bodyTimeoutMs: 0,
});
t.teardown(() => dispatcher.destroy());

const MESSAGE = { headers: { 'webhook-id': 'id-1' }, body: '{"type":"ping"}' };

function sendTo(url: string, allow = ALLOW) {
  return send({ url, ...MESSAGE }, { timeoutMs: TIMEOUT_MS, dispatcher, allow });
}

const HEADERS = { 'content-type': 'text/plain' };
const OUTCOMES: { name: string; behave: Behave; outcome: object; slow?: boolean }[] = [
  {
    name: '200',
    behave: answer(200, HEADERS, 'thanks'),
    outcome: { status: 200, error: null, answer: 'thanks' },
  },
  { name: '204', behave: answer(204), outcome: { status: 204, error: null, answer: '' } },
  {
    name: '301, not followed',
    behave: answer(301, { location: '/elsewhere' }),
    outcome: { status: 301, error: null },
  },
  { name: '400', behave: answer(400, HEADERS, 'no'), outcome: { status: 400, error: null, answer: 'no' } },
  { name: '410', behave: answer(410), outcome: { status: 410, error: null } },
  {
    name: '429 with Retry-After',
    behave: answer(429, { 'retry-after': '30' }),
    outcome: { status: 429, error: null, retryAfterMs: 30_000 },
  },
  { name: '500', behave: answer(500, HEADERS, 'oh'), outcome: { status: 500, error: null, answer: 'oh' } },
  {
    name: 'no answer',
    behave: hang,
    outcome: { status: null, error: /^URL_TIMEOUT/, answer: null },
    slow: true,
  },
  {
    name: 'an answer that does not end',
    behave: (response) => void response.writeHead(200).write('begun'),
    outcome: { status: 200, error: null, answer: 'begun' },
    slow: true,
  },
  {
    name: 'a connection that is reset',
    behave: (response) => void response.socket?.resetAndDestroy(),
    outcome: { status: null, error: /^URL_UNREACHABLE: (ECONNRESET|UND_ERR_SOCKET)$/ },
  },
  {
    name: 'an answer that breaks off',
    behave: (response) => {
      response.writeHead(500, { 'content-length': '1000' }).write('half');
      setTimeout(() => response.socket?.destroy(), 50);
    },
    outcome: { status: 500, error: null, answer: 'half' },
  },
  {
    name: 'a kilobyte is kept',
    behave: answer(500, HEADERS, 'x'.repeat(50_000)),
    outcome: { status: 500, answer: 'x'.repeat(1024) },
  },
  {
    name: 'no half characters, no NUL',
    behave: answer(500, HEADERS, `\0${'写'.repeat(1000)}`),
    outcome: { status: 500, answer: `\uFFFD${'写'.repeat(341)}` },
  },
];

for (const { name, behave, outcome, slow = false } of OUTCOMES) {
  t.test(name, async (t) => {
    const receiver = await startReceiver(t, behave);
    const told = await sendTo(receiver.url);
    t.match(told, outcome);
    t.ok(told.durationMs < TIMEOUT_MS + 500, `took ${told.durationMs} ms`);
    if (slow) t.ok(told.durationMs > TIMEOUT_MS - 50);
    t.equal(receiver.received.length, 1, 'one request');
    t.match(receiver.received[0], {
      url: '/hook',
      body: MESSAGE.body,
      headers: {
        'content-type': 'application/json',
        'content-length': String(MESSAGE.body.length),
        'webhook-id': 'id-1',
        'user-agent': /^Tintype/,
      },
    });
  });
}

t.test('an answer without end is hung up on', async (t) => {
  let written = 0;
  function* endless() {
    for (; written < 50_000_000; written += 16_384) yield Buffer.alloc(16_384, 'x');
  }
  const receiver = await startReceiver(t, (response) => {
    response.writeHead(200);
    pipeline(endless, response).catch(() => undefined);
  });
  const told = await sendTo(receiver.url);
  t.match(told, { status: 200, answer: 'x'.repeat(1024) });
  t.ok(told.durationMs < TIMEOUT_MS - 100, 'before its time is over');
  t.ok(written < 20_000_000, `${written} bytes written`);
});

t.test('a closed port', async (t) => {
  const told = await sendTo(`http://127.0.0.1:${await freePort()}/hook`);
  t.match(told, { status: null, error: 'URL_UNREACHABLE: ECONNREFUSED', answer: null });
});

t.test('a name that does not exist', async (t) => {
  t.match(await sendTo('http://nobody.invalid/hook'), { status: null, error: /^URL_/ });
});

const FORBIDDEN = [
  'http://10.0.0.1/',
  'http://[::1]/',
  'http://169.254.169.254/',
  'ftp://example.com/',
  'nonsense',
];
for (const url of FORBIDDEN) {
  t.test(`not called: ${url}`, async (t) => {
    t.match(await sendTo(url), { status: null, error: 'URL_NOT_ALLOWED', answer: null });
  });
}

t.test('without an exception, not even this machine is called', async (t) => {
  const receiver = await startReceiver(t);
  t.match(await sendTo(receiver.url, []), { status: null, error: 'URL_NOT_ALLOWED' });
  t.equal(receiver.received.length, 0);
});

t.test('a name that leads into a private network', async (t) => {
  const receiver = await startReceiver(t);
  const guarded = createOutgoingAgent({
    allow: ['10.0.0.0/8'],
    connectTimeoutMs: TIMEOUT_MS,
    headersTimeoutMs: 0,
    bodyTimeoutMs: 0,
  });
  t.teardown(() => guarded.destroy());
  const url = `http://localhost:${receiver.port}/hook`;
  const options = { timeoutMs: TIMEOUT_MS, dispatcher: guarded, allow: ['10.0.0.0/8'] };
  t.match(await send({ url, ...MESSAGE }, options), { status: null, error: 'URL_NOT_ALLOWED' });
  t.equal(receiver.received.length, 0);
});

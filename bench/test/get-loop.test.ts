// The loop of GETs, against a server that answers in pieces, refuses and hangs up.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { readHead, runGetLoop } from '../src/get-loop.ts';

type Answer = (nth: number, response: ServerResponse) => void;

/** Counts requests and connections. */
async function startServer(answer: Answer) {
  const seen = { requests: 0, connections: 0 };
  const server = createServer((_, response) => {
    seen.requests += 1;
    answer(seen.requests, response);
  });
  server.on('connection', () => {
    seen.connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.closeAllConnections());
  t.teardown(() => server.close());
  return { seen, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const order = { kind: 'get', headers: { 'x-api-key': 'key' }, paths: ['/a', '/b'], concurrency: 3 } as const;

t.test('every answer is read to its end over connections that are kept', async (t) => {
  const body = Buffer.alloc(300_000, 1);
  const { seen, origin } = await startServer((_, response) => {
    response.setHeader('content-length', body.length);
    response.write(body.subarray(0, 1));
    setImmediate(() => response.end(body.subarray(1)));
  });
  const report = await runGetLoop({ ...order, origin, count: 50 });
  t.match(report, { accepted: 50, refused: {} });
  t.same(seen, { requests: 50, connections: 3 });
});

t.test('what is not 200 is refused, by its status', async (t) => {
  const { origin } = await startServer((nth, response) => {
    response.statusCode = nth % 10 === 0 ? 503 : 200;
    response.setHeader('content-length', 0).end();
  });
  t.match(await runGetLoop({ ...order, origin, count: 50 }), { accepted: 45, refused: { 503: 5 } });
});

t.test('a connection that is closed is opened anew', async (t) => {
  const { seen, origin } = await startServer((nth, response) => {
    if (nth === 20) response.destroy();
    else
      response
        .setHeader('connection', nth === 10 ? 'close' : 'keep-alive')
        .setHeader('content-length', 2)
        .end('ok');
  });
  t.match(await runGetLoop({ ...order, origin, count: 30 }), { accepted: 29, refused: { error: 1 } });
  t.equal(seen.connections, 5);
});

t.test('a head', async (t) => {
  t.equal(readHead(Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n')), undefined);
  const head = Buffer.from('HTTP/1.1 206 Partial\r\nContent-Length: 3\r\n\r\nabc');
  t.same(readHead(head), { status: 206, length: 3, closes: false, end: head.length - 3 });
  t.throws(() => readHead(Buffer.from('HTTP/1.1 200 OK\r\n\r\n')), /without Content-Length/);
});

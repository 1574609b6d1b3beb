import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import Fastify from 'fastify';
import t, { type Test } from 'tap';
import { request } from 'undici';
import { followJob } from '../src/follow-job.ts';
import type { Job } from '../src/schemas/job.ts';
import { HEARTBEAT, type ServerSentEvent, sendEvents } from '../src/server-sent-events.ts';
import { eventually } from './eventually.ts';

type Source = AsyncIterable<ServerSentEvent | typeof HEARTBEAT>;

/** A server that answers everybody with this source. */
async function serve(t: Test, source: () => Source): Promise<URL> {
  const app = Fastify();
  app.get('/', (_request, reply) => sendEvents(reply, source(), { retryMs: 1234 }));
  t.teardown(() => app.close());
  return new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
}

t.test('on the wire', async (t) => {
  const url = await serve(t, async function* () {
    yield { id: 'a-1', event: 'status', data: { text: 'one\ntwo\r\n: three', umlaut: 'ü' } };
    yield HEARTBEAT;
    yield { id: 'a-2', event: 'completed', data: null };
  });
  const { statusCode, headers, body } = await request(url);
  t.equal(statusCode, 200);
  t.match(headers, { 'content-type': /^text\/event-stream/, 'cache-control': 'no-store' });
  t.equal(
    await body.text(),
    [
      'retry: 1234\n\n',
      'id: a-1\nevent: status\ndata: {"text":"one\\ntwo\\r\\n: three","umlaut":"ü"}\n\n',
      ':\n\n',
      'id: a-2\nevent: completed\ndata: null\n\n',
    ].join(''),
  );
});

t.test('a client that does not read makes the source wait; its leaving ends the source', async (t) => {
  let made = 0;
  let ended = false;
  const data = 'x'.repeat(100_000);
  const url = await serve(t, async function* () {
    try {
      for (;;) {
        made += 1;
        yield { id: String(made), event: 'status', data };
      }
    } finally {
      ended = true;
    }
  });
  const socket = connect(Number(url.port), url.hostname).pause();
  await once(socket, 'connect');
  socket.write('GET / HTTP/1.1\r\nhost: test\r\n\r\n');
  let before = -1;
  const settled = async () => {
    const same = made > 0 && made === before;
    before = made;
    await sleep(200);
    return same && made === before;
  };
  t.ok(await eventually(settled, Boolean), 'it stops');
  // What kernels buffer for both ends of a connection, and no more.
  t.ok(made < 500, `after ${made}`);
  t.notOk(ended);
  socket.destroy();
  t.ok(await eventually(() => ended, Boolean));
});

t.test('a source that fails breaks the answer off', async (t) => {
  const url = await serve(t, async function* () {
    yield { id: '1', event: 'status', data: 1 };
    throw new Error('broken');
  });
  const { statusCode, body } = await request(url);
  t.equal(statusCode, 200);
  await t.rejects(body.text(), 'and does not look like an end');
});

t.test('a heartbeat when there is nothing to tell', async (t) => {
  const job = { id: 'x', status: 'processing', attempt: 1, finishedAt: null } as Job;
  const leave = new AbortController();
  const log = { debug: () => undefined };
  const finished = {
    closed: false,
    close: async () => undefined,
    wait: (_id: string, { timeoutMs }: { timeoutMs: number }) => sleep(timeoutMs, false),
  };
  const told: (string | symbol)[] = [];
  const follower = {
    lastEventId: undefined,
    look: async () => job,
    signal: leave.signal,
    heartbeatMs: 50,
  };
  for await (const one of followJob('x', follower, { finished, log })) {
    told.push(one === HEARTBEAT ? one : one.event);
    if (told.length === 4) leave.abort();
  }
  t.same(told, ['status', HEARTBEAT, HEARTBEAT, HEARTBEAT]);
});

import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { NO_TELEMETRY, startTelemetry, type TelemetryOptions } from '../src/telemetry.ts';

interface Received {
  path: string | undefined;
  contentType: string | undefined;
  body: Buffer;
}

async function startCollector(): Promise<{ otlpEndpoint: string; received: Received[] }> {
  const received: Received[] = [];
  const server = createServer(async (request: IncomingMessage, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { url: path, headers } = request;
    received.push({ path, contentType: headers['content-type'], body: Buffer.concat(chunks) });
    response.writeHead(200, { 'content-type': headers['content-type'] }).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { otlpEndpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received };
}

/** OpenTelemetry is one for a process: this test file is one, with one telemetry after the other. */
const options = (over: Partial<TelemetryOptions>): TelemetryOptions => ({
  ...{ name: 'test', otlpEndpoint: '', otlpProtocol: 'http/json' },
  ...over,
});

t.test('off: nothing is loaded, and the work is done all the same', async (t) => {
  const telemetry = await startTelemetry(options({}));
  t.equal(telemetry, NO_TELEMETRY);
  t.equal(await telemetry.span('work', null, {}, async ({ traceparent }) => traceparent), null);
  t.equal(telemetry.traceparent(), null);
  t.equal(
    telemetry.within(null, () => 'done'),
    'done',
  );
  await t.rejects(
    telemetry.span('work', null, {}, async () => {
      throw new Error('broken');
    }),
    { message: 'broken' },
  );
});

t.test('a collector that is away, or speaks the other protocol', async (t) => {
  const { otlpEndpoint, received } = await startCollector();
  for (const endpoint of ['http://127.0.0.1:1', otlpEndpoint]) {
    const telemetry = await startTelemetry(
      options({ otlpEndpoint: endpoint, otlpProtocol: 'http/protobuf' }),
    );
    const begunAt = performance.now();
    t.equal(await telemetry.span('work', null, {}, async () => 'done'), 'done');
    await telemetry.close();
    t.ok(performance.now() - begunAt < 10_000, 'closes in bounded time');
  }
  t.equal(received[0]?.contentType, 'application/x-protobuf');
  t.ok(received[0]?.body.includes('tintype-test'));
});

const REMOTE_TRACE = '0af7651916cd43dd8448eb211c80319c';
const REMOTE = `00-${REMOTE_TRACE}-b7ad6b7169203331-01`;

t.test('spans reach the collector, each under its parent', async (t) => {
  const { otlpEndpoint, received } = await startCollector();
  const telemetry = await startTelemetry(options({ otlpEndpoint: `${otlpEndpoint}/` }));
  const ids = { outer: '', inner: '', begun: '' };
  const idOf = (traceparent: string | null) => traceparent?.split('-')[2] ?? '';
  await telemetry.span('outer', REMOTE, { 'test.number': 1 }, async (outer) => {
    ids.outer = idOf(outer.traceparent);
    t.equal(telemetry.traceparent(), outer.traceparent);
    // The row's parent is of the same trace, and further away.
    await telemetry.span('inner', REMOTE, {}, async (inner) => {
      ids.inner = idOf(inner.traceparent);
    });
  });
  const begun = telemetry.begin('begun', REMOTE, {}, 'server');
  ids.begun = idOf(begun.traceparent);
  await telemetry.within(begun.traceparent, () => telemetry.span('within', null, {}, async () => undefined));
  begun.end();
  const failing = telemetry.span('failing', null, {}, async () => {
    throw new Error('broken');
  });
  await t.rejects(failing, { message: 'broken' });
  t.equal(telemetry.traceparent(), null, 'nothing runs any more');
  await telemetry.close();

  t.equal(received[0]?.path, '/v1/traces');
  const { resourceSpans } = JSON.parse(received[0]?.body.toString() ?? '');
  const [{ resource, scopeSpans }] = resourceSpans;
  const service = resource.attributes.find(({ key }: { key: string }) => key === 'service.name');
  t.same(service.value, { stringValue: 'tintype-test' });
  const spans = Object.fromEntries(scopeSpans[0].spans.map((span: { name: string }) => [span.name, span]));
  t.match(spans, {
    outer: { traceId: REMOTE_TRACE, parentSpanId: 'b7ad6b7169203331' },
    inner: { traceId: REMOTE_TRACE, parentSpanId: ids.outer },
    begun: { traceId: REMOTE_TRACE, parentSpanId: 'b7ad6b7169203331', kind: 2 },
    within: { traceId: REMOTE_TRACE, parentSpanId: ids.begun },
    failing: { status: { code: 2, message: 'broken' } },
  });
  t.not(spans.failing.traceId, REMOTE_TRACE);
});

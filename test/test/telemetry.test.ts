// One trace from the POST to the webhook, through both processes, whether the queue has carried it or lost it.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import sharp from 'sharp';
import t from 'tap';
import { ended, startService } from './processes.ts';

interface SentSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  service: string;
}

const spans: SentSpan[] = [];
let called = 0;

/** Collector and webhook receiver in one. */
const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  if (request.url === '/v1/traces') spans.push(...spansOf(JSON.parse(Buffer.concat(chunks).toString())));
  else called += 1;
  response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
}).listen(0, '127.0.0.1');
await once(server, 'listening');
t.teardown(() => {
  server.closeAllConnections();
  server.close();
});
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

interface Export {
  resourceSpans: {
    resource: { attributes: { key: string; value: { stringValue?: string } }[] };
    scopeSpans: { spans: Omit<SentSpan, 'service'>[] }[];
  }[];
}

function spansOf({ resourceSpans }: Export): SentSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const name = resource.attributes.find(({ key }) => key === 'service.name');
    const service = name?.value.stringValue ?? '';
    return scopeSpans.flatMap((scope) => scope.spans.map((span) => ({ ...span, service })));
  });
}

const WANTED = [
  ['tintype-api', 'POST /v1/jobs'],
  ['tintype-worker', 'process image'],
  ['tintype-worker', 'fetch'],
  ['tintype-worker', 'inspect'],
  ['tintype-worker', 'persist'],
  ['tintype-worker', 'send webhook'],
] as const;

for (const { queue, skip } of [
  { queue: 'postgres', skip: false },
  { queue: 'redis', skip: process.env.TEST_NO_REDIS ?? false },
] as const) {
  t.test(`queue on ${queue}`, { skip }, async (t) => {
    const service = await startService(
      {
        OTEL_EXPORTER_OTLP_ENDPOINT: origin,
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
        OTEL_BSP_SCHEDULE_DELAY: '100',
        OUTGOING_ALLOW: '127.0.0.0/8',
      },
      queue,
    );

    async function post(): Promise<string> {
      const traceId = crypto.randomUUID().replaceAll('-', '');
      const size = { width: 8, height: 8, channels: 3 as const, background: `#${traceId.slice(0, 6)}` };
      const form = new FormData();
      form.append(
        'image',
        new Blob([new Uint8Array(await sharp({ create: size }).png().toBuffer())]),
        'a.png',
      );
      form.append('webhookUrl', `${origin}/hook`);
      const answer = await fetch(`${service.address}/v1/jobs`, {
        method: 'POST',
        headers: { 'x-api-key': service.key, traceparent: `00-${traceId}-b7ad6b7169203331-01` },
        body: form,
      });
      t.equal(answer.status, 202, await answer.text());
      return traceId;
    }

    async function expectWhole(traceId: string): Promise<SentSpan[]> {
      const own = () => spans.filter((span) => span.traceId === traceId);
      const missing = () =>
        WANTED.filter(([from, name]) => !own().some((span) => span.service === from && span.name === name));
      // A span is sent when it has ended: those above come later.
      const orphans = () => {
        const ids = new Set(['b7ad6b7169203331', ...own().map(({ spanId }) => spanId)]);
        return own().flatMap(({ parentSpanId, name }) => (ids.has(parentSpanId ?? '') ? [] : [name]));
      };
      const deadline = Date.now() + 30_000;
      while (missing().length + orphans().length > 0 && Date.now() < deadline) await sleep(50);
      t.same(missing(), [], 'every step is a span of the trace');
      t.same(orphans(), [], 'each under another of them');
      return own();
    }

    const carried = await expectWhole(await post());
    t.ok(
      carried.some(({ name }) => name.startsWith('add') && name.includes('process-image')),
      `the queue tells of itself: ${carried.map(({ name }) => name)}`,
    );

    if (queue === 'redis') {
      service.worker.kill('SIGKILL');
      await ended(service.worker);
      const traceId = await post();
      await forgetEverything(service.env.QUEUE_URL ?? '');
      await service.startWorker();
      await expectWhole(traceId);
    }
    t.ok(called > 0);
  });
}

/** What FLUSHALL does, to this queue alone. */
async function forgetEverything(queueUrl: string): Promise<void> {
  const redis = new Redis(queueUrl.split('?')[0] ?? '');
  const prefix = new URL(queueUrl).searchParams.get('prefix');
  // The nudge is not awaited by the answer.
  await sleep(500);
  await redis.del(await redis.keys(`${prefix}:*`));
  await redis.quit();
}

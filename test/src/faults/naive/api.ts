// The control's door: puts the object, adds to the queue, says 202. What many services do, and what this one does not.
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { openObjectStore } from '@tintype/core';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { ending, setting } from './process.ts';

const objects = await openObjectStore(setting('OBJECT_STORE_URL'));
const connection = new Redis(setting('QUEUE_URL'), { maxRetriesPerRequest: null });
connection.on('error', () => undefined);
const queue = new Queue('naive', { connection });
queue.on('error', () => undefined);

async function accept(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const headers = { 'content-type': String(request.headers['content-type']) };
  const body = Readable.toWeb(request) as ReadableStream<Uint8Array>;
  const image = (await new Response(body, { headers }).formData()).get('image');
  if (!(image instanceof Blob)) return void response.writeHead(400).end();
  const id = randomUUID();
  const bytes = Buffer.from(await image.arrayBuffer());
  await objects.putStream(id, Readable.from([bytes]), { contentType: image.type });
  await queue.add('inspect', { id, createdAt: Date.now() });
  response.writeHead(202, { 'content-type': 'application/json' }).end(JSON.stringify({ id }));
}

const server = createServer((request, response) => {
  if (request.method !== 'POST') return void response.writeHead(200).end();
  accept(request, response).catch(() => {
    if (!response.headersSent) response.writeHead(500);
    response.end();
  });
});
server.listen(Number(setting('PORT')), setting('HOST'), () => process.send?.({ ready: true }));
ending(() => server.close());

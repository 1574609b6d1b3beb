#!/usr/bin/env node
// Receives Tintype's webhooks with the reference library of Standard Webhooks: verifies, tells doubles, answers at once.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';

const HELP = `Receives webhooks and prints one line for each event.

  WEBHOOK_SECRET=whsec_… PORT=8080 node receiver-standardwebhooks.ts        (Node.js 22.18 or newer)
  WEBHOOK_SECRET=whsec_… PORT=8080 node dist/receiver-standardwebhooks.js   (after npm run build)

WEBHOOK_SECRET  the secret that was shown when the endpoint was made; required
PORT            8080 by default
HOST            127.0.0.1 by default
`;

const MAX_BODY_BYTES = 64 * 1024;

interface TintypeEvent {
  type: 'job.completed' | 'job.failed' | 'job.canceled' | 'image.deleted' | 'ping';
  timestamp: string;
  data: unknown;
}

/** Ids that came already. In earnest: a table with the id as its key, written before the answer, and worked off from there. */
const known = new Set<string>();
const MAX_KNOWN = 10_000;

/** False: it came before. */
function keep(id: string): boolean {
  if (known.has(id)) return false;
  known.add(id);
  const [oldest] = known;
  if (known.size > MAX_KNOWN && oldest !== undefined) known.delete(oldest);
  return true;
}

/** The bytes as they came: parsing and writing them again would change what was signed. Undefined: too many. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

async function receive(webhook: Webhook, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'POST') return refuse(response, 405);
  const body = await readBody(request);
  if (body === undefined) return refuse(response, 413);
  const headers = request.headers as Record<string, string>;
  let event: TintypeEvent;
  try {
    // Refuses wrong signatures, and times more than five minutes off.
    event = webhook.verify(body, headers) as TintypeEvent;
  } catch (error) {
    if (error instanceof WebhookVerificationError) return refuse(response, 401);
    throw error;
  }
  const id = headers['webhook-id'] ?? '';
  const isNew = keep(id);
  response.writeHead(204).end();
  // Here the work begins: for each event once, though it may come twice.
  console.log(JSON.stringify({ id, isNew, type: event.type, data: event.data }));
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { connection: 'close' }).end();
}

const { WEBHOOK_SECRET: secret, PORT = '8080', HOST = '127.0.0.1' } = process.env;
if (process.argv.includes('--help') || secret === undefined || secret === '') {
  console.log(HELP);
  process.exit(process.argv.includes('--help') ? 0 : 1);
}

const webhook = new Webhook(secret);
const server = createServer((request, response) => {
  receive(webhook, request, response).catch((error) => {
    console.error(error);
    response.destroy();
  });
});
server.listen(Number(PORT), HOST, () => {
  const address = server.address();
  if (typeof address === 'object') console.log(`listening on http://${HOST}:${address?.port}`);
});

#!/usr/bin/env node
// Receives Tintype's webhooks with Node.js alone: verifies, tells doubles, answers at once.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';

const HELP = `Receives webhooks and prints one line for each event.

  WEBHOOK_SECRET=whsec_… PORT=8080 node receiver-node-crypto.mjs

WEBHOOK_SECRET  the secret that was shown when the endpoint was made; required
PORT            8080 by default
HOST            127.0.0.1 by default
`;

const TOLERANCE_SECONDS = 300;
const MAX_BODY_BYTES = 64 * 1024;

/** @returns {boolean} whether this body was signed with the secret, and just now */
function verify(secret, headers, body) {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers;
  if (!id || !signatures || !/^\d+$/.test(timestamp ?? '')) return false;
  // Else whoever has seen one request could send it again for ever.
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > TOLERANCE_SECONDS) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest();
  // While a secret is rotated there are two signatures; one must be right.
  return signatures.split(' ').some((one) => {
    const [version, base64 = ''] = one.split(',');
    const given = Buffer.from(base64, 'base64');
    return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected);
  });
}

/** Ids that came already. In earnest: a table with the id as its key, written before the answer, and worked off from there. */
const known = new Set();
const MAX_KNOWN = 10_000;

/** @returns {boolean} false: it came before */
function keep(id) {
  if (known.has(id)) return false;
  known.add(id);
  if (known.size > MAX_KNOWN) known.delete(known.values().next().value);
  return true;
}

async function receive(request, response) {
  if (request.method !== 'POST') return response.writeHead(405).end();
  const chunks = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) return response.writeHead(413, { connection: 'close' }).end();
    chunks.push(chunk);
  }
  // The bytes as they came: parsing and writing them again would change what was signed.
  const body = Buffer.concat(chunks);
  if (!verify(process.env.WEBHOOK_SECRET, request.headers, body)) return response.writeHead(401).end();
  const id = request.headers['webhook-id'];
  const isNew = keep(id);
  response.writeHead(204).end();
  // Here the work begins: for each event once, though it may come twice.
  const { type, data } = JSON.parse(body.toString());
  console.log(JSON.stringify({ id, isNew, type, data }));
}

if (process.argv.includes('--help') || !process.env.WEBHOOK_SECRET) {
  console.log(HELP);
  process.exit(process.argv.includes('--help') ? 0 : 1);
}

const server = createServer((request, response) => {
  receive(request, response).catch((error) => {
    console.error(error);
    response.destroy();
  });
});
server.listen(Number(process.env.PORT ?? 8080), process.env.HOST ?? '127.0.0.1', () => {
  const { address, port } = server.address();
  console.log(`listening on http://${address}:${port}`);
});

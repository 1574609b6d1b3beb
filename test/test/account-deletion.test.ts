// An account is deleted over HTTP; then all that is stored is searched for what was its own.

import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import t from 'tap';
import { request } from 'undici';
import { get, post, type Service, startService } from './processes.ts';
import { dumpDatabase, dumpRedis, placesOf, query } from './stores.ts';

const QUEUES = [
  { queue: 'postgres', skip: false },
  { queue: 'redis', skip: process.env.TEST_NO_REDIS ?? false },
] as const;

/** What stays for a while, and names nothing any more. */
const KEPT = [
  // Who did what, when: without an address after some days, and for a year.
  /request_logs\.(principal|tenant_id)$/,
  // The queue's own journal of its last 10,000 steps: ids of jobs.
  /bullmq\.event\.data$/,
  /:events$/,
  // How much of today's requests was used: gone with the day.
  /:rates\}:86400:tenant:/,
];

const PATIENCE_MS = 120_000;
const PASSWORD = 'a long password';

const receiver = createServer((_asked, answer) => answer.writeHead(200).end()).listen(0, '127.0.0.1');
await once(receiver, 'listening');
t.teardown(() => {
  receiver.closeAllConnections();
  receiver.close();
});
const hook = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;

function makePicture(width: number): Promise<Buffer> {
  return sharp({ create: { width, height: 10, channels: 3, background: '#123' } })
    .jpeg()
    .toBuffer();
}

interface Account {
  name: string;
  cookie: string;
  key: string;
  imageIds: string[];
  /** Everything that names what is his. */
  names: string[];
}

async function send(
  service: Service,
  method: 'POST' | 'DELETE',
  path: string,
  headers: object,
  body: object,
) {
  const answer = await request(service.address + path, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  const text = await answer.body.text();
  const json = (text === '' ? {} : JSON.parse(text)) as Record<string, string>;
  return { status: answer.statusCode, headers: answer.headers, json };
}

/** A person with a bit of everything. */
async function makeAccount(service: Service, name: string, widths: number[]): Promise<Account> {
  const person = { email: `${name}@example.com`, password: PASSWORD, name: `${name} Lovelace` };
  const made = await send(service, 'POST', '/v1/users', {}, person);
  t.equal(made.status, 201);
  const cookie = /tintype=[^;]+/.exec(String(made.headers['set-cookie']))?.[0] ?? '';
  const { key = '', id: keyId = '' } = (
    await send(service, 'POST', '/v1/api-keys', { cookie }, { name: 'web' })
  ).json;
  const own = { address: service.address, key };
  const headers = { 'x-api-key': key, 'idempotency-key': `key-of-${name}` };
  const endpoint = await send(service, 'POST', '/v1/webhook-endpoints', headers, { url: hook });
  await send(service, 'POST', '/v1/webhook-secret/rotate', { 'x-api-key': key }, {});
  const imageIds: string[] = [];
  const names = [person.email, person.name, `key-of-${name}`, keyId, endpoint.json.id ?? ''];
  for (const width of widths) {
    const answer = await post(own, await makePicture(width), { prefer: 'wait=60' });
    t.equal(answer.status, 200);
    const { id, imageId } = (await answer.json()) as { id: string; imageId: string };
    imageIds.push(imageId);
    names.push(id, imageId);
  }
  const [row] = await query<{ tenant: string; user: string }>(
    service.databaseUrl,
    'SELECT tenant_id AS tenant, id AS user FROM users WHERE email = $1',
    [person.email],
  );
  names.push(row?.tenant ?? '', row?.user ?? '');
  return { name, cookie, key, imageIds, names };
}

for (const { queue, skip } of QUEUES) {
  t.test(`queue on ${queue}`, { skip }, async (t) => {
    const env = {
      SWEEP_EVERY_MS: '300',
      ACCOUNT_PURGE_GRACE_MS: '50',
      SECURE_COOKIES: 'no',
      DEFAULT_PLAN: 'pro',
      OUTGOING_ALLOW: '127.0.0.0/8',
      KEY_CACHE_MS: '0',
      DUPLICATES: 'reuse',
    };
    const service = await startService(env, queue);
    const objects = async () => {
      const folder = fileURLToPath(service.env.OBJECT_STORE_URL ?? '');
      const files = await readdir(folder, { recursive: true, withFileTypes: true });
      return new Map(
        files
          .filter((file) => file.isFile())
          .map((file) => [`${file.parentPath}/${file.name}`, file.parentPath + file.name]),
      );
    };
    const goes = await makeAccount(service, 'ada', [21, 22, 23]);
    const stays = await makeAccount(service, 'babbage', [31, 32]);

    // What the api counts, it writes a moment later.
    const counted = () => query(service.databaseUrl, 'SELECT DISTINCT tenant_id FROM usage_days');
    const countedBy = performance.now() + PATIENCE_MS;
    while ((await counted()).length < 2 && performance.now() < countedBy) await sleep(100);

    const before = await dumpDatabase(service.databaseUrl);
    const stored = await objects();
    t.equal(stored.size, 5);
    for (const { names } of [goes, stays])
      for (const name of names)
        t.ok(name.length > 5 && placesOf(name, before).length > 0, `${name} is known`);
    for (const id of [...goes.imageIds, ...stays.imageIds]) t.equal(placesOf(id, stored).length, 1);
    t.ok((before.get('webhook_deliveries.id') ?? '') !== '', 'deliveries');
    t.ok((before.get('usage_days.requests') ?? '') !== '', 'usage');
    t.ok((before.get('contents.digest') ?? '') !== '', 'contents');

    const deleted = await send(
      service,
      'DELETE',
      '/v1/users/me',
      { cookie: goes.cookie },
      { password: PASSWORD },
    );
    t.equal(deleted.status, 204);
    t.equal((await get({ address: service.address, key: goes.key }, '/v1/jobs')).status, 401, 'at once');

    const leavings = async () => {
      const [database, redis, files] = [
        await dumpDatabase(service.databaseUrl),
        await dumpRedis(service.env.QUEUE_URL ?? ''),
        await objects(),
      ];
      const found = goes.names.flatMap((name) =>
        [database, redis, files].flatMap((texts) =>
          placesOf(name, texts).map((place) => `${name} in ${place}`),
        ),
      );
      return found.filter((place) => !KEPT.some((kept) => kept.test(place)));
    };
    const deadline = performance.now() + PATIENCE_MS;
    let left = await leavings();
    while (left.length > 0 && performance.now() < deadline) {
      await sleep(500);
      left = await leavings();
    }
    t.same(left, []);

    const after = await dumpDatabase(service.databaseUrl);
    for (const name of stays.names)
      t.ok(placesOf(name, after).length > 0, `${name} of another account is there`);
    t.equal((await objects()).size, 2);
    const own = { address: service.address, key: stays.key };
    for (const id of stays.imageIds) t.equal((await get(own, `/v1/images/${id}`)).status, 200);
    const person = { email: 'ada@example.com', password: PASSWORD };
    t.equal((await send(service, 'POST', '/v1/users', {}, person)).status, 201, 'the address is free again');
  });
}

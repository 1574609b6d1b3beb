// A client that hangs up has done nothing yet: its Idempotency-Key is free again at once, and nothing is left of its upload.
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { startApi, type Traces } from './app.ts';
import { image, upload } from './client.ts';
import { eventually } from './eventually.ts';
import { picture, pictureOf } from './pictures.ts';
import { FILE_HEAD, openWire, postHead } from './wire.ts';

const newKey = () => crypto.randomUUID();
const under = (key: string) => ({ headers: { 'idempotency-key': key } });

const tracesOf = (made: number): Traces => ({
  uploads: 0,
  objects: made,
  images: made,
  jobs: made,
  events: made,
});

t.test('who hangs up half-way may send it again at once', async (t) => {
  const clean = await startApi();
  const file = pictureOf(900_000);
  const held = () => clean.rows('SELECT 1 FROM idempotency_keys WHERE locked_until IS NOT NULL');
  const table: [what: string, body: Buffer[], uploads: number][] = [
    ['before the body', [], 0],
    ['in the first bytes', [Buffer.from(FILE_HEAD), picture], 0],
    ['in what is streamed', [Buffer.from(FILE_HEAD), file.subarray(0, 800_000)], 1],
    ['behind the file', [Buffer.from(FILE_HEAD), file], 1],
  ];
  for (const [made, [what, body, uploads]] of table.entries()) {
    const key = newKey();
    const wire = await openWire(clean);
    await wire.send(postHead(clean, ['content-length: 999999', `idempotency-key: ${key}`]));
    for (const bytes of body) await wire.send(bytes);
    await eventually(held, ({ length }) => length === 1);
    await eventually(clean.traces, (traces) => traces.uploads === uploads);
    wire.socket.resetAndDestroy();
    t.equal((await eventually(held, ({ length }) => length === 0)).length, 0, `${what}: given back`);
    t.same(
      await eventually(clean.traces, ({ objects, uploads: left }) => objects === made && left === 0),
      tracesOf(made),
      'nothing is left',
    );
    t.equal((await upload(clean, [image()], under(key))).status, 202);
  }
});

t.test('who hangs up while the key is being taken leaves it free', async (t) => {
  const api = await startApi();
  const held = () => api.rows('SELECT 1 FROM idempotency_keys WHERE locked_until IS NOT NULL');
  await Promise.all(
    Array.from({ length: 40 }, async (_, index) => {
      const wire = await openWire(api);
      await wire.send(postHead(api, ['content-length: 999999', `idempotency-key: ${newKey()}`]));
      await sleep(index / 2);
      wire.socket.resetAndDestroy();
    }),
  );
  const left = await eventually(held, ({ length }) => length === 0);
  t.equal(left.length, 0, 'long before a lease is over');
});

// The example receivers, as processes, and what a worker really sends them.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { newId } from '@tintype/prisma';
import t, { type Test } from 'tap';
import { bodyOf } from '../../src/webhook/body.ts';
import { sign } from '../../src/webhook/sign.ts';
import { createDeliverySurroundings } from '../jobs/delivering.ts';
import { eventually } from '../worker-setup.ts';

const FOLDER = fileURLToPath(new URL('../../../../../examples/webhooks/', import.meta.url));
const EXAMPLES = ['receiver-node-crypto.mjs', 'dist/receiver-standardwebhooks.js'];

const surroundings = await createDeliverySurroundings();
const { addEndpoint, addOne, ended, makeSecret, deps, owner } = surroundings;
await surroundings.start(t);

interface Told {
  id: string;
  isNew: boolean;
  type: string;
  data: unknown;
}

async function startExample(t: Test, file: string, secret: string): Promise<{ url: string; told: Told[] }> {
  const child: ChildProcess = spawn(process.execPath, [FOLDER + file], {
    env: { PATH: process.env.PATH ?? '', WEBHOOK_SECRET: secret, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  const told: Told[] = [];
  if (child.stdout === null) throw new Error('no output');
  const lines = createInterface(child.stdout);
  const [first] = (await once(lines, 'line')) as [string];
  lines.on('line', (line) => told.push(JSON.parse(line)));
  const url = /^listening on (http:\S+)$/.exec(first)?.[1];
  if (url === undefined) throw new Error(`It said: ${first}`);
  return { url, told };
}

for (const file of EXAMPLES) {
  t.test(`${file}: takes real deliveries, once each`, async (t) => {
    const secret = makeSecret();
    const { url, told } = await startExample(t, file, secret);
    const endpointId = await addEndpoint(url, secret);
    const id = await addOne(endpointId);
    const delivery = await ended(id);
    t.match(delivery, { status: 'delivered', lastStatus: 204 });
    await deps.db.webhookDeliveries.redeliver(owner, id);
    await eventually(async () => told.length === 2);
    const [first, again] = told;
    t.match(first, { id: delivery.eventId, isNew: true, type: 'job.completed', data: { number: 1 } });
    t.match(again, { id: delivery.eventId, isNew: false });
    await deps.db.webhookEndpoints.rotateSecret(owner, endpointId, {
      secret: makeSecret(),
      overlapMs: 60_000,
    });
    t.match(await ended(await addOne(endpointId)), { status: 'delivered' }, 'the old secret goes on');
    await deps.db.webhookEndpoints.rotateSecret(owner, endpointId, { secret: makeSecret(), overlapMs: 0 });
    t.match(
      await ended(await addOne(endpointId)),
      { status: 'dead', lastStatus: 401 },
      'until it is replaced',
    );
  });

  t.test(`${file}: refuses what is not signed with its secret, or not now`, async (t) => {
    const secret = makeSecret();
    const { url, told } = await startExample(t, file, secret);
    const body = bodyOf({ type: 'ping', timestamp: new Date().toISOString(), data: { title: '写真' } });
    const id = newId();
    const now = Date.now();
    const signed = (offsetSeconds = 0, by = secret) =>
      sign({ id, body, at: new Date(now + offsetSeconds * 1000) }, [by]);
    const post = async (headers: object, text = body) => {
      const answer = await fetch(url, { method: 'POST', body: text, headers: { ...headers } });
      await answer.arrayBuffer();
      return answer.status;
    };
    const { 'webhook-signature': _, ...unsigned } = signed();
    t.equal(await post(signed(0, makeSecret())), 401, 'another secret');
    t.equal(await post(signed(), `${body} `), 401, 'another body');
    t.equal(await post({ ...signed(), 'webhook-id': newId() }), 401, 'another id');
    t.equal(await post(signed(-310)), 401, 'too old');
    t.equal(await post(signed(310)), 401, 'too new');
    t.equal(await post(unsigned), 401, 'no signature');
    t.equal(await post({}), 401, 'nothing');
    t.equal(await post({ ...signed(), 'webhook-signature': 'v1,,, v2,x v1' }), 401, 'nonsense');
    t.equal(await post(signed(), 'x'.repeat(70_000)), 413, 'too large');
    t.equal((await fetch(url)).status, 405);
    t.same(told, [], 'and works for none of them');
    t.equal(await post(signed()), 204);
    t.equal(
      await post({ ...signed(), 'webhook-signature': `v1,AAAA ${signed()['webhook-signature']}` }),
      204,
    );
    await eventually(async () => told.length === 2);
    t.match(told[0], { id, data: { title: '写真' } });
  });

  t.test(`${file} --help`, async (t) => {
    const { stdout } = await promisify(execFile)(process.execPath, [FOLDER + file, '--help']);
    t.match(stdout, /WEBHOOK_SECRET/);
    const failed = promisify(execFile)(process.execPath, [FOLDER + file], { env: {} });
    await t.rejects(failed, { code: 1 }, 'without a secret it says so and ends');
  });
}

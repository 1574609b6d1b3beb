import { freePort } from '@tintype/local';
import { Webhook } from 'standardwebhooks';
import t, { type Test } from 'tap';
import { startWorker } from '../../src/worker.ts';
import { answer, type Behave, hang, startReceiver } from '../webhook/receiver.ts';
import { eventually, makeJpeg, QUEUE_KINDS } from '../worker-setup.ts';
import { createDeliverySurroundings, type DeliverySurroundings } from './delivering.ts';

const shared = await createDeliverySurroundings();
await shared.start(t);

/** The first answers of a receiver, the last of them again and again. */
function inTurn(...answers: Behave[]): Behave {
  let turn = 0;
  return (...call) => {
    answers[Math.min(turn, answers.length - 1)]?.(...call);
    turn += 1;
  };
}

const reset: Behave = (response) => void response.socket?.resetAndDestroy();
const OK = { status: 200, error: null };
const OUTCOMES: { name: string; behave: Behave; status: string; attempts: object[] }[] = [
  { name: '200', behave: answer(200), status: 'delivered', attempts: [OK] },
  { name: '204', behave: answer(204), status: 'delivered', attempts: [{ status: 204 }] },
  {
    name: '301 is a failure',
    behave: inTurn(answer(301, { location: '/' }), answer(200)),
    status: 'delivered',
    attempts: [{ status: 301 }, OK],
  },
  {
    name: '400, 500, a reset and no answer, then 200',
    behave: inTurn(answer(400, {}, 'what?'), reset, hang, answer(200)),
    status: 'delivered',
    attempts: [
      { status: 400, error: null, answer: 'what?' },
      { status: null, error: /^URL_UNREACHABLE/ },
      { status: null, error: 'URL_TIMEOUT' },
      OK,
    ],
  },
  {
    name: 'dead when the schedule is used up',
    behave: answer(503),
    status: 'dead',
    attempts: [{ status: 503 }, { status: 503 }, { status: 503 }, { status: 503 }],
  },
  { name: '410 is the end', behave: answer(410), status: 'dead', attempts: [{ status: 410 }] },
];

for (const { name, behave, status, attempts } of OUTCOMES) {
  t.test(name, async (t) => {
    const { addEndpoint, addOne, ended, makeSecret } = shared;
    const receiver = await startReceiver(t, behave);
    const secret = makeSecret();
    const id = await addOne(await addEndpoint(receiver.url, secret));
    const delivery = await ended(id);
    t.match(delivery, { status, attempt: attempts.length, attempts });
    t.equal(delivery.attempts.length, attempts.length);
    t.equal(receiver.received.length, attempts.length);
    const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
    t.same([...new Set(ids)], [delivery.eventId], 'one webhook-id');
    for (const { body, headers } of receiver.received)
      t.match(new Webhook(secret).verify(body, headers), {
        type: 'job.completed',
        timestamp: String,
        data: { number: 1 },
      });
  });
}

t.test('410 disables the endpoint', async (t) => {
  const { deps, owner, addEndpoint, addOne, ended } = shared;
  const receiver = await startReceiver(t, answer(410));
  const endpointId = await addEndpoint(receiver.url);
  await ended(await addOne(endpointId));
  const endpoint = await eventually(async () => {
    const found = await deps.db.webhookEndpoints.get(owner, endpointId);
    return found?.enabled === false && found;
  });
  t.equal(endpoint.disabledReason, 'gone');
});

t.test('Retry-After is waited for', async (t) => {
  const { addEndpoint, addOne, ended } = shared;
  const receiver = await startReceiver(t, inTurn(answer(429, { 'retry-after': '2' }), answer(200)));
  t.match(await ended(await addOne(await addEndpoint(receiver.url))), { status: 'delivered', attempt: 2 });
  const [first, second] = receiver.received;
  const pauseMs = (second?.at ?? 0) - (first?.at ?? 0);
  t.ok(pauseMs >= 1900 && pauseMs < 6000, `${pauseMs} ms`);
});

t.test('a closed port, and an address that must not be called', async (t) => {
  const { addEndpoint, addOne, ended } = shared;
  const closed = await addOne(await addEndpoint(`http://127.0.0.1:${await freePort()}/`));
  const refused = await addOne(await addEndpoint('http://10.1.2.3/'));
  t.match(await ended(closed), {
    status: 'dead',
    lastError: 'URL_UNREACHABLE: ECONNREFUSED',
    lastStatus: null,
  });
  const failed = await ended(refused);
  t.match(failed, { status: 'dead', lastError: 'URL_NOT_ALLOWED', attempt: 4 }, 'tried again like others');
});

t.test('while a secret is rotated both sign, afterwards the new one alone', async (t) => {
  const { deps, owner, addEndpoint, addOne, ended, makeSecret } = shared;
  const receiver = await startReceiver(t);
  const [old, next] = [makeSecret(), makeSecret()];
  const endpointId = await addEndpoint(receiver.url, old);
  const send = async (): Promise<string[]> => {
    await ended(await addOne(endpointId));
    const { body, headers } = receiver.received.at(-1) ?? { body: '', headers: {} };
    return [old, next].filter((secret) => verifies(secret, body, headers));
  };
  t.same(await send(), [old]);
  await deps.db.webhookEndpoints.rotateSecret(owner, endpointId, { secret: next, overlapMs: 60_000 });
  t.same(await send(), [old, next]);
  await deps.db.webhookEndpoints.rotateSecret(owner, endpointId, { secret: old, overlapMs: 0 });
  t.same(await send(), [old]);
});

function verifies(secret: string, body: string, headers: Record<string, string>): boolean {
  try {
    new Webhook(secret).verify(body, headers);
    return true;
  } catch {
    return false;
  }
}

t.test('an endpoint that has only failed for long is disabled, what waits for it is dead', async (t) => {
  const { start, ...surroundings } = await createDeliverySurroundings({
    WEBHOOK_DISABLE_AFTER_SECONDS: '1',
    WEBHOOK_RETRY_SECONDS: '0,2,3600',
  });
  const { deps, owner, addEndpoint, addOne, ended } = surroundings;
  const receiver = await startReceiver(t, answer(500));
  const endpointId = await addEndpoint(receiver.url);
  const first = await addOne(endpointId);
  await start(t);
  const waits = await addOne(endpointId);
  const dead = await ended(first);
  t.match(dead, { status: 'dead' });
  t.ok(dead.attempt >= 2, 'not by the first failure');
  t.match(await ended(waits), { status: 'dead' });
  t.match(await deps.db.webhookEndpoints.get(owner, endpointId), {
    enabled: false,
    disabledReason: 'failing',
  });
});

t.test('a worker that died after sending: it is sent again under the same id', async (t) => {
  const surroundings = await createDeliverySurroundings({ LEASE_MS: '1000' });
  const { deps, addEndpoint, addOne, ended, start } = surroundings;
  const receiver = await startReceiver(t);
  const id = await addOne(await addEndpoint(receiver.url));
  const claimed = await deps.db.sending.claim(id, { leaseMs: 500 });
  t.match(claimed, { id, attempt: 1 });
  t.ok(Math.abs((claimed?.claimedAt.getTime() ?? 0) - Date.now()) < 60_000);
  await start(t);
  t.match(await ended(id), { status: 'delivered', attempt: 2 });
  t.equal(receiver.received[0]?.headers['webhook-id'], claimed?.eventId);
});

t.test('stop: what is under way is finished, the rest given back at once', async (t) => {
  const surroundings = await createDeliverySurroundings({
    WEBHOOK_CONCURRENCY_PER_ENDPOINT: '2',
    WEBHOOK_TIMEOUT_MS: '5000',
  });
  const { deps, owner, addEndpoint, add, start } = surroundings;
  const receiver = await startReceiver(t, (response) => void setTimeout(() => response.end(), 700));
  const endpointId = await addEndpoint(receiver.url);
  const ids = await add(endpointId, 5);
  const delivering = await start(t);
  await eventually(async () => receiver.received.length === 2 && (await sendingNow(surroundings)) === 5);
  await delivering.stop(5000);
  const rows = await Promise.all(ids.map((id) => deps.db.webhookDeliveries.get(owner, id)));
  t.same(rows.map((row) => row?.status).sort(), ['delivered', 'delivered', 'pending', 'pending', 'pending']);
  t.equal(receiver.received.length, 2);
});

t.test('stop gives back what does not end in time', async (t) => {
  const surroundings = await createDeliverySurroundings({ WEBHOOK_TIMEOUT_MS: '5000' });
  const { deps, owner, addEndpoint, addOne, start } = surroundings;
  const receiver = await startReceiver(t, hang);
  const id = await addOne(await addEndpoint(receiver.url));
  const delivering = await start(t);
  await eventually(async () => receiver.received.length === 1);
  await delivering.stop(100);
  t.match(await deps.db.webhookDeliveries.get(owner, id), { status: 'pending', attempt: 1, attempts: [] });
});

async function sendingNow({ deps }: DeliverySurroundings): Promise<number> {
  return (await deps.db.webhookDeliveries.depth()).sending;
}

async function startWhole(t: Test, { config, deps }: DeliverySurroundings) {
  const worker = await startWorker(config, deps, () => t.fail('stuck'));
  t.teardown(() => worker.stop(5000));
}

for (const { kind, skip } of QUEUE_KINDS) {
  t.test(`queue on ${kind}: a finished job tells its address and the endpoint, soon`, { skip }, async (t) => {
    const surroundings = await createDeliverySurroundings({ RECONCILE_EVERY_MS: '20000' }, kind);
    const { deps, owner, addEndpoint, accept } = surroundings;
    const [ofJob, ofTenant] = [await startReceiver(t), await startReceiver(t)];
    await addEndpoint(ofTenant.url);
    await startWhole(t, surroundings);
    const jpeg = await makeJpeg();
    const jobId = await accept(jpeg, { tenantId: owner, webhookUrl: ofJob.url });
    await deps.nudges.send([{ id: jobId, generation: 0 }]);
    await eventually(async () => ofJob.received.length === 1 && ofTenant.received.length === 1);
    const job = await deps.db.jobs.get(owner, jobId);
    const soonMs = (ofJob.received[0]?.wall ?? 0) - (job?.finishedAt?.getTime() ?? 0);
    t.ok(soonMs < 5000, `${soonMs} ms after the job had ended`);
    t.comment(`the webhook came ${soonMs} ms after the job had ended`);
    for (const { received } of [ofJob, ofTenant]) {
      const body = JSON.parse(received[0]?.body ?? '');
      t.match(body, {
        type: 'job.completed',
        data: { job: { id: jobId, status: 'completed' }, image: { width: 64 } },
      });
    }
    t.equal(
      ofJob.received[0]?.headers['webhook-id'],
      ofTenant.received[0]?.headers['webhook-id'],
      'one event',
    );
  });
}

import t from 'tap';
import { newId, sharedCalls, TENANT_PARTS, type TenantDatabase, type TenantParts } from '../src/index.ts';
import { bindTenants } from '../src/tenant.ts';
import { createTestDatabase } from './database.ts';
import { aWish, MADE, makeDerivative } from './derivative-fixtures.ts';
import { anImage, anImageToFetch, beginUpload, queueJob } from './queued-job.ts';
import { addDelivery, addEndpoint, addTenant, writeEvent } from './webhook-fixtures.ts';

const { db, query } = await createTestDatabase();

type Own = Omit<TenantDatabase, 'tenantId'>;

/** Calls that take no tenant where they should: nobody could call them. */
type Unusable = {
  [Part in keyof Own]: {
    [Call in keyof Own[Part]]: [Own[Part][Call]] extends [never] ? [Part, Call] : never;
  }[keyof Own[Part]];
}[keyof Own];
const isUsable: [Unusable] extends [never] ? true : Unusable = true;

const TIMES = { leaseMs: 60_000, keepMs: 60_000 };
const NO_LIMITS = { storedBytes: null, concurrentJobs: null };
const DAYS = { from: '2026-01-01', to: '2026-01-31' };
const SECRET = { secret: 'whsec_2', overlapMs: 0 };
const ANSWER = { fingerprintHex: 'ab', status: 200, headers: {}, body: null };
const LIMIT = { limit: 10 };
const PROMISE = {
  ...{ objectKey: 'incoming', bytes: 1, contentType: 'image/png', fileName: null },
  expiresAt: new Date('2026-01-01'),
};
const NEW_ENDPOINT = { events: [], secret: 'whsec_1', most: 5 };
/** Tables that this test does not fill. */
const UNFILLED = new Set(['contents', 'request_logs', 'users']);

/** What a tenant has, by id. */
interface Things {
  tenantId: string;
  jobId: string;
  failedJobId: string;
  imageId: string;
  uploadId: string;
  /** Of an upload past the API. */
  promiseId: string;
  endpointId: string;
  deliveryId: string;
  apiKeyId: string;
  derivativeId: string;
  digestHex: string;
  hold: { key: string; owner: string };
}

async function addThings(): Promise<Things> {
  const tenantId = await addTenant(query);
  const { jobId, imageId } = await queueJob(db, { tenantId, path: 'theirs.jpg', tags: ['theirs'] });
  const failed = await queueJob(db, { tenantId });
  await db.jobs.cancel(tenantId, failed.jobId);
  const upload = anImage({ tenantId });
  await beginUpload(db, upload);
  await writeEvent(query, { tenantId });
  const endpoint = await addEndpoint(db, tenantId);
  const deliveryId = await addDelivery(query, tenantId, { endpoint_id: endpoint.id, status: 'dead' });
  const apiKey = { id: newId(), name: 'theirs', secretSha256: new Uint8Array(32) };
  await db.apiKeys.create(tenantId, apiKey);
  await db.deliveryKeys.current(tenantId);
  const made = await makeDerivative(db, { tenantId, imageId });
  const hold = { key: 'theirs', owner: newId() };
  await db.idempotency.begin({ ...hold, tenantId }, TIMES);
  await db.usage.add([{ tenantId, day: DAYS.from, principal: apiKey.id, requests: 1, bytes: 1, jobs: 1 }]);
  const promiseId = newId();
  await db.directUploads.promise(tenantId, { ...PROMISE, id: promiseId });
  const ids = { tenantId, jobId, failedJobId: failed.jobId, imageId, uploadId: upload.imageId, promiseId };
  return {
    ...ids,
    endpointId: endpoint.id,
    deliveryId,
    apiKeyId: apiKey.id,
    derivativeId: made.id,
    digestHex: made.digestHex,
    hold,
  };
}

/** Every row of a tenant, in any table. */
async function rowsOf(tenantId: string): Promise<Record<string, unknown>> {
  const tables = await query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.columns
     WHERE table_schema = 'public' AND column_name = 'tenant_id' ORDER BY 1`,
  );
  const found: Record<string, unknown> = {};
  for (const { name } of tables) {
    const [row] = await query<{ rows: unknown }>(
      `SELECT jsonb_agg(to_jsonb(r) ORDER BY to_jsonb(r)::text) AS rows FROM ${name} r WHERE tenant_id = $1`,
      [tenantId],
    );
    found[name] = row?.rows;
  }
  return found;
}

type Ask = (own: TenantDatabase, theirs: Things) => Promise<unknown>;
type Table = { [Part in keyof Own]: { [Call in keyof Own[Part]]: [ask: Ask, answer: unknown] } };

const REFUSED = Symbol('an error of the data');
const nothing = undefined;

/** Every call there is, with ids of another tenant. A new one does not compile until it stands here. */
const TABLE: Table = {
  jobs: {
    cancel: [({ jobs }, { jobId }) => jobs.cancel(jobId), nothing],
    retry: [({ jobs }, { failedJobId }) => jobs.retry(failedJobId), nothing],
    retryMany: [({ jobs }) => jobs.retryMany({}, 10), []],
    get: [({ jobs }, { jobId }) => jobs.get(jobId), nothing],
    list: [({ jobs }) => jobs.list(LIMIT), []],
    position: [({ jobs }, { jobId }) => jobs.position(jobId), 0],
    isFinished: [({ jobs }, { jobId }) => jobs.isFinished(jobId), true],
  },
  images: {
    get: [({ images }, { imageId }) => images.get(imageId), nothing],
    metadata: [({ images }, { imageId }) => images.metadata(imageId), nothing],
    isFailed: [({ images }, { imageId }) => images.isFailed(imageId), false],
    remove: [({ images }, { imageId }) => images.remove(imageId), nothing],
    removeMany: [({ images }, { imageId }) => images.removeMany([imageId]), { deleted: [], objects: [] }],
    update: [({ images }, { imageId }) => images.update(imageId, { title: 'mine', tags: ['mine'] }), nothing],
  },
  uploads: {
    begin: [({ uploads }, { uploadId }) => uploads.begin({ id: uploadId, objectKey: 'x' }), REFUSED],
    accept: [
      ({ uploads }, { uploadId }) => uploads.accept(anImage({ imageId: uploadId })),
      { outcome: 'expired' },
    ],
    acceptUrl: [({ uploads }, { imageId }) => uploads.acceptUrl(anImageToFetch({ imageId })), REFUSED],
    abandon: [({ uploads }, { uploadId }) => uploads.abandon(uploadId), nothing],
  },
  events: {
    list: [({ events }) => events.list(LIMIT), []],
  },
  webhookEndpoints: {
    create: [
      ({ webhookEndpoints }, { tenantId }) =>
        // An object may hold more than its type says.
        webhookEndpoints.create(
          Object.assign({ tenantId }, { url: 'https://b.example/', description: null }, NEW_ENDPOINT),
        ),
      { url: 'https://b.example/' },
    ],
    list: [({ webhookEndpoints }) => webhookEndpoints.list(), []],
    get: [({ webhookEndpoints }, { endpointId }) => webhookEndpoints.get(endpointId), nothing],
    update: [
      ({ webhookEndpoints }, { endpointId }) => webhookEndpoints.update(endpointId, { enabled: false }),
      nothing,
    ],
    remove: [({ webhookEndpoints }, { endpointId }) => webhookEndpoints.remove(endpointId), false],
    rotateSecret: [
      ({ webhookEndpoints }, { endpointId }) => webhookEndpoints.rotateSecret(endpointId, SECRET),
      nothing,
    ],
    rotateTenantSecret: [
      ({ webhookEndpoints }) => webhookEndpoints.rotateTenantSecret(SECRET),
      { previousSecretUntil: null },
    ],
  },
  webhookDeliveries: {
    list: [({ webhookDeliveries }, { endpointId }) => webhookDeliveries.list({ endpointId, ...LIMIT }), []],
    get: [({ webhookDeliveries }, { deliveryId }) => webhookDeliveries.get(deliveryId), nothing],
    redeliver: [({ webhookDeliveries }, { deliveryId }) => webhookDeliveries.redeliver(deliveryId), nothing],
    ping: [({ webhookDeliveries }, { endpointId }) => webhookDeliveries.ping(endpointId), nothing],
  },
  idempotency: {
    begin: [({ idempotency }, { hold }) => idempotency.begin(hold, TIMES), { state: 'ours' }],
    finish: [({ idempotency }, { hold }) => idempotency.finish(hold, ANSWER), false],
    release: [({ idempotency }, { hold }) => idempotency.release(hold), nothing],
  },
  admissions: {
    admit: [
      ({ admissions }, { uploadId }) => admissions.admit({ uploadId, bytes: 1, limits: NO_LIMITS }),
      'expired',
    ],
    held: [({ admissions }) => admissions.held(), { bytes: 0, jobs: 0 }],
    limitsOf: [({ admissions }) => admissions.limitsOf(), { planName: 'unlimited' }],
  },
  apiKeys: {
    create: [
      ({ apiKeys }, { tenantId, apiKeyId }) =>
        apiKeys.create(
          Object.assign(
            { tenantId },
            { id: `${apiKeyId}-2`, name: 'mine', secretSha256: new Uint8Array(32) },
          ),
        ),
      { name: 'mine' },
    ],
    list: [({ apiKeys }) => apiKeys.list(), []],
    get: [({ apiKeys }, { apiKeyId }) => apiKeys.get(apiKeyId), nothing],
    rotate: [
      ({ apiKeys }, { apiKeyId }) =>
        apiKeys.rotate(apiKeyId, { id: newId(), secretSha256: new Uint8Array(32), overlapMs: 0 }),
      nothing,
    ],
    revoke: [({ apiKeys }, { apiKeyId }) => apiKeys.revoke(apiKeyId), false],
  },
  findImages: {
    list: [({ findImages }) => findImages.list({ sort: '-createdAt', ...LIMIT }), { images: [] }],
    similar: [
      ({ findImages }, { imageId }) => findImages.similar(imageId, { maxDistance: 4, ...LIMIT }),
      nothing,
    ],
  },
  tags: {
    list: [({ tags }) => tags.list(LIMIT), []],
    of: [({ tags }, { imageId }) => tags.of(imageId), nothing],
    add: [({ tags }, { imageId }) => tags.add(imageId, ['mine'], 10), nothing],
    replace: [({ tags }, { imageId }) => tags.replace(imageId, ['mine']), nothing],
    remove: [({ tags }, { imageId }) => tags.remove(imageId, 'theirs'), nothing],
    clear: [({ tags }, { imageId }) => tags.clear(imageId), nothing],
    change: [
      ({ tags }, { imageId }) => tags.change([imageId], { add: ['mine'], remove: ['theirs'], most: 10 }),
      { changed: [], tooMany: [] },
    ],
  },
  deliveryKeys: {
    current: [({ deliveryKeys }) => deliveryKeys.current(), { id: /^dk_/ }],
    rotate: [({ deliveryKeys }) => deliveryKeys.rotate(0), { id: /^dk_/ }],
  },
  derivatives: {
    find: [({ derivatives }, { digestHex }) => derivatives.find(digestHex), nothing],
    want: [
      ({ derivatives }, { imageId, digestHex }) =>
        derivatives.want(aWish({ imageId, digestHex }), { most: 10, retryFailedAfterMs: 0 }),
      nothing,
    ],
    ofImage: [({ derivatives }, { imageId, digestHex }) => derivatives.ofImage(imageId, [digestHex]), []],
    forgetLost: [
      ({ derivatives }, { derivativeId }) =>
        derivatives.forgetLost({ id: derivativeId, objectKey: MADE.objectKey }),
      false,
    ],
  },
  files: {
    find: [({ files }) => files.find('theirs.jpg'), { image: undefined, prefix: null }],
  },
  directUploads: {
    promise: [
      ({ directUploads }, { promiseId }) => directUploads.promise({ ...PROMISE, id: promiseId }),
      REFUSED,
    ],
    find: [({ directUploads }, { promiseId }) => directUploads.find(promiseId), nothing],
  },
  usage: {
    days: [({ usage }) => usage.days(DAYS), []],
    now: [({ usage }) => usage.now(), { images: 0, storedBytes: 0, unfinishedJobs: 0, requestsToday: 0 }],
  },
};

t.test('a tenant reaches nothing of another one', async (t) => {
  t.ok(isUsable);
  const theirs = await addThings();
  const before = await rowsOf(theirs.tenantId);
  for (const [table, rows] of Object.entries(before))
    if (!UNFILLED.has(table)) t.ok(Array.isArray(rows), `there is something to reach in ${table}`);

  for (const part of TENANT_PARTS) {
    const calls: [string, [Ask, unknown]][] = Object.entries(TABLE[part]);
    for (const [call, [ask, expected]] of calls) {
      const stranger = db.of(await addTenant(query));
      const answer = await ask(stranger, theirs).catch((error: unknown) => {
        if (expected !== REFUSED) throw error;
        return REFUSED;
      });
      const name = `${part}.${call}`;
      if (typeof expected === 'object' && !Array.isArray(expected)) t.match(answer, expected, name);
      else t.same(answer, expected, name);
      t.same(await rowsOf(theirs.tenantId), before, `${name} changes nothing of theirs`);
    }
  }
});

t.test('the owner reaches it', async (t) => {
  const mine = await addThings();
  const own = db.of(mine.tenantId);
  t.match(await own.jobs.get(mine.jobId), { id: mine.jobId });
  t.equal((await own.jobs.list(LIMIT)).length, 2);
  t.equal(await own.jobs.isFinished(mine.jobId), false);
  t.match(await own.images.get(mine.imageId), { id: mine.imageId });
  t.equal((await own.webhookEndpoints.list()).length, 1);
  t.match(await own.webhookDeliveries.get(mine.deliveryId), { id: mine.deliveryId });
  t.same(await own.idempotency.begin({ ...mine.hold, owner: newId() }, TIMES), { state: 'running' });
  t.equal(await own.apiKeys.revoke(mine.apiKeyId), true);
  t.match(await own.usage.days(DAYS), [{ requests: 1 }]);
  t.match(await own.directUploads.find(mine.promiseId), PROMISE);
  const accepted = await own.uploads.accept(anImage({ imageId: mine.uploadId, tenantId: newId() }));
  t.match(accepted, { outcome: 'accepted' }, 'whatever tenant is named besides');
  t.match(await own.images.get(mine.uploadId), { tenantId: mine.tenantId });
});

t.test('every call is bound, or everybody’s: never both, never neither', async (t) => {
  const own = db.of(newId());
  const shared = sharedCalls(db);
  for (const part of TENANT_PARTS) {
    const names = [...Object.keys(own[part]), ...Object.keys(shared[part])];
    t.same(names.sort(), Object.keys(db[part]).sort(), part);
    t.same(Object.keys(own[part]).sort(), Object.keys(TABLE[part]).sort(), part);
  }
});

t.test('a bound call names its tenant, whatever it is given', async (t) => {
  const echo = (part: object) =>
    Object.fromEntries(Object.keys(part).map((call) => [call, (...args: unknown[]) => args]));
  const parts = Object.fromEntries(TENANT_PARTS.map((part) => [part, echo(db[part])]));
  const own = bindTenants(parts as unknown as TenantParts)('mine');
  t.equal(own.tenantId, 'mine');
  const given = { tenantId: 'theirs', id: 1 };
  for (const part of TENANT_PARTS) {
    const calls: [string, (...args: unknown[]) => unknown][] = Object.entries(own[part]);
    for (const [name, call] of calls) {
      const args = call(given, 2);
      const isBatched = Array.isArray(args) && args.length === 2;
      t.same(args, isBatched ? [{ tenantId: 'mine', id: 1 }, 2] : ['mine', given, 2], `${part}.${name}`);
    }
  }
});

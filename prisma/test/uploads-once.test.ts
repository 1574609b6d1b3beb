import { randomBytes } from 'node:crypto';
import t from 'tap';
import { type Acceptance, type AcceptedImage, type KeyHold, newId, openDatabase } from '../src/index.ts';
import { createTestDatabase } from './database.ts';
import { anImage, anImageToFetch, beginUpload, queueJob } from './queued-job.ts';

const { url, db, query } = await createTestDatabase();
const TIMES = { leaseMs: 15_000, keepMs: 86_400_000 };
const newDigest = () => randomBytes(32).toString('hex');
const fingerprintHex = 'cd'.repeat(32);

/** Takes a key and answers it as the door would hand it on. */
async function holdKey(
  tenantId: string,
): Promise<{ hold: KeyHold; idempotency: AcceptedImage['idempotency'] }> {
  const hold = { tenantId, key: `key-${newId()}`, owner: newId() };
  await db.idempotency.begin(hold, TIMES);
  return { hold, idempotency: { key: hold.key, owner: hold.owner, fingerprintHex } };
}

async function acceptAll(images: AcceptedImage[], door = db): Promise<Acceptance[]> {
  await Promise.all(images.map((image) => beginUpload(door, image)));
  return Promise.all(images.map(door.uploads.accept));
}

async function count(
  table: 'images' | 'jobs' | 'uploads' | 'events' | 'contents',
  tenantId: string,
): Promise<number> {
  const [row] = await query<{ count: number }>(`SELECT count(*)::int FROM ${table} WHERE tenant_id = $1`, [
    tenantId,
  ]);
  return row?.count ?? -1;
}

const outcomes = (answers: Acceptance[]) => answers.map(({ outcome }) => outcome);

t.test('the statement that makes the job answers the key', async (t) => {
  const image = anImage();
  const { hold, idempotency } = await holdKey(image.tenantId);
  const [answer] = await acceptAll([{ ...image, idempotency }]);
  t.equal(answer?.outcome, 'accepted');
  const createdAt = answer?.outcome === 'accepted' ? answer.createdAt.toISOString() : '';
  const body = { id: image.jobId, imageId: image.imageId, createdAt };
  t.same(await db.idempotency.begin({ ...hold, owner: newId() }, TIMES), {
    state: 'answered',
    answer: { fingerprintHex, status: 202, headers: {}, body },
  });
  const [row] = await query(
    `SELECT k.xmin = j.xmin AS "inOneTransaction" FROM idempotency_keys k JOIN jobs j USING (tenant_id) WHERE j.id = $1`,
    [image.jobId],
  );
  t.same(row, { inOneTransaction: true });
});

const LOST: Record<string, (hold: KeyHold) => Promise<unknown>> = {
  'was taken over': async (hold) => {
    await query(`UPDATE idempotency_keys SET locked_until = now() - interval '1 s' WHERE key = $1`, [
      hold.key,
    ]);
    await db.idempotency.begin({ ...hold, owner: newId() }, TIMES);
  },
  'was answered': (hold) =>
    db.idempotency.finish(hold, { fingerprintHex, status: 200, headers: {}, body: 1 }),
  'was given back': db.idempotency.release,
};

for (const [name, lose] of Object.entries(LOST)) {
  t.test(`a request whose key ${name} writes nothing, others in its batch do`, async (t) => {
    const tenantId = newId();
    const [first, second, plain] = await Promise.all([holdKey(tenantId), holdKey(tenantId), undefined]);
    await lose(first.hold);
    const contentDigestHex = newDigest();
    const lost = anImage({ tenantId, idempotency: first.idempotency, contentDigestHex });
    const rest = [
      anImage({ tenantId, idempotency: second.idempotency, contentDigestHex }),
      anImage({ tenantId, idempotency: plain ?? null }),
    ];
    t.same(outcomes(await acceptAll([lost, ...rest])), ['key-lost', 'accepted', 'accepted']);
    t.same(await query('SELECT id FROM uploads WHERE tenant_id = $1', [tenantId]), [{ id: lost.imageId }]);
    t.equal(await count('images', tenantId), 2);
    t.equal(await count('events', tenantId), 2);
    const toFetch = anImageToFetch({ tenantId, idempotency: first.idempotency });
    t.same(await db.uploads.acceptUrl(toFetch), { outcome: 'key-lost' });
    t.equal(await count('images', tenantId), 2);
  });
}

t.test('an upload that was swept leaves its key unanswered and its content unknown', async (t) => {
  const image = anImage({ contentDigestHex: newDigest() });
  const { hold, idempotency } = await holdKey(image.tenantId);
  t.same(await db.uploads.accept({ ...image, idempotency }), { outcome: 'expired' });
  t.same(await db.idempotency.begin({ ...hold, owner: newId() }, TIMES), { state: 'running' });
  t.equal(await count('contents', image.tenantId), 0);
});

t.test('the same content again answers with the image there is and leaves the upload', async (t) => {
  const contentDigestHex = newDigest();
  const first = await queueJob(db, { contentDigestHex });
  const second = anImage({ tenantId: first.tenantId, contentDigestHex });
  const { hold, idempotency } = await holdKey(first.tenantId);
  const { imageId, jobId, tenantId } = first;
  t.same(await acceptAll([{ ...second, idempotency }]), [{ outcome: 'duplicate', imageId, jobId }]);
  t.same(await query('SELECT id FROM uploads WHERE tenant_id = $1', [tenantId]), [{ id: second.imageId }]);
  t.same(
    [await count('images', tenantId), await count('jobs', tenantId), await count('events', tenantId)],
    [1, 1, 1],
  );
  t.equal(
    await db.idempotency.finish(hold, { fingerprintHex, status: 200, headers: {}, body: 1 }),
    true,
    'still held',
  );
  const other = anImage({ contentDigestHex });
  t.same(outcomes(await acceptAll([other])), ['accepted'], 'another tenant’s is another');
  t.same(outcomes(await acceptAll([anImage({ tenantId })])), ['accepted'], 'nobody asked');
});

t.test('two of the same in one batch', async (t) => {
  const tenantId = newId();
  const contentDigestHex = newDigest();
  const images = [
    anImage({ tenantId, contentDigestHex }),
    anImage({ tenantId, contentDigestHex }),
    anImage({ tenantId }),
  ];
  const answers = await acceptAll(images);
  t.same(outcomes(answers).sort(), ['accepted', 'accepted', 'duplicate']);
  t.equal(await count('images', tenantId), 2);
});

t.test('twenty doors at once, with contents in opposite orders: one image each', async (t) => {
  const doors = [db, ...Array.from({ length: 4 }, () => openDatabase({ url, poolSize: 3 }))];
  t.teardown(() => Promise.all(doors.slice(1).map((door) => door.close())));
  for (let round = 0; round < 5; round += 1) {
    const tenantId = newId();
    const digests = Array.from({ length: 20 }, newDigest);
    const calls = Array.from({ length: 20 }, (_, caller) => {
      const ordered = caller % 2 === 0 ? digests : [...digests].reverse();
      const images = ordered.map((contentDigestHex) => anImage({ tenantId, contentDigestHex }));
      return acceptAll(images, doors[caller % doors.length]);
    });
    const answers = (await Promise.all(calls)).flat();
    t.equal(answers.filter(({ outcome }) => outcome === 'accepted').length, 20);
    t.equal(answers.filter(({ outcome }) => outcome === 'duplicate').length, 380);
    t.same(
      [await count('images', tenantId), await count('jobs', tenantId), await count('contents', tenantId)],
      [20, 20, 20],
    );
    const known = new Set(
      (await query<{ id: string }>('SELECT id FROM jobs WHERE tenant_id = $1', [tenantId])).map(
        ({ id }) => id,
      ),
    );
    t.ok(answers.every((answer) => answer.outcome !== 'duplicate' || known.has(answer.jobId)));
  }
});

const USABLE: Record<string, boolean> = {
  queued: true,
  processing: true,
  completed: true,
  failed: false,
  canceled: false,
};

for (const [status, usable] of Object.entries(USABLE)) {
  t.test(`an image whose job is ${status} is ${usable ? 'reused' : 'replaced'}`, async (t) => {
    const contentDigestHex = newDigest();
    const { tenantId, jobId, imageId } = await queueJob(db, { contentDigestHex });
    await query('UPDATE jobs SET status = $2 WHERE id = $1', [jobId, status]);
    const images = Array.from({ length: 5 }, () => anImage({ tenantId, contentDigestHex }));
    const answers = await acceptAll(images);
    const accepted = images.filter((_, index) => answers[index]?.outcome === 'accepted');
    t.equal(accepted.length, usable ? 0 : 1);
    const expected = accepted[0] ?? { jobId, imageId };
    const rows = await query(
      'SELECT job_id AS "jobId", image_id AS "imageId" FROM contents WHERE tenant_id = $1',
      [tenantId],
    );
    t.same(rows, [{ jobId: expected.jobId, imageId: expected.imageId }]);
    t.equal(answers.filter(({ outcome }) => outcome === 'duplicate').length, usable ? 5 : 4);
  });
}

t.test('an image that is gone is replaced', async (t) => {
  const contentDigestHex = newDigest();
  const { tenantId, imageId } = await queueJob(db, { contentDigestHex });
  await query('DELETE FROM images WHERE id = $1', [imageId]);
  t.equal((await queueJob(db, { tenantId, contentDigestHex })).tenantId, tenantId);
});

t.test('an image to fetch: no bytes, a job, an event, and its key answered', async (t) => {
  const image = anImageToFetch({ title: 'Plate', tags: ['a,b'], webhookUrl: 'https://example.com/hook' });
  const { hold, idempotency } = await holdKey(image.tenantId);
  t.match(await db.uploads.acceptUrl({ ...image, idempotency }), { outcome: 'accepted', createdAt: Date });
  const { tenantId, imageId, jobId, sourceUrl, objectKey, title, tags, webhookUrl } = image;
  const row = await db.jobs.get(tenantId, jobId);
  t.match(row, { status: 'queued', webhookUrl, image: { id: imageId, sourceUrl, objectKey, title, tags } });
  t.same([row?.image.bytes, row?.image.sha256, row?.image.format], [null, null, null]);
  t.match(await db.idempotency.begin({ ...hold, owner: newId() }, TIMES), {
    answer: { body: { id: jobId, imageId } },
  });
  t.match(await db.work.claim(jobId, { worker: 'w', leaseMs: 1000 }), {
    stored: undefined,
    sourceUrl,
    objectKey,
  });
  t.equal(await count('events', tenantId), 1);
});

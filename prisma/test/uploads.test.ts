import t from 'tap';
import { type AcceptedImage, isDataError, newId } from '../src/index.ts';
import { createTestDatabase } from './database.ts';
import { anImage, beginUpload, queueJob } from './queued-job.ts';

const { db, query } = await createTestDatabase();

/** How many rows of each table tell of this image. */
async function traces({ imageId, jobId }: AcceptedImage): Promise<object | undefined> {
  const [row] = await query(
    `SELECT (SELECT count(*)::int FROM uploads WHERE id = $1) AS uploads,
            (SELECT count(*)::int FROM images WHERE id = $1) AS images,
            (SELECT count(*)::int FROM jobs WHERE id = $2) AS jobs,
            (SELECT count(*)::int FROM events WHERE job_id = $2 AND image_id = $1) AS events`,
    [imageId, jobId],
  );
  return row;
}

function toVerdict(answer: PromiseSettledResult<unknown>): string {
  return answer.status === 'rejected' && isDataError(answer.reason) ? 'bad data' : answer.status;
}

const NOTHING = { uploads: 0, images: 0, jobs: 0, events: 0 };
const BEGUN = { ...NOTHING, uploads: 1 };
const ACCEPTED = { uploads: 0, images: 1, jobs: 1, events: 1 };

t.test('an upload becomes image, queued job and event in one transaction', async (t) => {
  const image = anImage();
  await beginUpload(db, image);
  t.same(await traces(image), BEGUN);
  const answer = await db.uploads.accept(image);
  t.same(await traces(image), ACCEPTED);
  const [row] = await query<Record<string, unknown>>(
    `SELECT j.status, j.attempt, j.generation, j.request_id, j.created_at, e.type, e.tenant_id, i.object_key,
            (i.xmin = j.xmin AND j.xmin = e.xmin) AS "inOneTransaction"
     FROM jobs j JOIN images i ON i.id = j.image_id JOIN events e ON e.job_id = j.id WHERE j.id = $1`,
    [image.jobId],
  );
  t.same(row, {
    status: 'queued',
    attempt: 0,
    generation: 0,
    request_id: 'req-1',
    created_at: answer.outcome === 'accepted' && answer.createdAt,
    type: 'job.queued',
    tenant_id: image.tenantId,
    object_key: `${image.tenantId}/original/${image.imageId}`,
    inOneTransaction: true,
  });
});

t.test('many at once', async (t) => {
  const tenantId = newId();
  const images = Array.from({ length: 250 }, (_, index) => anImage({ tenantId, bytes: index }));
  await Promise.all(images.map((image) => beginUpload(db, image)));
  const answers = await Promise.all(images.map(db.uploads.accept));
  t.ok(answers.every(({ outcome }) => outcome === 'accepted'));
  const rows = await query(
    `SELECT j.id AS "jobId", i.id AS "imageId", i.bytes::int AS bytes, encode(i.sha256, 'hex') AS "sha256Hex"
     FROM jobs j JOIN images i ON i.id = j.image_id WHERE j.tenant_id = $1 ORDER BY i.bytes`,
    [tenantId],
  );
  t.same(
    rows,
    images.map(({ jobId, imageId, bytes, sha256Hex }) => ({ jobId, imageId, bytes, sha256Hex })),
  );
});

t.test('an upload that was swept, abandoned or never begun is not accepted', async (t) => {
  const [swept, abandoned, unknown] = [anImage(), anImage(), anImage()];
  await Promise.all([beginUpload(db, swept), beginUpload(db, abandoned)]);
  await db.uploads.abandon(newId(), abandoned.imageId);
  t.equal(
    (await query('SELECT FROM uploads WHERE id = $1', [abandoned.imageId])).length,
    1,
    'by another tenant',
  );
  await query('DELETE FROM uploads WHERE id = $1', [swept.imageId]);
  await db.uploads.abandon(abandoned.tenantId, abandoned.imageId);
  const kept = anImage();
  await beginUpload(db, kept);
  const answers = await Promise.all([swept, abandoned, unknown, kept].map(db.uploads.accept));
  t.same(
    answers.map(({ outcome }) => outcome),
    ['expired', 'expired', 'expired', 'accepted'],
  );
  for (const image of [swept, abandoned, unknown]) t.same(await traces(image), NOTHING);
});

t.test('accepting twice answers once', async (t) => {
  const image = await queueJob(db);
  t.same(await db.uploads.accept({ ...image, jobId: newId() }), { outcome: 'expired' });
  t.same(await traces(image), ACCEPTED);
});

const BAD: Record<string, Partial<AcceptedImage>> = {
  'a digest too short': { sha256Hex: 'abcd' },
  'a digest that is no hex': { sha256Hex: 'z'.repeat(64) },
  'a NUL in the name': { fileName: 'a\0b.jpg' },
  'half a surrogate pair': { title: '\ud83d' },
  'a tenant that is no UUID': { tenantId: 'me' },
};

for (const [name, wrong] of Object.entries(BAD)) {
  t.test(`${name} fails alone in its batch`, async (t) => {
    const images = [anImage(), anImage(), anImage()];
    await Promise.all(images.map((image) => beginUpload(db, image)));
    const [first, bad, last] = images as [AcceptedImage, AcceptedImage, AcceptedImage];
    const answers = await Promise.allSettled([first, { ...bad, ...wrong }, last].map(db.uploads.accept));
    t.same(answers.map(toVerdict), ['fulfilled', 'bad data', 'fulfilled']);
    t.same(await traces(bad), BEGUN);
    t.same(await traces(last), ACCEPTED);
  });
}

t.test('an upload begun twice fails alone', async (t) => {
  const [known, fresh] = [anImage(), anImage()];
  await beginUpload(db, known);
  const answers = await Promise.allSettled([known, fresh].map((image) => beginUpload(db, image)));
  t.same(answers.map(toVerdict), ['bad data', 'fulfilled']);
  t.same(await traces(fresh), BEGUN);
});

const TEXTS: Record<string, Partial<AcceptedImage>> = {
  nulls: { fileName: null, declaredMimeType: null, title: null, tags: [] },
  'odd letters': { fileName: 'Ærø – 写真 👩‍👩‍👧 \u202egpj.exe', title: 'e\u0301 \ufeff \u2028 \uffff' },
  'what SQL and JSON mean something by': {
    fileName: `'; DROP TABLE jobs; --\\u0000 "%s" $1 {}`,
    title: '\\ \t\n\r\b\u0001',
  },
  'tags that look like an array': { tags: ['{a,b}', 'NULL', '', 'with "quotes", commas', '\\', '日本'] },
  'a size beyond 32 bits': { bytes: 5_000_000_000 },
  'the largest exact size': { bytes: Number.MAX_SAFE_INTEGER },
};

for (const [name, given] of Object.entries(TEXTS)) {
  t.test(`${name} come back as they went`, async (t) => {
    const image = await queueJob(db, given);
    const row = await db.images.get(image.tenantId, image.imageId);
    const { fileName, declaredMimeType, title, tags, bytes } = image;
    t.match(row, { fileName, declaredMimeType, title, bytes: BigInt(bytes) });
    t.same(row?.tags, tags);
    t.match(await db.work.claim(image.jobId, { worker: 'w', leaseMs: 1000 }), {
      fileName,
      stored: { bytes },
    });
  });
}

import t from 'tap';
import {
  type AcceptedImage,
  type Admission,
  type AdmissionRequest,
  newId,
  openDatabase,
} from '../src/index.ts';
import { createTestDatabase } from './database.ts';
import { endJob } from './finish-job.ts';
import { anImage, anImageToFetch, beginUpload, queueJob } from './queued-job.ts';

const { db, url, query } = await createTestDatabase();
const other = openDatabase({ url, poolSize: 4 });
t.teardown(other.close);

const NO_LIMIT = { storedBytes: null, concurrentJobs: null };

async function begin(given: Partial<AcceptedImage>): Promise<AcceptedImage> {
  const image = anImage(given);
  await beginUpload(db, image);
  return image;
}

function ask(
  { tenantId, imageId, bytes }: AcceptedImage,
  limits: Partial<AdmissionRequest['limits']>,
): AdmissionRequest {
  return { tenantId, uploadId: imageId, bytes, limits: { ...NO_LIMIT, ...limits } };
}

function count(answers: Admission[]): Partial<Record<Admission, number>> {
  const counts: Partial<Record<Admission, number>> = {};
  for (const answer of answers) counts[answer] = (counts[answer] ?? 0) + 1;
  return counts;
}

async function held(tenantId: string): Promise<object | undefined> {
  const [row] = await query('SELECT bytes::int, jobs::int FROM tintype_held($1)', [tenantId]);
  return row;
}

const rows: { name: string; limits: Partial<AdmissionRequest['limits']>; expected: object }[] = [
  { name: 'bytes', limits: { storedBytes: 1050 }, expected: { admitted: 10, storage: 30 } },
  { name: 'jobs', limits: { concurrentJobs: 7 }, expected: { admitted: 7, jobs: 33 } },
  { name: 'both', limits: { storedBytes: 500, concurrentJobs: 7 }, expected: { admitted: 5, storage: 35 } },
  { name: 'none', limits: {}, expected: { admitted: 40 } },
];
for (const { name, limits, expected } of rows)
  t.test(`exactly what is allowed, over two processes: ${name}`, async (t) => {
    const tenantId = newId();
    const images = await Promise.all(Array.from({ length: 40 }, () => begin({ tenantId, bytes: 100 })));
    const answers = await Promise.all(
      images.map(async (image, nth) => {
        const one = nth % 2 === 0 ? db : other;
        const answer = await one.admissions.admit(ask(image, limits));
        if (answer === 'admitted') await one.uploads.accept(image);
        return answer;
      }),
    );
    t.same(count(answers), expected);
    const admitted = count(answers).admitted ?? 0;
    t.same(await held(tenantId), { bytes: admitted * 100, jobs: admitted });
  });

t.test('what is promised is held until it is used, or given up', async (t) => {
  const tenantId = newId();
  const limits = { storedBytes: 250, concurrentJobs: 10 };
  const first = await begin({ tenantId, bytes: 100 });
  const second = await begin({ tenantId, bytes: 100 });
  const third = await begin({ tenantId, bytes: 100 });
  t.equal(await db.admissions.admit(ask(first, limits)), 'admitted');
  t.equal(await db.admissions.admit(ask(second, limits)), 'admitted');
  t.equal(await db.admissions.admit(ask(third, limits)), 'storage', 'promised alone');
  await db.uploads.accept(first);
  t.same(await held(tenantId), { bytes: 200, jobs: 2 }, 'used');
  t.equal(await db.admissions.admit(ask(third, limits)), 'storage');
  await query('UPDATE uploads SET swept_at = now() WHERE id = $1', [second.imageId]);
  t.same(await held(tenantId), { bytes: 100, jobs: 1 }, 'given up');
  t.equal(await db.admissions.admit(ask(third, limits)), 'admitted');
  t.equal(await db.admissions.admit(ask(second, limits)), 'storage');
  t.equal(await db.admissions.admit(ask({ ...second, bytes: 1 }, limits)), 'expired');
});

t.test('an image that is removed, and a job that ends, make room', async (t) => {
  const tenantId = newId();
  const { imageId } = await queueJob(db, { tenantId, bytes: 100 });
  await endJob(db, 'completed', { tenantId, bytes: 10 });
  t.same(await held(tenantId), { bytes: 110, jobs: 1 });
  await db.images.remove(tenantId, imageId);
  t.same(await held(tenantId), { bytes: 10, jobs: 0 });
});

t.test('an image that is still to be fetched', async (t) => {
  const tenantId = newId();
  const image = anImageToFetch({ tenantId });
  const { imageId: uploadId, objectKey } = image;
  const reserve = {
    tenantId,
    uploadId,
    objectKey,
    bytes: 0,
    limits: { storedBytes: 100, concurrentJobs: 1 },
  };
  t.equal(await db.admissions.admit(reserve), 'admitted');
  t.same(await held(tenantId), { bytes: 0, jobs: 1 }, 'promised');
  t.equal(await db.admissions.admit({ ...reserve, uploadId: newId() }), 'jobs');
  await db.uploads.acceptUrl(image);
  t.same(await held(tenantId), { bytes: 0, jobs: 1 }, 'the job holds it now');
  t.same(await query('SELECT id FROM uploads WHERE tenant_id = $1', [tenantId]), []);

  const fetched = await begin({ tenantId, bytes: 60 });
  t.equal(await db.admissions.admit({ ...ask(fetched, reserve.limits), jobs: 0 }), 'admitted', 'its bytes');
  t.same(await held(tenantId), { bytes: 60, jobs: 1 });
});

t.test('many jobs at once', async (t) => {
  const { tenantId } = await queueJob(db);
  const reserve = () => {
    const uploadId = newId();
    const limits = { storedBytes: null, concurrentJobs: 10 };
    return { tenantId, uploadId, objectKey: `${tenantId}/original/${uploadId}`, bytes: 0, limits };
  };
  t.equal(await db.admissions.admit({ ...reserve(), jobs: 10 }), 'jobs');
  t.equal(await db.admissions.admit({ ...reserve(), jobs: 9 }), 'admitted');
  t.same(await db.admissions.held(tenantId), { bytes: 1234, jobs: 10 });
  t.same(await db.admissions.held(newId()), { bytes: 0, jobs: 0 });
});

t.test('the limits of a tenant', async (t) => {
  const id = newId();
  await query(`INSERT INTO tenants (id, name, plan) VALUES ($1, 'test', 'free')`, [id]);
  t.match(await db.admissions.limitsOf(id), { planName: 'free', limits: { uploadBytes: 20_000_000 } });
  t.equal(await db.admissions.limitsOf(newId()), undefined);
});

import { createLogger } from '@tintype/core';
import { openDatabase } from '@tintype/prisma';
import sharp from 'sharp';
import t from 'tap';
import { createProcessImage } from '../../src/jobs/process-image.ts';
import { createSweeps } from '../../src/jobs/sweep.ts';
import { keepLeases } from '../../src/leases.ts';
import { createSurroundings, makeOne } from '../worker-setup.ts';

const { config, deps, tenantId, accept, objectKeys, databaseUrl } = await createSurroundings({
  PIXEL_FACTS: 'off',
});
const stopping = new AbortController().signal;

/** A worker with a database of its own, as another process has it. */
function aWorker(worker: string, db = deps.db) {
  const log = createLogger({ name: worker, level: 'silent' });
  const leases = keepLeases({ heartbeat: db.work.heartbeat, log }, config.leaseMs);
  t.teardown(() => leases.giveBack(async () => undefined));
  const processImage = createProcessImage(
    { worker, config, leases, makeOne, stopping },
    { ...deps, db, log },
  );
  return (id: string) => processImage({ id, generation: 0 });
}

const otherDb = openDatabase({ url: databaseUrl, poolSize: 4 });
t.teardown(() => otherDb.close());
const one = aWorker('one');
const two = aWorker('two', otherDb);

/** Pictures that look like no other: coarse noise, told by its seed. */
async function picture(seed: number, quality = 90): Promise<Buffer> {
  let state = seed * 7919 + 17;
  const pixels = Buffer.from(
    Array.from({ length: 8 * 8 * 3 }, () => {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
      return state >>> 23;
    }),
  );
  return sharp(pixels, { raw: { width: 8, height: 8, channels: 3 } })
    .resize(256, 256, { kernel: 'cubic' })
    .jpeg({ quality })
    .toBuffer();
}

async function read(id: string, owner = tenantId) {
  const job = await deps.db.jobs.get(owner, id);
  if (job === undefined) throw new Error('no such job');
  return job;
}

/** A tenant's first image, described with its pixels. */
async function withImage(seed: number, owner: string): Promise<string> {
  const id = await accept(await picture(seed), { tenantId: owner, options: { pixels: true } });
  await one(id);
  return (await read(id, owner)).image.id;
}

const OUTCOMES = [
  { onDuplicate: undefined, status: 'completed', isMarked: false },
  { onDuplicate: 'allow', status: 'completed', isMarked: false },
  { onDuplicate: 'flag', status: 'completed', isMarked: true },
  { onDuplicate: 'reject', status: 'failed', isMarked: true },
];
for (const { onDuplicate, status, isMarked } of OUTCOMES) {
  t.test(`onDuplicate=${onDuplicate}: the same picture saved again is ${status}`, async (t) => {
    const owner = crypto.randomUUID();
    const first = await withImage(1, owner);
    const options = onDuplicate === undefined ? { pixels: true } : { pixels: true, onDuplicate };
    const id = await accept(await picture(1, 70), { tenantId: owner, options });
    await one(id);
    const { image, ...job } = await read(id, owner);
    t.equal(job.status, status);
    t.equal(image.duplicateOf, isMarked ? first : null);
    t.equal(image.rejectedAt !== null, status === 'failed');
    t.match(
      (await read(id, owner)).image,
      status === 'failed' ? { bytes: null } : { format: 'jpeg', phash: BigInt },
    );
  });

  t.test(`onDuplicate=${onDuplicate}: another picture is completed`, async (t) => {
    const owner = crypto.randomUUID();
    await withImage(1, owner);
    const options = onDuplicate === undefined ? {} : { onDuplicate };
    const id = await accept(await picture(2), { tenantId: owner, options });
    await one(id);
    t.match(await read(id, owner), { status: 'completed', image: { duplicateOf: null, rejectedAt: null } });
  });
}

t.test('a rejected image says why, and leaves nothing behind', async (t) => {
  const owner = crypto.randomUUID();
  const first = await withImage(3, owner);
  const id = await accept(await picture(3), { tenantId: owner, options: { onDuplicate: 'reject' } });
  await one(id);
  const { errorCode, errorMessage, errorRetryable, image } = await read(id, owner);
  t.same([errorCode, errorRetryable], ['DUPLICATE_IMAGE', false]);
  t.match(errorMessage, first);
  t.ok((await objectKeys()).includes(image.objectKey));
  await createSweeps(config, deps).uploads?.();
  t.notOk((await objectKeys()).includes(image.objectKey));
  t.equal(await deps.db.jobs.retry(owner, id), 'unfit');
});

t.test('what was rejected rejects nothing', async (t) => {
  const owner = crypto.randomUUID();
  const options = { onDuplicate: 'reject' };
  const first = await withImage(4, owner);
  const second = await accept(await picture(4), { tenantId: owner, options });
  await one(second);
  await deps.db.images.remove(owner, first);
  const third = await accept(await picture(4), { tenantId: owner, options });
  await one(third);
  t.match(await read(second, owner), { status: 'failed' });
  t.match(await read(third, owner), { status: 'completed', image: { duplicateOf: null } });
});

t.test('who asks about duplicates has the pixels read, where they are off too', async (t) => {
  const id = await accept(await picture(5), { options: { pixels: false, onDuplicate: 'flag' } });
  const plain = await accept(await picture(6), { options: { onDuplicate: 'allow' } });
  await Promise.all([one(id), one(plain)]);
  t.match((await read(id)).image, { phash: BigInt });
  t.match((await read(plain)).image, { phash: null });
});

t.test('the image of another tenant is nobody’s duplicate', async (t) => {
  await withImage(7, crypto.randomUUID());
  const owner = crypto.randomUUID();
  const id = await accept(await picture(7), { tenantId: owner, options: { onDuplicate: 'reject' } });
  await one(id);
  t.match(await read(id, owner), { status: 'completed', image: { duplicateOf: null } });
});

for (const onDuplicate of ['flag', 'reject']) {
  t.test(`of equal images that end at the same time one is left unmarked (${onDuplicate})`, async (t) => {
    const owner = crypto.randomUUID();
    for (let pair = 0; pair < 5; pair += 1) {
      const file = await picture(100 + pair);
      const asked = { tenantId: owner, options: { onDuplicate } };
      const ids = await Promise.all(Array.from({ length: 4 }, () => accept(file, asked)));
      await Promise.all(ids.map((id, index) => (index % 2 === 0 ? one : two)(id)));
      const jobs = await Promise.all(ids.map((id) => read(id, owner)));
      const unmarked = jobs.filter(({ image }) => image.duplicateOf === null);
      t.equal(unmarked.length, 1);
      t.match(unmarked, [{ status: 'completed' }]);
      const marked = jobs.filter(({ image }) => image.duplicateOf !== null);
      t.ok(marked.every(({ status }) => status === (onDuplicate === 'flag' ? 'completed' : 'failed')));
    }
  });
}

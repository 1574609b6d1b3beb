import { randomBytes } from 'node:crypto';
import { AppError } from '@tintype/core';
import { newId } from '@tintype/prisma';
import sharp from 'sharp';
import t from 'tap';
import { eventually, QUEUE_KINDS } from '../worker-setup.ts';
import { createGate, createMakingSurroundings, makePicture } from './making.ts';

for (const { kind, skip } of QUEUE_KINDS) {
  t.test(`queue on ${kind}: what is wanted is made, stored and announced`, { skip }, async (t) => {
    const surroundings = await createMakingSurroundings({}, kind);
    const { deps, tenantId, addImage, ask, want, heard, ended, start, objectKeys } = surroundings;
    await start(t);
    const { imageId } = await addImage();
    const { row, nudge } = await want({ imageId }, { width: 32, format: 'webp' });
    const announced = heard(t, row.id);
    await deps.renders.send([nudge, nudge]);
    t.equal(await announced, true);
    const found = await deps.db.derivatives.find(tenantId, row.digestHex);
    t.match(found, {
      status: 'ready',
      made: {
        objectKey: `${tenantId}/derived/${imageId}/${row.id}-1`,
        format: 'webp',
        width: 32,
        height: 24,
      },
    });
    const { objectKey = '', bytes = 0, sha256Hex = '' } = found?.made ?? {};
    const stored = (await deps.objects.read(objectKey, 1_000_000)) ?? Buffer.alloc(0);
    t.equal(stored.length, bytes);
    t.equal(sha256Hex, (await import('node:crypto')).createHash('sha256').update(stored).digest('hex'));
    t.match(await sharp(stored).metadata(), { format: 'webp', width: 32, height: 24 });
    const other = await ended(await ask({ imageId }, { width: 16 }));
    t.match(other, { status: 'ready', attempt: 1 });
    t.equal((await objectKeys()).length, 3);
  });
}

const shared = await createMakingSurroundings({ MAX_RENDER_BYTES: '40000' });
await shared.start(t);

async function putFile(name: string, body: Buffer): Promise<{ file: string }> {
  const file = `${shared.tenantId}/files/${name}`;
  await shared.deps.objects.put(file, [body], { contentType: 'image/png', sha256Hex: '' });
  return { file };
}

const OUTCOMES: Record<string, { of: () => Promise<{ imageId: string } | { file: string }>; as: object }> = {
  'a file that is no image’s': {
    of: async () =>
      putFile(
        'a/b.png',
        await sharp(await makePicture())
          .png()
          .toBuffer(),
      ),
    as: { status: 'ready', attempt: 1, failures: 0 },
  },
  'a file that is gone': {
    of: async () => ({ file: `${shared.tenantId}/files/none` }),
    as: { status: 'failed', error_code: 'ORIGINAL_MISSING', attempt: 1 },
  },
  'a file that is no picture': {
    of: () => putFile('text.png', Buffer.from('all but a picture')),
    as: { status: 'failed', error_code: 'NOT_RENDERABLE', attempt: 1 },
  },
  'an empty file': {
    of: () => putFile('empty.png', Buffer.alloc(0)),
    as: { status: 'failed', error_code: 'NOT_RENDERABLE', attempt: 1 },
  },
  'a file that is too large': {
    of: async () =>
      putFile(
        'large.png',
        Buffer.concat([
          await sharp(await makePicture())
            .png()
            .toBuffer(),
          randomBytes(50_000),
        ]),
      ),
    as: { status: 'failed', error_code: 'IMAGE_TOO_LARGE', attempt: 1 },
  },
  'an image whose object is gone': {
    of: () => shared.addImage(undefined, { store: false }),
    as: { status: 'failed', error_code: 'ORIGINAL_MISSING', attempt: 1 },
  },
  'an image that can not be read': {
    of: async () => shared.addImage((await makePicture(200, 200)).subarray(0, 300)),
    as: { status: 'failed', error_code: 'IMAGE_UNREADABLE', attempt: 1 },
  },
};

for (const [name, { of, as }] of Object.entries(OUTCOMES)) {
  t.test(name, async (t) => {
    const { ask, ended } = shared;
    t.match(await ended(await ask(await of())), as);
  });
}

t.test('an outage counts as nothing: it is tried again until it is over', async (t) => {
  const { deps, addImage, ask, ended, start } = await createMakingSurroundings({ MAX_ATTEMPTS: '2' });
  let left = 4;
  const put: typeof deps.objects.put = async (...call) => {
    left -= 1;
    if (left >= 0) throw new AppError('OBJECT_STORE_UNAVAILABLE');
    return deps.objects.put(...call);
  };
  const { imageId } = await addImage();
  await start(t, { objects: { ...deps.objects, put } });
  t.match(await ended(await ask({ imageId })), {
    status: 'ready',
    attempt: 5,
    failures: 0,
    error_code: null,
  });
});

t.test('what ends its process is tried once more', async (t) => {
  const { deps, addImage, ask, ended, start, heard } = await createMakingSurroundings();
  let renders = 0;
  const render = async () => {
    renders += 1;
    throw new AppError('DECODER_CRASHED');
  };
  const { imageId } = await addImage();
  await start(t, { renderer: { ...deps.renderer, render } });
  const id = await ask({ imageId });
  t.equal(await heard(t, id), true);
  t.match(await ended(id), { status: 'failed', error_code: 'DECODER_CRASHED', attempt: 2, failures: 2 });
  t.equal(renders, 2);
});

t.test('an image that is deleted while it is rendered leaves no object behind', async (t) => {
  const surroundings = await createMakingSurroundings({ LEASE_MS: '600000' });
  const { deps, tenantId, addImage, ask, start, objectKeys, query } = surroundings;
  const gate = createGate();
  let begun = false;
  const render: typeof deps.renderer.render = async (task) => {
    begun = true;
    await gate.pass;
    return deps.renderer.render(task);
  };
  const removed: string[] = [];
  const remove = async (key: string) => {
    await deps.objects.remove(key);
    removed.push(key);
  };
  await start(t, { renderer: { ...deps.renderer, render }, objects: { ...deps.objects, remove } });
  const { imageId, objectKey } = await addImage();
  const id = await ask({ imageId });
  await eventually(async () => begun);
  await deps.db.images.remove(tenantId, imageId);
  gate.open();
  await eventually(async () => removed.includes(`${tenantId}/derived/${imageId}/${id}-1`));
  t.same(await objectKeys(), [objectKey], 'that of the image is the sweep’s');
  t.same(await query('SELECT FROM derivatives'), []);
});

t.test('who lost his lease takes only his own object away', async (t) => {
  const surroundings = await createMakingSurroundings({ LEASE_MS: '60000' });
  const { deps, query, addImage, ask, start, objectKeys, ended, row, tenantId } = surroundings;
  const gates = [createGate(), createGate()];
  let renders = 0;
  const render: typeof deps.renderer.render = async (task) => {
    const gate = gates[renders];
    renders += 1;
    await gate?.pass;
    return deps.renderer.render(task);
  };
  const removed: string[] = [];
  const remove = async (key: string) => {
    await deps.objects.remove(key);
    removed.push(key);
  };
  await start(t, { renderer: { ...deps.renderer, render }, objects: { ...deps.objects, remove } });
  const { imageId, objectKey } = await addImage();
  const id = await ask({ imageId });
  await eventually(async () => renders === 1);
  // As if another worker had thought it lost: it waits anew, and is begun a second time.
  await query(
    `UPDATE derivatives SET status = 'waiting', lease_until = NULL, nudged_at = '-infinity', generation = 1 WHERE id = $1`,
    [id],
  );
  await eventually(async () => renders === 2);
  gates[1]?.open();
  t.match(await ended(id), { status: 'ready', attempt: 2 });
  const before = await row(id);
  gates[0]?.open();
  await eventually(async () => (await deps.metrics.expose()).text.includes('step="render"'));
  t.same(await row(id), before);
  const own = `${tenantId}/derived/${imageId}/${id}-2`;
  await eventually(async () => {
    const keys = await objectKeys();
    return keys.length === 2 && keys.includes(own) && keys.includes(objectKey);
  });
});

t.test('stop: what runs is finished, what can not be is given back at once', async (t) => {
  const { deps, addImage, ask, start, row } = await createMakingSurroundings({ LEASE_MS: '60000' });
  let begun = false;
  const render = () => {
    begun = true;
    return new Promise<never>(() => undefined);
  };
  const worker = await start(t, { renderer: { ...deps.renderer, render } });
  const { imageId } = await addImage();
  const id = await ask({ imageId });
  await eventually(async () => begun);
  await worker.stop(100);
  t.match(await row(id), { status: 'waiting', attempt: 1, failures: 0 });
});

t.test(
  'two hundred different ones at once: all are made, no more than so many at the same time',
  async (t) => {
    const { deps, addImage, want, query, start } = await createMakingSurroundings({
      RENDER_CONCURRENCY: '3',
    });
    let [running, most] = [0, 0];
    const render = async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 1));
      running -= 1;
      return { format: 'webp' as const, width: 1, height: 1, bytes: Buffer.from('x') };
    };
    const { imageId } = await addImage();
    const wanted = await Promise.all(
      Array.from({ length: 200 }, (_, index) => want({ imageId }, { width: index + 1 })),
    );
    await deps.renders.send(wanted.map(({ nudge }) => nudge));
    await start(t, { renderer: { ...deps.renderer, render } });
    await eventually(async () => {
      const left = await query(`SELECT FROM derivatives WHERE status <> 'ready' OR attempt <> 1`);
      return left.length === 0;
    });
    t.equal(most, 3);
  },
);

t.test('a nudge for what nobody knows is nothing', async (t) => {
  const { deps, addImage, ask, ended } = shared;
  await deps.renders.send([{ id: newId(), generation: 0 }]);
  const { imageId } = await addImage();
  t.match(await ended(await ask({ imageId })), { status: 'ready' });
});

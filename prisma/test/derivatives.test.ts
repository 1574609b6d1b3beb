import pg from 'pg';
import t from 'tap';
import { newId, openDatabase } from '../src/index.ts';
import { createTestDatabase } from './database.ts';
import {
  aWish,
  claimAgain,
  claimDerivative,
  FOR_GOOD,
  MADE,
  makeDerivative,
  PLENTY,
  wantDerivative,
} from './derivative-fixtures.ts';
import { queueJob } from './queued-job.ts';

const { url, db, query } = await createTestDatabase();

async function oneRow(id: string): Promise<Record<string, unknown>> {
  const [row] = await query<Record<string, unknown>>('SELECT * FROM derivatives WHERE id = $1', [id]);
  return row ?? {};
}

t.test('two hundred equal wishes at once, of two processes, are one row and one nudge', async (t) => {
  const other = openDatabase({ url, poolSize: 4 });
  t.teardown(() => other.close());
  const { tenantId, imageId } = await queueJob(db);
  const wish = aWish({ imageId });
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, index) =>
      (index % 2 === 0 ? db : other).derivatives.want(tenantId, wish, PLENTY),
    ),
  );
  const found = answers.flatMap((answer) => (answer === undefined || answer === 'too-many' ? [] : [answer]));
  t.equal(found.length, 200);
  t.equal(new Set(found.map(({ row }) => row.id)).size, 1);
  const nudges = found.flatMap(({ nudge }) => nudge ?? []);
  t.same(nudges, [{ id: found[0]?.row.id, generation: 0 }]);
  t.same(found[0]?.row, {
    id: found[0]?.row.id,
    imageId,
    digestHex: wish.digestHex,
    transform: { width: 320 },
    status: 'waiting',
    made: null,
    errorCode: null,
    errorMessage: null,
  });
  t.equal((await query('SELECT FROM derivatives WHERE tenant_id = $1', [tenantId])).length, 1);
});

t.test('the same digest of two tenants are two', async (t) => {
  const wish = aWish();
  const [one, two] = [newId(), newId()];
  const rows = [
    await wantDerivative(db, { ...wish, tenantId: one }),
    await wantDerivative(db, { ...wish, tenantId: two }),
  ];
  t.not(rows[0]?.id, rows[1]?.id);
  t.match(await db.derivatives.find(one, wish.digestHex), { id: rows[0]?.id });
  t.match(await db.derivatives.find(two, wish.digestHex), { id: rows[1]?.id });
  t.equal(await db.derivatives.find(newId(), wish.digestHex), undefined);
});

t.test(
  'no more than so many of one source, exactly, whoever asks at the same time; those kept do not count',
  async (t) => {
    const { tenantId, imageId } = await queueJob(db);
    const other = openDatabase({ url, poolSize: 4 });
    t.teardown(() => other.close());
    const few = { most: 5, retryFailedAfterMs: 0 };
    const kept = await Promise.all(
      Array.from({ length: 3 }, () =>
        db.derivatives.want(tenantId, aWish({ imageId, isKept: true }), { ...few, most: 0 }),
      ),
    );
    t.ok(kept.every((answer) => typeof answer === 'object'));
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        (index % 2 === 0 ? db : other).derivatives.want(tenantId, aWish({ imageId }), few),
      ),
    );
    t.equal(answers.filter((answer) => answer === 'too-many').length, 35);
    const neighbor = await queueJob(db, { tenantId });
    t.type(
      await db.derivatives.want(tenantId, aWish({ imageId: neighbor.imageId }), few),
      'object',
      'of another',
    );
    const [first] = answers.flatMap((answer) => (typeof answer === 'object' ? answer.row : []));
    const again = aWish({ imageId, digestHex: first?.digestHex ?? '' });
    t.match(await db.derivatives.want(tenantId, again, few), { row: { id: first?.id }, nudge: undefined });
  },
);

const NOT_THERE = {
  'an unknown image': async () => ({ tenantId: newId(), imageId: newId() }),
  'another tenant’s': async () => ({ tenantId: newId(), imageId: (await queueJob(db)).imageId }),
  'a deleted one': async () => {
    const { tenantId, imageId } = await queueJob(db);
    await db.images.remove(tenantId, imageId);
    return { tenantId, imageId };
  },
  'one that was not wanted': async () => {
    const { tenantId, imageId } = await queueJob(db);
    await query('UPDATE images SET rejected_at = now() WHERE id = $1', [imageId]);
    return { tenantId, imageId };
  },
};

for (const [name, find] of Object.entries(NOT_THERE)) {
  t.test(`nothing is wanted of ${name}`, async (t) => {
    const { tenantId, imageId } = await find();
    t.equal(await db.derivatives.want(tenantId, aWish({ imageId }), PLENTY), undefined);
    t.same(await query('SELECT FROM derivatives WHERE image_id = $1', [imageId]), []);
  });
}

t.test('removals and wishes at the same time: no deadlock, and nothing is left', async (t) => {
  const other = openDatabase({ url, poolSize: 6 });
  t.teardown(() => other.close());
  const tenantId = newId();
  for (let round = 0; round < 5; round += 1) {
    const images = await Promise.all(Array.from({ length: 12 }, () => queueJob(db, { tenantId })));
    const made = images.map(({ imageId }) =>
      makeDerivative(db, { tenantId, imageId }).catch(() => undefined),
    );
    const outcomes = await Promise.allSettled([
      ...images.map(({ imageId }) => db.derivatives.want(tenantId, aWish({ imageId }), PLENTY)),
      ...made,
      ...images.map(({ imageId }) => other.images.remove(tenantId, imageId)),
      ...images.toReversed().map(({ imageId }) => db.derivatives.want(tenantId, aWish({ imageId }), PLENTY)),
    ]);
    t.same(
      outcomes.filter(({ status }) => status === 'rejected'),
      [],
    );
    t.same(await query('SELECT id FROM derivatives WHERE tenant_id = $1', [tenantId]), []);
  }
});

t.test('what failed answers for a while, and then waits anew', async (t) => {
  const tenantId = newId();
  const wish = aWish();
  const { id, attempt } = await claimDerivative(db, { ...wish, tenantId });
  await db.making.fail({ id, attempt, ...FOR_GOOD });
  const failed = { id, status: 'failed', errorCode: 'NOT_RENDERABLE', errorMessage: 'No.', made: null };
  t.match(await db.derivatives.want(tenantId, wish, PLENTY), { row: failed, nudge: undefined });
  t.match(await db.derivatives.find(tenantId, wish.digestHex), failed);
  await query(`UPDATE derivatives SET finished_at = now() - interval '61 seconds' WHERE id = $1`, [id]);
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => db.derivatives.want(tenantId, wish, PLENTY)),
  );
  const nudges = answers.flatMap((answer) => (typeof answer === 'object' ? (answer.nudge ?? []) : []));
  t.same(nudges, [{ id, generation: 1 }], 'once');
  t.match(await db.derivatives.find(tenantId, wish.digestHex), {
    status: 'waiting',
    errorCode: null,
    errorMessage: null,
  });
  t.match(await claimAgain(db, id), { attempt: 2, failures: 0 });
});

t.test('one that is there is kept when it is wanted to be, and never let go by a later wish', async (t) => {
  const tenantId = newId();
  const wish = aWish();
  const { id } = await makeDerivative(db, { ...wish, tenantId });
  for (const [isKept, expected] of [
    [false, false],
    [true, true],
    [false, true],
  ] as const) {
    await db.derivatives.want(tenantId, { ...wish, isKept }, PLENTY);
    t.equal((await oneRow(id)).is_kept, expected);
  }
});

t.test('find: what was made, and about once an hour that it was asked for', async (t) => {
  const tenantId = newId();
  const { id, digestHex } = await makeDerivative(db, { tenantId });
  const usedAt = async () => (await oneRow(id)).used_at;
  for (const [age, isNoted] of [
    ['59 minutes', false],
    ['61 minutes', true],
  ] as const) {
    await query(`UPDATE derivatives SET used_at = now() - $2::interval WHERE id = $1`, [id, age]);
    const before = await usedAt();
    const found = await db.derivatives.find(tenantId, digestHex);
    t.same(found?.made, MADE);
    t.match(found, { id, status: 'ready', transform: { width: 320 } });
    t.equal(String(await usedAt()) !== String(before), isNoted, age);
  }
});

t.test('find waits for nobody who holds the row', async (t) => {
  const tenantId = newId();
  const { id, digestHex } = await makeDerivative(db, { tenantId });
  await query(`UPDATE derivatives SET used_at = now() - interval '1 day' WHERE id = $1`, [id]);
  const holder = new pg.Client({ connectionString: url });
  await holder.connect();
  t.teardown(() => holder.end());
  await holder.query('BEGIN');
  await holder.query('SELECT FROM derivatives WHERE id = $1 FOR UPDATE', [id]);
  t.match(await db.derivatives.find(tenantId, digestHex), { id });
});

t.test('many are found at once, each his own; a digest that is none fails alone', async (t) => {
  const made = await Promise.all(
    Array.from({ length: 30 }, async (_, index) => {
      const tenantId = newId();
      const { digestHex, id } = await makeDerivative(db, { tenantId }, { width: index + 1 });
      return { tenantId, digestHex, id, width: index + 1 };
    }),
  );
  const asked = [
    ...made.map((one) => db.derivatives.find(one.tenantId, one.digestHex)),
    db.derivatives.find(made[0]?.tenantId ?? '', 'no'),
  ];
  const found = await Promise.allSettled(asked);
  t.equal(found.pop()?.status, 'rejected');
  t.match(
    found,
    made.map(({ id, width }) => ({ value: { id, made: { width } } })),
  );
});

t.test('those of an image, by digest', async (t) => {
  const { tenantId, imageId } = await queueJob(db);
  const [one, two] = [
    await makeDerivative(db, { tenantId, imageId }),
    await wantDerivative(db, { tenantId, imageId }),
  ];
  const elsewhere = await makeDerivative(db, { tenantId });
  const digests = [two, elsewhere, one].map(({ digestHex }) => digestHex);
  const rows = await db.derivatives.ofImage(tenantId, imageId, digests);
  t.match(
    rows.sort((a, b) => (a.id < b.id ? -1 : 1)),
    [
      { id: one.id, status: 'ready', made: MADE },
      { id: two.id, status: 'waiting', made: null },
    ],
  );
  t.equal(rows.length, 2);
  t.same(await db.derivatives.ofImage(tenantId, imageId, []), []);
});

t.test('one whose object is lost is forgotten, and wanted anew it is another', async (t) => {
  const tenantId = newId();
  const wish = aWish();
  const { id } = await makeDerivative(db, { ...wish, tenantId });
  t.equal(await db.derivatives.forgetLost(newId(), { id, objectKey: MADE.objectKey }), false);
  t.equal(
    await db.derivatives.forgetLost(tenantId, { id, objectKey: 'derived/0' }),
    false,
    'made anew meanwhile',
  );
  t.equal(await db.derivatives.forgetLost(tenantId, { id, objectKey: MADE.objectKey }), true);
  const again = await db.derivatives.want(tenantId, wish, PLENTY);
  t.match(again, { row: { status: 'waiting' }, nudge: { generation: 0 } });
  t.not(typeof again === 'object' && again.row.id, id);
});

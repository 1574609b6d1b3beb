import { AppError, type ObjectStore } from '@tintype/core';
import t from 'tap';
import { NO_TRACES, startApi, type TestApi } from './app.ts';
import { postJson } from './client.ts';
import { codeOf, keysOf, sent, takeIn } from './direct-upload.ts';
import { eventually } from './eventually.ts';
import { picture } from './pictures.ts';
import { STORES } from './stores.ts';

type Verb = 'head' | 'copy' | 'open' | 'remove';

interface Outage {
  /** What fails, and from then on everything; undefined: nothing does. */
  verb?: Verb | undefined;
  /** It was done all the same, and only the answer is lost. */
  isDone?: boolean;
}

/** A store that goes away with the call that the outage names. */
function failing(objects: ObjectStore, outage: Outage): ObjectStore {
  let isAway = false;
  async function go(verb: Verb, call: () => Promise<unknown>): Promise<void> {
    isAway = outage.verb !== undefined && (isAway || outage.verb === verb);
    if (!isAway) return;
    if (outage.verb === verb && outage.isDone === true) await call();
    throw new AppError('OBJECT_STORE_UNAVAILABLE');
  }
  const { head, copy, open, remove } = objects;
  return {
    ...objects,
    head: (key) => go('head', () => head(key)).then(() => head(key)),
    copy: (from, to) => go('copy', () => copy(from, to)).then(() => copy(from, to)),
    open: (key, range) => go('open', async () => undefined).then(() => open(key, range)),
    remove: (key) => go('remove', () => remove(key)).then(() => remove(key)),
  };
}

/** All that is left belongs to an image, or is known to the sweep, which leaves what is an image’s alone. */
async function expectAllKnown(
  t: Tap,
  { rows, deps: { objects }, database }: TestApi,
  images: number,
): Promise<void> {
  const ofImages = (await rows<{ key: string }>('SELECT object_key AS key FROM images')).map(
    ({ key }) => key,
  );
  t.equal(ofImages.length, images);
  const ofUploads = (await rows<{ key: string }>('SELECT object_key AS key FROM uploads')).map(
    ({ key }) => key,
  );
  const known = [...ofImages, ...ofUploads];
  t.same(
    (await keysOf(objects)).filter((key) => !known.includes(key)),
    [],
  );
  await database.sweep.abandonedUploads({ olderThanMs: -1000, limit: 100, remove: objects.remove });
  t.same(await keysOf(objects), ofImages.sort());
}

interface Tap {
  equal: typeof t.equal;
  same: typeof t.same;
}

for (const { name, open, skip } of STORES) {
  t.test(`${name}: the store goes away between any two steps`, { skip }, async (t) => {
    const outage: Outage = {};
    const api = await startApi({
      env: { OBJECT_STORE_URL: await open() },
      swap: ({ objects }) => ({ objects: failing(objects, outage) }),
    });
    let images = 0;
    for (const verb of ['head', 'copy', 'open'] as const) {
      for (const isDone of [false, true]) {
        const one = await sent(api, picture);
        Object.assign(outage, { verb, isDone });
        t.equal(codeOf(await takeIn(api, one)), '503 OBJECT_STORE_UNAVAILABLE', `${verb}, done: ${isDone}`);
        Object.assign(outage, { verb: undefined });
        t.equal((await takeIn(api, one)).status, 202, 'and comes back');
        images += 1;
      }
    }
    const one = await sent(api, picture);
    Object.assign(outage, { verb: 'remove' });
    t.equal((await takeIn(api, one)).status, 202, 'what was sent can’t be removed now');
    const isLeft = () => api.rows(`SELECT FROM uploads WHERE object_key LIKE '%/incoming/%'`);
    t.equal((await eventually(isLeft, ({ length }) => length === 1)).length, 1);
    Object.assign(outage, { verb: undefined });
    await expectAllKnown(t, api, images + 1);
  });
}

t.test('the database goes away between any two steps', async (t) => {
  let failing: string | undefined;
  const api = await startApi({
    swap: ({ db }) => ({
      db: {
        ...db,
        of: (tenantId) => {
          const own = db.of(tenantId);
          const fail = async <Result>(call: string, run: () => Promise<Result>) => {
            if (failing === call) throw new AppError('DATABASE_UNAVAILABLE');
            return run();
          };
          return {
            ...own,
            directUploads: {
              ...own.directUploads,
              find: (id) => fail('find', () => own.directUploads.find(id)),
            },
            uploads: {
              ...own.uploads,
              begin: (row) => fail('begin', () => own.uploads.begin(row)),
              accept: (image) => fail('accept', () => own.uploads.accept(image)),
            },
          };
        },
      },
    }),
  });
  const steps = ['find', 'begin', 'accept'];
  for (const step of steps) {
    const one = await sent(api, picture);
    failing = step;
    t.equal(codeOf(await takeIn(api, one)), '503 DATABASE_UNAVAILABLE', step);
    failing = undefined;
    t.equal((await takeIn(api, one)).status, 202, 'and comes back');
  }
  await expectAllKnown(t, api, steps.length);
});

t.test('an upload that can not be promised leaves nothing', async (t) => {
  const api = await startApi({
    swap: ({ objects }) => ({
      objects: {
        ...objects,
        presignPut: () => Promise.reject(new AppError('OBJECT_STORE_UNAVAILABLE')),
      },
    }),
  });
  const answer = await postJson(api, '/v1/uploads', { bytes: 10, contentType: 'image/png' });
  t.equal(codeOf(answer), '503 OBJECT_STORE_UNAVAILABLE');
  t.same(await api.traces(), NO_TRACES);
});

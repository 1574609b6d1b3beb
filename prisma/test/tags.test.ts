import t from 'tap';
import { newId } from '../src/index.ts';
import { createTestDatabase } from './database.ts';
import { addImages, countTags } from './library-fixtures.ts';
import { queueJob } from './queued-job.ts';

const { db, query } = await createTestDatabase();

const MOST = 4;

async function withTags(tags: string[]): Promise<{ tenantId: string; id: string }> {
  const { tenantId, imageId } = await queueJob(db, { tags, contentDigestHex: 'ab'.repeat(32) });
  return { tenantId, id: imageId };
}

type Call = (of: { tenantId: string; id: string }) => Promise<unknown>;
const { tags } = db;

/** What it had, what is done, what is answered, and what it has then: where it is not the answer. */
const CALLS: [what: string, had: string[], call: Call, answer: unknown, then?: string[]][] = [
  ['of', ['b', 'a'], ({ tenantId, id }) => tags.of(tenantId, id), ['b', 'a']],
  ['of none', [], ({ tenantId, id }) => tags.of(tenantId, id), []],
  ['add', ['b', 'a'], ({ tenantId, id }) => tags.add(tenantId, id, ['c', 'd'], MOST), ['b', 'a', 'c', 'd']],
  ['add to none', [], ({ tenantId, id }) => tags.add(tenantId, id, ['c'], MOST), ['c']],
  ['add twice', ['a'], ({ tenantId, id }) => tags.add(tenantId, id, ['c', 'c', 'a'], MOST), ['a', 'c']],
  [
    'add what is there to what is full',
    ['a', 'b', 'c', 'd'],
    ({ tenantId, id }) => tags.add(tenantId, id, ['d'], MOST),
    ['a', 'b', 'c', 'd'],
  ],
  [
    'add too many',
    ['a', 'b', 'c'],
    ({ tenantId, id }) => tags.add(tenantId, id, ['d', 'e'], MOST),
    'too-many',
    ['a', 'b', 'c'],
  ],
  ['add nothing', ['a'], ({ tenantId, id }) => tags.add(tenantId, id, [], MOST), ['a']],
  ['replace', ['a', 'b'], ({ tenantId, id }) => tags.replace(tenantId, id, ['c', 'b', 'c']), ['c', 'b']],
  [
    'replace by the same',
    ['a', 'b'],
    ({ tenantId, id }) => tags.replace(tenantId, id, ['a', 'b']),
    ['a', 'b'],
  ],
  ['replace by none', ['a'], ({ tenantId, id }) => tags.replace(tenantId, id, []), []],
  ['remove', ['a', 'b', 'c'], ({ tenantId, id }) => tags.remove(tenantId, id, 'b'), ['a', 'c']],
  ['remove what is not there', ['a'], ({ tenantId, id }) => tags.remove(tenantId, id, 'A'), 'unknown', ['a']],
  ['remove part of one', ['abc'], ({ tenantId, id }) => tags.remove(tenantId, id, 'ab'), 'unknown', ['abc']],
  ['clear', ['a', 'b', 'c'], ({ tenantId, id }) => tags.clear(tenantId, id), []],
  ['clear none', [], ({ tenantId, id }) => tags.clear(tenantId, id), []],
  [
    'odd ones',
    ['a'],
    ({ tenantId, id }) => tags.add(tenantId, id, ["o'b", '{x,"y"}', 'a/b', '😀', '%', '\\'], 9),
    ['a', "o'b", '{x,"y"}', 'a/b', '😀', '%', '\\'],
  ],
];

for (const [what, had, call, answer, then = answer] of CALLS)
  t.test(what, async (t) => {
    const image = await withTags(had);
    for (const other of [
      { ...image, tenantId: newId() },
      { ...image, id: newId() },
    ])
      t.equal(await call(other), undefined, 'of another tenant, or of no image');
    t.same(await call(image), answer);
    t.same(await tags.of(image.tenantId, image.id), then);
    const { counted, recounted } = await countTags(query);
    t.same(counted, recounted);
    const known = await query('SELECT FROM contents WHERE image_id = $1', [image.id]);
    const isSame = JSON.stringify(had) === JSON.stringify(then);
    t.equal(known.length, isSame ? 1 : 0, 'an image with other tags answers for no upload');
  });

t.test('a rejected image has no tags to speak of', async (t) => {
  const tenantId = newId();
  const [image] = await addImages(query, tenantId, [{ tags: ['a'], rejectedAt: '2026-01-01T00:00:00Z' }]);
  const id = image?.id ?? '';
  t.equal(await tags.of(tenantId, id), undefined);
  t.equal(await tags.add(tenantId, id, ['b'], MOST), undefined);
  t.same(await tags.change(tenantId, [id], { add: ['b'], remove: [], most: 9 }), {
    changed: [],
    tooMany: [],
  });
  t.same(await tags.list(tenantId, { limit: 9 }), []);
});

t.test('of many at once', async (t) => {
  const tenantId = newId();
  const rows = await addImages(query, tenantId, [
    { tags: [] },
    { tags: ['a', 'old'] },
    { tags: ['a', 'b', 'c', 'd', 'e'] },
    { tags: ['b', 'c', 'd', 'old'] },
    { tags: ['b', 'c', 'd', 'e', 'old'] },
  ]);
  const [theirs] = await addImages(query, newId(), [{ tags: ['old'] }]);
  const ids = rows.map(({ id }) => id);
  const wanted = [...ids, newId(), theirs?.id ?? '', ids[0] ?? ''];
  const { changed, tooMany } = await tags.change(tenantId, wanted, {
    add: ['a', 'new'],
    remove: ['old'],
    most: MOST,
  });
  t.same(changed.sort(), ids.slice(0, 2).sort());
  t.same(tooMany.sort(), ids.slice(2).sort());
  t.same(await Promise.all(ids.slice(0, 3).map((id) => tags.of(tenantId, id))), [
    ['a', 'new'],
    ['a', 'new'],
    ['a', 'b', 'c', 'd', 'e'],
  ]);
  const less = await tags.change(tenantId, ids.slice(2, 3), { add: [], remove: ['e', 'x'], most: 3 });
  t.same(less, { changed: ids.slice(2, 3), tooMany: [] }, 'who has too many may lose some');
  const { counted, recounted } = await countTags(query);
  t.same(counted, recounted);
});

t.test('the list', async (t) => {
  const tenantId = newId();
  await addImages(query, tenantId, [
    { tags: ['sea', 'Sea', 'seaside', 's%', 's_'] },
    { tags: ['sea', 'ärger', '日本'] },
    { tags: ['sea', 'zoo', '😀', '😀😀'] },
  ]);
  await addImages(query, newId(), [{ tags: ['sea', 'theirs'] }]);
  const names = async (given: { prefix?: string; after?: string; limit?: number }) =>
    (await tags.list(tenantId, { limit: 50, ...given })).map(({ tag }) => tag);
  const all = ['Sea', 's%', 's_', 'sea', 'seaside', 'zoo', 'ärger', '日本', '😀', '😀😀'];
  t.same(await names({}), all, 'by code points');
  t.same(await tags.list(tenantId, { prefix: 'sea', limit: 1 }), [{ tag: 'sea', images: 3 }]);
  const cases: [given: object, found: string[]][] = [
    [{ prefix: 's' }, ['s%', 's_', 'sea', 'seaside']],
    [{ prefix: 's%' }, ['s%']],
    [{ prefix: 's_' }, ['s_']],
    [{ prefix: 'seaside' }, ['seaside']],
    [{ prefix: 'seasides' }, []],
    [{ prefix: '😀' }, ['😀', '😀😀']],
    [{ prefix: '\\' }, []],
    [{ prefix: 's', after: 's_' }, ['sea', 'seaside']],
    [{ prefix: 's', after: 'zoo' }, []],
    [{ after: 'zoo', limit: 2 }, ['ärger', '日本']],
    [{ after: '😀😀' }, []],
    [{ prefix: '\0', after: '\0' }, []],
  ];
  for (const [given, found] of cases) t.same(await names(given), found, JSON.stringify(given));
  const read: string[] = [];
  for (
    let page = await names({ limit: 3 });
    page.length > 0;
    page = await names({ limit: 3, after: page.at(-1) ?? '' })
  )
    read.push(...page);
  t.same(read, all, 'page by page');
});

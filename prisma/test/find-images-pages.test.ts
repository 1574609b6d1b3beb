import t from 'tap';
import {
  IMAGE_SORTS,
  type ImageCursor,
  type ImageQuery,
  type ImageSort,
  isImageCursor,
  newId,
} from '../src/index.ts';
import { createTestDatabase } from './database.ts';
import { addImages, type LibraryImage } from './library-fixtures.ts';

const { db, query } = await createTestDatabase();

let seed = 1;
/** Below `count`, the same in every run. */
function pick(count: number): number {
  seed = (seed * 48_271) % 2_147_483_647;
  return seed % count;
}

const TITLES = ['apple', 'Apple', 'apple tree', 'Zebra', 'ämne', '', null, '100% b_c', '東京', 'xylo'];
const DAY_MS = 86_400_000;
const day = (number: number) => new Date(Date.UTC(2026, 0, 1) + number * DAY_MS).toISOString();

/** More than a page looks through one by one, with many that are equal in what they are sorted by. */
const COUNT = 2600;
function anyImage(_: unknown, index: number): Partial<LibraryImage> {
  const isOld = index < 300;
  return {
    createdAt: day(Math.floor(index / 7)),
    title: TITLES[pick(TITLES.length)] ?? null,
    bytes: pick(20) === 0 ? null : pick(40) * 1000,
    takenAt: pick(3) === 0 ? null : day(-pick(200)).slice(0, -1),
    tags: [
      ...(isOld ? ['old'] : ['new']),
      ...(pick(2) === 0 ? ['half'] : []),
      ...(pick(400) === 0 ? ['rare'] : []),
    ],
    width: pick(5000),
    format: pick(500) === 0 ? 'gif' : 'jpeg',
    latitude: pick(10) === 0 ? 1 : null,
    caption: pick(2) === 0 ? 'a word of some' : 'another wording',
  };
}

const tenantId = newId();
const images = await addImages(query, tenantId, Array.from({ length: COUNT }, anyImage));
await addImages(query, newId(), Array.from({ length: 500 }, anyImage));

const bySort: Record<string, (image: LibraryImage) => string | number> = {
  createdAt: ({ createdAt }) => createdAt,
  takenAt: ({ takenAt, createdAt }) => (takenAt === null ? createdAt : `${takenAt}Z`),
  title: ({ title }) => Buffer.from((title ?? '').toLowerCase()).toString('hex'),
  bytes: ({ bytes }) => bytes ?? 0,
};

/** As they should come. */
function sorted(found: LibraryImage[], sort: ImageSort): string[] {
  const value = bySort[sort.replace('-', '')];
  const sign = sort.startsWith('-') ? -1 : 1;
  const compare = (one: string | number, other: string | number) => (one < other ? -1 : one > other ? 1 : 0);
  return [...found]
    .sort((one, other) => {
      const order = value === undefined ? 0 : compare(value(one), value(other));
      return sign * (order || compare(one.id, other.id));
    })
    .map(({ id }) => id);
}

type Filters = Omit<ImageQuery, 'sort' | 'limit' | 'after'>;

async function readAll(filters: Filters, sort: ImageSort, limit: number): Promise<string[]> {
  const ids: string[] = [];
  let after: ImageCursor | undefined;
  do {
    const page = await db.findImages.list(tenantId, { ...filters, sort, limit, after });
    ids.push(...page.images.map(({ id }) => id));
    after = page.next;
    if (after !== undefined && !isImageCursor(sort, after)) throw new Error(`No cursor: ${after.value}`);
  } while (after !== undefined);
  return ids;
}

const CASES: [what: string, filters: Filters, fits: (image: LibraryImage) => boolean, limit: number][] = [
  ['all', {}, () => true, 100],
  ['half of them', { tagsAll: ['half'] }, ({ tags }) => tags.includes('half'), 100],
  ['those of the first days', { tagsAny: ['old'] }, ({ tags }) => tags.includes('old'), 37],
  ['few', { tagsAll: ['rare'] }, ({ tags }) => tags.includes('rare'), 3],
  ['fewer', { format: 'gif', q: 'a' }, ({ format }) => format === 'gif', 2],
  ['none', { tagsAll: ['old', 'new'] }, () => false, 10],
  ['most', { q: 'some' }, ({ caption }) => caption?.includes('some') === true, 100],
  ['the beginning of words', { q: 'wor so' }, ({ caption }) => caption?.includes('some') === true, 100],
  ['part of a title', { title: '%' }, ({ title }) => title?.includes('%') === true, 50],
  [
    'several',
    { title: 'apple', minWidth: 2000, maxWidth: 2500, hasGps: false },
    ({ title, width, latitude }) =>
      /apple/i.test(title ?? '') && (width ?? 0) >= 2000 && (width ?? 0) <= 2500 && latitude === null,
    7,
  ],
  [
    'some days',
    { uploadedAfter: new Date(day(100)), uploadedBefore: new Date(day(110)), tagsAny: ['half', 'rare'] },
    ({ createdAt, tags }) =>
      createdAt >= day(100) && createdAt < day(110) && (tags.includes('half') || tags.includes('rare')),
    5,
  ],
  [
    'taken in some days',
    { takenAfter: day(-100).slice(0, 10), takenBefore: day(-90).slice(0, 10) },
    ({ takenAt }) => takenAt !== null && takenAt >= day(-100).slice(0, 10) && takenAt < day(-90).slice(0, 10),
    20,
  ],
];

for (const sort of IMAGE_SORTS)
  t.test(`every page by ${sort}: each image once, in order`, async (t) => {
    for (const [what, filters, fits, limit] of CASES)
      t.same(await readAll(filters, sort, limit), sorted(images.filter(fits), sort), what);
  });

t.test('a page of exactly what there is has none behind it', async (t) => {
  const rare = images.filter(({ tags }) => tags.includes('rare'));
  const page = await db.findImages.list(tenantId, { tagsAll: ['rare'], sort: 'title', limit: rare.length });
  t.equal(page.images.length, rare.length);
  t.equal(page.next, undefined);
});

t.test('what is removed between two pages leaves no gap', async (t) => {
  const own = newId();
  const added = await addImages(query, own, Array.from({ length: 9 }, anyImage));
  const expected = sorted(added, '-bytes');
  const first = await db.findImages.list(own, { sort: '-bytes', limit: 4 });
  await db.images.remove(own, expected[3] ?? '');
  const rest = await db.findImages.list(own, { sort: '-bytes', limit: 50, after: first.next });
  t.same(
    [...first.images, ...rest.images].map(({ id }) => id),
    expected,
  );
});

t.test('a page that was removed while it was read still says where to go on', async (t) => {
  const own = newId();
  const added = await addImages(query, own, Array.from({ length: 3 }, anyImage));
  const [first, second] = sorted(added, 'createdAt');
  const row = added.find(({ id }) => id === first);
  const after = { value: row?.createdAt ?? '', id: first ?? '' };
  await db.images.remove(own, first ?? '');
  const { images } = await db.findImages.list(own, { sort: 'createdAt', limit: 1, after });
  t.match(images, [{ id: second }]);
});

const ID = '0199a1b2-0000-7000-8000-000000000000';
const CURSORS: [sort: ImageSort, value: string, isCursor: boolean][] = [
  ['createdAt', '2026-01-01T00:00:00.000Z', true],
  ['-takenAt', '2026-01-01T00:00:00.000Z', true],
  ['createdAt', '2026-02-30T00:00:00.000Z', false],
  ['createdAt', '2026-13-01T00:00:00.000Z', false],
  ['createdAt', '0000-01-01T00:00:00.000Z', false],
  ['takenAt', '0001-01-01T00:00:00.000Z', true],
  ['createdAt', '2026-01-01', false],
  ['takenAt', 'infinity', false],
  ['bytes', '0', true],
  ['bytes', '-1', false],
  ['bytes', '9'.repeat(30), false],
  ['bytes', '', false],
  ['title', '', true],
  ['title', "a'); --", true],
  ['title', 'a\0', false],
];

for (const [sort, value, isCursor] of CURSORS)
  t.test(`${JSON.stringify(value)} is ${isCursor ? 'a' : 'no'} cursor by ${sort}`, async (t) => {
    t.equal(isImageCursor(sort, { value, id: ID }), isCursor);
    t.equal(isImageCursor(sort, { value, id: `${ID}0` }), false, 'nor with any other id');
    if (isCursor)
      await t.resolves(db.findImages.list(tenantId, { sort, limit: 1, after: { value, id: ID } }));
  });

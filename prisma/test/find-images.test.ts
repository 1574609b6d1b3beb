import t from 'tap';
import { type ImageQuery, newId } from '../src/index.ts';
import { createTestDatabase } from './database.ts';
import { addImages } from './library-fixtures.ts';
import { IMAGES } from './library-images.ts';
import { queueJob } from './queued-job.ts';

const { db, query } = await createTestDatabase();

const MANY = { sort: 'createdAt', limit: 50 } as const;
const tenantId = newId();
const stranger = newId();

await addImages(query, tenantId, [
  ...IMAGES,
  {
    caption: 'rejected',
    title: 'Harbour at dawn',
    tags: ['sea', 'boats'],
    rejectedAt: '2026-01-06T00:00:00Z',
    bytes: null,
  },
]);
await addImages(query, stranger, IMAGES);

type Filters = Omit<ImageQuery, 'sort' | 'limit' | 'after'>;

async function find(filters: Filters): Promise<string[]> {
  const { images, next } = await db.findImages.list(tenantId, { ...filters, ...MANY });
  t.equal(next, undefined);
  return images.map(({ caption }) => caption?.split(' ')[0] ?? 'bare');
}

const ALL = ['dawn', 'noon', 'chart', 'kanji', 'bare'];

const CASES: [what: string, filters: Filters, found: string[]][] = [
  ['nothing asked', {}, ALL],
  ['part of a title', { title: 'bour' }, ['dawn']],
  ['capitals of a title', { title: 'dAwN' }, ['dawn']],
  ['part of a title with a blank', { title: 'r at' }, ['dawn']],
  ['one letter', { title: 'h' }, ['dawn']],
  ['a percent sign is one', { title: '%' }, ['chart']],
  ['a percent sign among letters', { title: '100% of' }, ['chart']],
  ['an underscore is one', { title: '_' }, ['noon', 'chart']],
  ['an underscore among letters', { title: 'img_1' }, ['noon']],
  ['no jokers', { title: 'h%wn' }, []],
  ['no jokers among letters', { title: 'harb%dawn' }, []],
  ['nor an underscore', { title: 'h_rbour' }, []],
  ['a backslash', { title: '\\' }, ['chart']],
  ['a backslash among letters', { title: 'it \\ done' }, ['chart']],
  ['one character of another script', { title: '京' }, ['kanji']],
  ['several', { title: '京タワ' }, ['kanji']],
  ['a NUL', { title: 'a\0' }, []],
  ['one tag of all', { tagsAll: ['sea'] }, ['dawn', 'noon']],
  ['all of two tags', { tagsAll: ['sea', 'boats'] }, ['dawn']],
  ['any of two tags', { tagsAny: ['sea', 'work'] }, ['dawn', 'noon', 'chart']],
  ['tags as they are written', { tagsAny: ['SEA'] }, []],
  ['a whole tag', { tagsAny: ['se'] }, []],
  ['no tag of any', { tagsAny: [] }, []],
  ['no tag of all', { tagsAll: [] }, ALL],
  ['any and all', { tagsAny: ['work', 'Été'], tagsAll: ['boats'] }, ['dawn', 'chart']],
  ['an unknown tag', { tagsAll: ['nobody'] }, []],
  ['a tag with a NUL', { tagsAny: ['\0'], tagsAll: ['\0'] }, []],
  ['a format', { format: 'png' }, ['chart']],
  ['part of a camera', { camera: 'eos 5d' }, ['dawn']],
  ['two letters of a camera', { camera: 'z ' }, ['noon']],
  ['a position', { hasGps: true }, ['dawn', 'kanji']],
  ['no position', { hasGps: false }, ['noon', 'chart', 'bare']],
  ['public', { isPublic: true }, ['noon']],
  ['not public', { isPublic: false }, ['dawn', 'chart', 'kanji', 'bare']],
  ['uploaded at that very time', { uploadedAfter: new Date('2026-01-04T10:00:00Z') }, ['kanji', 'bare']],
  ['uploaded before, not at', { uploadedBefore: new Date('2026-01-02T10:00:00Z') }, ['dawn']],
  ['taken at that very time', { takenAfter: '2024-05-02T12:00:00' }, ['noon']],
  ['taken on a day or later', { takenAfter: '2024-05-01' }, ['dawn', 'noon']],
  ['taken before, not at', { takenBefore: '2024-05-02T12:00' }, ['dawn']],
  ['taken on no day', { takenAfter: '2024-13-45' }, []],
  ['what has no date was not taken long ago', { takenBefore: '2999-01-01' }, ['dawn', 'noon']],
  ['width', { minWidth: 800, maxWidth: 4000 }, ['noon', 'chart']],
  ['height', { minHeight: 600, maxHeight: 4000 }, ['dawn', 'chart']],
  ['size', { minBytes: 10_000, maxBytes: 8_000_000 }, ['noon', 'chart', 'kanji']],
  ['more than an integer', { minBytes: Number.MAX_SAFE_INTEGER }, []],
  ['two filters', { format: 'jpeg', title: 'img' }, ['noon']],
  ['two that no image matches at once', { format: 'png', tagsAll: ['sea'] }, []],
];

for (const [what, filters, found] of CASES)
  t.test(`filter: ${what}`, async (t) => {
    t.same(await find(filters), found);
  });

const WORDS: [q: string, found: string[]][] = [
  ['harbour', ['dawn']],
  ['HARBOUR', ['dawn']],
  ['harb', ['dawn']],
  ['arbour', []],
  ['h', ['dawn']],
  ['harbour at', ['dawn']],
  ['harbour noon', []],
  ['fish', ['dawn']],
  ['boat', ['dawn', 'chart']],
  ['été', ['dawn']],
  ['e\u0301t', ['dawn']],
  ['canon', ['dawn']],
  ['5d mark', ['dawn']],
  ['"mark iii"', ['dawn']],
  ['"iii mark"', []],
  ['boats -fishing', ['chart']],
  ['boats -fish', ['dawn', 'chart']],
  ['harbour or 日本', ['dawn', 'kanji']],
  ['harbour OR noon', ['dawn', 'noon']],
  ['img', ['noon']],
  ['img_1234', ['noon']],
  ['img_12', ['noon']],
  ['1234.jpg', ['noon']],
  ['o’brien', ['noon']],
  ['low-tide', ['noon']],
  ['low-ti', ['noon']],
  ['東京', ['kanji']],
  ['東', ['kanji']],
  ['rejected', []],
  ['done', ['chart']],
];

for (const [q, found] of WORDS)
  t.test(`q: ${q}`, async (t) => {
    t.same(await find({ q }), found);
  });

t.test('metadata is left where it is', async (t) => {
  const { images } = await db.findImages.list(tenantId, { ...MANY, q: 'harbour' });
  const [image] = images;
  t.match(image, { tenantId, title: 'Harbour at DAWN', bytes: 9_000_000n, createdAt: Date, keywords: [] });
  const same = await db.images.get(tenantId, image?.id ?? '');
  t.same(image, same, 'the fields of an image that is read by itself');
});

t.test(
  'an image is found as soon as it is uploaded, as it is described and changed, and no more when it is gone',
  async (t) => {
    const own = newId();
    const found = async (filters: Filters) =>
      (await db.findImages.list(own, { ...MANY, ...filters })).images.length;
    const { imageId } = await queueJob(db, { tenantId: own, title: 'Old name', tags: ['one'] });
    t.same([await found({ q: 'old one' }), await found({ minWidth: 1 })], [1, 0]);
    await query(`UPDATE images SET width = 10, camera = 'Leica', keywords = '{pier}' WHERE id = $1`, [
      imageId,
    ]);
    t.same([await found({ q: 'old pier leica' }), await found({ minWidth: 1 })], [1, 1]);
    await db.images.update(own, imageId, { title: 'New name' });
    t.same(
      [await found({ q: 'old' }), await found({ q: 'new' }), await found({ title: 'new n' })],
      [0, 1, 1],
    );
    await db.tags.replace(own, imageId, ['two']);
    t.same([await found({ tagsAll: ['one'] }), await found({ tagsAll: ['two'], q: 'two' })], [0, 1]);
    await query('UPDATE images SET rejected_at = now() WHERE id = $1', [imageId]);
    t.equal(await found({}), 0);
    await query('UPDATE images SET rejected_at = NULL WHERE id = $1', [imageId]);
    t.equal(await found({ q: 'new' }), 1);
    await db.images.remove(own, imageId);
    t.same(await query('SELECT FROM library WHERE tenant_id = $1', [own]), []);
  },
);

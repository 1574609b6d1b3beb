import pg from 'pg';
import t from 'tap';
import { createFindImages } from '../src/find-images.ts';
import { findNearest } from '../src/find-similar.ts';
import { Prisma, type PrismaClient } from '../src/generated/client.ts';
import { IMAGE_SORTS, type ImageQuery, newId } from '../src/index.ts';
import { createTestDatabase } from './database.ts';
import { addImages } from './library-fixtures.ts';

const { url, query } = await createTestDatabase();

const tenantId = newId();
for (const owner of [tenantId, newId()])
  await addImages(
    query,
    owner,
    Array.from({ length: 3000 }, (_, index) => ({
      title: `Plate ${index}`,
      tags: ['all', `nr-${index}`],
      camera: 'Canon EOS',
      phash: newId().replaceAll('-', '').slice(-16),
      width: index,
    })),
  );
await query('ANALYZE');

// As a process connects.
const options = '-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off';
const client = new pg.Client({ connectionString: url, options });
await client.connect();
t.teardown(() => client.end());

/** Runs statements, and keeps the plan of each. */
function explaining(): { prisma: PrismaClient; plans: string[] } {
  const plans: string[] = [];
  const run = async (strings: TemplateStringsArray, ...values: unknown[]) => {
    const { text, values: given } = Prisma.sql(strings, ...values);
    const plan = await client.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${text}`, given);
    plans.push(plan.rows.map((row) => row['QUERY PLAN']).join('\n'));
    return (await client.query(text, given)).rows;
  };
  return { prisma: { $queryRaw: run } as unknown as PrismaClient, plans };
}

const FILTERS: Omit<ImageQuery, 'sort' | 'limit'>[] = [
  {},
  { tagsAll: ['nr-7'] },
  { tagsAll: ['all', 'nowhere'] },
  { tagsAny: ['nr-7', 'nr-8'] },
  { q: 'plate' },
  { q: 'nr-2999' },
  { q: '-plate' },
  { q: 'x' },
  { title: 'plate 29' },
  { title: 'q' },
  { camera: 'nikon' },
  { format: 'png' },
  { hasGps: true },
  { isPublic: true },
  { uploadedAfter: new Date() },
  { takenAfter: '2020-01-01' },
  { minWidth: 2999 },
  { maxHeight: 1 },
  { minBytes: 2000 },
  { q: 'x', title: 'q', minWidth: 10, tagsAll: ['all'] },
];

for (const sort of IMAGE_SORTS)
  t.test(`no list by ${sort} looks at every row there is`, async (t) => {
    for (const filters of FILTERS) {
      const { prisma, plans } = explaining();
      await createFindImages(prisma).list(tenantId, { ...filters, sort, limit: 20 });
      t.ok(plans.length > 0);
      t.notMatch(plans.join('\n'), /Seq Scan/, JSON.stringify(filters));
    }
  });

t.test('what few images have is found by the index of it', async (t) => {
  for (const filters of [{ tagsAll: ['nr-2999'] }, { title: 'plate 2999' }, { q: 'nobody' }]) {
    const { prisma, plans } = explaining();
    await createFindImages(prisma).list(tenantId, { ...filters, sort: 'createdAt', limit: 20 });
    t.match(plans[1], /Bitmap Index Scan on library_words_idx/, JSON.stringify(filters));
  }
});

t.test('and what looks alike by its parts', async (t) => {
  for (const maxDistance of [0, 4, 11]) {
    const { prisma, plans } = explaining();
    await findNearest(prisma, tenantId, { phash: '0123456789abcdef', exceptId: newId(), maxDistance });
    t.match(plans[0], /Bitmap Index Scan on library_phash_idx/, String(maxDistance));
  }
});

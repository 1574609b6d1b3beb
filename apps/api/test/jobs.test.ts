import t from 'tap';
import type { Job } from '../src/schemas/job.ts';
import { addKey, startApi } from './app.ts';
import { accept, call, upload } from './client.ts';
import { claim, fail, finish } from './worker.ts';

interface Page {
  items: Job[];
  nextCursor: string | null;
  links: { next?: string };
}

const api = await startApi();
const list = async (query: string) => (await call(api, `/v1/jobs?${query}`)).json<Page>();
const idsOf = (jobs: { id: string }[]) => jobs.map(({ id }) => id);

const jobs: Job[] = [];
for (let made = 0; made < 12; made += 1) jobs.push(await accept(api));
const newestFirst = idsOf(jobs).reverse();
const [completed, failed, processing] = jobs as [Job, Job, Job];
await finish(api, completed);
await fail(api, failed);
await claim(api, processing);

const stranger = await addKey(api.rows, { tenantId: crypto.randomUUID() });
await upload(api, undefined, { key: stranger });

t.test('newest first, 20 a page, without metadata', async (t) => {
  const page = await list('');
  t.same(idsOf(page.items), newestFirst, 'and nobody else’s');
  t.equal(page.nextCursor, null);
  t.same(page.links, {});
  t.ok(page.items.every((job) => job.image === undefined));
});

t.test('filters', async (t) => {
  const queued = newestFirst.slice(0, -3);
  const middle = jobs[5] as Job;
  // Times are exact to the millisecond, and several jobs may share one.
  const from = (time: string) => newestFirst.filter((id) => createdAt(id) >= Date.parse(time));
  const table: [query: string, ids: string[]][] = [
    ['status=queued', queued],
    ['status=processing', [processing.id]],
    ['status=completed', [completed.id]],
    ['status=failed', [failed.id]],
    ['status=canceled', []],
    ['createdAfter=2000-01-01T00:00:00Z', newestFirst],
    ['createdAfter=2100-01-01T00:00:00Z', []],
    ['createdBefore=2000-01-01T00:00:00Z', []],
    ['createdBefore=1960-01-01T00:00:00Z', []],
    ['createdBefore=2100-01-01T00:00:00Z', newestFirst],
    ['createdBefore=2100-01-01T00:00:00Z&createdAfter=2000-01-01T00:00:00%2B02:00', newestFirst],
    [`createdAfter=${timeOf(middle.id)}`, from(timeOf(middle.id))],
    [`createdBefore=${timeOf(middle.id)}`, newestFirst.filter((id) => !from(timeOf(middle.id)).includes(id))],
    [`cursor=${middle.id}`, newestFirst.slice(newestFirst.indexOf(middle.id) + 1)],
    ['cursor=00000000-0000-7000-8000-000000000000', []],
  ];
  for (const [query, ids] of table) t.same(idsOf((await list(query)).items), ids, query);
});

/** A UUIDv7 begins with the milliseconds at which it was made. */
function createdAt(id: string): number {
  return Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);
}

function timeOf(id: string): string {
  return new Date(createdAt(id)).toISOString();
}

async function pageThrough(first: string, between: () => Promise<unknown> = async () => undefined) {
  const pages: Page[] = [];
  for (let next: string | undefined = first; next !== undefined; next = pages.at(-1)?.links.next) {
    pages.push((await call(api, next)).json());
    await between();
  }
  return pages;
}

t.test('every page by its link, nothing twice, nothing missed', async (t) => {
  for (const [filter, wanted] of [
    ['', newestFirst],
    ['status=queued&', newestFirst.slice(0, -3)],
    ['createdAfter=2000-01-01T00:00:00Z&', newestFirst],
  ] as const) {
    for (const limit of [1, 4, 6, 100]) {
      const pages = await pageThrough(`/v1/jobs?${filter}limit=${limit}`);
      t.same(
        pages.map(({ items }) => items.length),
        sizes(wanted.length, limit),
        'full pages, and the rest',
      );
      t.same(
        pages.flatMap(({ items }) => idsOf(items)),
        wanted,
        `${filter}limit=${limit}`,
      );
      t.ok(pages.every(({ nextCursor, links }) => (nextCursor === null) === (links.next === undefined)));
    }
  }
});

function sizes(total: number, limit: number): number[] {
  return Array.from({ length: Math.ceil(total / limit) }, (_, page) => Math.min(limit, total - page * limit));
}

t.test('what arrives while one pages is newer than all that is still to come', async (t) => {
  const pages = await pageThrough('/v1/jobs?limit=4', () => accept(api));
  t.same(
    pages.flatMap(({ items }) => idsOf(items)),
    newestFirst,
  );
});

t.test('the place in the queue', async (t) => {
  const last = await accept(api);
  const ahead = await api.rows<{ count: number }>(
    `SELECT count(*)::int AS count FROM jobs WHERE status = 'queued' AND id < $1`,
    [last.id],
  );
  const { queue } = (await call(api, last.links.self)).json<Job>();
  t.equal(queue?.position, ahead[0]?.count);
  t.equal((await call(api, processing.links.self)).json<Job>().queue, undefined);
});

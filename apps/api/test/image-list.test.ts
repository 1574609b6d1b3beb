import t from 'tap';
import type { Image } from '../src/schemas/image.ts';
import { addKey, startApi } from './app.ts';
import { accept, call, problem } from './client.ts';
import { addImage, idsOf, type Page, readPages } from './library.ts';

const api = await startApi();
const stranger = await addKey(api.rows, { tenantId: crypto.randomUUID() });

/** In the order they are uploaded. */
const names = ['dawn', 'dusk', 'noon', 'night'] as const;
type Name = (typeof names)[number];
const ids = {
  dawn: await addImage(api, {
    title: 'Harbour at Dawn',
    tags: ['harbour', 'dawn', 'blue'],
    facts: {
      ...{ camera: 'Tintype Plate One', taken_at: '2026-03-01T06:00:00', latitude: 50, longitude: -5 },
      ...{ width: 4000, height: 3000, bytes: 900, format: 'jpeg', caption: 'Boats before the tide' },
      is_public: true,
    },
  }),
  dusk: await addImage(api, {
    title: 'Harbour at Dusk 100%',
    tags: ['harbour', 'dusk'],
    facts: {
      ...{ camera: 'Acme Snap_2', taken_at: '2026-02-01T18:00:00', width: 1600, height: 1200, bytes: 500 },
      ...{ keywords: ['lighthouse'] },
    },
  }),
  noon: await addImage(api, {
    title: 'Meadow',
    tags: ['blue'],
    facts: { width: 800, height: 600, bytes: 700 },
  }),
  night: await addImage(api, {
    facts: { width: 800, height: 1200, bytes: 600, format: 'webp' },
  }),
};
const nameOf = new Map(names.map((name) => [ids[name], name]));
const newest = [...names].reverse();

// What must be found by nobody but a stranger, and by nobody at all.
await addImage(api, { title: 'Harbour', tags: ['harbour', 'blue'], key: stranger });
const rejected = await addImage(api, {
  title: 'Harbour at Dawn',
  tags: ['harbour', 'dawn'],
  facts: { duplicate_of: ids.dawn, rejected_at: new Date(), bytes: null },
});

const list = async (query: string) => (await call(api, `/v1/images?${query}`)).json<Page>();
const found = async (query: string) => (await list(query)).items.map(({ id }) => nameOf.get(id) ?? id);

t.test('filters', async (t) => {
  // Times are exact to the millisecond, and several images may share one.
  const times = await Promise.all(
    names.map(async (name) => [name, (await call(api, `/v1/images/${ids[name]}`)).json<Image>().createdAt]),
  );
  const uploaded = Object.fromEntries(times) as Record<Name, string>;
  const { dusk } = uploaded;
  const between = newest.filter((name) => uploaded[name] >= dusk && uploaded[name] < uploaded.night);
  const table: [query: string, wanted: Name[]][] = [
    ['', newest],
    ['q=harbour', ['dusk', 'dawn']],
    ['q=HARB', ['dusk', 'dawn']],
    ['q=harbour+dawn', ['dawn']],
    ['q=tide', ['dawn']],
    ['q=lighthouse', ['dusk']],
    ['q=acme', ['dusk']],
    ['q=blue', ['noon', 'dawn']],
    ['q=%22at+dusk%22', ['dusk']],
    ['q=harbour+-dusk', ['dawn']],
    ['q=meadow+or+tide', ['noon', 'dawn']],
    ['q=nowhere', []],
    ['title=harbour', ['dusk', 'dawn']],
    ['title=AT+DAWN', ['dawn']],
    ['title=100%25', ['dusk']],
    ['title=%25', ['dusk']],
    ['title=_', []],
    ['tag=harbour', ['dusk', 'dawn']],
    ['tag=harbour&tag=blue', ['dawn']],
    ['tag=harbour&tag=unknown', []],
    ['tag=unknown', []],
    ['tag=Harbour', []],
    ['tag=har', []],
    ['tag=+blue+', ['noon', 'dawn']],
    ['tagAny=dusk&tagAny=blue', ['noon', 'dusk', 'dawn']],
    ['tagAny=unknown', []],
    ['tag=harbour&tagAny=dusk&tagAny=blue', ['dusk', 'dawn']],
    ['format=jpeg', ['dawn']],
    ['format=webp', ['night']],
    ['camera=plate', ['dawn']],
    ['camera=snap_2', ['dusk']],
    ['camera=%25', []],
    ['hasGps=true', ['dawn']],
    ['hasGps=false', ['night', 'noon', 'dusk']],
    ['public=true', ['dawn']],
    ['public=false', ['night', 'noon', 'dusk']],
    ['uploadedAfter=2000-01-01T00:00:00Z', newest],
    ['uploadedAfter=2100-01-01T00:00:00Z', []],
    ['uploadedBefore=2000-01-01T00:00:00%2B02:00', []],
    [`uploadedAfter=${dusk}`, newest.filter((name) => uploaded[name] >= dusk)],
    [`uploadedBefore=${dusk}`, newest.filter((name) => uploaded[name] < dusk)],
    [`uploadedAfter=${dusk}&uploadedBefore=${uploaded.night}`, between],
    ['takenAfter=2026-02-01T18:00:00', ['dusk', 'dawn']],
    ['takenAfter=2026-02-01T18:00:01', ['dawn']],
    ['takenBefore=2026-03-01', ['dusk']],
    ['takenAfter=2026-01-01&takenBefore=2026-03-01T06:00:00', ['dusk']],
    ['minWidth=1600', ['dusk', 'dawn']],
    ['maxWidth=1600', ['night', 'noon', 'dusk']],
    ['minHeight=1200&maxHeight=1200', ['night', 'dusk']],
    ['minBytes=600&maxBytes=700', ['night', 'noon']],
    ['minBytes=9007199254740991', []],
    ['q=harbour&tag=blue&format=jpeg&camera=one&hasGps=true&minWidth=1&takenAfter=2026-01-01', ['dawn']],
  ];
  for (const [query, wanted] of table) t.same(await found(query), wanted, query);
});

t.test('orders, page by page: nothing twice, nothing missed', async (t) => {
  const table: [sort: string, wanted: Name[]][] = [
    ['-createdAt', newest],
    ['createdAt', [...names]],
    ['takenAt', ['dusk', 'dawn', 'noon', 'night']],
    ['-takenAt', ['night', 'noon', 'dawn', 'dusk']],
    ['bytes', ['dusk', 'night', 'noon', 'dawn']],
    ['-bytes', ['dawn', 'noon', 'night', 'dusk']],
  ];
  for (const [sort, wanted] of table)
    for (const limit of [1, 2, 3, 100]) {
      const pages = await readPages(api, `/v1/images?sort=${sort}&limit=${limit}`);
      t.same(
        pages.flatMap(({ items }) => items.map(({ id }) => nameOf.get(id))),
        wanted,
        `${sort} ${limit}`,
      );
      t.equal(pages.length, Math.ceil(wanted.length / limit), 'full pages');
      t.ok(pages.every(({ nextCursor, links }) => (nextCursor === null) === (links.next === undefined)));
    }
  // Where those without a title stand is not promised, but that they are all there once is.
  for (const [sort, wanted] of [
    ['title', ['dawn', 'dusk', 'noon']],
    ['-title', ['noon', 'dusk', 'dawn']],
  ] as const) {
    const pages = await readPages(api, `/v1/images?sort=${sort}&limit=1`);
    const order = pages.flatMap(({ items }) => items.map(({ id }) => nameOf.get(id)));
    t.equal(order.length, names.length, sort);
    t.same(
      order.filter((name) => name !== 'night'),
      wanted,
    );
  }
});

t.test('the link to the next page keeps every filter', async (t) => {
  const first = '/v1/images?tagAny=dusk&tagAny=blue&tagAny=100%25&limit=1&minWidth=1';
  const pages = await readPages(api, first);
  t.same(
    pages.flatMap(({ items }) => items.map(({ id }) => nameOf.get(id))),
    ['noon', 'dusk', 'dawn'],
  );
});

t.test('what can not be asked', async (t) => {
  const [page] = await readPages(api, '/v1/images?limit=1&sort=createdAt');
  const cursor = (...parts: unknown[]) => Buffer.from(JSON.stringify(parts)).toString('base64url');
  const id = ids.dawn;
  const table: [query: string, pointer: string][] = [
    ['q=', '/q'],
    ['q=%00', '/q'],
    ['title=%20', '/title'],
    ['camera=%00', '/camera'],
    ['tag=', '/tag/0'],
    ['tag=%20', '/tag'],
    ['tagAny=%00', '/tagAny'],
    [`tag=${'x'.repeat(101)}`, '/tag/0'],
    ['format=jpg', '/format'],
    ['hasGps=maybe', '/hasGps'],
    ['uploadedAfter=yesterday', '/uploadedAfter'],
    ['takenAfter=2026-02-30', '/takenAfter'],
    ['takenAfter=0000-01-01', '/takenAfter'],
    ['takenBefore=2026-01-01T00:00:00Z', '/takenBefore'],
    ['takenBefore=2026-01-01T25:00', '/takenBefore'],
    ['minWidth=-1', '/minWidth'],
    ['maxWidth=2147483648', '/maxWidth'],
    ['minBytes=1e99', '/minBytes'],
    ['sort=size', '/sort'],
    ['tags=harbour', '/tags'],
    ['limit=0', '/limit'],
    ['limit=101', '/limit'],
    ['cursor=x', '/cursor'],
    ['cursor=%00', '/cursor'],
    [`cursor=${page?.nextCursor}`, '/cursor'],
    [`sort=takenAt&cursor=${page?.nextCursor}`, '/cursor'],
    [`cursor=${cursor('-createdAt', 'now', id)}`, '/cursor'],
    [`cursor=${cursor('-createdAt', '2026-02-30T00:00:00Z', id)}`, '/cursor'],
    [`cursor=${cursor('-createdAt', '2026-05-01T00:00:00Z', 'x')}`, '/cursor'],
    [`cursor=${cursor('-createdAt', '2026-05-01T00:00:00Z')}`, '/cursor'],
    [`cursor=${cursor('-createdAt', 1, id)}`, '/cursor'],
    [`sort=bytes&cursor=${cursor('bytes', 'x', id)}`, '/cursor'],
    [`sort=title&cursor=${cursor('title', 'a\0', id)}`, '/cursor'],
    [`sort=title&cursor=${cursor('title', '\ud800', id)}`, '/cursor'],
    [`sort=title&cursor=${cursor('title', {}, id)}`, '/cursor'],
  ];
  for (const [query, pointer] of table) {
    const answer = await call(api, `/v1/images?${query}`);
    t.match(
      { query, ...problem(answer) },
      { query, status: 400, code: 'INVALID_REQUEST', errors: [{ pointer }] },
    );
  }
});

t.test('words that are none find nothing, and do no harm', async (t) => {
  for (const q of [
    '!!!',
    '-',
    '"',
    "'",
    '&|!():*',
    ':*',
    'zz:*&',
    '\\',
    '<->',
    'or',
    '- -',
    'x'.repeat(500),
  ]) {
    const answer = await call(api, `/v1/images?${new URLSearchParams({ q })}`);
    t.match(
      { q, status: answer.status, items: answer.json<Page>().items.length },
      { q, status: 200, items: 0 },
    );
  }
});

t.test('everybody finds his own', async (t) => {
  const theirs = (await call(api, '/v1/images?tag=harbour', { key: stranger })).json<Page>();
  t.equal(theirs.items.length, 1);
  t.notOk(nameOf.has(theirs.items[0]?.id ?? ''));
  const [first] = await readPages(api, '/v1/images?limit=1');
  const foreign = (await call(api, `/v1/images?cursor=${first?.nextCursor}`, { key: stranger })).json<Page>();
  t.ok(
    foreign.items.every(({ id }) => !nameOf.has(id)),
    'a cursor shows nobody anything of another’s',
  );
  t.equal((await call(api, '/v1/images', { key: null })).status, 401);
});

t.test('an image says all that it is found by', async (t) => {
  const one = (await call(api, `/v1/images/${ids.dawn}`)).json<Image>();
  const self = `/v1/images/${ids.dawn}`;
  t.match(one, {
    camera: 'Tintype Plate One',
    takenAt: '2026-03-01T06:00:00.000',
    public: true,
    path: null,
    links: { self, render: `${self}/render`, derivatives: `${self}/derivatives` },
  });
  t.notOk('duplicateOf' in one);
  t.same((await list('limit=100')).items.at(-1), one, 'in lists, too');
});

t.test('a rejected image is in no list, and answers by itself', async (t) => {
  const all = await readPages(api, '/v1/images?limit=2');
  t.notOk(all.flatMap(({ items }) => idsOf(items)).includes(rejected));
  t.match((await call(api, `/v1/images/${rejected}`)).json<Image>(), { duplicateOf: ids.dawn, bytes: null });
});

t.test('what is not inspected yet is there', async (t) => {
  const { imageId } = await accept(api);
  const [first] = (await list('')).items;
  t.match(first, { id: imageId, width: null, camera: null, takenAt: null });
  await call(api, `/v1/images/${imageId}`, { method: 'DELETE' });
  t.same(await found(''), newest);
});

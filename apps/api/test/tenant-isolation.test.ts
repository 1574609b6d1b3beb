import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { TENANT_PARTS, type TenantDatabase } from '@tintype/prisma';
import t from 'tap';
import type { ApiDatabase } from '../src/guard-database.ts';
import { addKey, startApi } from './app.ts';
import { accept, call, problem } from './client.ts';

type Part = Exclude<keyof TenantDatabase, 'tenantId'>;

/** Calls that a route could make for any tenant, though they are a tenant's. */
type Unbound = { [Name in Part]: keyof ApiDatabase[Name] & keyof TenantDatabase[Name] }[Part];
const isBound: [Unbound] extends [never] ? true : Unbound = true;

/** Never called: a route that forgets whose request it answers does not compile. */
export function forgetful(db: ApiDatabase, id: string): unknown[] {
  return [
    // @ts-expect-error
    db.jobs.get(id),
    // @ts-expect-error
    db.images.remove(id, id),
    // @ts-expect-error
    db.uploads.abandon(id),
    // @ts-expect-error
    db.apiKeys.list(id),
    // @ts-expect-error
    db.webhookEndpoints.list(id),
    // @ts-expect-error
    db.work.claim(id, { worker: 'a route', leaseMs: 1 }),
  ];
}

/** All that routes can reach without a tenant, of what tenants own. */
const SHARED: Record<Part, string[]> = {
  jobs: ['depth'],
  images: [],
  uploads: ['idle'],
  events: ['end'],
  webhookEndpoints: [],
  webhookDeliveries: ['depth'],
  idempotency: ['idle', 'renew'],
  admissions: ['idle'],
  apiKeys: [],
  usage: ['add'],
  findImages: [],
  tags: [],
  derivatives: [],
  deliveryKeys: [],
  directUploads: [],
  files: [],
};
const OF_NO_TENANT = [
  'deliveryOwners',
  'plans',
  'principals',
  'rateWindows',
  'reprocess',
  'requestLogs',
  'sessions',
  'users',
];

t.test('what routes are given', async (t) => {
  t.ok(isBound);
  const { deps } = await startApi();
  for (const part of TENANT_PARTS) t.same(Object.keys(deps.db[part]).sort(), SHARED[part], part);
  const parts = Object.keys(deps.db).filter((name) => !(name in SHARED));
  t.same(parts.sort(), [...OF_NO_TENANT, 'close', 'of', 'ping'].sort());
});

/** Who of the API may write what, as it was built. */
const PLACES: Record<string, { text: RegExp; files: string[] }> = {
  'opens a database': { text: /\bopenDatabase\b/, files: ['deps.js'] },
  'binds tenants': { text: /\b(bindTenants|sharedCalls)\b/, files: ['guard-database.js'] },
  'chooses a tenant': {
    text: /\.of\b|[{,]\s*of\s*([,}]|:(?! \[))/,
    files: ['guard-database.js', 'plugins/auth.js'],
  },
  'goes past the one door': { text: /@prisma\/|from '(pg|postgres)'|@tintype\/prisma\//, files: [] },
};

t.test('no file but one chooses the tenant whose rows are reached', async (t) => {
  const folder = fileURLToPath(new URL('../src/', import.meta.url));
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.js'));
  t.ok(names.length > 50, 'they are there');
  const texts = await Promise.all(names.map((name) => readFile(path.join(folder, name), 'utf8')));
  for (const [what, { text, files }] of Object.entries(PLACES)) {
    const found = names.filter((_, index) => text.test(codeOf(texts[index] ?? '')));
    t.same(found.sort(), files, what);
  }
});

/** Without comments. */
function codeOf(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '').replace(/Array\.of\(/g, '');
}

t.test('another tenant’s ids are unknown', async (t) => {
  const api = await startApi();
  const key = await addKey(api.rows, { tenantId: crypto.randomUUID() });
  const { links } = await accept(api);
  const places = ['', '/metadata', '/original', '/tags', '/similar'].map((place) => links.image + place);
  for (const url of [links.self, ...places]) {
    t.not((await call(api, url)).status, 404, `${url} of mine`);
    const theirs = await call(api, url, { key });
    t.equal(theirs.status, 404, url);
    t.match(problem(theirs).code, /^(JOB|IMAGE)_NOT_FOUND$/);
  }
});

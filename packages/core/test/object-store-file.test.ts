import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import { AppError, openObjectStore } from '../src/index.ts';
import { testObjectStore } from './object-store-contract.ts';

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'tintype store é-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

for (const query of ['', '?fsync=true']) {
  const folder = await makeFolder();
  const inTheWay = path.join(folder, 'file');
  await writeFile(inTheWay, '');
  const candidate = {
    store: await openObjectStore(`${pathToFileURL(path.join(folder, 'store')).href}${query}`),
    dead: await openObjectStore(`${pathToFileURL(path.join(inTheWay, 'store')).href}${query}`),
    secrets: [folder],
    unfinished: async () => (await readdir(path.join(folder, 'store', '.drafts')).catch(() => [])).length,
    knowsTypes: false,
  };
  t.test(`files${query}`, async (t) => testObjectStore(t, candidate));

  const OUTSIDE = ['../x', 'a/../../x', '..', '', '.', '/..', 'a/../..'];
  for (const key of OUTSIDE) {
    t.test(`files${query}: the key "${key}" does not leave the folder`, async (t) => {
      const [about, chunks] = [{ contentType: 'image/png', sha256Hex: '' }, [Buffer.from('x')]];
      await t.rejects(candidate.store.put(key, chunks, about));
      await t.rejects(candidate.store.putStream(key, (async function* () {})(), about));
      await t.rejects(candidate.store.open(key));
      await t.rejects(candidate.store.head(key));
      await t.rejects(candidate.store.copy('plain', key));
      await t.rejects(candidate.store.copy(key, 'plain'));
      await t.rejects(candidate.store.remove(key));
      t.notOk(existsSync(path.join(folder, 'x')));
    });
  }

  t.test(
    `files${query}: what a process that died left of an object is in no list, and goes with it`,
    async (t) => {
      const root = await makeFolder();
      const store = await openObjectStore(`${pathToFileURL(root).href}${query}`);
      const about = { contentType: 'x', sha256Hex: '' };
      let [arrived, leave] = [() => {}, () => {}];
      const begun = new Promise<void>((resolve) => {
        arrived = resolve;
      });
      async function* half() {
        yield Buffer.from('half');
        arrived();
        await new Promise<void>((resolve) => {
          leave = resolve;
        });
      }
      const writing = store.putStream('tenant/a', half(), about);
      await begun;
      await store.put('tenant/b', [Buffer.from('x')], about);
      const [draft = ''] = await readdir(path.join(root, '.drafts'));
      await writeFile(path.join(root, '.drafts', draft.replace(/-.*/, '-dead')), 'half');
      const listed: string[] = [];
      for await (const { key } of store.list()) listed.push(key);
      t.same(listed, ['tenant/b']);
      await store.remove('tenant/b');
      t.equal((await readdir(path.join(root, '.drafts'))).length, 2, 'another object’s stay');
      await store.remove('tenant/a');
      t.same(await readdir(path.join(root, '.drafts')), []);
      leave();
      await t.rejects(writing, { code: 'OBJECT_STORE_UNAVAILABLE' });
      t.equal(await store.open('tenant/a'), undefined);
    },
  );

  t.test(`files${query}: a folder removed under a running process costs one put at most`, async (t) => {
    const root = await makeFolder();
    const store = await openObjectStore(`${pathToFileURL(root).href}${query}`);
    const put = (key: string) => store.put(key, [Buffer.from('x')], { contentType: 'x', sha256Hex: '' });
    await put('tenant/a');
    await rm(path.join(root, 'tenant'), { recursive: true });
    await put('tenant/b').catch((error) => t.ok(error instanceof AppError));
    await put('tenant/b');
    t.same(await readdir(path.join(root, 'tenant')), ['b']);
  });
}

t.test(
  'list: more than fit into one read, a folder that is not there yet, and one that goes meanwhile',
  async (t) => {
    const folder = await makeFolder();
    const store = await openObjectStore(pathToFileURL(path.join(folder, 'store')).href);
    const list = async (onKey = (_key: string): Promise<void> | void => undefined) => {
      const keys: string[] = [];
      for await (const { key } of store.list()) {
        keys.push(key);
        await onKey(key);
      }
      return keys;
    };
    t.same(await list(), []);
    const keys = Array.from({ length: 1100 }, (_, index) => `${index % 3}/original/${index}`);
    const about = { contentType: 'image/png', sha256Hex: '' };
    for (const key of keys) await store.put(key, [Buffer.from('x')], about);
    t.same((await list()).sort(), keys.sort());
    const left = await list(async (key) => {
      for (const tenant of ['0', '1', '2'])
        if (!key.startsWith(tenant))
          await rm(path.join(folder, 'store', tenant), { recursive: true, force: true });
    });
    t.same([...new Set(left.map((key) => key[0]))].length, 1);
  },
);

// What every object store must do, whatever stands behind. Run by the test file of each adapter.
import { createHash, randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import type { Test } from 'tap';
import { ERRORS, type ObjectStore } from '../src/index.ts';
import { eventually } from './eventually.ts';

export interface Candidate {
  store: ObjectStore;
  /** A store of the same kind behind which nothing works. */
  dead: ObjectStore;
  /** What may stand in no public message: addresses, folders. */
  secrets: string[];
  /** Uploads begun and neither finished nor aborted. */
  unfinished: () => Promise<number>;
  /** Remembers what type an object was stored as. */
  knowsTypes: boolean;
}

const JPEG = { contentType: 'image/jpeg' };
const MIB = 1024 * 1024;

function put(store: ObjectStore, key: string, ...chunks: Uint8Array[]): Promise<void> {
  const sha256Hex = createHash('sha256').update(Buffer.concat(chunks)).digest('hex');
  return store.put(key, chunks, { ...JPEG, sha256Hex });
}

async function read(store: ObjectStore, key: string, range?: { first: number; last: number }) {
  const object = await store.open(key, range);
  return object && { bytes: await buffer(object.body), totalBytes: object.totalBytes };
}

/** Chunks of many sizes, none a divisor of a part; ends in `error` where one is given. */
async function* stream(bytes: Buffer, error?: Error): AsyncGenerator<Uint8Array> {
  for (let at = 0, size = 1; at < bytes.length; at += size, size = (size * 31 + 7) % 200_003)
    yield bytes.subarray(at, Math.min(at + size, bytes.length));
  if (error !== undefined) throw error;
}

const BODIES: Record<string, Buffer[]> = {
  'one chunk': [Buffer.from('plate')],
  'several chunks': ['wet ', 'plate', '', ' collodion'].map((text) => Buffer.from(text)),
  'two thousand chunks': Array.from({ length: 2000 }, (_, index) => Buffer.from([index % 256])),
  'every byte there is': [Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))],
  'more than is copied at once': [randomBytes(MIB), randomBytes(MIB + 3)],
  nothing: [],
};

const STREAMED: Record<string, number> = {
  nothing: 0,
  'less than a part': 1000,
  'exactly a part': 5 * MIB,
  'several parts': 12 * MIB + 345,
};

const RANGES: [number, number][] = [
  [0, 0],
  [0, 9],
  [3, 5],
  [9, 9],
  [4, 9],
];

const KEYS = [
  'plain',
  'a/b/c/d',
  'with space',
  'plus+and%20percent%2F',
  `it's (1)!*.jpg`,
  'a=b&c?d#e;f:g@h,i$j~k',
  'Ærø/写真 👩‍👧.jpg',
  '"<>\\^`{|}[]',
];

/** Each test of its own key: they may run in any order. */
export function testObjectStore(t: Test, { store, dead, secrets, unfinished, knowsTypes }: Candidate): void {
  for (const [name, chunks] of Object.entries(BODIES)) {
    t.test(`put and open: ${name}`, async (t) => {
      await put(store, `put/${name}`, ...chunks);
      const bytes = Buffer.concat(chunks);
      t.same(await read(store, `put/${name}`), { bytes, totalBytes: bytes.length });
      t.same(await store.read(`put/${name}`, bytes.length), bytes);
    });
  }

  for (const [name, size] of Object.entries(STREAMED)) {
    t.test(`putStream and open: ${name}`, async (t) => {
      const sent = randomBytes(size);
      await store.putStream(`stream/${name}`, stream(sent), JPEG);
      const got = await read(store, `stream/${name}`);
      t.equal(got?.totalBytes, size);
      const [expected, actual] = [sent, got?.bytes ?? ''].map((bytes) => createHash('sha256').update(bytes));
      t.equal(actual?.digest('hex'), expected?.digest('hex'));
      t.equal(await unfinished(), 0);
    });
  }

  for (const size of [0, 1000, 11 * MIB]) {
    t.test(`a source that breaks after ${size} bytes: its own error, and nothing stays`, async (t) => {
      const error = new Error('The client went away.');
      const caught = await store
        .putStream(`broken/${size}`, stream(Buffer.alloc(size), error), JPEG)
        .catch((reason: unknown) => reason);
      t.equal(caught, error);
      t.equal(await store.open(`broken/${size}`), undefined);
      t.equal(await unfinished(), 0);
    });
  }

  for (const [first, last] of RANGES) {
    t.test(`bytes ${first} to ${last}`, async (t) => {
      await put(store, `range/${first}-${last}`, Buffer.from('0123456789'));
      const bytes = Buffer.from('0123456789'.slice(first, last + 1));
      t.same(await read(store, `range/${first}-${last}`, { first, last }), { bytes, totalBytes: 10 });
    });
  }

  for (const key of KEYS) {
    t.test(`the key ${key}`, async (t) => {
      await put(store, `keys/${key}`, Buffer.from(key));
      await store.putStream(`keys/streamed/${key}`, stream(Buffer.from(`streamed ${key}`)), JPEG);
      t.equal(String((await read(store, `keys/${key}`))?.bytes), key);
      t.equal(String((await read(store, `keys/streamed/${key}`))?.bytes), `streamed ${key}`);
      await store.remove(`keys/${key}`);
      t.equal(await store.open(`keys/${key}`), undefined);
    });
  }

  t.test('what was never stored is not there, and can be removed', async (t) => {
    t.equal(await store.open('missing'), undefined);
    t.equal(await store.read('missing', 10), undefined);
    t.equal(await store.open('missing/too', { first: 0, last: 9 }), undefined);
    await store.remove('missing/too');
    await put(store, 'gone', Buffer.from('x'));
    await store.remove('gone');
    await store.remove('gone');
    t.equal(await store.open('gone'), undefined);
  });

  t.test('head: size, version and type', async (t) => {
    t.equal(await store.head('head/missing'), undefined);
    await put(store, 'head/one', Buffer.from('plate'));
    const first = await store.head('head/one');
    t.match(first, { bytes: 5, version: /^[\w-]{5,}$/ });
    t.equal(first?.contentType, knowsTypes ? JPEG.contentType : undefined);
    t.same(await store.head('head/one'), first, 'the same as long as nobody writes');
    // As many bytes, but others. A file's time moves on in steps of some milliseconds.
    await eventually(async () => {
      await put(store, 'head/one', Buffer.from('other'));
      return (await store.head('head/one'))?.version !== first?.version;
    });
    await store.putStream('head/one', stream(Buffer.alloc(0)), JPEG);
    t.equal((await store.head('head/one'))?.bytes, 0);
    await store.remove('head/one');
    t.equal(await store.head('head/one'), undefined);
  });

  t.test('copy: what is written to the first later does not change the second', async (t) => {
    t.equal(await store.copy('copy/missing', 'copy/to'), false);
    t.equal(await store.open('copy/to'), undefined);
    const sent = randomBytes(6 * MIB);
    await store.putStream('copy/from', stream(sent), JPEG);
    t.equal(await store.copy('copy/from', 'copy/to'), true);
    const about = await store.head('copy/to');
    t.equal(about?.bytes, sent.length);
    t.equal(about?.contentType, knowsTypes ? JPEG.contentType : undefined);
    const isSame = async () => sent.equals((await read(store, 'copy/to'))?.bytes ?? Buffer.of());
    await put(store, 'copy/from', Buffer.from('small, in place'));
    t.ok(await isSame());
    await store.putStream('copy/from', stream(randomBytes(sent.length)), JPEG);
    t.ok(await isSame());
    await store.remove('copy/from');
    t.ok(await isSame());
    t.same(await store.head('copy/to'), about);
    await put(store, 'copy/from', Buffer.from('again'));
    t.equal(await store.copy('copy/from', 'copy/to'), true, 'over what is there');
    t.equal(String((await read(store, 'copy/to'))?.bytes), 'again');
    t.equal(await unfinished(), 0);
  });

  for (const key of KEYS) {
    t.test(`head and copy of the key ${key}`, async (t) => {
      await put(store, `copied/${key}`, Buffer.from(key));
      t.equal((await store.head(`copied/${key}`))?.bytes, Buffer.byteLength(key));
      t.equal(await store.copy(`copied/${key}`, `copied/again/${key}`), true);
      t.equal(String((await read(store, `copied/again/${key}`))?.bytes), key);
    });
  }

  for (const key of ['long/'.repeat(500), `long/${'x'.repeat(300)}/${'y'.repeat(900)}`, 'folder/in']) {
    t.test(`no object: ${key.length} characters`, async (t) => {
      await put(store, 'folder/in/it', Buffer.from('x'));
      t.equal(await store.head(key), undefined);
      t.equal(await store.open(key), undefined);
      t.equal(await store.read(key, 10), undefined);
    });
  }

  t.test('who reads while an object is replaced gets one or the other as a whole', async (t) => {
    await put(store, 'replaced', Buffer.from('old'));
    let release = () => {};
    const waiting = new Promise<void>((resolve) => {
      release = resolve;
    });
    async function* slowly() {
      yield Buffer.from('new ');
      await waiting;
      yield Buffer.from('bytes');
    }
    const replacing = store.putStream('replaced', slowly(), JPEG);
    t.equal(String((await read(store, 'replaced'))?.bytes), 'old');
    release();
    await replacing;
    t.equal(String((await read(store, 'replaced'))?.bytes), 'new bytes');
    const error = new Error('The client went away.');
    await t.rejects(store.putStream('replaced', stream(Buffer.from('half'), error), JPEG), error);
    t.equal(String((await read(store, 'replaced'))?.bytes), 'new bytes');
  });

  t.test('many at once, and a later one of the same name wins', async (t) => {
    const names = Array.from({ length: 40 }, (_, index) => `many/${index}`);
    await Promise.all(names.map((name) => put(store, name, Buffer.from('a longer text'))));
    await Promise.all(names.map((name) => put(store, name, Buffer.from(name))));
    const texts = await Promise.all(names.map(async (name) => String((await read(store, name))?.bytes)));
    t.same(texts, names);
  });

  t.test('an object that is not as long as was thought shows it', async (t) => {
    await put(store, 'length', Buffer.from('12345'));
    t.equal((await store.read('length', 9))?.length, 5);
    t.equal((await store.read('length', 3))?.length, 3);
  });

  t.test('list: every key there is, with its time', async (t) => {
    const names = KEYS.map((key) => `listed/${key}`);
    const since = Date.now();
    await Promise.all(names.map((name) => put(store, name, Buffer.from(name))));
    await put(store, 'listed/removed', Buffer.from('x'));
    await store.remove('listed/removed');
    const listed = new Map<string, Date>();
    for await (const { key, modifiedAt } of store.list()) listed.set(key, modifiedAt);
    t.same([...listed.keys()].filter((key) => key.startsWith('listed/')).sort(), names.sort());
    // S3 counts whole seconds.
    for (const name of names) t.ok(Math.abs((listed.get(name)?.getTime() ?? 0) - since) < 10_000, name);
  });

  t.test('ping', async (t) => {
    await t.resolves(store.ping());
  });

  const CALLS: Record<string, () => Promise<void>> = {
    put: () => put(dead, 'a', Buffer.from('a')),
    putStream: () => dead.putStream('a', stream(Buffer.from('a')), JPEG),
    ping: () => dead.ping(),
    copy: async () => void (await dead.copy('a', 'b')),
    list: async () => {
      for await (const _ of dead.list()) throw new Error('Something was listed.');
    },
  };
  for (const [name, call] of Object.entries(CALLS)) {
    t.test(`${name} on a store that is away: a public error that tells nothing`, async (t) => {
      const error = await call().catch((reason: Error) => reason);
      if (error === undefined) throw new Error('It worked.');
      t.match(error, { code: 'OBJECT_STORE_UNAVAILABLE', message: ERRORS.OBJECT_STORE_UNAVAILABLE.message });
      t.ok(error.cause instanceof Error, 'the log learns more');
      for (const secret of secrets) t.notMatch(error.message, secret);
    });
  }
}

import t from 'tap';
import type { Image } from '../src/schemas/image.ts';
import { addKey, startApi } from './app.ts';
import { accept, call, problem } from './client.ts';
import { addImage } from './library.ts';
import { fail, finish } from './worker.ts';

interface Similar {
  items: { distance: number; image: Image }[];
}

const api = await startApi();
const stranger = await addKey(api.rows, { tenantId: crypto.randomUUID() });
const HASH = 0x5a5a_0ff0_1234_5678n;
/** The hash with so many of its bits turned, as the database keeps it. */
const turned = (bits: number) => ({ phash: String(BigInt.asIntN(64, HASH ^ ((1n << BigInt(bits)) - 1n))) });

const me = await addImage(api, { facts: turned(0) });
const byDistance = new Map<number, string>();
for (const bits of [12, 11, 8, 5, 3, 1, 0])
  byDistance.set(bits, await addImage(api, { facts: turned(bits) }));
await addImage(api, { facts: turned(1), key: stranger });
await addImage(api, { facts: { ...turned(1), rejected_at: new Date(), duplicate_of: me } });
await addImage(api, { facts: { phash: String(~HASH) } });
const plain = await addImage(api);

const ask = (id: string, query = '', key = api.key) => call(api, `/v1/images/${id}/similar${query}`, { key });

t.test('nearest first, nobody else’s, and not itself', async (t) => {
  const table: [query: string, distances: number[]][] = [
    ['', [0, 1, 3, 5, 8]],
    ['?maxDistance=11', [0, 1, 3, 5, 8, 11]],
    ['?maxDistance=4', [0, 1, 3]],
    ['?maxDistance=0', [0]],
    ['?maxDistance=11&limit=2', [0, 1]],
  ];
  for (const [query, distances] of table) {
    const answer = await ask(me, query);
    t.equal(answer.status, 200);
    t.same(
      answer.json<Similar>().items.map(({ distance, image }) => [distance, image.id]),
      distances.map((distance) => [distance, byDistance.get(distance)]),
      query,
    );
  }
});

t.test('what can not be', async (t) => {
  const waiting = await accept(api);
  const failed = await accept(api);
  await fail(api, failed);
  const table: [id: string, query: string, said: string][] = [
    [me, '?maxDistance=12', '400 INVALID_REQUEST'],
    [me, '?maxDistance=-1', '400 INVALID_REQUEST'],
    [me, '?limit=101', '400 INVALID_REQUEST'],
    ['x', '', '400 INVALID_REQUEST'],
    [crypto.randomUUID(), '', '404 IMAGE_NOT_FOUND'],
    [plain, '', '409 HASH_UNAVAILABLE'],
    [waiting.imageId, '', '409 METADATA_NOT_READY'],
    [failed.imageId, '', '409 METADATA_UNAVAILABLE'],
  ];
  for (const [id, query, said] of table) {
    const answer = await ask(id, query);
    t.equal(`${answer.status} ${problem(answer).code}`, said, query);
  }
  t.equal(problem(await ask(me, '', stranger)).code, 'IMAGE_NOT_FOUND', 'another’s');
  await finish(api, waiting);
});

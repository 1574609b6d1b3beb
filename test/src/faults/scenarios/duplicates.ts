// The same POST again: at once, later, at another api, after a broken one. One key, one job.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe } from '../expectations.ts';
import { type Answer, type Door, type Order, postImage } from '../post-image.ts';
import type { Scenario } from '../scenario.ts';
import { goOn, until } from '../story.ts';
import type { World } from '../world.ts';

const KEYS = 30;
const TIMES = 6;
/** Keys under way at once. */
const LANES = 5;
const BESIDE_PER_SECOND = 20;
const LEAST_ACCEPTED = 150;

/** Sends until the key is not in use any more. */
async function insist(world: World, order: Order, door: Door): Promise<Answer> {
  for (;;) {
    const answer = await postImage(door, order);
    world.load.note(String(order.key), answer);
    if (answer.status !== 409) return answer;
    await sleep(50 + 100 * world.random.next());
  }
}

/** For each of many keys several answers; each must be a 202, all but one of them a replay, all with the same id. */
function expectOneJob(world: World, answers: readonly Answer[][]): void {
  const flat = answers.flat();
  world.precondition(flat.length >= KEYS * 2, `${flat.length} POSTs under ${answers.length} keys`);
  world.expect(
    flat.every(({ status }) => status === 202),
    `all are answered 202: ${describe(flat)}`,
  );
  const fresh = answers.map((of) => of.filter(({ replayed }) => !replayed).length);
  world.expect(
    fresh.every((count) => count === 1),
    `one answer a key is fresh, all others replayed: ${fresh.join(' ')}`,
  );
}

/** As often as there are keys, some at once. */
async function forEachKey<Done>(action: () => Promise<Done>): Promise<Done[]> {
  const lane = async () => {
    const done: Done[] = [];
    for (let number = 0; number < KEYS / LANES; number += 1) done.push(await action());
    return done;
  };
  return (await Promise.all(Array.from({ length: LANES }, lane))).flat();
}

/** Ordinary work beside, then `duplicate` for each key. */
function repeating(
  duplicate: (world: World, order: Order & { key: string }) => Promise<Answer[]>,
): Scenario['play'] {
  return async (world) => {
    world.load.start({ perSecond: BESIDE_PER_SECOND });
    const answers = await forEachKey(async () =>
      duplicate(world, { key: world.load.newKey(), picture: world.load.newPicture() }),
    );
    expectOneJob(world, answers);
    await goOn(world, { least: LEAST_ACCEPTED });
  };
}

export const DUPLICATE_SCENARIOS: Scenario[] = [
  {
    name: 'duplicates-parallel',
    says: 'the same POST six times at once',
    notNaive: true,
    play: repeating((world, order) =>
      Promise.all(Array.from({ length: TIMES }, () => insist(world, order, world.front.door(0)))),
    ),
  },
  {
    name: 'duplicates-one-after-another',
    says: 'the same POST again after its answer, and after the job has ended',
    notNaive: true,
    play: repeating(async (world, order) => {
      const first = await insist(world, order, world.front.door(0));
      const second = await insist(world, order, world.front.door(0));
      await until(async () =>
        (await world.outcomes()).some(({ id, finishedAt }) => id === first.body.id && finishedAt !== null),
      );
      return [first, second, await insist(world, order, world.front.door(0))];
    }),
  },
  {
    name: 'duplicates-two-apis',
    says: 'the same POST at two apis at once',
    apis: 2,
    notNaive: true,
    play: repeating((world, order) =>
      Promise.all([0, 1, 0, 1].map((index) => insist(world, order, world.front.door(index)))),
    ),
  },
  {
    name: 'duplicates-aborted',
    says: 'a POST whose connection broke, again',
    notNaive: true,
    play: async (world) => {
      let broken = 0;
      await repeating(async (world, order) => {
        const controller = new AbortController();
        const wait = 5 + 60 * world.random.next();
        setTimeout(() => controller.abort(), wait);
        const first = await postImage(world.front.door(0), { ...order, signal: controller.signal });
        if (first.status === 0) broken += 1;
        else world.load.note(order.key, first);
        const answer = await insist(world, order, world.front.door(0));
        // The first of them may have been recorded without its sender hearing of it.
        const heard = { ...answer, replayed: false };
        return [heard, await insist(world, order, world.front.door(0))];
      })(world);
      world.precondition(broken >= 5, `${broken} connections broke`);
    },
  },
  {
    name: 'duplicates-by-content',
    says: 'the same bytes under other keys: the image that is there answers',
    notNaive: true,
    play: async (world) => {
      world.load.start({ perSecond: BESIDE_PER_SECOND });
      const answers = await forEachKey(async () => {
        const picture = world.load.newPicture();
        const ask = () => insist(world, { key: world.load.newKey(), picture }, world.front.door(0));
        return [await ask(), ...(await Promise.all([ask(), ask()]))];
      });
      const wrong = answers.filter(
        (three) =>
          new Set(three.map(({ body }) => body.id)).size !== 1 ||
          three.filter(({ duplicate }) => duplicate).length !== 2,
      );
      world.precondition(true, `${KEYS * 3} POSTs of ${KEYS} images`);
      world.expect(wrong.length === 0, `each image is one job: ${describe(wrong.flat())}`);
      await goOn(world, { least: LEAST_ACCEPTED });
    },
  },
];

import t from 'tap';
import { createRandom, mutate } from './mutate.ts';
import { type Figure, faultsOf, type Ground, openGround, summary } from './proving-ground.ts';
import { makeSeeds, type Seed } from './seeds.ts';

const COUNT = 5000;
/** One in so many is decoded as well. */
const DECODED_EVERY = 5;

const seeds = await makeSeeds();

/** The numbers of the files, every `step`th of them. */
async function proveEvery(
  step: number,
  from: number,
  ground: Ground,
): Promise<{ figures: Figure[]; faults: string[] }> {
  const figures: Figure[] = [];
  const faults: string[] = [];
  for (let number = from; number < COUNT; number += step) {
    const random = createRandom(number);
    const [seed, other] = [seeds[number % seeds.length], seeds[random(seeds.length)]] as [Seed, Seed];
    const file = mutate(seed.bytes, random, other.bytes);
    const answer = await ground.ask(file, seed.format, { pixels: number % DECODED_EVERY === 0 });
    const name = `mutation ${number} of ${seed.name}`;
    faults.push(...faultsOf(answer).map((fault) => `${name}: ${fault}`));
    figures.push({ name, bytes: file.length, ...answer });
    if (answer.ended || figures.length % 100 === 0) await ground.proveWell();
  }
  return { figures, faults };
}

t.test(`${COUNT} files that were changed somewhere`, async (t) => {
  const grounds = await Promise.all([openGround(t), openGround(t)]);
  const halves = await Promise.all(grounds.map((ground, index) => proveEvery(grounds.length, index, ground)));
  const figures = halves.flatMap((half) => half.figures);
  t.same(
    halves.flatMap(({ faults }) => faults),
    [],
  );
  t.equal(figures.length, COUNT);
  // Changed files that nothing can be made of would prove nothing.
  t.ok(figures.filter(({ document }) => document !== undefined).length > COUNT / 2);
  for (const line of summary(figures)) t.comment(line);
});

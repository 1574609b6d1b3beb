import t from 'tap';
import type { Attack } from './attack.ts';
import { prove } from './proving-ground.ts';
import { makeSeeds } from './seeds.ts';

const PARTS = 16;

const seeds = await makeSeeds();
const cuts: Attack[] = seeds.flatMap(({ name, format, bytes }) =>
  Array.from({ length: PARTS + 1 }, (_, part) => ({
    name: `${part}/${PARTS} of ${name}`,
    format,
    make: () => bytes.subarray(0, Math.floor((bytes.length * part) / PARTS)),
  })),
);

t.test('files that end early, at each sixteenth', async (t) => prove(t, cuts));

import { AppError } from '@tintype/core';
import t from 'tap';
import { createPlaces } from '../../src/jobs/places.ts';

t.test(
  'those without a place come later and later, up to a minute; a free place is taken at once',
  async (t) => {
    const take = createPlaces(2, 'busy');
    const ends: (() => void)[] = [];
    const hold = () => take(() => new Promise<void>((end) => ends.push(end)));
    const held = [hold(), hold()];
    const pauses: number[] = [];
    for (let index = 0; index < 1000; index += 1) {
      const error = await hold().catch((error: unknown) => error);
      t.ok(error instanceof AppError && error.code === 'OVERLOADED');
      pauses.push((error as AppError).retryAfterSeconds ?? Number.NaN);
    }
    t.ok((pauses[0] ?? Number.NaN) <= 1, `${pauses[0]} s`);
    t.ok((pauses[20] ?? Number.NaN) > 5, `${pauses[20]} s`);
    t.ok(pauses.every((pause) => pause <= 60));
    for (const end of ends) end();
    await Promise.all(held);
    t.equal(await take(async () => 'in'), 'in');
  },
);

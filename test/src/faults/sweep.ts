// After everything: a worker whose sweeps believe nothing for long must leave exactly the objects of images.
import path from 'node:path';
import { supervise } from '../service/supervised.ts';
import { until } from './story.ts';
import type { World } from './world.ts';

/** Ages as short as they may be: nothing is being uploaded any more. */
const SHORT_AGES = {
  SWEEP_EVERY_MS: '500',
  ORPHAN_SWEEP_EVERY_MS: '1000',
  ORPHAN_AGE_MS: '1000',
  UPLOAD_ABANDONED_MS: '1000',
};
const SWEEP_MS = 20_000;

/** How many objects without an image are left after the sweep. Also expects that no image has lost its object. */
export async function sweep(world: World): Promise<number> {
  const codes = await Promise.all(world.workers.map((worker) => worker.stop()));
  world.expect(
    codes.every((code) => code === 0 || code === null),
    `workers that were told to stop ended with ${codes.join(', ')}`,
  );
  const sweeper = supervise({
    name: 'sweeper',
    main: world.system.workerMain,
    env: { ...world.env, ...SHORT_AGES },
    logFile: path.join(world.logFolder, 'sweeper.log'),
  });
  try {
    await sweeper.ready();
    let compared = await compare(world);
    const before = compared.orphans.length;
    await until(
      async () => {
        compared = await compare(world);
        return compared.orphans.length === 0;
      },
      { atMostMs: SWEEP_MS, everyMs: 500 },
    );
    if (before > 0) world.notes.push(`${before} orphan objects before the sweep`);
    const { orphans, missing } = compared;
    if (orphans.length > 0) world.notes.push(`orphans: ${orphans.slice(0, 3).join(', ')}`);
    world.expect(missing.length === 0, `${missing.length} images have no object: ${missing.slice(0, 3)}`);
    return orphans.length;
  } finally {
    await sweeper.stop();
  }
}

async function compare(world: World): Promise<{ orphans: string[]; missing: string[] }> {
  const rows = await world.postgres.rows<{ key: string }>('SELECT object_key AS key FROM images');
  const wanted = new Set(rows.map(({ key }) => key));
  const stored = new Set(await world.bucket.keys());
  return {
    orphans: [...stored].filter((key) => !wanted.has(key)),
    missing: [...wanted].filter((key) => !stored.has(key)),
  };
}

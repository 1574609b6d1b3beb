// The ceiling of the worker, a process of its own: reads the files it is given and calls sharp(buffer).metadata().
import { readFile } from 'node:fs/promises';
import sharp from 'sharp';

export interface BareOrder {
  readonly files: readonly string[];
  readonly concurrency: number;
}

export interface BareReport {
  readonly seconds: number;
}

async function run({ files, concurrency }: BareOrder): Promise<BareReport> {
  const startedAt = performance.now();
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let file = files[next++]; file !== undefined; file = files[next++]) {
      await sharp(await readFile(file)).metadata();
    }
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  return { seconds: (performance.now() - startedAt) / 1000 };
}

process.on('message', (order: BareOrder) => {
  void run(order).then((report) => process.send?.(report));
});
process.on('disconnect', () => process.exit(0));

// The ceiling of rendering, a process of its own: reads files and makes of each what it is told, with nothing around it.
import { readFile } from 'node:fs/promises';
import sharp from 'sharp';

export interface RenderOrder {
  readonly renders: readonly { readonly file: string; readonly width: number }[];
  readonly quality: number;
  readonly concurrency: number;
}

export interface RenderReport {
  readonly seconds: number;
}

async function run({ renders, quality, concurrency }: RenderOrder): Promise<RenderReport> {
  const startedAt = performance.now();
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let render = renders[next++]; render !== undefined; render = renders[next++]) {
      const picture = sharp(await readFile(render.file)).autoOrient();
      await picture.resize({ width: render.width, withoutEnlargement: true }).jpeg({ quality }).toBuffer();
    }
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  return { seconds: (performance.now() - startedAt) / 1000 };
}

process.on('message', (order: RenderOrder) => {
  void run(order).then((report) => process.send?.(report));
});
process.on('disconnect', () => process.exit(0));

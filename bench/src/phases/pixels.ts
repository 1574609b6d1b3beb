// Pixel facts of one 12-megapixel JPEG against a bare shrink-on-load thumbnail of it, in turns in one process.
import { startScript } from '../child.ts';
import type { Figures } from '../figures.ts';
import type { PixelFactsReport } from '../pixel-facts.ts';

const rounds = 20;

export async function measurePixels(): Promise<Figures> {
  const script = startScript('pixel-facts');
  const { pixelFactsMs, thumbnailMs } = await script.ask<PixelFactsReport>({ rounds });
  await script.stop();
  return { pixelFactsMs, thumbnailMs };
}

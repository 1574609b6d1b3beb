// What pixel facts cost: the document of a 12-megapixel JPEG with them, against the bare thumbnail that they are worked out of, in turn
// in one process. Asked by a message it answers with one; started by hand it prints JSON: node bench/dist/src/pixel-facts.js [rounds]
import { inspect } from '@tintype/worker/inspect';
import sharp from 'sharp';
import { median } from './statistics.ts';

export interface PixelFactsOrder {
  readonly rounds: number;
}

export interface PixelFactsReport {
  /** Medians of one picture. */
  readonly pixelFactsMs: number;
  readonly thumbnailMs: number;
  readonly bytes: number;
}

const width = 4000;
const height = 3000;
/** Gives about 3 MB, as a telephone does. */
const quality = 85;
/** Long side of the small picture that all facts come from. */
const side = 100;
const warmUpRounds = 5;
const defaultRounds = 40;

const WITH_PIXELS = {
  profile: 'fast',
  pixels: true,
  stats: false,
  limits: { maxPixels: 64_000_000, maxHeifPixels: 24_000_000, maxDecodedBytes: 512_000_000 },
} as const;

/** Gradients with noise that is the same in every run. */
function makeJpeg(): Promise<Buffer> {
  const pixels = Buffer.allocUnsafe(width * height * 3);
  let state = 12_345;
  for (let y = 0, at = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      const noise = (state >>> 24) / 8;
      pixels[at++] = 110 + 90 * Math.sin(x / 300) * Math.cos(y / 200) + noise;
      pixels[at++] = (x / width) * 220 + noise;
      pixels[at++] = (y / height) * 220 + noise;
    }
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality })
    .toBuffer();
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

export async function measurePixelFacts({ rounds }: PixelFactsOrder): Promise<PixelFactsReport> {
  const jpeg = await makeJpeg();
  const facts = {
    bytes: jpeg.length,
    sha256Hex: '',
    format: 'jpeg',
    fileName: null,
    declaredMimeType: null,
  } as const;
  const ours: number[] = [];
  const bare: number[] = [];
  for (let round = -warmUpRounds; round < rounds; round += 1) {
    const thumbnailMs = await timed(() => sharp(jpeg).resize(side, side, { fit: 'inside' }).raw().toBuffer());
    const pixelFactsMs = await timed(() => inspect(jpeg, facts, WITH_PIXELS));
    if (round < 0) continue;
    bare.push(thumbnailMs);
    ours.push(pixelFactsMs);
  }
  return { pixelFactsMs: median(ours), thumbnailMs: median(bare), bytes: jpeg.length };
}

if (process.send === undefined) {
  const report = await measurePixelFacts({ rounds: Number(process.argv[2] ?? defaultRounds) });
  console.log(JSON.stringify({ ...report, pixelsVsThumbnail: report.pixelFactsMs / report.thumbnailMs }));
} else {
  process.on('message', (order: PixelFactsOrder) => {
    void measurePixelFacts(order).then((report) => process.send?.(report));
  });
  process.on('disconnect', () => process.exit(0));
}

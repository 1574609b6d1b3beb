// The images of the run, made with sharp: noise on a gradient, so that JPEG can't shrink them; some EXIF; a stamp.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp, { type Exif } from 'sharp';
import { stampText } from './multipart.ts';

const width = 1152;
const height = 864;
const targetBytes = 200_000;

const exif: Exif = {
  IFD0: { Make: 'Tintype', Model: 'Bench 1', Software: 'bench', Copyright: 'none', Artist: 'nobody' },
  IFD2: {
    ExposureTime: '1/250',
    FNumber: '28/10',
    DateTimeOriginal: '2024:05:06 07:08:09',
    FocalLength: '35/1',
  },
  IFD3: {
    GPSLatitudeRef: 'N',
    GPSLatitude: '52/1 31/1 12/1',
    GPSLongitudeRef: 'E',
    GPSLongitude: '13/1 24/1 18/1',
  },
};

/** Noise that is the same in every run (xorshift32). */
function noisyPixels(columns: number, rows: number, seed: number): Buffer {
  const pixels = Buffer.allocUnsafe(columns * rows * 3);
  let state = seed * 2_654_435_761 || 1;
  for (let index = 0; index < pixels.length; index += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const gradient = ((index / (columns * rows * 3)) * 150 + seed * 3) % 180;
    pixels[index] = gradient + (state & 63);
  }
  return pixels;
}

function encode(seed: number, columns: number, rows: number, quality: number): Promise<Buffer> {
  return sharp(noisyPixels(columns, rows, seed), { raw: { width: columns, height: rows, channels: 3 } })
    .withExif(exif)
    .jpeg({ quality })
    .toBuffer();
}

/** The quality whose file comes nearest to the target size, by bisection. */
async function findQuality(): Promise<number> {
  let low = 5;
  let high = 95;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if ((await encode(1, width, height, middle)).length > targetBytes) high = middle;
    else low = middle;
  }
  return low;
}

/** Puts a COM segment after the APPn segments (ITU-T T.81, B.1.1.3 and B.2.4.5). */
function addStamp(jpeg: Buffer): Buffer {
  let at = 2;
  while (((jpeg[at + 1] ?? 0) & 0xf0) === 0xe0) at += 2 + jpeg.readUInt16BE(at + 2);
  const comment = Buffer.from(`\xff\xfe\x00\x00${stampText}`, 'latin1');
  comment.writeUInt16BE(stampText.length + 2, 2);
  return Buffer.concat([jpeg.subarray(0, at), comment, jpeg.subarray(at)]);
}

/** Writes `count` distinct JPEGs of about 1 MP and 200 kB into `directory`; resolves with their paths. */
export async function makeImages(directory: string, count: number): Promise<string[]> {
  const quality = await findQuality();
  const paths: string[] = [];
  for (let seed = 1; seed <= count; seed += 1) {
    const path = join(directory, `small-${seed}.jpg`);
    await writeFile(path, addStamp(await encode(seed, width, height, quality)));
    paths.push(path);
  }
  return paths;
}

/** Noise that is left when a picture is made small, as the things on a photograph are. */
async function photograph(seed: number): Promise<Buffer> {
  const [columns, rows] = [1_000, 750];
  const coarse = sharp(noisyPixels(columns, rows, seed), {
    raw: { width: columns, height: rows, channels: 3 },
  });
  return coarse
    .resize({ width: 4_000, height: 3_000, kernel: 'cubic' })
    .withExif(exif)
    .jpeg({ quality: 90 })
    .toBuffer();
}

/** Writes `count` distinct JPEGs of 12 megapixels and some MB, as telephones make them, into `directory`; resolves with their paths. */
export async function makePhotographs(directory: string, count: number): Promise<string[]> {
  const paths = Array.from({ length: count }, (_, index) => join(directory, `photograph-${index}.jpg`));
  for (const [index, path] of paths.entries()) await writeFile(path, addStamp(await photograph(100 + index)));
  return paths;
}

/** Writes one JPEG of about 20 MB; resolves with its path. */
export async function makeLargeImage(directory: string): Promise<string> {
  const path = join(directory, 'large.jpg');
  const jpeg = sharp(noisyPixels(5_200, 3_900, 1), {
    raw: { width: 5_200, height: 3_900, channels: 3 },
  }).jpeg({
    quality: 91,
    chromaSubsampling: '4:4:4',
  });
  await writeFile(path, await jpeg.toBuffer());
  return path;
}

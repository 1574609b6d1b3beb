// What sharp by itself says of files, in the shape of the document: the yardstick of docs/metadata.md. Taken as it comes, nothing put
// right; what a format leaves no choice of counts as said.
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import sharp, { type Metadata } from 'sharp';
import { profileName } from './sharp-alone-icc.ts';

const DEPTH_BITS: Record<string, number> = {
  uchar: 8,
  char: 8,
  ushort: 16,
  short: 16,
  uint: 32,
  int: 32,
  float: 32,
  double: 64,
};
/** By the format's name; process by whether it is progressive, or interlaced. */
const CODING: Record<string, { method: string; lossless: boolean; process?: [no: string, yes: string] }> = {
  jpeg: { method: 'jpeg', lossless: false, process: ['baseline', 'progressive'] },
  png: { method: 'deflate', lossless: true, process: ['non-interlaced', 'adam7'] },
  gif: { method: 'lzw', lossless: true },
};

function imageOf(found: Metadata): object {
  const { density } = found;
  return {
    storedWidth: found.width,
    storedHeight: found.height,
    displayWidth: found.autoOrient.width,
    displayHeight: found.autoOrient.height,
    bitDepth: found.bitsPerSample ?? DEPTH_BITS[found.depth],
    channels: found.isPalette ? 1 : found.channels,
    hasAlpha: found.hasAlpha,
    orientation: found.orientation,
    pages: found.pages ?? 1,
    density: density === undefined ? undefined : { x: density },
  };
}

function animationOf({ pages, loop, delay }: Metadata): object | null {
  if (pages === undefined) return null;
  return { frames: pages, loopCount: loop, durationMs: delay?.reduce((sum, one) => sum + one, 0) };
}

/** Of PNG, profiles that programs write as text are among the comments. */
function embeddedOf(found: Metadata): object {
  const { exif, icc, iptc, xmp } = found;
  const hasText = (name: RegExp) => found.comments?.some(({ keyword }) => name.test(keyword)) ?? false;
  const presence = (bytes: Buffer | undefined, name: RegExp) =>
    bytes === undefined ? (hasText(name) ? { present: true } : null) : { present: true, bytes: bytes.length };
  return {
    icc: found.hasProfile ? { present: true, description: icc && profileName(icc) } : null,
    exif: presence(exif, /^Raw profile type (exif|APP1)$/),
    xmp: presence(xmp, /^(Raw profile type xmp|XML:com\.adobe\.xmp)$/),
    iptc: presence(iptc, /^Raw profile type (iptc|8bim)$/),
  };
}

async function describe(bytes: Buffer): Promise<object> {
  const found = await sharp(bytes, { failOn: 'none', limitInputPixels: false }).metadata();
  const coding = CODING[found.format];
  const isAvif = found.format === 'heif' && found.compression === 'av1';
  return {
    file: { format: isAvif ? 'avif' : found.format, mimeType: found.mediaType },
    image: imageOf(found),
    encoding: {
      process: coding?.process?.[found.isProgressive ? 1 : 0],
      chromaSubsampling: found.chromaSubsampling,
    },
    compression: { method: found.compression ?? coding?.method, lossless: coding?.lossless },
    color: { model: found.isPalette ? 'indexed' : found.space },
    animation: animationOf(found),
    ...embeddedOf(found),
  };
}

const folder = process.argv[2] ?? '.';
for (const name of (await readdir(folder)).sort()) {
  const file = path.join(folder, name);
  const bytes = await readFile(file);
  const begunAt = performance.now();
  const answer = await describe(bytes).then(
    (metadata) => ({ metadata }),
    (error: Error) => ({ error: error.message }),
  );
  process.stdout.write(`${JSON.stringify({ file, ms: performance.now() - begunAt, ...answer })}\n`);
}

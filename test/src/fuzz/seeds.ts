// Where fuzzing begins: small real files of the format, made by sharp, and from the collection where it is there.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { findCollection } from '../corpus/collection.ts';
import { MAX_INPUT_BYTES } from './mutate.ts';

const MAX_SEEDS = 40;

const picture = () =>
  sharp({
    create: { width: 24, height: 16, channels: 4, background: { r: 90, g: 120, b: 200, alpha: 0.5 } },
  }).withMetadata({
    orientation: 6,
    density: 300,
  });

const MADE: Record<string, () => Promise<Buffer>[]> = {
  jpeg: () => [
    picture().jpeg().toBuffer(),
    picture().jpeg({ progressive: true }).withIccProfile('p3').toBuffer(),
  ],
  png: () => [picture().png().toBuffer(), picture().png({ palette: true }).toBuffer()],
  webp: () => [picture().webp().toBuffer(), picture().webp({ lossless: true }).toBuffer()],
  gif: () => [picture().gif().toBuffer()],
  tiff: () => [picture().tiff().toBuffer(), picture().tiff({ compression: 'lzw', tile: true }).toBuffer()],
  avif: () => [picture().avif().toBuffer()],
  exif: () => [picture().tiff().toBuffer()],
};

/** Formats of the collection whose files exercise a reader. */
const COLLECTED: Record<string, readonly string[]> = {
  png: ['png', 'apng'],
  avif: ['avif', 'heic', 'heif'],
  ico: ['ico', 'cur'],
  jp2: ['jp2', 'j2c'],
  ppm: ['ppm', 'pgm', 'pbm', 'pfm'],
  exif: ['tiff'],
};

interface Entry {
  file: string;
  format?: string;
  bytes?: number;
}

export async function seedsFor(name: string): Promise<Buffer[]> {
  const made = await Promise.all(MADE[name]?.() ?? []);
  return [...made, ...(await collected(name)), ...minimal(name)];
}

async function collected(name: string): Promise<Buffer[]> {
  const collection = findCollection(process.env);
  if (collection === undefined) return [];
  const entries: Entry[] = JSON.parse(await readFile(collection.manifest, 'utf8'));
  const formats = COLLECTED[name] ?? [name];
  const fitting = entries
    .filter(
      ({ file, format, bytes = Number.POSITIVE_INFINITY }) =>
        bytes <= MAX_INPUT_BYTES && formats.includes(format ?? path.extname(file).slice(1)),
    )
    .slice(0, MAX_SEEDS);
  return Promise.all(fitting.map(({ file }) => readFile(path.join(collection.folder, file))));
}

const MINIMAL: Record<string, string> = {
  jxl: '\xff\x0a\x00\x00\x00\x00',
  bmp: 'BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x02\0\0\0\x02\0\0\0\x01\0\x18\0',
  ico: '\0\0\x01\0\x01\0\x10\x10\0\0\x01\0\x20\0\x10\0\0\0\x16\0\0\0',
  psd: '8BPS\0\x01\0\0\0\0\0\0\0\x03\0\0\0\x10\0\0\0\x10\0\x08\0\x03\0\0\0\0\0\0\0\0\0\0\0\0',
  svg: '<svg xmlns="http://www.w3.org/2000/svg" width="9mm" viewBox="0 0 9 9"><title>t</title></svg>',
  ppm: 'P6 2 2 255 abcdefabcdef',
  qoi: 'qoif\0\0\0\x02\0\0\0\x02\x04\0abc\0\0\0\0\0\0\0\x01',
  dds: 'DDS |\0\0\0',
  tga: '\0\0\x02\0\0\0\0\0\0\0\0\0\x02\0\x02\0\x18\0',
  pcx: '\x0a\x05\x01\x08\0\0\0\0\x0f\0\x0f\0',
  hdr: '#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 2 +X 2\n',
  exr: 'v/1\x01\x02\0\0\0channels\0chlist\0',
  icns: 'icns\0\0\0\x10ic07\0\0\0\x08',
  eps: '%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\n',
  raf: 'FUJIFILMCCD-RAW 0201FF159502X-T1\0',
  cr3: '\0\0\0\x18ftypcrx \0\0\0\x01crx isom\0\0\0\x10moov\0\0\0\x08uuid',
  jp2: '\xff\x4f\xff\x51\0\x2f\0\0\0\0\0\x10\0\0\0\x10',
  iptc: '\x1c\x02\x05\0\x05title\x1c\x02\x19\0\x03key',
  photoshop: '8BIM\x04\x04\0\0\0\0\0\x0a\x1c\x02\x05\0\x05title8BIM\x03\xed\0\0\0\0\0\x10',
  icc: `\0\0\x01\0lcms\x04\0\0\0mntrRGB XYZ ${'\0'.repeat(12)}acsp${'\0'.repeat(84)}\0\0\0\x01desc\0\0\0\x84\0\0\0\x20`,
  xmp: '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" dc:format="image/jpeg"><dc:subject><rdf:Bag><rdf:li>a</rdf:li></rdf:Bag></dc:subject></rdf:Description></rdf:RDF></x:xmpmeta>',
};

function minimal(name: string): Buffer[] {
  const text = MINIMAL[name];
  return [Buffer.from(text ?? '\0', 'latin1')];
}

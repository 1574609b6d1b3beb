// Whatever a picture told about who made it, where and with what: none of it is in what is rendered of it. Asked of ExifTool, which shares no
// code with what renders. Real pictures as well, where there is a collection (CORPUS_DIR).
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { AppError, type CanonicalTransform, type ImageFormat, OUTPUT_FORMATS, sniff } from '@tintype/core';
import t from 'tap';
import { sharp } from '../../../src/image/harden.ts';
import { render } from '../../../src/image/render/render.ts';
import { openPool, skip, tagsOf } from '../../exiftool/pool-setup.ts';
import { LIMITS } from './limits.ts';
import { PICTURES } from './pictures.ts';

const EXIF = {
  IFD0: { Artist: 'A. Photographer', Make: 'Maker', Copyright: 'All rights' },
  IFD3: {
    GPSLatitudeRef: 'N',
    GPSLatitude: '48/1 8/1 0/1',
    GPSLongitudeRef: 'E',
    GPSLongitude: '11/1 34/1 0/1',
  },
};

const XMP = `<?xpacket begin=""?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:GPSLatitude="48,8N" exif:GPSLongitude="11,34E"/>
</rdf:RDF></x:xmpmeta><?xpacket end="w"?>`;

/** Photoshop's wrapping of an IPTC record: By-line. */
const IPTC = Buffer.from('8BIM\x04\x04\0\0\0\0\0\x0f\x1c\x02\x50\0\x0aA. Nonymous\0', 'latin1');

function segment(marker: number, data: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(data.length + 2, 2);
  return Buffer.concat([head, data]);
}

const text = (words: string) => Buffer.from(words, 'latin1');

/** With IPTC, a comment, and a maker's own segment behind SOI. */
function withSegments(jpeg: Buffer): Buffer {
  return Buffer.concat([
    jpeg.subarray(0, 2),
    segment(0xed, Buffer.concat([text('Photoshop 3.0\0'), IPTC])),
    segment(0xfe, text('GPS 48.13, 11.57')),
    segment(0xe7, text('PENTAX \0private')),
    jpeg.subarray(2),
  ]);
}

async function tagged(format: 'jpeg' | 'png' | 'webp' | 'avif' | 'tiff'): Promise<Buffer> {
  const image = sharp(await PICTURES.opaque())
    .withExif(EXIF)
    .withXmp(XMP)
    .withIccProfile('p3');
  return image.toFormat(format).toBuffer();
}

const MADE: [name: string, format: ImageFormat, make: () => Promise<Buffer>][] = [
  ['JPEG', 'jpeg', async () => withSegments(await tagged('jpeg'))],
  ['PNG', 'png', () => tagged('png')],
  ['WebP', 'webp', () => tagged('webp')],
  ['AVIF', 'avif', () => tagged('avif')],
  ['TIFF', 'tiff', () => tagged('tiff')],
  [
    'animated WebP',
    'webp',
    async () =>
      sharp(await PICTURES.animatedWebp(), { animated: true })
        .withExif(EXIF)
        .withXmp(XMP)
        .webp()
        .toBuffer(),
  ],
  ['GIF', 'gif', () => PICTURES.gif()],
];

/** With and without each of the ways that a rendering can go. */
const TRANSFORMS: CanonicalTransform[] = [{}, { width: 40 }, { rotate: 90 }, { rotate: 37, blur: 1 }];

/** What there is to say about a picture's own bytes. JFIF is how a JPEG begins. */
const PICTURE_GROUPS = /^(SourceFile|File|Composite|ExifTool|JFIF|PNG|GIF|RIFF|Meta|QuickTime)/;

/** Texts within those groups that pictures carry about other things than themselves. */
const TELLING =
  /GPS|Comment|Artist|Author|Copyright|Software|Creat(e|or|ion)|Make|Model|Title|Description|XMP|Profile|Thumbnail|Preview|DateTime|ModifyDate|Time$/i;

/** AVIF has dates in its header, and libheif writes none. */
const EMPTY = /^(0000:00:00 00:00:00|0)?$/;

function tellingIn(tags: Record<string, unknown>): string[] {
  return Object.entries(tags)
    .filter(
      ([name, value]) => !PICTURE_GROUPS.test(name) || (TELLING.test(name) && !EMPTY.test(String(value))),
    )
    .map(([name, value]) => `${name}: ${String(value).slice(0, 60)}`);
}

type Pool = ReturnType<typeof openPool>;

async function tagsIn(pool: Pool, file: Buffer, format: ImageFormat): Promise<Record<string, unknown>> {
  return tagsOf(await pool.read(file, { format, bytes: file.length }));
}

t.test('made pictures', { skip, timeout: 120_000 }, async (t) => {
  const pool = openPool(t, { timeoutMs: 60_000 });
  for (const [name, source, make] of MADE) {
    const file = await make();
    const before = tellingIn(await tagsIn(pool, file, source));
    t.ok(name === 'GIF' || before.some((tag) => /GPSLatitude/.test(tag)), `${name}: had something to tell`);
    for (const format of OUTPUT_FORMATS) {
      for (const transform of TRANSFORMS) {
        const { bytes } = await render(file, { transform: { ...transform, format }, limits: LIMITS });
        const found = tellingIn(await tagsIn(pool, bytes, format));
        t.same(found, [], `${name} → ${format} ${JSON.stringify(transform)}`);
      }
    }
  }
});

interface Entry {
  file: string;
}

const { CORPUS_DIR: folder } = process.env;
const entries: Entry[] =
  folder === undefined ? [] : JSON.parse(await readFile(path.join(folder, 'manifest.json'), 'utf8'));
const noCorpus = skip || (entries.length === 0 && 'CORPUS_DIR names no collection');

const SMALL: CanonicalTransform = { format: 'webp', width: 320 };

/** @returns undefined for what can not be rendered, and says so */
async function rendered(file: Buffer, transform: CanonicalTransform) {
  return render(file, { transform, limits: LIMITS }).catch((error) => {
    if (error instanceof AppError) return undefined;
    throw error;
  });
}

/** What a file told, and what is told of the pictures made of it. */
async function ask(pool: Pool, name: string) {
  const file = await readFile(path.join(folder ?? '', name));
  const pictures = [await rendered(file, {}), await rendered(file, SMALL)].flatMap((made) => made ?? []);
  const after = pictures.map(async ({ bytes, facts }) => tellingIn(await tagsIn(pool, bytes, facts.format)));
  if (pictures.length === 0) return undefined;
  const answer = await pool.read(file, { format: sniff(file) ?? 'jpeg', bytes: file.length });
  // Of one of the damaged ones ExifTool itself finds no end.
  return { before: 'tags' in answer ? tellingIn(answer.tags) : [], after: (await Promise.all(after)).flat() };
}

t.test('real pictures', { skip: noCorpus, timeout: 600_000 }, async (t) => {
  const pool = openPool(t, { recycleAfter: 1000, timeoutMs: 20_000 });
  const count = { rendered: 0, refused: 0, withGps: 0, withTags: 0 };
  for (const { file: name } of entries) {
    const told = await ask(pool, name);
    count[told === undefined ? 'refused' : 'rendered'] += 1;
    if (told === undefined) continue;
    count.withTags += told.before.length > 0 ? 1 : 0;
    count.withGps += told.before.some((tag) => /GPS/.test(tag)) ? 1 : 0;
    if (told.after.length > 0) t.fail(name, { found: told.after });
  }
  t.comment(JSON.stringify(count));
  t.ok(count.withGps > 10, `${count.withGps} pictures with GPS`);
  t.ok(count.rendered > 300, `${count.rendered} pictures rendered`);
});

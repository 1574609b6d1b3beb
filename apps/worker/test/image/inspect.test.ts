import { createHash } from 'node:crypto';
import { AppError, Metadata } from '@tintype/core';
import sharp from 'sharp';
import t from 'tap';
import { Value } from 'typebox/value';
import type { FileFacts, InspectOptions } from '../../src/image/file-facts.ts';
import { inspect as inspectWith } from '../../src/image/inspect.ts';

const ASKED: InspectOptions = {
  profile: 'fast',
  pixels: true,
  stats: false,
  limits: { maxPixels: 64e6, maxHeifPixels: 24e6, maxDecodedBytes: 512e6 },
};
const inspect = (bytes: Buffer, about: FileFacts, options: Partial<InspectOptions> = {}) =>
  inspectWith(bytes, about, { ...ASKED, ...options });

const create = { width: 30, height: 20, channels: 3, background: '#369' } as const;
const plain = () => sharp({ create });

function facts(bytes: Buffer, format: FileFacts['format'], about: Partial<FileFacts> = {}): FileFacts {
  const sha256Hex = createHash('sha256').update(bytes).digest('hex');
  return { bytes: bytes.length, sha256Hex, format, fileName: null, declaredMimeType: null, ...about };
}

const EXIF = {
  IFD0: { Make: 'Tintype' },
  IFD2: { FNumber: '28/10', ExposureTime: '1/60', DateTimeOriginal: '2026:11:01 17:42:10' },
  IFD3: {
    GPSLatitudeRef: 'S',
    GPSLatitude: '50/1 30/1 0/1',
    GPSLongitudeRef: 'W',
    GPSLongitude: '5/1 45/1 0/1',
  },
};

async function animated() {
  const frames = ['#f00', '#0f0', '#00f'].map((background) =>
    sharp({ create: { ...create, background } })
      .png()
      .toBuffer(),
  );
  return sharp(await Promise.all(frames), { join: { animated: true } });
}

const CASES: { name: string; format: FileFacts['format']; make: () => Promise<Buffer>; expect: object }[] = [
  {
    name: 'a JPEG with EXIF is turned, placed and dense',
    format: 'jpeg',
    make: () =>
      plain()
        .withMetadata({ orientation: 6, density: 300 })
        .withExifMerge(EXIF)
        .jpeg({ progressive: true })
        .toBuffer(),
    expect: {
      file: { format: 'jpeg', mimeType: 'image/jpeg' },
      image: {
        width: 20,
        height: 30,
        storedWidth: 30,
        storedHeight: 20,
        orientation: 6,
        bitDepth: 8,
        channels: 3,
        hasAlpha: false,
        pages: 1,
        density: { x: 300, y: 300, unit: 'inch', source: 'exif' },
      },
      encoding: { codec: 'jpeg', progressive: true },
      compression: { method: 'jpeg', lossless: false },
      exif: {
        make: 'Tintype',
        fNumber: 2.8,
        takenAt: '2026-11-01T17:42:10',
        tags: { Make: 'Tintype', FNumber: 2.8, DateTimeOriginal: '2026:11:01 17:42:10' },
      },
      gps: { latitude: -50.5, longitude: -5.75 },
      animation: null,
    },
  },
  {
    name: 'a PNG of 16 bits with alpha',
    format: 'png',
    make: () => plain().ensureAlpha(0.5).toColourspace('rgb16').png().toBuffer(),
    expect: {
      image: { width: 30, height: 20, bitDepth: 16, channels: 4, hasAlpha: true },
      compression: { method: 'deflate', lossless: true },
      exif: null,
      gps: null,
      icc: null,
    },
  },
  {
    name: 'a PNG with a palette',
    format: 'png',
    make: () => plain().png({ palette: true, colours: 4 }).toBuffer(),
    expect: { image: { width: 30, height: 20 }, encoding: { codec: 'png', progressive: false } },
  },
  {
    name: 'an animated GIF',
    format: 'gif',
    make: async () => (await animated()).gif({ loop: 3, delay: [100, 200, 300] }).toBuffer(),
    expect: {
      image: { width: 30, height: 20, pages: 3 },
      animation: { frames: 3, loopCount: 3, durationMs: 600, delaysMs: [100, 200, 300] },
    },
  },
  {
    name: 'an animated WebP',
    format: 'webp',
    make: async () => (await animated()).webp({ loop: 0, delay: [50, 50, 50] }).toBuffer(),
    expect: {
      image: { width: 30, height: 20 },
      animation: { frames: 3, loopCount: 0, durationMs: 150 },
    },
  },
  {
    name: 'a TIFF',
    format: 'tiff',
    make: () => plain().tiff({ compression: 'lzw' }).toBuffer(),
    expect: { image: { width: 30, height: 20, bitDepth: 8, channels: 3 } },
  },
  {
    name: 'an AVIF',
    format: 'avif',
    make: () => plain().avif().toBuffer(),
    expect: { image: { width: 30, height: 20 }, encoding: { codec: 'av1' }, compression: { method: 'av1' } },
  },
  {
    name: 'an embedded profile is named',
    format: 'jpeg',
    make: () => plain().withIccProfile('p3').jpeg().toBuffer(),
    expect: { icc: { description: /P3/ } },
  },
];

for (const { name, format, make, expect } of CASES) {
  t.test(name, async (t) => {
    const bytes = await make();
    const metadata = await inspect(bytes, facts(bytes, format));
    t.match(metadata, expect);
    t.ok(
      Value.Check(Metadata, metadata),
      [...Value.Errors(Metadata, metadata)].map((error) => JSON.stringify(error)).join(),
    );
    t.equal(metadata.hashes.sha256, createHash('sha256').update(bytes).digest('hex'));
  });
}

t.test('density is never invented', async (t) => {
  const bytes = await plain().webp().toBuffer();
  t.notOk('density' in (await inspect(bytes, facts(bytes, 'webp'))).image);
});

t.test('names and declarations that disagree with the content are told', async (t) => {
  const bytes = await plain().png().toBuffer();
  const { file, warnings } = await inspect(
    bytes,
    facts(bytes, 'png', { fileName: 'holiday.JPG', declaredMimeType: 'image/jpeg' }),
  );
  t.match(file, { extension: 'jpg', extensionMatches: false, mimeMatches: false });
  t.same(
    warnings.map(({ code }) => code),
    ['EXTENSION_MISMATCH', 'MIME_MISMATCH'],
  );
});

t.test('an image that is not decoded here still gets its document', async (t) => {
  const bytes = Buffer.from(
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="file:///etc/passwd"/></svg>',
  );
  const metadata = await inspect(bytes, facts(bytes, 'svg'));
  t.match(metadata, {
    file: { format: 'svg', mimeType: 'image/svg+xml' },
    warnings: [{ code: 'NOT_DECODED' }],
  });
  t.ok(Value.Check(Metadata, metadata));
});

t.test('a file of zeros behind a signature is unreadable', async (t) => {
  const bytes = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(500)]);
  await t.rejects(inspect(bytes, facts(bytes, 'jpeg')), { name: 'AppError', code: 'IMAGE_UNREADABLE' });
  await t.rejects(inspect(bytes, facts(bytes, 'jpeg')), AppError);
});

t.test('a JPEG that is cut before its picture still has tags to tell', async (t) => {
  const whole = await plain().withExif(EXIF).jpeg().toBuffer();
  const bytes = whole.subarray(0, whole.indexOf(Buffer.from([0xff, 0xdb])));
  const metadata = await inspect(bytes, facts(bytes, 'jpeg'));
  t.match(metadata, {
    file: { truncated: true },
    image: { storedWidth: undefined, hasAlpha: false, pages: 1 },
    exif: { make: 'Tintype' },
    gps: { latitude: -50.5 },
  });
  t.ok(Value.Check(Metadata, metadata));
});

t.test('an SVG that calls itself a PNG is not rendered', async (t) => {
  const bytes = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
  await t.rejects(inspect(bytes, facts(bytes, 'png')), { code: 'IMAGE_UNREADABLE' });
});

t.test('NUL never reaches the document', async (t) => {
  const bytes = await plain()
    .withExif({ IFD0: { Artist: 'A\0B', ImageDescription: 'x' } })
    .jpeg()
    .toBuffer();
  t.notMatch(JSON.stringify(await inspect(bytes, facts(bytes, 'jpeg'))), /\\u0000/);
});

import sharp from 'sharp';
import t from 'tap';
import { codes, join } from '../byte-builder.ts';
import {
  ALPHA,
  auxiliary,
  box,
  EXIF,
  ftyp,
  heif,
  PICTURE,
  read,
  reference,
  TIFF,
  u32,
  xmp,
} from './heif-builder.ts';

t.test('a picture', async (t) => {
  const file = heif({});
  t.same(read(file), {
    format: 'avif',
    mimeType: 'image/avif',
    formatVersion: 'avif',
    image: {
      storedWidth: 64,
      storedHeight: 48,
      displayWidth: 64,
      displayHeight: 48,
      transform: undefined,
      bitDepth: 8,
      channels: 3,
      hasAlpha: false,
      pages: 1,
    },
    encoding: {
      codec: 'av1',
      profile: 'Main',
      level: '3.0',
      chromaSubsampling: '4:2:0',
      process: undefined,
      tiling: undefined,
    },
    compression: { method: 'av1', lossless: undefined },
    color: {
      model: 'ycbcr',
      space: 'srgb',
      primaries: 'bt709',
      transfer: 'srgb',
      matrix: 'bt601',
      range: 'full',
    },
    blocks: {},
    warnings: [],
    end: file.length,
  });
});

const BRANDS: [brands: string[], format: string, mimeType: string][] = [
  [['avif', 'mif1'], 'avif', 'image/avif'],
  [['avis', 'msf1'], 'avif', 'image/avif'],
  [['mif1', 'avif'], 'avif', 'image/avif'],
  [['mif1', 'heic'], 'heic', 'image/heif'],
  [['msf1', 'hevc'], 'heic', 'image/heif-sequence'],
  [['heic', 'mif1', 'avif'], 'heic', 'image/heic'],
  [['heix', 'mif1'], 'heic', 'image/heic'],
  [['hevc', 'msf1'], 'heic', 'image/heic-sequence'],
  [['avci', 'mif1'], 'heic', 'image/avci'],
  [['MiHE', 'mif1', 'heix'], 'heic', 'image/heic'],
  [['miaf', 'mif1'], 'heic', 'image/heif'],
  [['abcd'], 'heic', 'image/heif'],
];

for (const [brands, format, mimeType] of BRANDS) {
  t.test(`brands ${brands}`, async (t) => {
    t.match(read(heif({ brands })), { format, mimeType, formatVersion: brands[0] });
  });
}

t.test('an encoder’s own files', async (t) => {
  const source = sharp({ create: { width: 31, height: 17, channels: 4, background: '#36912380' } });
  const files: [Buffer, object][] = [
    [
      await source.clone().avif({ effort: 0 }).toBuffer(),
      { image: { hasAlpha: true, channels: 4 }, encoding: { chromaSubsampling: '4:4:4' } },
    ],
    [
      await source
        .clone()
        .removeAlpha()
        .withExif({ IFD0: { Make: 'Tintype' } })
        .withIccProfile('p3')
        .avif({ effort: 0, chromaSubsampling: '4:2:0' })
        .toBuffer(),
      { image: { hasAlpha: false, channels: 3 }, encoding: { profile: 'Main', chromaSubsampling: '4:2:0' } },
    ],
  ];
  for (const [file, expected] of files) {
    const header = read(file);
    const { exif, icc } = await sharp(file).metadata();
    t.match(header, {
      image: { storedWidth: 31, storedHeight: 17, bitDepth: 8, pages: 1 },
      end: file.length,
      ...expected,
      warnings: [],
    });
    t.equal(header.blocks.icc?.length, icc?.length);
    if (exif) t.same(header.blocks.exif, exif.subarray(exif.indexOf('II*\0')));
    else t.equal(header.blocks.exif, undefined);
  }
});

t.test('every beginning of a file keeps what it has, and is cut', async (t) => {
  const items = [PICTURE, auxiliary(ALPHA), EXIF, xmp('<x/>')];
  const file = heif({
    items,
    references: [reference('auxl', 2, 1), reference('cdsc', 3, 1)],
    more: [box('free', u32(0))],
  });
  t.match(read(file), {
    truncated: undefined,
    end: file.length,
    image: { hasAlpha: true },
    blocks: { exif: TIFF },
  });
  const endOfMeta = file.indexOf('free') - 4;
  for (let length = 0; length < file.length; length += 1) {
    const header = read(file.subarray(0, length));
    if (header.truncated !== true || header.end !== undefined) t.fail(`not cut at ${length}`);
    if (length >= endOfMeta && header.image.storedWidth !== 64) t.fail(`no size at ${length}`);
    if (header.warnings.length > 0) t.fail(`${codes(header)} at ${length}`);
  }
});

t.test('the end is that of the last box', async (t) => {
  const file = heif({});
  const behind: [Buffer, number][] = [
    [join(file, 'PK\x03\x04 and so on'), 0],
    [join(file, 'just a text that stands behind'), 0],
    [join(file, u32(0), u32(0)), 0],
    [join(file, ftyp(['mp42']), box('moov')), 0],
    [join(file, box('mpvd', u32(0))), 12],
  ];
  for (const [longer, belongs] of behind)
    t.match(read(longer), { end: file.length + belongs, truncated: undefined });
});

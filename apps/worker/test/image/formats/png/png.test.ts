import { deflateRawSync, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import t from 'tap';
import { messages, NONE, be32 as u32 } from '../byte-builder.ts';
import { actl, chunk, fctl, fdat, idat, iend, ihdr, plte, png, read, rgbWith } from './png-builder.ts';

const COLOR_TYPES: [name: string, file: Buffer, expected: object][] = [
  [
    'gray of 1 bit',
    png(ihdr({ depth: 1, type: 0 }), idat, iend),
    {
      image: { bitDepth: 1, channels: 1, hasAlpha: false },
      color: { model: 'gray' },
    },
  ],
  [
    'gray with a colour that is transparent',
    png(ihdr({ depth: 4, type: 0 }), chunk('tRNS', [0, 3]), idat, iend),
    { image: { bitDepth: 4, channels: 1, hasAlpha: true } },
  ],
  [
    'rgb of 16 bits, interlaced',
    png(ihdr({ depth: 16, type: 2, interlace: 1 }), idat, iend),
    {
      image: { bitDepth: 16, channels: 3, hasAlpha: false },
      color: { model: 'rgb' },
      encoding: { process: 'adam7', interlaced: true, progressive: true },
    },
  ],
  [
    'a palette of two colours in indices of 2 bits',
    png(ihdr({ depth: 2, type: 3 }), plte, chunk('bKGD', [1]), idat, iend),
    {
      image: { bitDepth: 2, channels: 1, hasAlpha: false },
      color: { model: 'indexed', palette: { size: 2 }, background: '#aabbcc' },
    },
  ],
  [
    'a palette with transparency',
    png(ihdr({ type: 3 }), plte, chunk('tRNS', [0]), idat, iend),
    { image: { hasAlpha: true } },
  ],
  [
    'gray with alpha',
    png(ihdr({ type: 4 }), chunk('bKGD', [0, 128]), idat, iend),
    { image: { channels: 2, hasAlpha: true }, color: { model: 'gray', background: '#808080' } },
  ],
  [
    'rgb with alpha, and a suggested palette that is none',
    png(ihdr({ type: 6, depth: 16 }), plte, chunk('bKGD', [0xff, 0xff, 0, 0, 0x80, 0]), idat, iend),
    {
      image: { channels: 4, hasAlpha: true },
      color: { model: 'rgb', background: '#ff0080', palette: undefined },
    },
  ],
];

t.test('samples, alpha, palette, interlacing', (t) => {
  for (const [name, file, expected] of COLOR_TYPES) {
    const header = read(file);
    t.match(header, { image: { storedWidth: 5, storedHeight: 4, pages: 1 }, ...expected }, name);
    t.match(
      header,
      { warnings: NONE, end: file.length, compression: { method: 'deflate', lossless: true } },
      name,
    );
    t.equal(header.mimeType, undefined, name);
    t.equal(header.animation, undefined, name);
  }
  t.end();
});

t.test('an encoder’s own file', async (t) => {
  const create = { width: 30, height: 20, channels: 4, background: '#36912345' } as const;
  const file = await sharp({ create }).withMetadata({ density: 300 }).png({ progressive: true }).toBuffer();
  const header = read(Buffer.concat([file, Buffer.from('trailing')]));
  t.match(header, {
    image: {
      storedWidth: 30,
      storedHeight: 20,
      bitDepth: 8,
      channels: 4,
      density: { x: 300, y: 300, unit: 'inch', source: 'png' },
    },
    encoding: { codec: 'png', process: 'adam7' },
    end: file.length,
    warnings: NONE,
  });
});

const SRGB = chunk('sRGB', [0]);
const GAMMA = chunk('gAMA', u32(45455));
const P3 = chunk('cHRM', u32(31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000));
const PQ = chunk('cICP', [9, 16, 0, 1]);
const ICC = chunk('iCCP', 'any\0\0', deflateSync('a profile'));

const SPACES: [name: string, chunks: Buffer[], color: object][] = [
  ['nothing is said', [], { space: undefined, transfer: undefined, primaries: undefined }],
  ['sRGB before gamma', [GAMMA, P3, SRGB], { space: 'srgb', transfer: 'srgb', primaries: 'bt709' }],
  [
    'gamma and chromaticities',
    [GAMMA, P3],
    { space: undefined, transfer: 'gamma-2.2', primaries: 'display-p3' },
  ],
  ['linear', [chunk('gAMA', u32(100000))], { transfer: 'linear', primaries: undefined }],
  ['a profile before sRGB', [SRGB, ICC], { space: undefined, transfer: undefined }],
  [
    'code points before all',
    [PQ, ICC, SRGB, GAMMA],
    { space: 'bt2020', transfer: 'pq', primaries: 'bt2020', range: 'full', hdr: { standard: 'pq' } },
  ],
];

t.test('of several colour spaces the strongest counts', (t) => {
  for (const [name, chunks, color] of SPACES) t.match(read(rgbWith(...chunks)).color, color, name);
  t.same(read(rgbWith(ICC)).blocks.icc, Buffer.from('a profile'));
  t.end();
});

t.test('density is said where its unit is', (t) => {
  const phys = (x: number, y: number, unit: number) =>
    read(rgbWith(chunk('pHYs', u32(x, y), [unit]))).image.density;
  t.same(phys(2835, 11811, 1), { x: 72.01, y: 300, unit: 'inch', source: 'png' });
  t.equal(phys(2835, 2835, 0), undefined);
  t.equal(phys(0, 0, 1), undefined);
  t.end();
});

t.test('Apple’s kind', (t) => {
  const header = read(
    png(
      chunk('CgBI', u32(0x50002002)),
      ihdr(),
      chunk('iCCP', 'any\0\0', deflateRawSync('a profile')),
      idat,
      iend,
    ),
  );
  t.match(header, { formatVersion: 'CgBI', image: { storedWidth: 5 }, warnings: NONE });
  t.same(header.blocks.icc, Buffer.from('a profile'));
  t.end();
});

t.test('every beginning of a file keeps what it has', (t) => {
  const [before, after] = [
    png(ihdr({ type: 3 }), plte, actl(2, 1), fctl(1, 2)),
    [idat, fctl(1, 2), fdat, iend],
  ];
  const file = Buffer.concat([before, ...after]);
  for (let length = 0; length < file.length; length += 1) {
    const header = read(file.subarray(0, length));
    if (header.truncated !== true || header.end !== undefined) t.fail(`cut at ${length}`);
    if (length >= 8 + 25 && header.image.storedWidth !== 5) t.fail(`size lost at ${length}`);
    // As soon as the pixels begin, there is nothing that could still make them transparent.
    if (length >= before.length + 8 && header.image.hasAlpha !== false) t.fail(`alpha lost at ${length}`);
  }
  t.match(read(before), {
    image: { bitDepth: 8, hasAlpha: undefined },
    animation: { frames: 2, loopCount: 1, delaysMs: [500] },
  });
  t.equal(read(before).animation?.durationMs, undefined);
  t.match(read(file), { end: file.length, truncated: undefined, animation: { durationMs: 1000 } });
  t.end();
});

t.test('no changed byte leads anywhere', (t) => {
  const texts = [
    chunk('tEXt', 'a\0b'),
    chunk('zTXt', 'a\0\0', deflateSync('b')),
    chunk('iTXt', 'a\0\0\0\0\0b'),
  ];
  const file = png(ihdr({ type: 3 }), ICC, PQ, P3, plte, actl(2, 1), fctl(1, 2), ...texts, idat, fdat, iend);
  for (let at = 8; at < file.length; at += 1) {
    for (const value of [0, 0x41, 0xff]) {
      const changed = Buffer.from(file);
      changed[at] = value;
      read(changed);
    }
  }
  t.pass();
  t.end();
});

const MALFORMED: [name: string, file: Buffer, message: RegExp][] = [
  ['no chunk', png(ihdr(), idat, Buffer.from('\0\0\0\x01no!!more')), /No chunk begins at byte/],
  ['a chunk of 4 GB', png(ihdr(), Buffer.from('\xff\xff\xff\xffIDATxxxxxxxx', 'latin1')), /No chunk begins/],
  ['no IHDR', png(idat, iend), /./],
  ['IHDR of one byte', png(chunk('IHDR', [1]), idat, iend), /IHDR is too short/],
  ['no size', png(ihdr({ width: 0 }), idat, iend), /no possible size/],
  ['no such colour type', png(ihdr({ type: 5 }), idat, iend), /colour type 5/],
  ['no such depth', png(ihdr({ type: 6, depth: 4 }), idat, iend), /colour type 6 with 4 bits/],
  ['no such interlacing', png(ihdr({ interlace: 2 }), idat, iend), /method that does not exist/],
  ['no pixels', png(ihdr(), iend), /no pixels/],
  [
    'transparency behind the pixels',
    png(ihdr(), idat, chunk('tRNS', [0, 0, 0, 0, 0, 0]), iend),
    /tRNS stands behind/,
  ],
  ['a short acTL', rgbWith(chunk('acTL', [0])), /acTL is too short/],
  ['a text without keyword', rgbWith(chunk('tEXt', 'x'.repeat(400))), /no keyword/],
  ['an empty text', rgbWith(chunk('zTXt'), chunk('iTXt'), chunk('tEXt')), /no keyword/],
  ['a text without translation', rgbWith(chunk('iTXt', 'a\0\0\0')), /iTXt is too short/],
  ['EXIF that is none', rgbWith(chunk('eXIf', 'Exif\0\0nothing')), /no TIFF stream/],
  ['a raw profile that is none', rgbWith(chunk('tEXt', 'Raw profile type exif\0', 'nothing')), /raw profile/],
  ['no zlib stream', rgbWith(chunk('iCCP', 'a\0\0nothing')), /can not be decompressed/],
  ['no method', rgbWith(chunk('iCCP', 'a\0\x07nothing')), /iCCP has no name/],
  [
    'a palette of 4 bytes',
    png(ihdr({ type: 3 }), chunk('PLTE', [1, 2, 3, 4]), idat, iend),
    /no possible length/,
  ],
];

t.test('what breaks the rules is said, once', (t) => {
  for (const [name, file, message] of MALFORMED) {
    const header = read(file);
    t.match(messages(header), message, name);
    t.ok(
      header.warnings.every(({ code }) => code === 'HEADER_MALFORMED'),
      name,
    );
  }
  const garbage = png(ihdr(), idat, Buffer.from('\0\0\0\x01no!!more'));
  t.match(read(garbage), { truncated: true, end: undefined, image: { hasAlpha: false } }, 'no IEND');
  const wrongSum = rgbWith();
  wrongSum.writeUInt32BE(77, 16);
  t.match(messages(read(wrongSum)), /checksum/);
  t.equal(read(rgbWith(...Array.from({ length: 50 }, () => chunk('tEXt')))).warnings.length, 1);
  t.end();
});

const BOMB = deflateSync(Buffer.alloc(2_000_000));

t.test('hostile files end at a limit', (t) => {
  const texts = read(rgbWith(...Array.from({ length: 900 }, () => chunk('zTXt', 'a\0\0', BOMB))));
  t.same(
    texts.warnings.map(({ code }) => code),
    ['TEXT_LIMIT'],
  );
  t.equal(texts.blocks.texts, undefined);

  const plain = read(rgbWith(chunk('tEXt', 'a\0', 'x'.repeat(2_000_000)), chunk('tEXt', 'b\0c')));
  t.match(plain, { warnings: { length: 1, 0: { code: 'TEXT_LIMIT' } }, blocks: { texts: [['b', 'c']] } });
  t.equal(read(rgbWith(chunk('iCCP', 'a\0\0', BOMB))).blocks.icc?.length, 2_000_000);
  t.match(read(rgbWith(chunk('iCCP', 'a\0\0', deflateSync(Buffer.alloc(5_000_000))))), {
    warnings: [{ code: 'TEXT_LIMIT', field: 'icc' }],
    end: Number,
  });
  t.equal(
    read(rgbWith(...Array.from({ length: 500 }, () => chunk('tEXt', 'a\0b')))).blocks.texts?.length,
    200,
  );

  const chunks = read(rgbWith(...Array.from({ length: 2000 }, () => chunk('teSt'))));
  t.match(chunks, {
    warnings: [{ code: 'WALK_LIMIT' }],
    image: { storedWidth: 5 },
    end: undefined,
    truncated: undefined,
  });

  const pixels = read(rgbWith(...Array.from({ length: 5000 }, () => idat)));
  t.match(pixels, { warnings: NONE, end: Number }, 'thousands of chunks of pixels are usual');

  t.end();
});

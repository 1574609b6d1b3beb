import sharp from 'sharp';
import t from 'tap';
import { adobe, frame, GRAY, JFIF, jpeg, type Part, read, scan, segment, u16, YCC } from './jpeg-builder.ts';

t.test('what the frame header says', async (t) => {
  const cases: { name: string; bytes: Buffer; expect: object }[] = [
    {
      name: 'baseline, JFIF',
      bytes: jpeg(JFIF, frame(0xc0, YCC), scan()),
      expect: {
        formatVersion: '1.02',
        image: {
          storedWidth: 30,
          storedHeight: 20,
          bitDepth: 8,
          channels: 3,
          hasAlpha: false,
          pages: 1,
          density: { x: 300, y: 150, unit: 'inch', source: 'jfif' },
        },
        encoding: { codec: 'jpeg', process: 'baseline', progressive: false, chromaSubsampling: '4:2:0' },
        compression: { method: 'jpeg', lossless: false },
        color: { model: 'ycbcr' },
        warnings: { length: 0 },
      },
    },
    {
      name: 'extended sequential, 12 bits, gray',
      bytes: jpeg(frame(0xc1, GRAY, { bits: 12 }), scan()),
      expect: {
        image: { bitDepth: 12, channels: 1, density: undefined },
        encoding: { process: 'extended-sequential', chromaSubsampling: undefined },
        color: { model: 'gray' },
        formatVersion: undefined,
      },
    },
    {
      name: 'progressive in several scans with tables between them',
      bytes: jpeg(frame(0xc2), scan(0, 0), segment(0xc4, 1, 2), scan(1, 63)),
      expect: { encoding: { process: 'progressive', progressive: true } },
    },
    {
      name: 'several scans of a baseline picture are not progressive',
      bytes: jpeg(frame(0xc0, YCC), scan(), scan(), scan()),
      expect: { encoding: { process: 'baseline', progressive: false } },
    },
    {
      name: 'arithmetic',
      bytes: jpeg(frame(0xc9), scan()),
      expect: { encoding: { process: 'extended-sequential-arithmetic', progressive: false } },
    },
    {
      name: 'progressive arithmetic',
      bytes: jpeg(frame(0xca), scan()),
      expect: { encoding: { process: 'progressive-arithmetic', progressive: true } },
    },
    {
      name: 'lossless',
      bytes: jpeg(frame(0xc3, YCC, { bits: 16 }), scan(1, 0)),
      expect: {
        image: { bitDepth: 16 },
        encoding: { process: 'lossless', qualityEstimate: undefined },
        compression: { lossless: true },
        color: { model: 'rgb' },
      },
    },
    {
      name: 'a lossless process that drops bits',
      bytes: jpeg(frame(0xcb), scan(1, 0, 2)),
      expect: { encoding: { process: 'lossless-arithmetic' }, compression: { lossless: false } },
    },
    {
      name: 'JPEG-LS',
      bytes: jpeg(frame(0xf7, GRAY, { bits: 16 }), scan(0, 0)),
      expect: {
        mimeType: 'image/jls',
        encoding: { codec: 'jpeg-ls', process: 'lossless', progressive: false },
        compression: { method: 'jpeg-ls', lossless: true },
      },
    },
    {
      name: 'JPEG-LS that allows errors',
      bytes: jpeg(frame(0xf7), scan(3, 0)),
      expect: { encoding: { process: 'near-lossless' }, compression: { lossless: false } },
    },
    {
      name: 'hierarchical: the size is that of the finished picture',
      bytes: jpeg(frame(0xde, GRAY, { height: 80 }), frame(0xc1), scan(), frame(0xc5), scan()),
      expect: { image: { storedHeight: 80 }, encoding: { process: 'hierarchical' } },
    },
    {
      name: 'the height stands behind the first scan',
      bytes: jpeg(frame(0xc0, GRAY, { height: 0 }), scan(), segment(0xdc, u16(77))),
      expect: { image: { storedHeight: 77 } },
    },
    {
      name: 'pixels per centimetre',
      bytes: jpeg(segment(0xe0, 'JFIF\0', 1, 1, 2, u16(100), u16(100), 0, 0), frame(0xc0), scan()),
      expect: { image: { density: { x: 254, y: 254 } } },
    },
    {
      name: 'an aspect ratio is no density',
      bytes: jpeg(segment(0xe0, 'JFIF\0', 1, 1, 0, u16(2), u16(1), 0, 0), frame(0xc0), scan()),
      expect: { image: { density: undefined }, formatVersion: '1.01' },
    },
    {
      name: 'tables without a picture',
      bytes: jpeg(segment(0xc4, 0)),
      expect: { image: {}, end: 9, truncated: undefined },
    },
  ];
  for (const { name, bytes, expect } of cases) {
    const header = read(bytes);
    t.match(header, expect, name);
    t.equal(header.end, bytes.length, `${name}: end`);
  }
});

t.test('chroma subsampling', async (t) => {
  const cases = [
    [[0x11, 0x11, 0x11], '4:4:4'],
    [[0x21, 0x21, 0x21], '4:4:4'],
    [[0x21, 0x11, 0x11], '4:2:2'],
    [[0x22, 0x12, 0x12], '4:2:2'],
    [[0x22, 0x11, 0x11], '4:2:0'],
    [[0x12, 0x11, 0x11], '4:4:0'],
    [[0x41, 0x11, 0x11], '4:1:1'],
    [[0x42, 0x11, 0x11], '4:1:0'],
    [[0x24, 0x11, 0x11], '4:2:1'],
    [[0x22, 0x11, 0x21], undefined],
    [[0x31, 0x21, 0x21], undefined],
    [[0x11, 0x00, 0x00], undefined],
  ] as const;
  for (const [samplings, expected] of cases) {
    const components = samplings.map((sampling, index) => [index + 1, sampling]);
    t.equal(
      read(jpeg(frame(0xc0, components), scan())).encoding.chromaSubsampling,
      expected,
      String(samplings),
    );
  }
});

t.test('colour model, as libjpeg decides', async (t) => {
  const named = (...ids: number[]) =>
    frame(
      0xc0,
      ids.map((id) => [id, 0x11]),
    );
  const cases: [string, Part[], string | undefined][] = [
    ['no mark', [named(1, 2, 3)], 'ycbcr'],
    ['components R, G, B', [named(0x52, 0x47, 0x42)], 'rgb'],
    ['JFIF before names', [JFIF, named(0x52, 0x47, 0x42)], 'ycbcr'],
    ['JFIF before Adobe', [JFIF, adobe(0), named(1, 2, 3)], 'ycbcr'],
    ['Adobe: none', [adobe(0), named(1, 2, 3)], 'rgb'],
    ['Adobe: YCbCr', [adobe(1), named(0x52, 0x47, 0x42)], 'ycbcr'],
    ['Adobe: YCCK', [adobe(2), named(1, 2, 3, 4)], 'ycck'],
    ['Adobe: CMYK', [adobe(0), named(1, 2, 3, 4)], 'cmyk'],
    ['four and no mark', [named(1, 2, 3, 4)], 'cmyk'],
    ['two', [named(1, 2)], undefined],
  ];
  for (const [name, parts, model] of cases) {
    const { color, encoding } = read(jpeg(...parts, scan()));
    t.equal(color.model, model, name);
    if (model === 'cmyk') t.equal(encoding.chromaSubsampling, undefined, `${name}: no chroma`);
  }
});

t.test('quality', async (t) => {
  const picture = sharp({ create: { width: 8, height: 8, channels: 3, background: '#369' } });
  for (const quality of [1, 2, 10, 25, 33, 49, 50, 51, 73, 75, 80, 85, 92, 95, 99, 100]) {
    const bytes = await picture.clone().jpeg({ quality, chromaSubsampling: '4:4:4' }).toBuffer();
    const gray = await picture.clone().toColourspace('b-w').jpeg({ quality }).toBuffer();
    t.equal(read(bytes).encoding.qualityEstimate, quality, `${quality}`);
    t.equal(read(gray).encoding.qualityEstimate, quality, `${quality}, gray`);
  }

  const flat = (destination: number, step: number, width = 1) =>
    segment(0xdb, (width === 2 ? 0x10 : 0) + destination, ...Array(64).fill(width === 2 ? u16(step) : step));
  const cases: [string, Buffer, number | undefined][] = [
    ['no tables', jpeg(frame(0xc0), scan()), undefined],
    ['finest', jpeg(flat(0, 1), frame(0xc0), scan()), 100],
    ['coarsest', jpeg(flat(0, 255), frame(0xc0), scan()), 1],
    ['coarser than the scale', jpeg(flat(0, 2000, 2), frame(0xc0, GRAY, { bits: 12 }), scan()), 1],
    ['foreign tables', jpeg(flat(0, 6), flat(1, 6), frame(0xc0, YCC), scan()), 96],
    ['a table that is cut', jpeg(segment(0xdb, 0, 1, 2, 3), frame(0xc0), scan()), undefined],
  ];
  for (const [name, bytes, expected] of cases) t.equal(read(bytes).encoding.qualityEstimate, expected, name);

  const thirdTable = read(
    jpeg(
      flat(0, 1),
      flat(1, 1),
      flat(2, 1),
      segment(0xc0, 8, u16(2), u16(2), 3, [1, 0x11, 0], [2, 0x11, 1], [3, 0x11, 2]),
      scan(),
    ),
  );
  t.equal(thirdTable.encoding.qualityEstimate, 100, 'a third table does not count twice');
});

t.test('segments too short for what they should hold lose only themselves', async (t) => {
  const bytes = jpeg(
    segment(0xe0, 'JFIF\0', 1),
    segment(0xee, 'Adobe'),
    segment(0xeb, 'JP'),
    segment(0xe2, 'ICC_PROFILE\0', 1),
    segment(0xc0, 8, u16(20)),
    frame(0xc2),
    scan(),
  );
  t.match(read(bytes), {
    image: { storedWidth: 30 },
    encoding: { process: 'progressive' },
    end: bytes.length,
    warnings: [{ code: 'HEADER_MALFORMED', message: 'Segments are too short: FFE0, FFC0.' }],
  });
});

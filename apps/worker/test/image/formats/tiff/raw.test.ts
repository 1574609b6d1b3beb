import t from 'tap';
import type { Header } from '../../../../src/image/header.ts';
import { readHeader } from '../../../../src/image/read-header.ts';
import { BYTE, type Field, LONG, SHORT, type TiffOptions, tiff } from '../../tiff-builder.ts';
import { CFA, jpeg, make, page, preview, strip, subs } from './tiff-page.ts';

const read = (fields: Field[], options?: TiffOptions): Header => readHeader(tiff([fields], options), 'tiff');

const RAWS: [string, Field[], string | undefined][] = [
  [
    'NEF',
    preview(
      make('NIKON CORPORATION'),
      subs(page([0x00fe, LONG, [1]]), page([0x0103, SHORT, [34713]], ...CFA)),
    ),
    'nef',
  ],
  ['ARW', preview(make('SONY'), subs(page([0x0103, SHORT, [32767]], ...CFA))), 'arw'],
  ['PEF', page(make('PENTAX Corporation'), [0x0103, SHORT, [65535]], ...CFA), 'pef'],
  ['PEF of Ricoh', page(make('RICOH IMAGING COMPANY, LTD.'), [0x0103, SHORT, [65535]], ...CFA), 'pef'],
  ['PEF of Samsung', page(make('SAMSUNG TECHWIN'), [0x0103, SHORT, [65535]], ...CFA), 'pef'],
  ['SRW', preview(make('SAMSUNG'), subs(page([0x0103, SHORT, [32770]], ...CFA))), 'srw'],
  [
    'DNG',
    preview(make('NIKON'), [0xc612, BYTE, [1, 4, 0, 0]], subs(page([0x0103, SHORT, [7]], ...CFA))),
    'dng',
  ],
  ['a maker without a name here', preview(make('Mamiya'), subs(page(...CFA))), undefined],
];

for (const [name, fields, format] of RAWS) {
  t.test(`raw: ${name}`, async (t) => {
    const header = read(fields);
    t.equal(header.format, format);
    t.match(header.image, { storedWidth: 6000, storedHeight: 4000, bitDepth: 14, channels: 1, pages: 1 });
    t.equal(header.color.model, 'cfa');
    t.equal(header.mimeType, undefined);
  });
}

t.test('a TIFF by a camera maker’s program stays one', async (t) => {
  for (const name of ['NIKON CORPORATION', 'SONY', 'PENTAX', 'SAMSUNG']) {
    const header = read(page(make(name), subs(page([0x00fe, LONG, [1]]))));
    t.equal(header.format, undefined);
    t.match(header.image, { storedWidth: 4, storedHeight: 2 });
  }
});

t.test('DNG: version, and the part that is shown', async (t) => {
  const dng = (...fields: Field[]) =>
    read(
      preview(
        [0xc612, BYTE, [1, 6, 0, 0]],
        subs(page([0xc620, LONG, [5990, 3990]], ...CFA), preview([0x0106, SHORT, [34892]])),
        ...fields,
      ),
    );
  const upright = dng();
  t.equal(upright.formatVersion, '1.6.0.0');
  t.match(upright.image, { displayWidth: 5990, displayHeight: 3990 });
  t.match(dng([0x0112, SHORT, [6]]).image, { storedWidth: 6000, displayWidth: 3990, displayHeight: 5990 });
});

t.test('DNG whose first directory is the picture; linear; BigTIFF', async (t) => {
  const linear: Field[] = [
    [0x0106, SHORT, [34892]],
    [0x0115, SHORT, [3]],
    [0xc612, BYTE, [1, 7, 1, 0]],
  ];
  const header = read(page(...linear), { big: true });
  t.equal(header.format, 'dng');
  t.equal(header.mimeType, undefined);
  t.equal(header.color.model, 'linear-raw');
  t.equal(header.image.channels, 3);
  t.equal(header.encoding.process, 'little-endian-bigtiff');
});

t.test('CR2: the fourth directory, of which only the stream tells the size', async (t) => {
  const exif: Field = [
    0x8769,
    LONG,
    {
      directories: [
        [
          [0xa002, LONG, [5184]],
          [0xa003, LONG, [3456]],
        ],
      ],
    },
  ];
  const small = page([0x0103, SHORT, [6]]);
  const sensor: Field[] = [
    [0x0103, SHORT, [6]],
    ...strip(jpeg(0xc3, 2676, 3516, 2)),
    [0xc640, SHORT, [1, 1728, 1888]],
  ];
  const bytes = tiff([page(make('Canon'), exif), small, small, sensor], { behindHeader: 'CR\x02\0\0\0\0\0' });
  const header = readHeader(bytes, 'cr2');
  t.equal(header.format, 'cr2');
  t.match(header.image, { storedWidth: 5352, storedHeight: 3516, displayWidth: 5184, displayHeight: 3456 });
  t.match(header.image, { bitDepth: 14, channels: 1, pages: 1 });
  t.match(header.compression, { lossless: true });
  t.equal(header.color.model, 'cfa');
});

t.test('RW2: the sensor by tags of its own', async (t) => {
  const numbers: [number, number][] = [
    [2, 4080],
    [3, 3016],
    [4, 4],
    [5, 8],
    [6, 3004],
    [7, 4008],
    [10, 12],
  ];
  const fields = numbers.map(([tag, value]): Field => [tag, SHORT, [value]]);
  const header = readHeader(
    tiff([[...fields, make('Panasonic'), [0x0111, LONG, [8]]]], { magic: 0x55 }),
    'rw2',
  );
  t.equal(header.format, 'rw2');
  t.match(header.image, {
    storedWidth: 4080,
    storedHeight: 3016,
    displayWidth: 4000,
    displayHeight: 3000,
    bitDepth: 12,
  });
  t.match(header.compression, { method: 'rw2', lossless: undefined });
});

t.test('RW2: EXIF is in its JPEG picture', async (t) => {
  const app1 = Buffer.from('\xff\xd8\xff\xe1\0\x10Exif\0\0MM\0*\0\0\0\x08\xff\xd9', 'latin1');
  const fields: Field[] = [
    [0x2e, BYTE, [...app1]],
    make('Panasonic'),
    [0x011a, SHORT, [1]],
    [0x011b, SHORT, [1]],
  ];
  const header = readHeader(tiff([fields], { magic: 0x55 }), 'rw2');
  t.same(Buffer.from(header.blocks.exif ?? []), app1.subarray(12, 20));
  t.equal(header.image.density, undefined);
});

t.test('ORF: "uncompressed" only where all samples have room', async (t) => {
  const orf = (count: number) =>
    readHeader(
      tiff([page([0x0111, LONG, { data: Buffer.alloc(count) }], [0x0117, LONG, [count]])], { magic: 0x4f52 }),
      'orf',
    );
  t.equal(orf(16).compression.method, 'none');
  t.equal(orf(11).compression.method, 'orf');
  t.equal(orf(11).format, 'orf');
});

import t from 'tap';
import { readEps } from '../../../src/image/formats/eps.ts';
import { bearsCuts, bearsNoise, codes, join, le16, le32, readWith, zeros } from './byte-builder.ts';

const START = '%!PS-Adobe-3.0 EPSF-3.0\n';
const read = (text: string) => readWith(readEps, Buffer.from(text, 'latin1'));
const eps = (...lines: string[]) => read(`${START}${lines.join('\n')}\n%%EndComments\nshowpage\n%%EOF\n`);

const BOXES: [name: string, lines: string[], width?: number, height?: number][] = [
  ['whole points', ['%%BoundingBox: 50 50 410 302'], 360, 252],
  ['points below 0', ['%%BoundingBox: -10 -20 10 20'], 20, 40],
  ['points with decimals', ['%%BoundingBox: 0.2 0 99.9 10'], 100, 10],
  [
    'whole points before those with decimals',
    ['%%HiResBoundingBox: 0 0 9.1 9.1', '%%BoundingBox: 0 0 12 12'],
    12,
    12,
  ],
  ['decimals alone', ['%%HiResBoundingBox: 0 0 9.1 9.9'], 10, 10],
  ['the first', ['%%BoundingBox: 0 0 1 2', '%%BoundingBox: 0 0 3 4'], 1, 2],
  ['none', ['%%Title: x']],
  ['no numbers', ['%%BoundingBox: a b c d']],
  ['three numbers', ['%%BoundingBox: 1 2 3']],
];

for (const [name, lines, width, height] of BOXES) {
  t.test(`bounding box: ${name}`, async (t) => {
    const { image, warnings } = eps(...lines);
    t.same([image.storedWidth, image.storedHeight, image.pages], [width, height, 1]);
    t.same(warnings, []);
  });
}

t.test('bounding box: at the end', async (t) => {
  const trailer =
    '%%EndComments\nshowpage\n%%Trailer\n%%BoundingBox: 0 0 1 1\n%%BoundingBox: 0 0 30 40\n%%EOF\n';
  t.match(read(`${START}%%BoundingBox: (atend)\n${trailer}`).image, { storedWidth: 30, storedHeight: 40 });
  t.match(read(`${START}${trailer}`).image, { storedWidth: 30, storedHeight: 40 });
  t.equal(
    read(`${START}${trailer}${'%\n'.repeat(9000)}`).image.storedWidth,
    undefined,
    'but not far from it',
  );
});

t.test('bounding box: empty', async (t) =>
  t.same(codes(eps('%%BoundingBox: 5 5 5 5')), ['HEADER_MALFORMED']),
);

for (const [name, end] of [
  ['line feeds', '\n'],
  ['carriage returns', '\r'],
  ['both', '\r\n'],
] as const) {
  t.test(`lines end with ${name}`, async (t) => {
    const text = [
      '%!PS-Adobe-2.0 EPSF-1.2',
      '%%Title: (A)',
      '',
      '%%BoundingBox: 0 0 7 8',
      '%%EndComments',
      '',
    ].join(end);
    t.match(read(text), {
      image: { storedWidth: 7 },
      formatVersion: '1.2',
      blocks: { texts: [['Title', 'A']] },
    });
  });
}

t.test('what the program says about itself', async (t) => {
  const { blocks } = eps(
    '%%Creator: (Draw \\(two\\) \\351\\\\)',
    '%%Title: a long',
    '%%+ title',
    '%%For:',
    '%%CreationDate: Wed Nov 20 2013',
    '%%Pages: 1',
    '%%Creator: another',
    '%%+ and more of it',
  );
  t.same(blocks.texts, [
    ['Creator', 'Draw (two) é\\'],
    ['Title', 'a long title'],
    ['CreationDate', 'Wed Nov 20 2013'],
  ]);
  t.equal(
    read(`${START}%!\nshowpage\n%%Title: late\n`).blocks.texts,
    undefined,
    'behind the comments it is program',
  );
});

const RASTERS: [line: string, image: object, model?: string][] = [
  ['100 67 8 3 0 1 2 "beginimage"', { storedWidth: 100, storedHeight: 67, bitDepth: 8, channels: 3 }, 'rgb'],
  ['100 67 1 1 0 1 2 "beginimage"', { bitDepth: 1, channels: 1 }, 'gray'],
  ['100 67 8 2 0 1 2 "beginimage"', { channels: 3 }, 'lab'],
  ['100 67 8 4 0 1 2 "beginimage"', { channels: 4 }, 'cmyk'],
  ['100 67 8 9 0 1 2 "beginimage"', { storedWidth: 72, channels: undefined }],
  ['0 67 8 3 0 1 2 "beginimage"', { storedWidth: 72, bitDepth: undefined }],
];

for (const [line, image, model] of RASTERS) {
  t.test(`the raster inside: ${line}`, async (t) => {
    const header = read(`${START}%%BoundingBox: 0 0 72 48\n%%EndComments\n%ImageData: ${line}\n`);
    t.match(header, { image, color: { model } });
    if (model !== undefined) t.match(header.image, { displayWidth: 72, displayHeight: 48 });
  });
}

t.test('metadata', async (t) => {
  const xmp = '<x:xmpmeta xmlns:x="adobe:ns:meta/"></x:xmpmeta>';
  const hex = '%BeginPhotoshop: 6\r% 3842494D\r% 0404\r%EndPhotoshop\r';
  const { blocks } = read(`${START}%%EndComments\n%begin_xml_code\n${xmp}\n%end_xml_code\n${hex}`);
  t.equal(Buffer.from(blocks.xmp?.[0] ?? []).toString(), xmp);
  t.equal(Buffer.from(blocks.photoshop ?? []).toString('latin1'), '8BIM\x04\x04');
  const old = xmp.replaceAll('xmpmeta', 'xapmeta');
  t.equal(Buffer.from(read(`${START}${old}`).blocks.xmp?.[0] ?? []).toString(), old);
  const profile = (lines: string) =>
    read(`${START}%%BeginICCProfile: (any) -1 Hex\n${lines}%%EndICCProfile\n`).blocks.icc;
  t.same(profile('%00000230\n%41\n'), Buffer.from('0000023041', 'hex'));
  t.equal(profile('binary'), undefined);
  t.same(read(`${START}<x:xmpmeta`).blocks, {});
  t.same(read(`${START}%BeginPhotoshop: 6 %EndPhotoshop`).blocks.photoshop, undefined);
});

t.test('where it ends', async (t) => {
  const text = `${START}%%EOF\nshowpage\n%%EOF\r\n\x04`;
  t.equal(read(text).end, text.length);
  t.equal(read(`${text}PK`).end, text.length);
  t.equal(read(`${START}showpage\n`).end, undefined);
});

t.test('with a preview', async (t) => {
  const program = `${START}%%BoundingBox: 0 0 7 8\n%%EOF\n`;
  const sections = le32(30, program.length, 0, 0, 30 + program.length, 20);
  const file = join([0xc5, 0xd0, 0xd3, 0xc6], sections, le16(0xffff), program, zeros(20));
  t.match(readWith(readEps, file), { image: { storedWidth: 7 }, formatVersion: '3.0', end: file.length });
  t.equal(readWith(readEps, join(file, 'more')).end, file.length);
  t.match(readWith(readEps, file.subarray(0, -1)), { truncated: true, image: { storedWidth: 7 } });
  bearsCuts(t, readEps, file);
  bearsNoise(t, readEps, file);
});

t.test('hostile texts end soon', async (t) => {
  const begun = performance.now();
  const texts = [
    '%\n',
    '%%A: (\\',
    '%%+ x\n',
    '\r',
    '%%BoundingBox: ',
    '%ImageData: ',
    '%BeginPhotoshop:\n',
    '<x:xmpmeta',
    '%%EOF',
  ];
  for (const text of texts) read(`${START}${text.repeat(200_000)}`);
  t.ok(performance.now() - begun < 5000);
});

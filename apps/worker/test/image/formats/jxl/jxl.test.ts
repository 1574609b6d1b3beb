import t from 'tap';
import { codes, join } from '../byte-builder.ts';
import {
  bits,
  channel,
  choice,
  codestream,
  enumerated,
  type Field,
  flag,
  frame,
  type Picture,
  read,
  SIGNATURE,
  size,
} from './jxl-builder.ts';

/** A size, everything else as usual, and one frame as usual, of 5 bytes. */
const usual = (...fields: Field[]) =>
  join(
    bits([SIGNATURE, ...fields, flag(true), flag(true)]),
    bits([flag(true), flag(false)]),
    bits(choice(0, 5, 10)),
    'frame',
  );

const SIZES: [name: string, fields: Field[], width: number, height: number][] = [
  ['eights, a square', [flag(true), [3, 5], [1, 3]], 32, 32],
  ['eights, both written', [flag(true), [0, 5], [0, 3], [31, 5]], 256, 8],
  ['a height of 9 bits, 3 to 2', [flag(false), ...choice(0, 99, 9), [4, 3]], 150, 100],
  ['a height of 13 bits, 16 to 9, rounded down', [flag(false), ...choice(1, 1078, 13), [5, 3]], 1918, 1079],
  ['a height of 18 bits, 12 to 10', [flag(false), ...choice(2, 99_999, 18), [2, 3]], 120_000, 100_000],
  ['30 bits', [flag(false), ...choice(3, 2 ** 30 - 1, 30), [0, 3], ...choice(0, 0, 9)], 1, 2 ** 30],
];

for (const [name, fields, storedWidth, storedHeight] of SIZES) {
  t.test(`size: ${name}`, async (t) => t.match(read(usual(...fields)).image, { storedWidth, storedHeight }));
}

t.test('what is not written is 8 bits of sRGB, coded as XYB', async (t) => {
  const file = usual(flag(true), [3, 5], [1, 3]);
  t.same(read(file), {
    image: {
      storedWidth: 32,
      storedHeight: 32,
      orientation: 1,
      bitDepth: 8,
      channels: 3,
      hasAlpha: false,
      pages: 1,
    },
    encoding: { codec: 'jxl', process: 'codestream' },
    compression: { method: 'jxl', lossless: false },
    color: {
      model: 'rgb',
      space: 'srgb',
      primaries: 'bt709',
      transfer: 'srgb',
      matrix: undefined,
      range: 'full',
    },
    blocks: {},
    warnings: [],
    end: file.length,
  });
});

const CUSTOM_POINT: Field[] = [...choice(0, 312700, 19), ...choice(1, 10, 19)];
const NAMED: [name: string, color: Field[], expected: object][] = [
  [
    'Display P3',
    [
      flag(false),
      ...enumerated(0),
      ...enumerated(1),
      ...enumerated(11),
      flag(false),
      ...enumerated(13),
      ...enumerated(1),
    ],
    { model: 'rgb', space: 'display-p3', primaries: 'display-p3', transfer: 'srgb' },
  ],
  [
    'the P3 of cinemas',
    [
      flag(false),
      ...enumerated(0),
      ...enumerated(11),
      ...enumerated(11),
      flag(false),
      ...enumerated(17),
      ...enumerated(1),
    ],
    { primaries: 'dci-p3', transfer: 'smpte428', space: undefined },
  ],
  [
    'BT.2100 with PQ',
    [
      flag(false),
      ...enumerated(0),
      ...enumerated(1),
      ...enumerated(9),
      flag(false),
      ...enumerated(16),
      ...enumerated(1),
    ],
    { space: 'bt2020', transfer: 'pq', hdr: { standard: 'pq' } },
  ],
  [
    'gray, linear, without primaries',
    [flag(false), ...enumerated(1), ...enumerated(10), flag(false), ...enumerated(8), ...enumerated(0)],
    { model: 'gray', transfer: 'linear', primaries: undefined },
  ],
  [
    'coordinates and a gamma',
    [
      ...[flag(false), ...enumerated(0), ...enumerated(2), ...CUSTOM_POINT],
      ...[...enumerated(2), ...CUSTOM_POINT, ...CUSTOM_POINT, ...CUSTOM_POINT],
      ...[flag(true), [4_545_450, 24] as Field, ...enumerated(3)],
    ],
    { model: 'rgb', primaries: undefined, transfer: 'gamma-2.2', space: undefined },
  ],
  [
    'XYB itself, with nothing more',
    [flag(false), ...enumerated(2), ...enumerated(1)],
    { model: 'xyb', transfer: undefined },
  ],
];

for (const [name, color, expected] of NAMED) {
  t.test(`colours: ${name}`, async (t) => {
    const file = codestream({ color }, frame({ isAnimated: false }));
    const header = read(file);
    t.match(header.color, expected);
    t.equal(header.end, file.length, 'everything behind is read');
  });
}

const PICTURES: [name: string, picture: Picture, expected: object][] = [
  ['turned', { orientation: 6 }, { orientation: 6, storedWidth: 20, storedHeight: 10 }],
  [
    'meant for another size',
    { intrinsic: size(40, 30) },
    { storedWidth: 20, displayWidth: 40, displayHeight: 30 },
  ],
  ['16 bits', { depth: [flag(false), ...choice(3, 15, 6)] }, { bitDepth: 16 }],
  ['12 bits', { depth: [flag(false), ...choice(2)] }, { bitDepth: 12 }],
  ['floats of 16 bits', { depth: [flag(true), ...choice(1), [4, 4]] }, { bitDepth: 16 }],
  ['alpha, as usual', { extra: [[]] }, { channels: 4, hasAlpha: true }],
  ['alpha and depth', { extra: [channel(0), channel(1)] }, { channels: 5, hasAlpha: true }],
  ['a channel that is not alpha', { extra: [channel(6)] }, { channels: 4, hasAlpha: false }],
];

for (const [name, picture, expected] of PICTURES) {
  t.test(`picture: ${name}`, async (t) => {
    const file = codestream(picture, frame({ isAnimated: false, extraChannels: picture.extra?.length ?? 0 }));
    const header = read(file);
    t.match(header.image, expected);
    t.equal(header.end, file.length);
  });
}

t.test('a preview comes first and is no page', async (t) => {
  const still = (bytes: number) => frame({ isAnimated: false, bytes });
  const file = codestream({ preview: [flag(true), ...choice(0), [1, 3]] }, still(40), still(50));
  t.match(read(file), { image: { storedWidth: 20, pages: 1 }, end: file.length });
});

t.test('three colours and black are four', async (t) => {
  t.equal(
    read(codestream({ extra: [channel(4)] }, frame({ extraChannels: 1, isAnimated: false }))).color.model,
    'cmyk',
  );
});

t.test('only what can not be lossless is said to be lossy', async (t) => {
  const lossless = (picture: Picture, isModular: boolean) =>
    read(codestream(picture, frame({ isModular, isAnimated: false }))).compression.lossless;
  t.equal(lossless({}, true), undefined, 'modular: maybe');
  t.equal(lossless({}, false), false, 'transformed and quantized');
});

const ANIMATION = { animation: [...choice(0), ...choice(0), ...choice(1, 3, 3), flag(false)] };

t.test('an animation', async (t) => {
  const frames = [
    frame({ isLast: false, type: 1 }),
    frame({ isLast: false, type: 2, slot: 1 }),
    frame({ isLast: false, ticks: 0, slot: 2 }),
    frame({ isLast: false, ticks: 7 }),
    frame({ isLast: false, ticks: 9, slot: 1, type: 3 }),
    frame({ ticks: 0, bytes: 1000 }),
  ];
  const file = codestream(ANIMATION, ...frames);
  const header = read(join(file, 'appended'));
  t.same(header.animation, { frames: 3, loopCount: 3, durationMs: 160, delaysMs: [70, 90, 0] });
  t.match(header, { image: { pages: 3 }, end: file.length, encoding: { progressive: true } });
});

t.test('pages have no duration', async (t) => {
  const page = (isLast: boolean) => frame({ isLast, ticks: 0xffffffff });
  t.same(read(codestream(ANIMATION, page(false), page(true))).animation, { frames: 2, loopCount: 3 });
});

t.test('a table of contents in another order, coded with numeral systems', async (t) => {
  // One colour, 600 × 520: nine groups, the ones in the middle first.
  const file = Buffer.from(
    '/wo6EOhKgIDiQggCASihwLbht2GojxN0AAAAwAIswAEcQAEUQAEswAJLKDYmnysFCQFQbYwxxt0LRAAAMDgTADhACAAAAhOUWgBgDQ1ivh0JE5Ra' +
      'AGANDWK+HQmDlBsBsB0Jg5QbAbAdCfPdrAEA0xI7AwDTEjsDABOUWgBgDQ1ivh0JE5RaAGANDWK+HQk=',
    'base64',
  );
  t.match(read(join(file, 'more')), { image: { storedWidth: 600, storedHeight: 520 }, end: file.length });
});

t.test('cut anywhere, it keeps what it has', async (t) => {
  const file = codestream(
    { ...ANIMATION, extra: [[]] },
    frame({ isLast: false, ticks: 5, extraChannels: 1 }),
    frame({ extraChannels: 1 }),
  );
  for (let length = 2; length < file.length; length += 1) {
    const header = read(file.subarray(0, length));
    t.equal(header.truncated, true, `the first ${length} bytes`);
    t.same(codes(header), []);
    if (length > 8) t.match(header.image, { storedWidth: 20, storedHeight: 10 });
    t.equal(header.animation, undefined, 'frames are counted when all are there');
  }
  t.equal(read(file).truncated, undefined);
});

const BROKEN: [name: string, file: Uint8Array][] = [
  [
    'more extra channels than there may be',
    bits([
      SIGNATURE,
      ...size(1, 1),
      flag(false),
      flag(false),
      flag(false),
      ...choice(0),
      flag(true),
      ...choice(3, 4095, 12),
    ]),
  ],
  ['padding that is not zero', join(usual(flag(true), [3, 5], [1, 3]).subarray(0, 3), 0xff, 0xff)],
  [
    'groups without number',
    join(bits([SIGNATURE, flag(false), ...choice(3, 2 ** 30 - 1, 30), [1, 3], flag(true), flag(true)]), 1, 0),
  ],
];

for (const [name, file] of BROKEN) {
  t.test(`broken: ${name}`, async (t) => t.same(codes(read(file)), ['HEADER_MALFORMED']));
}

t.test('wrong bytes take no time', async (t) => {
  const file = codestream({ ...ANIMATION, extra: [channel(0)] }, frame({ ticks: 5, extraChannels: 1 }));
  const begun = performance.now();
  for (let at = 2; at < file.length; at += 1) {
    for (let value = 0; value < 256; value += 5)
      read(join(file.subarray(0, at), value, file.subarray(at + 1)));
  }
  t.ok(performance.now() - begun < 5000);
});

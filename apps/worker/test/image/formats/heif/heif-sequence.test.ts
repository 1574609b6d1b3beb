import t from 'tap';
import { codes, join, type Part } from '../byte-builder.ts';
import {
  ALPHA,
  av1C,
  bits,
  box,
  EXIF,
  ftyp,
  full,
  heif,
  irot,
  meta,
  nclx,
  read,
  TIFF,
  u16,
  u32,
  u64,
} from './heif-builder.ts';

interface TrackParts {
  handler?: string;
  width?: number;
  height?: number;
  sizes?: Buffer | undefined;
  times?: Buffer;
  timescale?: number;
  properties?: Buffer[];
  more?: Buffer[];
  duration?: readonly [version: number, units: readonly number[]];
  tables?: Buffer[];
}

const stsz = (count: number, size = 0, listed = count) =>
  full('stsz', 0, 0, u32(size), u32(count), ...Array.from({ length: size === 0 ? listed : 0 }, () => u32(4)));
const stts = (...runs: [count: number, units: number][]) =>
  full('stts', 0, 0, u32(runs.length), ...runs.flat().map(u32));
const entry = (width: number, height: number, ...properties: Buffer[]) =>
  box('av01', Buffer.alloc(24), u16(width), u16(height), Buffer.alloc(50), ...properties);
const tref = (type: string, to: number) => box('tref', box(type, u32(to)));
const elst = (flags: number, ...durations: number[]) =>
  box(
    'edts',
    full(
      'elst',
      0,
      flags,
      u32(durations.length),
      ...durations.flatMap((units) => [u32(units), u32(0), u32(0x10000)]),
    ),
  );

let lastTrack = 0;
function trak(parts: TrackParts = {}): Buffer {
  const {
    handler = 'pict',
    width = 32,
    height = 16,
    properties = [av1C(), nclx(1, 13, 6)],
    more = [],
    tables = [],
  } = parts;
  const {
    sizes = stsz(3),
    times = stts([2, 100], [1, 50]),
    timescale = 1000,
    duration = [0, u32(250)],
  } = parts;
  lastTrack += 1;
  const [version, units] = duration;
  const created = version === 1 ? u64(0) : u32(0);
  return box(
    'trak',
    full('tkhd', version, 1, created, created, u32(lastTrack), u32(0), units, Buffer.alloc(60)),
    ...more,
    box(
      'mdia',
      full('mdhd', 0, 0, u32(0), u32(0), u32(timescale), u32(250), u32(0)),
      full('hdlr', 0, 0, u32(0), handler, Buffer.alloc(13)),
      box(
        'minf',
        box('stbl', full('stsd', 0, 0, u32(1), entry(width, height, ...properties)), times, sizes, ...tables),
      ),
    ),
  );
}

function film(...tracks: Buffer[]): Buffer {
  lastTrack = 0;
  return join(ftyp(['avis', 'msf1']), box('moov', ...tracks), box('mdat', 'samples'));
}

t.test('a film without a picture of its own', async (t) => {
  const file = film(trak());
  t.match(read(file), {
    mimeType: 'image/avif',
    image: {
      storedWidth: 32,
      storedHeight: 16,
      displayWidth: 32,
      bitDepth: 8,
      channels: 3,
      hasAlpha: false,
      pages: 3,
    },
    encoding: { codec: 'av1', chromaSubsampling: '4:2:0' },
    color: { space: 'srgb' },
    animation: { frames: 3, durationMs: 250, delaysMs: [100, 100, 50], loopCount: undefined },
    end: file.length,
    truncated: undefined,
    warnings: [],
  });
});

t.test('a film beside a picture: its frames, the picture’s size', async (t) => {
  const header = read(heif({ brands: ['avis', 'avif'], more: [box('moov', trak())] }));
  t.match(header, { image: { storedWidth: 64, hasAlpha: false, pages: 3 }, animation: { frames: 3 } });
});

t.test('a film beside a still picture is no sequence, unless the file says that it has one', async (t) => {
  const framesOf = (...brands: string[]) =>
    read(heif({ brands, more: [box('moov', trak({ handler: 'vide' }))] })).animation?.frames;
  t.same([framesOf('heic', 'mif1'), framesOf('heic', 'msf1')], [undefined, 3]);
});

t.test('one sample does not move', async (t) => {
  const header = read(film(trak({ sizes: stsz(1), times: stts([1, 100]) })));
  t.equal(header.animation, undefined);
  t.equal(header.image.pages, 1);
});

const TIMES: [name: string, parts: TrackParts, animation: object][] = [
  [
    'thirds of a second',
    { timescale: 3, times: stts([3, 1]) },
    { durationMs: 1000, delaysMs: [333.333, 333.333, 333.333] },
  ],
  ['no timescale', { timescale: 0 }, { frames: 3, durationMs: undefined, delaysMs: undefined }],
  [
    'a thousand delays at most',
    { sizes: stsz(5000, 0), times: stts([5000, 10]) },
    { frames: 5000, durationMs: 50_000, delaysMs: { length: 1000 } },
  ],
  ['more runs than there are', { times: full('stts', 0, 0, u32(9), u32(3), u32(20)) }, { durationMs: 60 }],
  ['samples of one size', { sizes: stsz(3, 5) }, { frames: 3 }],
  ['compact sizes', { sizes: full('stz2', 0, 0, u32(4), u32(3), 0x11, 0x10) }, { frames: 3 }],
  ['played once', { more: [elst(0, 250)] }, { loopCount: 1 }],
  ['played three times', { more: [elst(1, 100)] }, { loopCount: 3 }],
  ['two edits', { more: [elst(1, 100, 25)] }, { loopCount: 2 }],
  ['for ever', { more: [elst(1, 250)], duration: [0, u32(0xffff_ffff)] }, { loopCount: 0 }],
  [
    'for ever, in 64 bits',
    { more: [elst(1, 250)], duration: [1, [...u32(0xffff_ffff), ...u32(0xffff_ffff)]] },
    { loopCount: 0 },
  ],
  [
    'edits of 64 bits',
    { more: [box('edts', full('elst', 1, 1, u32(1), u64(125), u64(0), u32(0)))], duration: [1, u64(250)] },
    { loopCount: 2 },
  ],
  ['edits of nothing', { more: [elst(1, 0)] }, { loopCount: undefined }],
];

for (const [name, parts, animation] of TIMES) {
  t.test(`times: ${name}`, async (t) => t.match(read(film(trak(parts))), { animation, warnings: [] }));
}

const IMPOSSIBLE: [name: string, sizes: Buffer][] = [
  ['more frames than sizes', stsz(0xffff_fff0, 0, 3)],
  ['more frames than bytes', stsz(0xffff_fff0, 1)],
  ['no sizes', box('free')],
];

for (const [name, sizes] of IMPOSSIBLE) {
  t.test(`impossible: ${name}`, async (t) => {
    const header = read(film(trak({ sizes })));
    t.match(header, { image: { storedWidth: 32, pages: undefined }, animation: undefined });
    t.same(codes(header), ['HEADER_MALFORMED']);
  });
}

const alpha = full('auxi', 0, 0, ALPHA, 0);
const TRACKS: [name: string, tracks: () => Buffer[], image: object][] = [
  [
    'alpha',
    () => [trak(), trak({ handler: 'auxv', more: [tref('auxl', 1)], properties: [av1C(0, 0x1c), alpha] })],
    { hasAlpha: true, channels: 4 },
  ],
  [
    'depth',
    () => [
      trak(),
      trak({ handler: 'auxv', more: [tref('auxl', 1)], properties: [full('auxi', 0, 0, 'depth', 0)] }),
    ],
    { hasAlpha: false, channels: 3 },
  ],
  [
    'a larger one first seen second',
    () => [trak({ width: 8, height: 8 }), trak({ handler: 'vide' })],
    { storedWidth: 32 },
  ],
  [
    'thumbnails',
    () => [trak({ width: 8, height: 8 }), trak({ more: [tref('thmb', 1)] })],
    { storedWidth: 8 },
  ],
  ['sound', () => [trak({ handler: 'soun' }), trak({ width: 8, height: 8 })], { storedWidth: 8 }],
  [
    'turned',
    () => [trak({ properties: [av1C(), irot(1)] })],
    { storedWidth: 32, displayWidth: 16, transform: { rotate: 90 } },
  ],
];

for (const [name, tracks, image] of TRACKS) {
  t.test(`tracks: ${name}`, async (t) => t.match(read(film(...tracks())), { image, warnings: [] }));
}

t.test('no track to be seen', async (t) => {
  t.match(read(film(trak({ handler: 'soun' }))), { image: {}, animation: undefined, truncated: undefined });
  t.match(read(film(box('trak', box('mdia')))), { image: {}, warnings: [] });
});

t.test('without a configuration the first sample tells', async (t) => {
  const samples = join(
    0x0a,
    14,
    bits('000 1 1 00100 4:6 4:5 7:99 6:49 000 000 1 0 1 8:12 8:16 8:1 1 00 0 0'),
  );
  for (const offsets of [
    (at: number) => full('stco', 0, 0, u32(1), u32(at)),
    (at: number) => full('co64', 0, 0, u32(1), u64(at)),
  ]) {
    const moov = (at: number) => box('moov', trak({ properties: [], tables: [offsets(at)] }));
    const head = join(ftyp(['avis']), moov(0));
    const file = join(ftyp(['avis']), moov(head.length + 8), box('mdat', samples));
    t.match(read(file), {
      image: { bitDepth: 10, storedWidth: 32 },
      color: { hdr: { standard: 'pq' } },
      warnings: [],
    });
  }
});

t.test('tags of the film stand in its track', async (t) => {
  const tags = (at: number) => film(trak({ more: [meta({ primary: 0, items: [EXIF] }, at)] }));
  const file = join(tags(tags(0).length), EXIF.data as Part);
  t.same(read(file).blocks.exif, TIFF);
});

t.test('every beginning of a film is cut', async (t) => {
  const chunks = (at: number) => full('stco', 0, 0, u32(2), u32(0), u32(at));
  const auxiliary = { handler: 'auxv', more: [tref('auxl', 1)], properties: [alpha] };
  const cut = (at: number) => film(trak({ more: [elst(1, 100)], tables: [chunks(at)] }), trak(auxiliary));
  const file = cut(cut(0).length - 7);
  t.match(read(file), { truncated: undefined, end: file.length, image: { hasAlpha: true } });
  for (let length = 0; length < file.length; length += 1) {
    const { truncated, end } = read(file.subarray(0, length));
    if (truncated !== true || end !== undefined) t.fail(`not cut at ${length}`);
  }
});

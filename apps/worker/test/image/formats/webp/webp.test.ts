import sharp from 'sharp';
import t from 'tap';
import { messages, NONE } from '../byte-builder.ts';
import {
  ALPH,
  anim,
  anmf,
  chunk,
  LOSSLESS,
  LOSSY,
  MOVING,
  OPAQUE,
  read,
  riff,
  vp8,
  vp8l,
  vp8x,
  WITH_ALPHA,
} from './webp-builder.ts';

const STILLS: [name: string, file: Buffer, image: object, coding: object][] = [
  ['lossy', riff(vp8()), OPAQUE, { ...LOSSY, encoding: { profile: '0' } }],
  ['lossless', riff(vp8l()), OPAQUE, LOSSLESS],
  ['lossless with alpha', riff(vp8l(1)), WITH_ALPHA, LOSSLESS],
  ['lossy with alpha', riff(vp8x(0x10), ALPH, vp8()), WITH_ALPHA, LOSSY],
  ['extended without anything', riff(vp8x(0), vp8()), OPAQUE, LOSSY],
  ['alpha that is promised and not there', riff(vp8x(0x10), vp8()), OPAQUE, LOSSY],
  ['alpha that is there and not promised', riff(vp8x(0), vp8l(1)), WITH_ALPHA, LOSSLESS],
  ['frames that are not announced', riff(vp8x(0), anim(1), anmf(10, 0, vp8l(1)), vp8()), OPAQUE, LOSSY],
  ['a second picture', riff(vp8(), vp8l(1, 9, 9)), OPAQUE, LOSSY],
];

t.test('coding, samples, alpha of what does not move', (t) => {
  for (const [name, file, image, coding] of STILLS) {
    const header = read(file);
    t.match(
      header,
      { image: { storedWidth: 6, storedHeight: 4, bitDepth: 8, pages: 1, ...image }, ...coding },
      name,
    );
    t.match(header, { warnings: NONE, end: file.length, truncated: undefined }, name);
    t.equal(header.animation, undefined, name);
  }
  t.match(read(riff(vp8(0x3fff, 0x3fff))).image, { storedWidth: 0x3fff, storedHeight: 0x3fff });
  t.match(read(riff(vp8l(0, 0x4000, 0x4000))).image, { storedWidth: 0x4000, storedHeight: 0x4000 });
  t.end();
});

t.test('an encoder’s own files', async (t) => {
  const plain = sharp({ create: { width: 31, height: 17, channels: 4, background: '#36912380' } });
  const lossy = await plain.clone().webp().toBuffer();
  t.match(read(lossy), {
    image: { storedWidth: 31, storedHeight: 17, ...WITH_ALPHA },
    ...LOSSY,
    end: lossy.length,
  });
  const exact = await plain
    .clone()
    .removeAlpha()
    .withExif({ IFD0: { Make: 'Tintype' } })
    .webp({ lossless: true })
    .toBuffer();
  const header = read(exact);
  t.match(header, { image: { storedWidth: 31, ...OPAQUE }, ...LOSSLESS, end: exact.length, warnings: NONE });
  t.match(Buffer.from(header.blocks.exif ?? []).toString('latin1'), /^(II\*\0|MM\0\*)[\s\S]*Tintype/);
});

const TIFF = Buffer.from('MM\0*\0\0\0\b\0\0', 'latin1');

t.test('blocks of tags, in any order, padded or not, the first of a kind', (t) => {
  const exif = chunk('EXIF', 'Exif\0\0', TIFF);
  const xmp = chunk('XMP ', '<x/>!');
  const icc = chunk('ICCP', 'profile');
  const c2pa = chunk('C2PA', 'jumbf');
  const blocks = {
    exif: TIFF,
    xmp: [Buffer.from('<x/>!')],
    icc: Buffer.from('profile'),
    c2pa: Buffer.from('jumbf'),
  };
  t.same(read(riff(vp8x(0x2c), icc, vp8(), exif, xmp, c2pa)).blocks, blocks);
  const turned = riff(vp8x(0), c2pa, xmp, exif, chunk('EXIF', 'II*\0'), chunk('XMP ', 'two'), vp8l(), icc);
  t.same(read(turned).blocks, blocks);
  t.match(read(turned), { end: turned.length, warnings: NONE });
  const unpadded = turned.subarray(0, -1);
  t.match(
    read(unpadded),
    { end: unpadded.length, truncated: undefined, warnings: NONE },
    'the last padding is missed by nobody',
  );
  t.same(read(riff(vp8(), chunk('XMP\0', '<x/>!'))).blocks, { xmp: blocks.xmp });
  t.end();
});

t.test('the end of the image', (t) => {
  const file = riff(vp8());
  t.match(read(Buffer.concat([file, Buffer.from('more')])), { end: file.length, truncated: undefined });
  const short = Buffer.from(file);
  short.writeUInt32LE(14, 4);
  t.match(
    read(short),
    { end: file.length, image: { storedWidth: 6 }, warnings: { length: 1 } },
    'RIFF too short',
  );
  short.writeUInt32LE(0, 4);
  t.match(
    read(short),
    { end: file.length, image: { storedWidth: 6 }, warnings: { length: 1 } },
    'RIFF without size',
  );
  t.end();
});

const MALFORMED: [name: string, file: Buffer, message: RegExp][] = [
  ['a size of nothing', chunk('RIFF', 'WEBP'), /RIFF gives no possible size/],
  ['a picture that is smaller than its canvas', riff(vp8x(0, 60, 40), vp8()), /does not fill the canvas/],
  [
    'no key frame',
    riff(chunk('VP8 ', [0x11, 0, 0, 0x9d, 0x01, 0x2a, 1, 0, 1, 0])),
    /nothing that can be decoded/,
  ],
  ['no signature', riff(chunk('VP8L', 'nothing')), /nothing that can be decoded/],
  ['a short VP8', riff(chunk('VP8 ', [0x10])), /VP8 is too short/],
  ['a short VP8X', riff(chunk('VP8X', [0x10]), vp8()), /VP8X is too short/],
  [
    'short frames',
    riff(vp8x(2), anim(0), chunk('ANMF', 'x'), chunk('ANMF', 'y')),
    /^A chunk ANMF is too short.$/,
  ],
  ['EXIF that is none', riff(vp8x(8), vp8(), chunk('EXIF', 'nothing')), /no TIFF stream/],
];

t.test('what breaks the rules is said', (t) => {
  for (const [name, file, message] of MALFORMED) {
    const header = read(file);
    t.match(messages(header), message, name);
    t.ok(
      header.warnings.every(({ code }) => code === 'HEADER_MALFORMED'),
      name,
    );
  }
  t.match(
    read(riff(vp8x(0, 60, 40), vp8())).image,
    { storedWidth: 60, storedHeight: 40 },
    'the canvas is the size',
  );
  t.end();
});

t.test('every beginning of a file keeps what it has', (t) => {
  for (let length = 0; length < MOVING.length; length += 1) {
    const header = read(MOVING.subarray(0, length));
    if (header.truncated !== true || header.end !== undefined) t.fail(`cut at ${length}`);
    if (length >= 12 + 18 && header.image.storedHeight !== 4) t.fail(`size lost at ${length}`);
    if (header.animation !== undefined && header.animation.durationMs !== undefined)
      t.fail(`a sum of some at ${length}`);
  }
  // Within the pixels of the second frame.
  const cut = MOVING.indexOf('UNKN') + 30;
  t.match(read(MOVING.subarray(0, cut)), {
    animation: { frames: 2, loopCount: 3, delaysMs: [74565, 10] },
    encoding: { process: 'lossy' },
  });
  t.match(read(riff(vp8()).subarray(0, 32)), {
    truncated: true,
    image: { storedWidth: 6, storedHeight: 4, hasAlpha: false },
  });
  t.equal(read(riff(vp8x(0x10)).subarray(0, 30)).truncated, undefined);
  t.end();
});

t.test('no changed byte leads anywhere', (t) => {
  const file = Buffer.concat([MOVING, riff(vp8x(0x10), ALPH, vp8(), chunk('EXIF', TIFF))]);
  for (let at = 0; at < file.length; at += 1) {
    for (const value of [0, 0x7f, 0xff]) {
      const changed = Buffer.from(file);
      changed[at] = value;
      read(changed);
    }
  }
  t.pass();
  t.end();
});

t.test('hostile files end at a limit', (t) => {
  const many = (count: number, one: Buffer) => Array.from({ length: count }, () => one);
  const chunks = read(riff(vp8(), ...many(2000, chunk('JUNK', ''))));
  t.match(chunks, {
    warnings: { length: 1, 0: { code: 'WALK_LIMIT' } },
    image: { storedWidth: 6 },
    end: undefined,
  });
  const tooMany = read(riff(vp8x(2), anim(0), ...many(10_001, chunk('ANMF', ''))));
  t.match(tooMany.warnings, [{ code: 'HEADER_MALFORMED' }, { code: 'WALK_LIMIT' }]);
  const unused = read(riff(vp8x(2), anmf(1, 0, ...many(5000, chunk('JUNK', '')), vp8l())));
  t.equal(unused.encoding.codec, undefined, 'only the first chunks of a frame are looked at');
  t.end();
});

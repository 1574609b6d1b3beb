import t from 'tap';
import { readHeader } from '../../../../src/image/read-header.ts';
import { SHORT, tiff } from '../../tiff-builder.ts';

interface Options {
  jpeg?: Buffer;
  directory?: Buffer;
  sensor?: Buffer;
  compression?: number;
}

/** The header's 160 bytes, then the parts. */
function raf({ jpeg = JPEG, directory = DIRECTORY, sensor = SENSOR, compression = 0 }: Options = {}): Buffer {
  const header = Buffer.alloc(160);
  header.write('FUJIFILMCCD-RAW 0201FF119502X-T9', 'latin1');
  header.writeUInt32BE(compression, 0x6c);
  const parts: Buffer[] = [header];
  let at = header.length;
  for (const [pointerAt, part] of [
    [0x54, jpeg],
    [0x5c, directory],
    [0x64, sensor],
  ] as const) {
    header.writeUInt32BE(part.length > 0 ? at : 0, pointerAt);
    header.writeUInt32BE(part.length, pointerAt + 4);
    parts.push(part);
    at += part.length;
  }
  return Buffer.concat(parts);
}

function jpegWith(exif: Buffer): Buffer {
  const segment = Buffer.concat([Buffer.from('\xff\xe1\0\0Exif\0\0', 'latin1'), exif]);
  segment.writeUInt16BE(segment.length - 2, 2);
  return Buffer.concat([
    Buffer.from('\xff\xd8\xff\xe0\0\x04..', 'latin1'),
    segment,
    Buffer.from('\xff\xda\0\x02....\xff\xd9', 'latin1'),
  ]);
}

/** Tag, height, width. */
function directoryOf(...tags: [number, number, number][]): Buffer {
  const bytes = Buffer.alloc(4 + 8 * tags.length);
  bytes.writeUInt32BE(tags.length);
  for (const [index, [tag, height, width]] of tags.entries()) {
    for (const [part, number] of [tag, 4, height, width].entries())
      bytes.writeUInt16BE(number, 4 + 8 * index + 2 * part);
  }
  return bytes;
}

const EXIF = tiff([[[0x0112, SHORT, [6]]]]);
const JPEG = jpegWith(EXIF);
const DIRECTORY = directoryOf([0x0100, 4182, 6384], [0x0110, 13, 16], [0x0111, 4160, 6240]);
const SENSOR = tiff([
  [
    [
      0xf000,
      13,
      {
        directories: [
          [
            [0xf001, SHORT, [6384]],
            [0xf002, SHORT, [4182]],
            [0xf003, SHORT, [14]],
          ],
        ],
      },
    ],
  ],
]);
const read = (options?: Options) => readHeader(raf(options), 'raf');

t.test('size, what of it is shown, depth, EXIF', async (t) => {
  const { blocks, ...header } = read();
  t.same(header, {
    formatVersion: '0201',
    image: {
      storedWidth: 6384,
      storedHeight: 4182,
      displayWidth: 4160,
      displayHeight: 6240,
      orientation: 6,
      bitDepth: 14,
      channels: 1,
      pages: 1,
    },
    encoding: { byteOrder: 'big-endian' },
    compression: { method: 'none', lossless: true },
    color: { model: 'cfa' },
    warnings: [],
  });
  t.same(blocks.exif, EXIF);
});

t.test('compression', async (t) => {
  t.match(read({ compression: 2 }).compression, { method: 'raf', lossless: true });
  t.match(read({ compression: 3 }).compression, { method: 'raf', lossless: false });
  t.same(read({ compression: 9 }).compression, {});
});

t.test('without one of its parts', async (t) => {
  const none = Buffer.alloc(0);
  t.equal(read({ jpeg: none }).blocks.exif, undefined);
  t.match(read({ directory: none }).image, { storedWidth: 6384, storedHeight: 4182, bitDepth: 14 });
  t.match(read({ sensor: Buffer.alloc(64) }).image, { storedWidth: 6384, bitDepth: undefined });
  t.same(read({ jpeg: Buffer.from('no picture') }).blocks, {});
});

t.test('every prefix keeps what it has', async (t) => {
  const bytes = raf();
  for (let length = 0; length < bytes.length; length += 1) {
    const { truncated, warnings, image } = readHeader(bytes.subarray(0, length), 'raf');
    if (truncated !== true) t.fail(`${length} of ${bytes.length} bytes are not all`);
    if (warnings.length > 0) t.fail(`${length}: ${warnings[0]?.message}`);
    if (length >= bytes.length - SENSOR.length && image.storedWidth !== 6384)
      t.fail(`${length}: the width was there`);
  }
  t.equal(readHeader(bytes, 'raf').truncated, undefined);
});

t.test('every byte turned ends in a header', async (t) => {
  const bytes = raf();
  for (let at = 0; at < bytes.length; at += 1) {
    const broken = Buffer.from(bytes);
    broken[at] = 255 - (broken[at] ?? 0);
    readHeader(broken, 'raf');
  }
  t.equal(readHeader(bytes, 'raf').image.bitDepth, 14);
});

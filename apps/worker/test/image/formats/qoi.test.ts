import t from 'tap';
import { Bytes, EndOfBytes } from '../../../src/image/bytes.ts';
import { readQoi } from '../../../src/image/formats/qoi.ts';
import { emptyHeader, type Header } from '../../../src/image/header.ts';

const END = [0, 0, 0, 0, 0, 0, 0, 1];

/** Of 4 × 3 pixels: RGB, RGBA, DIFF, LUMA, INDEX, a run of 7. */
const PIXELS = [0xfe, 1, 2, 3, 0xff, 1, 2, 3, 4, 0x6a, 0xa0, 0x88, 0x01, 0xc6];

function qoi({ width = 4, height = 3, channels = 4, space = 0, pixels = PIXELS, end = END } = {}): Buffer {
  const header = Buffer.from('qoif\0\0\0\0\0\0\0\0\0\0', 'latin1');
  header.writeUInt32BE(width, 4);
  header.writeUInt32BE(height, 8);
  header[12] = channels;
  header[13] = space;
  return Buffer.concat([header, Buffer.from([...pixels, ...end])]);
}

/** Any exception but EndOfBytes fails the test. */
function read(bytes: Uint8Array): Header {
  const header = emptyHeader();
  try {
    readQoi(new Bytes(bytes), header);
  } catch (error) {
    if (!(error instanceof EndOfBytes)) throw error;
    header.truncated = true;
  }
  return header;
}

t.test('what the header says', (t) => {
  t.same(read(qoi()), {
    image: { storedWidth: 4, storedHeight: 3, bitDepth: 8, channels: 4, hasAlpha: true, pages: 1 },
    encoding: { codec: 'qoi' },
    compression: { method: 'qoi', lossless: true },
    color: { model: 'rgb', space: 'srgb', transfer: 'srgb', primaries: 'bt709' },
    blocks: {},
    warnings: [],
    end: qoi().length,
  });
  const linear = read(qoi({ channels: 3, space: 1 }));
  t.match(linear, {
    image: { channels: 3, hasAlpha: false },
    color: { space: undefined, transfer: 'linear' },
  });
  t.end();
});

t.test('the end of the image', (t) => {
  const file = qoi();
  t.match(read(Buffer.concat([file, Buffer.from('trailing')])), { end: file.length, truncated: undefined });
  for (let length = 4; length < file.length; length += 1) {
    const header = read(file.subarray(0, length));
    if (header.truncated !== true || header.end !== undefined) t.fail(`cut at ${length}`);
    if (length >= 12 && header.image.storedHeight !== 3) t.fail(`size lost at ${length}`);
  }
  t.end();
});

const MALFORMED: [name: string, file: Buffer, field: string][] = [
  ['no width', qoi({ width: 0, pixels: [] }), 'image'],
  ['five channels', qoi({ channels: 5 }), 'image.channels'],
  ['an unknown space', qoi({ space: 2 }), 'color'],
];

t.test('what breaks the rules is said', (t) => {
  for (const [name, file, field] of MALFORMED) {
    t.match(read(file).warnings, { length: 1, 0: { code: 'HEADER_MALFORMED', field } }, name);
  }
  t.match(read(qoi({ channels: 5 })).image, { channels: undefined, hasAlpha: undefined });
  const huge = qoi({ width: 0xffffffff, height: 0xffffffff, end: [] });
  t.match(read(huge), { truncated: true, image: { storedWidth: 0xffffffff } }, 'no further than the file');
  t.end();
});

import sharp from 'sharp';
import t from 'tap';
import { jpegHeaderEnd } from '../../src/image/jpeg-header.ts';

const jpeg = await sharp({ create: { width: 400, height: 300, channels: 3, background: '#a35' } })
  .withExif({ IFD0: { Make: 'Tintype' } })
  .jpeg({ progressive: true })
  .toBuffer();
const end = jpegHeaderEnd(jpeg) ?? 0;

t.test('the header ends behind the first scan’s own header', async (t) => {
  const startOfScan = jpeg.indexOf(Buffer.from([0xff, 0xda]));
  t.equal(end, startOfScan + 2 + jpeg.readUInt16BE(startOfScan + 2));
});

t.test('the header alone says what the whole file says', async (t) => {
  const whole = await sharp(jpeg, { failOn: 'none' }).metadata();
  const head = await sharp(jpeg.subarray(0, end + 1024), { failOn: 'none' }).metadata();
  t.same({ ...head, size: 0 }, { ...whole, size: 0 });
});

t.test('what is cut within its header has no end', async (t) => {
  for (let length = 0; length < end; length += 1) {
    if (jpegHeaderEnd(jpeg.subarray(0, length)) !== undefined) t.fail(`cut at ${length}`);
  }
  t.equal(jpegHeaderEnd(jpeg.subarray(0, end)), end);
});

const NONSENSE: [string, number[]][] = [
  ['nothing', []],
  ['text', [...Buffer.from('no picture at all')]],
  ['a segment that is longer than the file', [0xff, 0xd8, 0xff, 0xe1, 0xff, 0xff, 0, 0]],
  [
    'a segment of length 0, again and again',
    [0xff, 0xd8, ...Array.from({ length: 4000 }, (_, index) => [0xff, 0xe0, 0, 0][index % 4] ?? 0)],
  ],
  ['fill bytes for ever', Array.from({ length: 5000 }, () => 0xff)],
];

for (const [name, bytes] of NONSENSE) {
  t.test(name, async (t) => t.equal(jpegHeaderEnd(Uint8Array.from(bytes)), undefined));
}

t.test('fill bytes before a marker are allowed', async (t) => {
  const filled = Buffer.concat([jpeg.subarray(0, 2), Buffer.from([0xff, 0xff]), jpeg.subarray(2)]);
  t.equal(jpegHeaderEnd(filled), end + 2);
});

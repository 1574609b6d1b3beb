import t from 'tap';
import { emptyHeader, type Header } from '../../../../src/image/header.ts';
import { readHeader } from '../../../../src/image/read-header.ts';
import { type Field, LONG, LONG8, SHORT, type TiffOptions, tiff, type Value } from '../../tiff-builder.ts';
import { CFA, jpeg, make, page, preview, strip, subs } from './tiff-page.ts';

const latin1 = (text: string) => Buffer.from(text, 'latin1');
const read = (fields: Field[], options?: TiffOptions): Header => readHeader(tiff([fields], options), 'tiff');

const NONSENSE: [string, Buffer, boolean][] = [
  ['nothing', Buffer.alloc(0), true],
  ['a header alone', latin1('II*\0\x08\0\0\0'), true],
  ['a directory far away', latin1('MM\0*\x7f\xff\xff\xff........'), true],
  ['a directory in the header', latin1('II*\0\x02\0\0\0........'), false],
  ['BigTIFF with short offsets', latin1('II+\0\x04\0\0\0\x10\0\0\0\0\0\0\0'), false],
];

for (const [name, bytes, isCut] of NONSENSE) {
  t.test(`nonsense: ${name}`, async (t) => {
    const header = readHeader(bytes, 'tiff');
    t.equal(header.truncated, isCut || undefined);
    t.equal(header.warnings.length, isCut ? 0 : 1);
    t.same(header.image, emptyHeader().image);
  });
}

t.test('every prefix keeps what it has', async (t) => {
  const rgb: Field[] = [
    [0x0106, SHORT, [2]],
    [0x0102, SHORT, [8, 8, 8]],
    [0x0115, SHORT, [3]],
    [0x0111, LONG, { data: Buffer.alloc(24) }],
    [0x0117, LONG, [24]],
  ];
  for (const options of [{}, { big: true }]) {
    const bytes = tiff([page(...rgb, make('Maker')), page()], options);
    for (let length = 0; length < bytes.length; length += 1) {
      const { truncated, warnings, image } = readHeader(bytes.subarray(0, length), 'tiff');
      if (truncated !== true) t.fail(`${length} of ${bytes.length} bytes are not all`);
      if (warnings.length > 0) t.fail(`${length}: ${warnings[0]?.message}`);
      if (length > 150 && image.storedWidth !== 4) t.fail(`${length}: the width was there`);
    }
    t.equal(readHeader(bytes, 'tiff').truncated, undefined);
  }
});

t.test('every byte turned ends in a header', async (t) => {
  const bytes = tiff([
    preview(make('SONY'), subs(page([0x0103, SHORT, [7]], ...CFA, ...strip(jpeg(0xc3, 9, 9, 2))))),
    page(),
  ]);
  for (let at = 0; at < bytes.length; at += 1) {
    const broken = Buffer.from(bytes);
    broken[at] = 255 - (broken[at] ?? 0);
    readHeader(broken, 'tiff');
  }
  t.equal(readHeader(bytes, 'tiff').format, 'arw');
});

t.test('hostile: a thousand pages that share a million strips', async (t) => {
  const pieces: Value = new Uint8Array(0);
  const pages = Array.from({ length: 500 }, () => page([0x0111, LONG, pieces], [0x0117, LONG, pieces]));
  const bytes = Buffer.concat([tiff(pages), Buffer.alloc(4 << 20, 1)]);
  const stripsAt = bytes.length - (4 << 20);
  for (let at = bytes.readUInt32LE(4); at !== 0; at = bytes.readUInt32LE(at + 2 + 12 * 7)) {
    for (const entry of [5, 6]) {
      bytes.writeUInt32LE(1 << 20, at + 2 + 12 * entry + 4);
      bytes.writeUInt32LE(stripsAt, at + 2 + 12 * entry + 8);
    }
  }
  const begin = process.cpuUsage();
  const header = readHeader(bytes, 'tiff');
  t.ok(process.cpuUsage(begin).user < 2_000_000, 'bounded: microseconds of CPU');
  t.equal(header.image.pages, 500);
  t.equal(header.end, undefined);
});

t.test('BigTIFF: offsets of 64 bits', async (t) => {
  const fields = page([0x0100, LONG8, [70_000]], [0x0111, LONG8, [2 ** 40]], [0x0117, LONG8, [8]]);
  const header = read(fields, { big: true });
  t.equal(header.image.storedWidth, 70_000);
  t.equal(header.truncated, true);
});

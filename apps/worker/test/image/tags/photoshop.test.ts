import t from 'tap';
import { readPhotoshop } from '../../../src/image/tags/photoshop.ts';

const u16 = (value: number) => Buffer.from([value >> 8, value & 255]);
const u32 = (value: number) => Buffer.concat([u16(value >>> 16), u16(value & 0xffff)]);
const join = (...parts: (string | Uint8Array)[]) =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)));

/** Name and data padded to even lengths. */
function resource(
  id: number,
  data: string | Uint8Array,
  { name = '', signature = '8BIM', size = data.length } = {},
) {
  const pascal = join(Buffer.from([name.length]), name, Buffer.alloc((name.length + 1) % 2));
  return join(signature, u16(id), pascal, u32(size), data, Buffer.alloc(data.length % 2));
}

const text = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString('latin1');
const resolution = (x: number, y: number, unit: number) =>
  join(u32(x * 0x10000), u16(unit), u16(1), u32(y * 0x10000), u16(unit), u16(1));
const thumbnail = (format: number) =>
  join(u32(format), u32(160), u32(120), u32(480), u32(57600), u32(4), u16(24), u16(1), '\xff\xd8\xff\xd9');

t.test('every resource of interest', async (t) => {
  const reading = readPhotoshop(
    join(
      resource(0x03ed, resolution(72.5, 300, 2)),
      resource(0x0404, '\x1c\x02\x05', { name: 'odd' }),
      resource(0x040c, thumbnail(1), { name: 'even' }),
      resource(0x040f, 'icc', { signature: 'MeSa' }),
      resource(0x0422, 'II*\0'),
      resource(0x0424, '<x/>'),
      resource(0x2710, 'of no interest'),
    ),
  );
  t.strictSame(reading.density, { x: 72.5, y: 300 });
  t.equal(text(reading.iptc), '\x1c\x02\x05');
  t.equal(text(reading.thumbnail), '\xff\xd8\xff\xd9');
  t.equal(text(reading.icc), 'icc');
  t.equal(text(reading.exif), 'II*\0');
  t.equal(text(reading.xmp), '<x/>');
  t.strictSame(reading.warnings, []);
});

t.test('what is odd', async (t) => {
  const iptc = resource(0x0404, 'abc');
  const cases: { name: string; block: Buffer; iptc: string | undefined; warnings: string[] }[] = [
    { name: 'nothing', block: Buffer.alloc(0), iptc: undefined, warnings: [] },
    {
      name: 'the first of two counts',
      block: join(iptc, resource(0x0404, 'xyz')),
      iptc: 'abc',
      warnings: [],
    },
    { name: 'an empty one does not', block: join(resource(0x0404, ''), iptc), iptc: 'abc', warnings: [] },
    {
      name: 'padding is left out',
      block: join(resource(0x2710, 'x').subarray(0, -1), iptc),
      iptc: 'abc',
      warnings: [],
    },
    { name: 'zeros behind', block: join(iptc, Buffer.alloc(9)), iptc: 'abc', warnings: [] },
    { name: 'other bytes behind', block: join(iptc, 'other'), iptc: 'abc', warnings: ['TAGS_UNREADABLE'] },
    {
      name: 'of another kind',
      block: join('nothing of the kind'),
      iptc: undefined,
      warnings: ['TAGS_UNREADABLE'],
    },
    {
      name: 'data that is cut',
      block: resource(0x0404, 'abcd', { size: 0xffffffff }),
      iptc: 'abcd',
      warnings: ['TAGS_UNREADABLE'],
    },
    {
      name: 'records behind a resource without a size',
      block: join(resource(0x0404, ''), '\x1c\x02\x05\0\x01a'),
      iptc: '\x1c\x02\x05\0\x01a',
      warnings: ['TAGS_UNREADABLE'],
    },
    {
      name: 'too many resources',
      block: join(...Array(1001).fill(resource(0x2710, '')), iptc),
      iptc: undefined,
      warnings: ['WALK_LIMIT'],
    },
  ];
  for (const { name, block, iptc, warnings } of cases) {
    const reading = readPhotoshop(block);
    t.equal(text(reading.iptc), iptc, name);
    t.strictSame(
      reading.warnings.map(({ code }) => code),
      warnings,
      `${name}: warnings`,
    );
  }
});

t.test('resolutions and previews that are none', async (t) => {
  t.equal(readPhotoshop(resource(0x03ed, resolution(0, 300, 1))).density, undefined);
  t.equal(readPhotoshop(resource(0x03ed, 'short')).density, undefined);
  t.equal(readPhotoshop(resource(0x0409, thumbnail(0))).thumbnail, undefined, 'not a JPEG');
  t.equal(readPhotoshop(resource(0x0409, thumbnail(1))).thumbnail?.length, 4, 'of Photoshop 4');
  t.equal(readPhotoshop(resource(0x040c, 'short')).thumbnail, undefined);
});

t.test('every prefix keeps what it has', async (t) => {
  const block = join(resource(0x0424, '<x/>'), resource(0x0404, 'abcd'));
  const firstBytes = resource(0x0424, '<x/>').length;
  for (let length = 0; length <= block.length; length += 1) {
    const { xmp } = readPhotoshop(block.subarray(0, length));
    t.equal(text(xmp) === '<x/>', length >= firstBytes, String(length));
  }
});

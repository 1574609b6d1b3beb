import t from 'tap';
import { readJxr } from '../../../src/image/formats/jxr.ts';
import { ASCII, BYTE, type Field, LONG, tiff } from '../tiff-builder.ts';
import { bearsNoise, codes, join, patched, readWith } from './byte-builder.ts';

const GUID = Buffer.from('24c3dd6f034efe4bb1853d77768dc900', 'hex');

function jxr(pixels: number, ...more: Field[]): Buffer {
  const fields: Field[] = [
    ...more,
    [0xbc01, BYTE, patched(GUID, [15, pixels])],
    [0xbc80, LONG, [600]],
    [0xbc81, LONG, [400]],
  ];
  return tiff([fields.toSorted(([one], [other]) => one - other)], { littleEndian: true, magic: 0x01bc });
}

t.test('what the directory says', async (t) => {
  const file = jxr(12, [0xbc02, LONG, [4]]);
  t.match(readWith(readJxr, file), {
    formatVersion: '1',
    image: { storedWidth: 600, storedHeight: 400, orientation: 6, bitDepth: 8, channels: 3, hasAlpha: false },
    encoding: { codec: 'jpegxr' },
    compression: { method: 'jpegxr' },
    color: { model: 'rgb' },
    truncated: undefined,
  });
  t.equal(readWith(readJxr, file).blocks.exif, undefined, 'no tags but the picture’s own');
});

t.test('samples', async (t) => {
  t.match(readWith(readJxr, jxr(5)), { image: { channels: 1, bitDepth: 1 }, color: { model: 'gray' } });
  t.match(readWith(readJxr, jxr(22)).image, { channels: 4, bitDepth: 16, hasAlpha: true });
  t.match(readWith(readJxr, jxr(28)), { image: { channels: 4, hasAlpha: false }, color: { model: 'cmyk' } });
  t.match(readWith(readJxr, jxr(250)).image, { channels: undefined, bitDepth: undefined });
});

t.test('blocks of tags', async (t) => {
  const { blocks } = readWith(
    readJxr,
    jxr(
      12,
      [0x010f, ASCII, 'Maker'],
      [0x02bc, BYTE, Buffer.from('<x/>')],
      [0x8773, BYTE, Buffer.from('profile')],
    ),
  );
  t.equal(Buffer.from(blocks.exif ?? []).toString('latin1', 0, 2), 'II');
  t.equal(Buffer.from(blocks.xmp?.[0] ?? []).toString(), '<x/>');
  t.equal(Buffer.from(blocks.icc ?? []).toString(), 'profile');
});

t.test('cut files and wrong bytes', async (t) => {
  const file = jxr(12, [0xbcc0, LONG, [100]], [0xbcc1, LONG, [10_000]]);
  t.equal(readWith(readJxr, file).truncated, true);
  t.equal(readWith(readJxr, join('II\xbc\x01')).truncated, true);
  for (let length = 0; length < file.length; length += 1) {
    t.ok([undefined, 600].includes(readWith(readJxr, file.subarray(0, length)).image.storedWidth));
  }
  bearsNoise(t, readJxr, file);
  t.same(codes(readWith(readJxr, patched(file, [4, [0, 0, 0, 0]]))), ['HEADER_MALFORMED']);
});

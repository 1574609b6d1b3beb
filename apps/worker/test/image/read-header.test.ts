import type { ImageFormat } from '@tintype/core/contract';
import t from 'tap';
import { HEADER_READERS, readHeader } from '../../src/image/read-header.ts';

/** A TIFF of one directory: tag, type, value in four bytes. */
function tiff(...entries: [tag: number, type: number, value: number][]): Buffer {
  const bytes = Buffer.alloc(8 + 2 + entries.length * 12 + 4);
  bytes.write('MM\0*', 'latin1');
  bytes.writeUInt32BE(8, 4);
  bytes.writeUInt16BE(entries.length, 8);
  for (const [index, [tag, type, value]] of entries.entries()) {
    const at = 10 + index * 12;
    bytes.writeUInt16BE(tag, at);
    bytes.writeUInt16BE(type, at + 2);
    bytes.writeUInt32BE(1, at + 4);
    bytes.writeInt32BE(value, at + 8);
  }
  return bytes;
}

const SLONG = 9;

t.test('what can not be is not told', async (t) => {
  const { image, warnings } = readHeader(tiff([256, SLONG, -5], [257, SLONG, 7]), 'tiff');
  t.match(image, { storedHeight: 7 });
  t.notOk('storedWidth' in image);
  t.match(warnings, [{ code: 'HEADER_MALFORMED', field: 'image.storedWidth', message: /-5/ }]);
});

t.test('every reader ends, whatever it is given', async (t) => {
  const inputs = [
    Buffer.alloc(0),
    Buffer.alloc(1),
    Buffer.alloc(4096),
    Buffer.alloc(4096, 0xff),
    Buffer.from('<svg'),
  ];
  for (const format of Object.keys(HEADER_READERS) as ImageFormat[]) {
    for (const input of inputs) t.doesNotThrow(() => readHeader(input, format), format);
  }
});

t.test('of the beginning of a file nothing is said about its end', async (t) => {
  const gif = Buffer.from('GIF89a\x02\0\x01\0\x80\0\0\0\0\0\xff\xff\xff,', 'latin1');
  t.equal(readHeader(gif, 'gif').truncated, true);
  const part = readHeader(gif, 'gif', false);
  t.match(part.image, { storedWidth: 2, storedHeight: 1 });
  t.notOk('truncated' in part || 'end' in part);
});

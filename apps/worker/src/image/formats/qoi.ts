// QOI, the "Quite OK Image" format (specification 1.0, qoiformat.org).
import type { Bytes } from '../bytes.ts';
import { type HeaderReader, malformed } from '../header.ts';

const HEADER_BYTES = 14;
const END_MARK = '\0\0\0\0\0\0\0\x01';

export const readQoi: HeaderReader = (bytes, header) => {
  const { image, encoding, compression, color } = header;
  encoding.codec = 'qoi';
  compression.method = 'qoi';
  compression.lossless = true;
  image.bitDepth = 8;
  image.pages = 1;
  color.model = 'rgb';
  image.storedWidth = bytes.u32(4);
  image.storedHeight = bytes.u32(8);
  if (image.storedWidth === 0 || image.storedHeight === 0)
    header.warnings.push(malformed('A side has no length.', 'image'));
  const [channels, space] = [bytes.u8(12), bytes.u8(13)];
  if (channels === 3 || channels === 4) {
    image.channels = channels;
    image.hasAlpha = channels === 4;
  } else header.warnings.push(malformed(`The header names ${channels} channels.`, 'image.channels'));
  if (space === 0) Object.assign(color, { space: 'srgb', transfer: 'srgb', primaries: 'bt709' });
  else if (space === 1) color.transfer = 'linear';
  else header.warnings.push(malformed('The header names no known colour space.', 'color'));
  header.end = endOf(bytes, image.storedWidth * image.storedHeight);
};

/**
 * Nearly every file ends with its mark, and all is said. In another the pixels are counted, to tell what was cut off from what was
 * put behind.
 * @throws EndOfBytes
 */
function endOf(bytes: Bytes, pixels: number): number {
  if (bytes.length >= HEADER_BYTES + END_MARK.length && bytes.is(END_MARK, bytes.length - END_MARK.length))
    return bytes.length;
  let at = HEADER_BYTES;
  for (let left = pixels; left > 0; ) {
    const tag = bytes.u8(at);
    at += chunkBytes(tag);
    // A run stands for several pixels, every other chunk for one.
    left -= isRun(tag) ? (tag & 0x3f) + 1 : 1;
  }
  bytes.need(at, END_MARK.length);
  return at + END_MARK.length;
}

const isRun = (tag: number) => tag >= 0xc0 && tag < 0xfe;

/** QOI_OP_RGB, QOI_OP_RGBA, QOI_OP_LUMA, and the others of one byte. */
function chunkBytes(tag: number): number {
  if (tag === 0xfe) return 4;
  if (tag === 0xff) return 5;
  return tag >> 6 === 2 ? 2 : 1;
}

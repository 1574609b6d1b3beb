// ICO and CUR: a directory of pictures, each a PNG or a bitmap without its file header but with a mask below
// (Microsoft, "Icons", ICONDIR, ICONDIRENTRY, ICONIMAGE). Described is the picture that is shown where there is room: the largest.
import type { Bytes } from '../bytes.ts';
import { type Header, type HeaderReader, MAX_STEPS, malformed, walkLimit } from '../header.ts';
import { describeDibSamples, dibPixelBytes, readDibSize } from './bmp-header.ts';
import { describeIconFile, isPng, pngSize } from './icon-file.ts';
import { readPng } from './png/png.ts';

const ENTRY_BYTES = 16;
const CURSOR = 2;

interface Picture {
  at: number;
  end: number;
  width: number;
  height: number;
  bitsPerPixel: number;
}

export const readIco: HeaderReader = (bytes, header) => {
  const isCursor = bytes.u16(2, true) === CURSOR;
  if (isCursor) header.mimeType = 'image/x-cursor';
  header.formatVersion = isCursor ? 'cursor' : 'icon';
  const count = bytes.u16(4, true);
  header.image.pages = count;
  const looked = Math.min(count, MAX_STEPS);
  if (looked < count) header.warnings.push(walkLimit('pictures'));

  let main: Picture | undefined;
  let end = 6 + ENTRY_BYTES * count;
  for (let index = 0; index < looked; index += 1) {
    const picture = readEntry(bytes, 6 + ENTRY_BYTES * index, isCursor);
    end = Math.max(end, picture.end);
    if (main === undefined || isLarger(picture, main)) main = picture;
    header.image.storedWidth = main.width;
    header.image.storedHeight = main.height;
  }
  if (main !== undefined) describePicture(bytes, main, header);
  if (end > bytes.length) header.truncated = true;
  else if (looked === count) header.end = end;
};

/** What the directory says, and better what the picture itself says: 256 and more do not fit into the directory. */
function readEntry(bytes: Bytes, entry: number, isCursor: boolean): Picture {
  const at = bytes.u32(entry + 12, true);
  const stated = {
    at,
    end: at + bytes.u32(entry + 8, true),
    width: bytes.u8(entry) || 256,
    height: bytes.u8(entry + 1) || 256,
    // In a cursor this is the hot spot.
    bitsPerPixel: isCursor ? 0 : bytes.u16(entry + 6, true),
  };
  if (isPng(bytes, at)) return { ...stated, ...pngSize(bytes, at) };
  if (!bytes.has(at, 16)) return stated;
  const { headerBytes, width, height, bitsPerPixel } = readDibSize(bytes, at);
  // The colours and below them the mask: twice as high as what is seen.
  const shown = Math.floor(Math.abs(height) / 2);
  if (width <= 0 || shown === 0) return stated;
  const palette = bitsPerPixel <= 8 ? 4 * 2 ** bitsPerPixel : 0;
  const masked = dibPixelBytes(width, shown, bitsPerPixel) + dibPixelBytes(width, shown, 1);
  const needed = at + headerBytes + palette + masked;
  if (needed > bytes.length && contradicts(stated, width, shown) && isWhollyStated(bytes, entry))
    return stated;
  // The directory may say less than there is; and a mask is often left out, so that nothing is missing without it.
  const end = needed <= bytes.length ? Math.max(stated.end, needed) : stated.end;
  return { at, end, width, height: shown, bitsPerPixel };
}

/** What does not fit into the file, and is not what the directory says either, is no bitmap's header. */
function contradicts({ width, height }: Picture, ownWidth: number, ownHeight: number): boolean {
  return width !== ownWidth || height !== ownHeight;
}

/** 0 stands for 256, and for all that is larger. */
function isWhollyStated(bytes: Bytes, entry: number): boolean {
  return bytes.u8(entry) !== 0 && bytes.u8(entry + 1) !== 0;
}

function isLarger(picture: Picture, than: Picture): boolean {
  const [area, other] = [picture.width * picture.height, than.width * than.height];
  return area > other || (area === other && picture.bitsPerPixel > than.bitsPerPixel);
}

function describePicture(bytes: Bytes, picture: Picture, header: Header): void {
  if (!bytes.has(picture.at, 16)) {
    header.warnings.push(malformed('The largest picture lies outside of the file.'));
    return;
  }
  if (isPng(bytes, picture.at)) {
    const length = Math.min(picture.end, bytes.length) - picture.at;
    describeIconFile(readPng, bytes.window(picture.at, length), header);
    return;
  }
  // Of the bitmap's header only size and depth count here; the rest must be 0.
  const size = readDibSize(bytes, picture.at);
  describeDibSamples(size, { masks: [] }, header);
  // Below the colours every bitmap of an icon has a mask of what is transparent.
  header.image.hasAlpha = true;
  if (size.bitsPerPixel === 32) header.image.channels = 4;
  header.encoding.codec = 'bmp';
  Object.assign(header.compression, { method: 'none', lossless: true });
}

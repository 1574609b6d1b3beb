// The embedded preview: the picture of IFD1 (Exif 3.0, 4.5.8).
import type { Metadata } from '@tintype/core/contract';
import { readFrameInside } from '../formats/jpeg/jpeg-inside.ts';
import { known } from '../known.ts';
import { type Ifd, numberOf, numbersOf, type Tiff } from './ifd.ts';
import { TAG } from './tag-numbers.ts';

export interface Thumbnail {
  /** What the document says about it. */
  section: NonNullable<NonNullable<Metadata['exif']>['thumbnail']>;
  /** Undefined where it lies in pieces. */
  bytes?: Uint8Array;
}

const UNCOMPRESSED = 1;
const MAX_STRIPS = 1000;

/** 'outside': the directory tells of a preview that is not there. */
export function readThumbnail(tiff: Tiff, ifd: Ifd): Thumbnail | 'outside' | undefined {
  if (ifd.entries.has(TAG.JPEG_OFFSET)) return readJpeg(tiff, ifd);
  if (numberOf(tiff, ifd, TAG.COMPRESSION) === UNCOMPRESSED) return readStrips(tiff, ifd);
  return undefined;
}

function readJpeg(tiff: Tiff, ifd: Ifd): Thumbnail | 'outside' | undefined {
  const { bytes } = tiff;
  const at = numberOf(tiff, ifd, TAG.JPEG_OFFSET) ?? 0;
  const length = numberOf(tiff, ifd, TAG.JPEG_LENGTH) ?? 0;
  if (at === 0 || length === 0) return undefined;
  if (!bytes.has(at, length) || !bytes.is('\xff\xd8', at)) return 'outside';
  const frame = readFrameInside(bytes, at, at + length);
  const section = known({ bytes: length, width: frame?.width, height: frame?.height, format: 'jpeg' });
  return { section, bytes: bytes.slice(at, length) };
}

/** Strips that lie one behind another are one piece of memory. */
function readStrips(tiff: Tiff, ifd: Ifd): Thumbnail | 'outside' | undefined {
  const offsets = numbersOf(tiff, ifd, TAG.STRIP_OFFSETS, MAX_STRIPS);
  const lengths = numbersOf(tiff, ifd, TAG.STRIP_BYTE_COUNTS, MAX_STRIPS);
  const [first = 0] = offsets;
  let end = first;
  let inOnePiece = true;
  let total = 0;
  for (const [index, length = 0] of lengths.entries()) {
    inOnePiece &&= offsets[index] === end;
    end += length;
    total += length;
  }
  if (first === 0 || total === 0) return undefined;
  if (inOnePiece && !tiff.bytes.has(first, total)) return 'outside';
  const size = { width: numberOf(tiff, ifd, TAG.WIDTH), height: numberOf(tiff, ifd, TAG.HEIGHT) };
  return {
    section: known({ bytes: total, ...size, format: 'uncompressed' }),
    ...(inOnePiece ? { bytes: tiff.bytes.slice(first, total) } : {}),
  };
}

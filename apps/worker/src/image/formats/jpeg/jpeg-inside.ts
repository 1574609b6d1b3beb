// A JPEG stream that lies in another file: a thumbnail, a raw file's preview, the strips and tiles of a TIFF.
import type { Bytes } from '../../bytes.ts';
import { type Frame, isFrame, readFrame } from './jpeg-frame.ts';
import { type Segment, START_OF_IMAGE, START_OF_SCAN } from './jpeg-segments.ts';

const APP1 = 0xe1;
const EXIF = 'Exif\0\0';
/** Tables, tags and comments before the frame: a stream has a dozen at most. */
const MAX_SEGMENTS = 100;

/** Undefined where no frame header is found from `at` to `end`. Never reads past the bytes. */
export function readFrameInside(bytes: Bytes, at: number, end: number): Frame | undefined {
  for (const { code, body, end: behind } of headerSegments(bytes, at, end)) {
    if (!isFrame(code)) continue;
    const channels = behind - body >= 6 ? bytes.u8(body + 5) : 0;
    const isWhole = channels > 0 && behind - body >= 6 + 3 * channels;
    return isWhole ? readFrame(bytes.window(body, behind - body), code) : undefined;
  }
  return undefined;
}

/** The TIFF stream in APP1 (Exif 3.0, 4.7.2). Undefined where there is none, or the picture is not all there up to it. */
export function readExifInside(bytes: Bytes, at: number, end: number): Uint8Array | undefined {
  for (const { code, body, end: behind } of headerSegments(bytes, at, end)) {
    if (code === APP1 && bytes.is(EXIF, body))
      return bytes.upTo(body + EXIF.length, behind - body - EXIF.length);
  }
  return undefined;
}

/** Up to the first scan, or to what is no marker; the last one may be cut. */
function* headerSegments(bytes: Bytes, at: number, end: number): Generator<Segment> {
  const limit = Math.min(end, bytes.length);
  if (!bytes.is(`\xff${String.fromCharCode(START_OF_IMAGE)}`, at)) return;
  let from = at + 2;
  for (let step = 0; step < MAX_SEGMENTS && from + 4 <= limit; step += 1) {
    const code = bytes.u8(from + 1);
    if (bytes.u8(from) !== 0xff || code === START_OF_SCAN) return;
    // Fill bytes may stand before a marker (T.81, B.1.1.2).
    const isFill = code === 0xff;
    const length = Math.max(bytes.u16(from + 2), 2);
    if (!isFill) yield { code, body: from + 4, end: Math.min(from + 2 + length, limit) };
    from += isFill ? 1 : 2 + length;
  }
}

// What a JPEG XL codestream says of itself (ISO/IEC 18181-1), from its header and the headers of its frames. No pixel is decoded.
import { type Bytes, EndOfBytes } from '../../bytes.ts';
import { type Header, malformed, walkLimit } from '../../header.ts';
import { round } from '../../round.ts';
import { MAX_TEXT_BYTES } from '../decompress.ts';
import { type CodestreamPart, JxlBits } from './jxl-bits.ts';
import { describeColor } from './jxl-color.ts';
import { type JxlFrame, readFrame } from './jxl-frame.ts';
import { ProfileTooLong, readIccProfile } from './jxl-icc.ts';
import { ALPHA, BLACK, type JxlMetadata, readMetadata } from './jxl-metadata.ts';

const MAX_FRAMES = 10_000;
const MAX_DELAYS = 1000;
/** Of all frames' tables of contents together. */
const MAX_SECTIONS = 1 << 20;
/** A duration that says: a page, which is shown until the next is asked for. */
const PAGE = 0xffffffff;

/**
 * @param parts of the file that make up the codestream
 * @returns where in the file the last frame ends; undefined where that was not found out
 */
export function readCodestream(
  bytes: Bytes,
  parts: readonly CodestreamPart[],
  header: Header,
): number | undefined {
  const bits = new JxlBits(bytes, parts);
  if (bits.read(16) !== 0x0aff) throw new Error('no codestream begins here');
  const image = readMetadata(bits, ({ width, height }) => {
    Object.assign(header.image, { storedWidth: width, storedHeight: height });
  });
  describeImage(image, header);
  if (image.color.hasIcc && !readIcc(bits, header)) return undefined;
  bits.toByte();
  if (image.previewSize !== undefined) readFrame(bits, image, true);
  const frames = readFrames(bits, image, header);
  if (frames === undefined) return undefined;
  describeFrames(frames, image, header);
  return bits.fileOffset;
}

function describeImage(image: JxlMetadata, header: Header): void {
  const hasBlack = image.extraChannels.includes(BLACK);
  describeColor(image.color, hasBlack, header);
  const colors = image.color.space === 'gray' ? 1 : 3;
  Object.assign(header.image, {
    // Decoders apply it; that of the EXIF block is for information only (ISO/IEC 18181-2).
    orientation: image.orientation,
    bitDepth: image.bitDepth,
    channels: colors + image.extraChannels.length,
    hasAlpha: image.extraChannels.includes(ALPHA),
  });
  if (image.intrinsicSize !== undefined) {
    header.image.displayWidth = image.intrinsicSize.width;
    header.image.displayHeight = image.intrinsicSize.height;
  }
  // XYB is a space of real numbers: nothing comes out of it as it went in.
  if (image.isXyb) header.compression.lossless = false;
  if (image.animation === undefined) header.image.pages = 1;
}

/** Whether the profile could be read, so that it is known where the frames begin. */
function readIcc(bits: JxlBits, header: Header): boolean {
  try {
    header.blocks.icc = readIccProfile(bits, MAX_TEXT_BYTES);
    return true;
  } catch (error) {
    if (error instanceof EndOfBytes) throw error;
    const code = error instanceof ProfileTooLong ? 'TEXT_LIMIT' : 'TAGS_UNREADABLE';
    const message = `The colour profile can not be read: ${(error as Error).message}`;
    header.warnings.push({ code, message, field: 'icc' });
    return false;
  }
}

function readFrames(bits: JxlBits, image: JxlMetadata, header: Header): JxlFrame[] | undefined {
  const frames: JxlFrame[] = [];
  let sections = 0;
  while (frames.length < MAX_FRAMES && sections < MAX_SECTIONS) {
    const frame = tryFrame(bits, image, header);
    if (frame === undefined) return undefined;
    if (frames.length === 0) describeFirst(frame, header);
    frames.push(frame);
    sections += frame.sections;
    if (frame.isLast) return frames;
  }
  header.warnings.push(walkLimit('frames'));
  return undefined;
}

function tryFrame(bits: JxlBits, image: JxlMetadata, header: Header): JxlFrame | undefined {
  try {
    return readFrame(bits, image, false);
  } catch (error) {
    if (error instanceof EndOfBytes) throw error;
    header.warnings.push(malformed(`A frame can not be read: ${(error as Error).message}`, 'animation'));
    return undefined;
  }
}

/** By the factors of Cb, Y and Cr (Annex F). */
const SUBSAMPLINGS: Readonly<Record<string, string>> = {
  '0,0,0': '4:4:4',
  '0,1,0': '4:2:0',
  '0,2,0': '4:2:2',
  '0,3,0': '4:4:0',
};

function describeFirst(frame: JxlFrame, header: Header): void {
  // Outside of XYB, modular frames may be lossless or not, and do not say so.
  if (!frame.isModular) header.compression.lossless = false;
  if (frame.passes > 1 || frame.kind === 'coarse') header.encoding.progressive = true;
  if (frame.sampling !== undefined) header.encoding.chromaSubsampling = SUBSAMPLINGS[frame.sampling.join()];
}

function describeFrames(frames: readonly JxlFrame[], image: JxlMetadata, header: Header): void {
  const { animation } = image;
  if (animation === undefined) return;
  // A frame of no duration is a layer of the next.
  const shown = frames.filter(
    (frame) => frame.kind === 'regular' && (frame.durationTicks > 0 || frame.isLast),
  );
  header.image.pages = shown.length;
  header.animation = { frames: shown.length, loopCount: animation.loops };
  if (shown.some((frame) => frame.durationTicks === PAGE)) return;
  const delaysMs = shown
    .slice(0, MAX_DELAYS)
    .map((frame) => round(frame.durationTicks * animation.millisecondsPerTick, 3));
  const ticks = shown.reduce((sum, frame) => sum + frame.durationTicks, 0);
  const durationMs = round(ticks * animation.millisecondsPerTick, 3);
  Object.assign(header.animation, { durationMs, delaysMs });
}

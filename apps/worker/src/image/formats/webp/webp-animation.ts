// What moves in a WebP: ANIM and ANMF (RFC 9649, 2.7.1).
import { Bytes } from '../../bytes.ts';
import { addDelay, describeDelays } from '../frame-delays.ts';
import { hexColor } from '../hex-color.ts';
import { readVp8, readVp8l } from './webp-bitstream.ts';
import type { Webp } from './webp-picture.ts';

const FRAME_HEADER_BYTES = 16;

/** Chunks of a frame that are looked at: alpha, pixels, and what stands in front of them by mistake. */
const MAX_FRAME_CHUNKS = 8;

/** ANIM: the background as blue, green, red, alpha; how often the frames play. */
export function readAnimationHeader(data: Bytes, webp: Webp): void {
  const [blue, green, red, alpha] = [data.u8(0), data.u8(1), data.u8(2), data.u8(3)];
  webp.header.color.background = hexColor([red, green, blue, alpha]);
  webp.plays = data.u16(4, true);
}

/** ANMF: place and size, duration, what becomes of the frame; then chunks like those of a still picture. */
export function readFrame(data: Bytes, webp: Webp): void {
  const [durationMs, flags] = [data.u24(12, true), data.u8(15)];
  addDelay(webp.delays, durationMs);
  webp.disposal.add((flags & 1) === 1 ? 'background' : 'none');
  let at = FRAME_HEADER_BYTES;
  for (let step = 0; step < MAX_FRAME_CHUNKS && data.has(at, 8); step += 1) {
    const size = data.u32(at + 4, true);
    const isPixels = readFrameChunk(data.latin1(at, 4), new Bytes(data.upTo(at + 8, size)), webp);
    if (isPixels) return;
    at += 8 + size + (size % 2);
  }
}

function readFrameChunk(type: string, data: Bytes, webp: Webp): boolean {
  if (type === 'ALPH') webp.hasAlpha = true;
  if (type !== 'VP8 ' && type !== 'VP8L') return false;
  const picture = type === 'VP8 ' ? readVp8(data) : readVp8l(data);
  if (picture === undefined) return true;
  webp.methods.add(picture.method);
  webp.hasAlpha ||= picture.hasAlpha;
  return true;
}

export function describeAnimation({ header, plays, delays, disposal }: Webp): void {
  if (delays.frames > 0 || header.end !== undefined) header.image.pages = delays.frames;
  if (delays.frames === 0) return;
  header.animation = {
    frames: delays.frames,
    ...(plays === undefined ? {} : { loopCount: plays }),
    ...describeDelays(delays, header.end !== undefined),
    disposal: [...disposal],
  };
}

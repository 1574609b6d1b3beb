// What moves in an APNG: acTL and fcTL (PNG 3rd ed., 11.3.6).
import { malformed, warnOnce } from '../../header.ts';
import { addDelay, describeDelays, noDelays } from '../frame-delays.ts';
import type { ChunkReader, Png } from './png-chunk.ts';

const MAX_FRAMES = 0x7fffffff;
const DISPOSALS = ['none', 'background', 'previous'];

/** acTL (11.3.6.1): frames, and how often they play. Frames of the animation only: a picture for other decoders is none of them. */
export const readAnimationControl: ChunkReader = (data, png) => {
  const [frames, plays] = [data.u32(0), data.u32(4)];
  if (frames === 0 || frames > MAX_FRAMES) {
    warnOnce(
      png.header,
      malformed('acTL declares no possible number of frames: the picture does not move.', 'animation'),
    );
    return;
  }
  png.animation = { frames, plays, delays: noDelays(), disposal: new Set() };
  png.header.mimeType = 'image/apng';
  png.header.image.pages = frames;
};

/** fcTL (11.3.6.2). More of them than acTL declares are not played. */
export const readFrameControl: ChunkReader = (data, png) => {
  const [numerator, denominator, disposal] = [data.u16(20), data.u16(22), DISPOSALS[data.u8(24)]];
  const { animation } = png;
  if (animation === undefined) return;
  if (animation.delays.frames === animation.frames) {
    warnOnce(png.header, malformed('The animation has more frames than acTL declares.', 'animation'));
    return;
  }
  addDelay(animation.delays, (numerator * 1000) / (denominator === 0 ? 100 : denominator));
  if (disposal !== undefined) animation.disposal.add(disposal);
};

export function finishAnimation(png: Png): void {
  const { header, animation } = png;
  if (animation === undefined) return;
  const { frames, plays, delays, disposal } = animation;
  const isComplete = delays.frames === frames;
  if (!isComplete && header.end !== undefined) {
    warnOnce(png.header, malformed('The animation has fewer frames than acTL declares.', 'animation'));
  }
  header.animation = {
    frames,
    loopCount: plays,
    ...describeDelays(delays, isComplete),
    ...(disposal.size > 0 ? { disposal: [...disposal] } : {}),
  };
}

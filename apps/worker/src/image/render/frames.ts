// An animation frame by frame: each is a picture of its own until they are put together again.
import type { OutputInfo, Sharp } from 'sharp';
import { sharp } from '../harden.ts';
import { open } from './open.ts';
import type { Plan, Step } from './plan.ts';
import { turnFrom } from './turn.ts';

interface Pixels {
  data: Buffer;
  info: OutputInfo;
}

/** @param draw what is done to each frame @returns all of them, to be encoded */
export async function drawFrames(bytes: Uint8Array, plan: Plan, draw: Step): Promise<Sharp> {
  const { data, info } = await pixelsOf(open(bytes, plan));
  const framePlan = { ...plan, turn: turnFrom(plan.source.orientation, plan.turn) };
  const height = plan.source.header.height;
  const frameBytes = info.width * height * info.channels;
  const made: Pixels[] = [];
  for (let at = 0; at + frameBytes <= data.length; at += frameBytes) {
    const frame = sharp(data.subarray(at, at + frameBytes), {
      raw: { width: info.width, height, channels: info.channels },
    });
    made.push(await pixelsOf(draw(frame, framePlan)));
  }
  return joined(made);
}

function pixelsOf(image: Sharp): Promise<Pixels> {
  return image.toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
}

function joined(frames: readonly Pixels[]): Sharp {
  const [first] = frames;
  if (first === undefined) throw new Error('an animation without frames');
  const { width, height, channels } = first.info;
  return sharp(Buffer.concat(frames.map(({ data }) => data)), {
    limitInputPixels: false,
    raw: { width, height: height * frames.length, channels, pageHeight: height },
  });
}

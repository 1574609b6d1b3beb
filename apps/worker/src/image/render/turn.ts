// Rotations and mirrorings, as one: first by an angle, then mirrored or not.
import type { CanonicalTransform } from '@tintype/core/contract';
import { colourOf } from './background.ts';
import type { Step } from './plan.ts';

export interface Turn {
  /** Degrees clockwise, 0 to 359. */
  angle: number;
  /** Left and right are exchanged after that. */
  isMirrored: boolean;
}

/** Top and bottom are exchanged by half a turn and a mirror. */
export function turnOf({ rotate = 0, flip }: CanonicalTransform): Turn {
  const isHalf = flip === 'vertical' || flip === 'both';
  return { angle: (rotate + (isHalf ? 180 : 0)) % 360, isMirrored: flip !== undefined && flip !== 'both' };
}

/** What EXIF orientations 1 to 8 ask for. */
const UPRIGHT: readonly Turn[] = [
  { angle: 0, isMirrored: false },
  { angle: 0, isMirrored: true },
  { angle: 180, isMirrored: false },
  { angle: 180, isMirrored: true },
  { angle: 90, isMirrored: true },
  { angle: 90, isMirrored: false },
  { angle: 270, isMirrored: true },
  { angle: 270, isMirrored: false },
];

/** What makes a picture with this EXIF orientation upright, and then turns it. */
export function turnFrom(orientation: number, { angle, isMirrored }: Turn): Turn {
  const first = UPRIGHT[orientation - 1];
  if (first === undefined) return { angle, isMirrored };
  const further = first.isMirrored ? 360 - angle : angle;
  return { angle: (first.angle + further) % 360, isMirrored: first.isMirrored !== isMirrored };
}

/** Whether it leaves corners. */
export function isOdd({ angle }: Turn): boolean {
  return angle % 90 !== 0;
}

export function isOnSide({ angle }: Turn): boolean {
  return angle % 180 === 90;
}

/** sharp mirrors before it rotates. Half a turn is two mirrorings for it: with a rotation it would not shrink while it loads. */
export const turn: Step = (image, plan) => {
  const { angle, isMirrored } = plan.turn;
  if (angle === 180) return isMirrored ? image.flip() : image.flip().flop();
  const mirrored = isMirrored ? image.flop() : image;
  if (angle === 0) return mirrored;
  return mirrored.rotate(isMirrored ? 360 - angle : angle, { background: colourOf(plan) });
};

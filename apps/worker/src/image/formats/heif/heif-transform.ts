// What the container wants done before display: clap, irot, imir and iscl, in the order in which they are listed
// (ISO/IEC 23008-12, 6.5.1, 6.5.9 to 6.5.13). MIAF asks for the order crop, rotate, mirror (ISO/IEC 23000-22, 7.3.6.7).
import type { Bytes } from '../../bytes.ts';
import type { HeaderImage } from '../../header.ts';
import { type Box, fieldsOf } from '../boxes.ts';

type Transform = NonNullable<HeaderImage['transform']>;

export interface Rectangle {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** Any row of steps comes down to: cut this out of the stored picture, turn it anticlockwise, mirror it, scale it. */
interface State {
  crop: Rectangle;
  isCropped: boolean;
  /** Quarter turns. */
  turns: number;
  mirror: 'horizontal' | 'vertical' | undefined;
  scaleX: number;
  scaleY: number;
}

type Step = (bytes: Bytes, box: Box, state: State) => void;

const STEPS: Readonly<Record<string, Step>> = { clap: crop, irot: rotate, imir: mirror, iscl: scale };

/** @throws EndOfBytes, or an Error for a crop that lies outside of the picture */
export function transformOf(
  bytes: Bytes,
  properties: readonly Box[],
  width: number,
  height: number,
): { transform?: Transform; width: number; height: number } {
  const state: State = {
    crop: { left: 0, top: 0, width, height },
    isCropped: false,
    turns: 0,
    mirror: undefined,
    scaleX: 1,
    scaleY: 1,
  };
  for (const box of properties) STEPS[box.type]?.(bytes, box, state);
  const shown = sizeOf(state);
  return {
    ...describe(state),
    width: Math.max(1, Math.ceil(Math.round(shown.width) * state.scaleX)),
    height: Math.max(1, Math.ceil(Math.round(shown.height) * state.scaleY)),
  };
}

function describe({ turns, mirror, isCropped, crop }: State): { transform?: Transform } {
  if (turns === 0 && mirror === undefined && !isCropped) return {};
  const transform: Transform = {};
  if (turns !== 0) transform.rotate = turns * 90;
  if (mirror !== undefined) transform.mirror = mirror;
  if (isCropped) transform.crop = crop;
  return { transform };
}

function sizeOf({ crop, turns }: State): { width: number; height: number } {
  return turns % 2 === 0 ? crop : { width: crop.height, height: crop.width };
}

/** Clean aperture: a size, and how far its middle is off the middle of the picture, as fractions (ISO/IEC 14496-12, 12.1.4). */
function crop(bytes: Bytes, box: Box, state: State): void {
  const fields = fieldsOf(bytes, box);
  const fraction = () => fields.i32() / fields.i32();
  const [width, height, offX, offY] = [fraction(), fraction(), fraction(), fraction()];
  const shown = sizeOf(state);
  const wanted = {
    left: offX + (shown.width - width) / 2,
    top: offY + (shown.height - height) / 2,
    width,
    height,
  };
  const isInside =
    wanted.left >= 0 &&
    wanted.top >= 0 &&
    width > 0 &&
    height > 0 &&
    wanted.left + width <= shown.width &&
    wanted.top + height <= shown.height;
  if (!isInside) throw new Error('the crop lies outside of the picture');
  const { left, top, ...size } = beforeTurns(wanted, state);
  state.crop = { left: state.crop.left + left, top: state.crop.top + top, ...size };
  state.isCropped = true;
}

/** The same rectangle in the picture before it was turned and mirrored. */
function beforeTurns(rectangle: Rectangle, state: State): Rectangle {
  const shown = sizeOf(state);
  let { left, top, width, height } = rectangle;
  if (state.mirror === 'horizontal') left = shown.width - left - width;
  if (state.mirror === 'vertical') top = shown.height - top - height;
  let frameHeight = shown.height;
  let frameWidth = shown.width;
  for (let turn = 0; turn < state.turns; turn += 1) {
    [left, top, width, height] = [frameHeight - top - height, left, height, width];
    [frameWidth, frameHeight] = [frameHeight, frameWidth];
  }
  return { left, top, width, height };
}

/** Anticlockwise quarter turns. A turn behind a mirror is the opposite turn before it. */
function rotate(bytes: Bytes, box: Box, state: State): void {
  const turns = fieldsOf(bytes, box).u8() & 3;
  state.turns = (state.turns + (state.mirror === undefined ? turns : 4 - turns)) % 4;
  if (turns % 2 === 1) [state.scaleX, state.scaleY] = [state.scaleY, state.scaleX];
}

/** axis 0: top and bottom change places; 1: left and right (6.5.12 of 2022, where the words of 2017 were corrected). */
function mirror(bytes: Bytes, box: Box, state: State): void {
  const wanted = (fieldsOf(bytes, box).u8() & 1) === 0 ? 'vertical' : 'horizontal';
  const before = state.mirror;
  state.mirror = before === undefined ? wanted : undefined;
  // The same mirror twice is nothing; both are half a turn.
  if (before !== undefined && before !== wanted) state.turns = (state.turns + 2) % 4;
}

/** Fractions of the size, rounded up (6.5.13). */
function scale(bytes: Bytes, box: Box, state: State): void {
  const fields = fieldsOf(bytes, box);
  fields.versionAndFlags();
  const [x, y] = [fields.u16() / fields.u16(), fields.u16() / fields.u16()];
  if (!(x > 0 && y > 0 && Number.isFinite(x + y))) throw new Error('a scale of nothing');
  [state.scaleX, state.scaleY] = [state.scaleX * x, state.scaleY * y];
}

// JPEG XL codestreams bit by bit, boxes around them, and what the reader makes of them.
import type { Header } from '../../../../src/image/header.ts';
import { readHeader } from '../../../../src/image/read-header.ts';
import { be32, join, type Part } from '../byte-builder.ts';

/** A number and how many bits it takes, the lowest first. */
export type Field = readonly [value: number, bits: number];

export const flag = (isSet: boolean): Field => [isSet ? 1 : 0, 1];
/** Which of four choices, and the bits behind it. */
export const choice = (which: number, value = 0, bits = 0): Field[] => [
  [which, 2],
  [value, bits],
];
export const enumerated = (value: number): Field[] => {
  if (value < 2) return choice(value);
  return value < 18 ? choice(2, value - 2, 4) : choice(3, value - 18, 6);
};

/** Up to the next byte, with zeros. */
export function bits(...fields: readonly (Field | readonly Field[])[]): Buffer {
  const flat = fields.flatMap((field) => (isField(field) ? [field] : [...field]));
  const all = flat.flatMap(([value, count]) =>
    Array.from({ length: count }, (_, index) => Math.floor(value / 2 ** index) % 2),
  );
  const bytes = Buffer.alloc(Math.ceil(all.length / 8));
  all.forEach((bit, index) => {
    bytes[index >> 3] = (bytes[index >> 3] ?? 0) | (bit << (index & 7));
  });
  return bytes;
}

function isField(field: Field | readonly Field[]): field is Field {
  return typeof field[0] === 'number';
}

export const SIGNATURE: Field = [0x0aff, 16];
export const size = (width: number, height: number): Field[] => [
  flag(false),
  ...choice(1, height - 1, 13),
  [0, 3],
  ...choice(1, width - 1, 13),
];

export interface Picture {
  width?: number;
  height?: number;
  orientation?: number;
  intrinsic?: Field[];
  preview?: Field[];
  animation?: Field[];
  depth?: Field[];
  /** Each without its first bit, which says that it is not just alpha. */
  extra?: Field[][];
  isXyb?: boolean;
  /** Without the first bit, which says that it is not just sRGB. */
  color?: Field[];
}

const optional = (fields: Field[] | undefined): Field[] =>
  fields === undefined ? [flag(false)] : [flag(true), ...fields];
const unlessDefault = (fields: Field[] | undefined): Field[] =>
  fields === undefined ? [flag(true)] : [flag(false), ...fields];

/** Everything in front of the profile or the frames, written out. */
export function imageHeader(picture: Picture): Field[] {
  const { width = 20, height = 10, orientation = 1, extra = [], isXyb = false } = picture;
  return [
    SIGNATURE,
    ...size(width, height),
    flag(false),
    flag(true),
    [orientation - 1, 3],
    ...optional(picture.intrinsic),
    ...optional(picture.preview),
    ...optional(picture.animation),
    ...(picture.depth ?? [flag(false), ...choice(0)]),
    flag(true),
    ...(extra.length < 2 ? choice(extra.length) : choice(2, extra.length - 2, 4)),
    ...extra.flatMap((channel) => (channel.length === 0 ? [flag(true)] : [flag(false), ...channel])),
    flag(isXyb),
    ...unlessDefault(picture.color),
    flag(true),
    ...choice(0),
    flag(true),
  ];
}

/** A channel of a type, of 8 bits, without a name. */
export const channel = (type: number): Field[] => [
  ...enumerated(type),
  flag(false),
  ...choice(0),
  ...choice(0),
  ...choice(0),
  ...(type === 0 ? [flag(true)] : []),
];

export interface Frame {
  isLast?: boolean;
  ticks?: number;
  /** 0: shown, 1: coarse, 2: for reference, 3: shown, skips. */
  type?: number;
  slot?: number;
  isModular?: boolean;
  extraChannels?: number;
  bytes?: number;
  isAnimated?: boolean;
}

/** A frame of an image that is neither XYB nor larger than one group. */
export function frame(given: Frame): Buffer {
  const { type = 0, isModular = true, extraChannels = 0, bytes = 3 } = given;
  const header: Field[] = [
    flag(false),
    [type, 2],
    flag(isModular),
    ...choice(0),
    flag(false),
    ...each(1 + extraChannels, choice(0)),
    ...(isModular ? FIRST_GROUP_SIZE : []),
    ...(type === 2 ? [] : choice(0)),
    ...(type === 1 ? COARSEST : [flag(false)]),
    ...shown(given),
    ...choice(0),
    flag(true),
    ...choice(0),
  ];
  return join(bits(header, flag(false)), bits(choice(0, bytes, 10)), Buffer.alloc(bytes, 0x55));
}

const FIRST_GROUP_SIZE: Field[] = [[1, 2]];
const COARSEST: Field[] = [[0, 2]];
const each = (count: number, fields: Field[]): Field[] => Array.from({ length: count }, () => fields).flat();

/** How the frame is blended and for how long, whether it is the last, and what may refer to it. */
function shown({ isLast = true, ticks = 0, type = 0, slot = 0, ...more }: Frame): Field[] {
  const isShown = type === 0 || type === 3;
  const isEnd = isLast && type === 0;
  const isReferable = !isEnd && (ticks === 0 || slot !== 0);
  const duration = ticks < 256 ? choice(2, ticks, 8) : choice(3, ticks, 32);
  const { extraChannels = 0, isAnimated = true } = more;
  const blending = [...each(1 + extraChannels, choice(0)), ...(isAnimated ? duration : []), flag(isLast)];
  const reference: Field = [slot, 2];
  return [
    ...(isShown ? blending : []),
    ...(isEnd || type === 1 ? [] : [reference]),
    ...(type === 2 || (isShown && isReferable) ? [flag(false)] : []),
  ];
}

export const codestream = (picture: Picture, ...frames: readonly Part[]) =>
  join(bits(imageHeader(picture)), ...frames);

export function box(type: string, ...parts: readonly Part[]): Buffer {
  const body = join(...parts);
  return join(be32(body.length + 8), type, body);
}

export const container = (...boxes: readonly Part[]) =>
  join(box('JXL ', [13, 10, 0x87, 10]), box('ftyp', 'jxl \0\0\0\0jxl '), ...boxes);

/** As the service does it: what can't be read is a warning. */
export const read = (file: Uint8Array): Header => readHeader(file, 'jxl');

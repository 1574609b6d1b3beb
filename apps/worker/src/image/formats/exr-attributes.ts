// The attributes of one part's header in an OpenEXR file: name, type, size, value, up to an empty name (OpenEXR File Layout,
// "Header", "Predefined Attribute Types"). Little-endian.
import type { Bytes } from '../bytes.ts';
import { MAX_STEPS } from '../header.ts';

/** Names have at most 255 bytes, and a zero behind them. */
const MAX_NAME_BYTES = 255;

export interface Attribute {
  name: string;
  type: string;
  /** Where its value begins, and its size. */
  at: number;
  size: number;
}

export interface Channel {
  name: string;
  /** 0 whole numbers of 32 bits, 1 floats of 16, 2 floats of 32. */
  pixelType: number;
  xSampling: number;
  ySampling: number;
}

export interface Window {
  width: number;
  height: number;
}

/** A text up to a zero; undefined where it is too long to be a name. @throws EndOfBytes */
function readName(bytes: Bytes, at: number): string | undefined {
  const end = bytes.find(0, at);
  if (end < 0) bytes.need(bytes.length, 1);
  return end - at <= MAX_NAME_BYTES ? bytes.latin1(at, end - at) : undefined;
}

/** The attributes from `from` on. Returns where the header ends; undefined where it can not be read on. @throws EndOfBytes */
export function* attributes(bytes: Bytes, from: number): Generator<Attribute, number | undefined> {
  let at = from;
  for (let step = 0; step < MAX_STEPS; step += 1) {
    const name = readName(bytes, at);
    if (name === '') return at + 1;
    if (name === undefined) return undefined;
    const type = readName(bytes, at + name.length + 1);
    if (type === undefined) return undefined;
    const sizeAt = at + name.length + type.length + 2;
    const size = bytes.i32(sizeAt, true);
    if (size < 0) return undefined;
    bytes.need(sizeAt + 4, size);
    yield { name, type, at: sizeAt + 4, size };
    at = sizeAt + 4 + size;
  }
  return undefined;
}

/** The channel list ends with an empty name. */
export function readChannels(bytes: Bytes, { at: begin, size }: Attribute): Channel[] {
  const found: Channel[] = [];
  let at = begin;
  for (let step = 0; step < MAX_STEPS && at < begin + size; step += 1) {
    const name = readName(bytes, at);
    if (name === undefined || name === '') break;
    const values = at + name.length + 1;
    const [xSampling, ySampling] = [bytes.i32(values + 8, true), bytes.i32(values + 12, true)];
    found.push({ name, pixelType: bytes.i32(values, true), xSampling, ySampling });
    at = values + 16;
  }
  return found;
}

/** A box by its first and last pixels, which may be negative. Undefined where it is empty. */
export function readWindow(bytes: Bytes, { at, size }: Attribute): Window | undefined {
  if (size < 16) return undefined;
  const [left, top, right, bottom] = [0, 4, 8, 12].map((offset) => bytes.i32(at + offset, true)) as [
    number,
    number,
    number,
    number,
  ];
  return right >= left && bottom >= top ? { width: right - left + 1, height: bottom - top + 1 } : undefined;
}

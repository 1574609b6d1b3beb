// Boxes of the ISO base media file format, which AVIF, HEIC, JPEG XL, JPEG 2000 and CR3 share (ISO/IEC 14496-12, 4.2).
import { type Bytes, EndOfBytes } from '../bytes.ts';
import { MAX_STEPS } from '../header.ts';

export interface Box {
  /** Four characters. */
  type: string;
  /** Where the box begins, its size and type included. */
  at: number;
  /** Where its content begins and ends. */
  body: number;
  end: number;
  /** The file ends before the box does: `end` is where the file ends. */
  cut: boolean;
}

/** The boxes from `from` to `to`, no more than 1,000. Stops at the first that can't be one. */
export function* boxes(bytes: Bytes, from: number, to: number): Generator<Box> {
  let at = from;
  for (let step = 0; step < MAX_STEPS && at + 8 <= to; step += 1) {
    const box = boxAt(bytes, at, to);
    if (box === undefined) return;
    yield box;
    at = box.end;
  }
}

function boxAt(bytes: Bytes, at: number, to: number): Box | undefined {
  if (!bytes.has(at, 8)) return undefined;
  const size32 = bytes.u32(at);
  const large = size32 === 1;
  if (large && !bytes.has(at + 8, 8)) return undefined;
  const head = large ? 16 : 8;
  // 0: the box lasts to the end of its surroundings.
  const size = large ? bytes.u64(at + 8) : size32 === 0 ? to - at : size32;
  if (size < head) return undefined;
  const end = Math.min(at + size, to);
  return { type: bytes.latin1(at + 4, 4), at, body: at + head, end, cut: at + size > to };
}

/** The first box of a type between two offsets. */
export function findBox(bytes: Bytes, from: number, to: number, type: string): Box | undefined {
  for (const box of boxes(bytes, from, to)) {
    if (box.type === type) return box;
  }
  return undefined;
}

/** The box at the end of a path of types, each inside the one before. */
export function boxAlong(bytes: Bytes, outer: Box, ...path: string[]): Box | undefined {
  let box: Box | undefined = outer;
  for (const type of path) {
    if (box === undefined) return undefined;
    box = findBox(bytes, box.body, box.end, type);
  }
  return box;
}

/** Hexadecimal user type of a `uuid` box, whose content begins 16 bytes behind `body`; undefined of any other box (4.2.2). */
export function userType(bytes: Bytes, box: Box): string | undefined {
  if (box.type !== 'uuid' || box.body + 16 > box.end) return undefined;
  return Buffer.from(bytes.slice(box.body, 16)).toString('hex');
}

/** Names and media types in a box are short; what is longer is none. */
const MAX_TEXT_BYTES = 1024;

/** The fields of a box, one behind the other, never outside of the box. Every read throws EndOfBytes behind its end. */
export class Fields {
  at: number;
  readonly end: number;
  private readonly bytes: Bytes;

  constructor(bytes: Bytes, at: number, end: number) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  skip(count: number): number {
    const { at } = this;
    if (!(at + count <= this.end))
      throw new EndOfBytes(`${count} bytes at ${at} of a box that ends at ${this.end}`);
    this.at = at + count;
    return at;
  }

  u8(): number {
    return this.bytes.u8(this.skip(1));
  }

  u16(): number {
    return this.bytes.u16(this.skip(2));
  }

  u32(): number {
    return this.bytes.u32(this.skip(4));
  }

  i32(): number {
    return this.bytes.i32(this.skip(4));
  }

  u64(): number {
    return this.bytes.u64(this.skip(8));
  }

  /** A number of so many bytes; 0 of none. */
  uint(size: number): number {
    const at = this.skip(size);
    let value = 0;
    for (let index = 0; index < size; index += 1) value = value * 0x100 + this.bytes.u8(at + index);
    return value;
  }

  fourCharacters(): string {
    return this.bytes.latin1(this.skip(4), 4);
  }

  /** Up to a NUL, which is skipped, or the end of the box. */
  text(): string {
    const rest = this.bytes.slice(this.at, Math.min(this.end - this.at, MAX_TEXT_BYTES));
    const nul = rest.indexOf(0);
    const length = nul < 0 ? rest.length : nul;
    const text = this.bytes.utf8(this.at, length);
    this.at = Math.min(this.at + length + 1, this.end);
    return text;
  }

  /** What every full box begins with (4.2.2). */
  versionAndFlags(): { version: number; flags: number } {
    const both = this.u32();
    return { version: both >>> 24, flags: both & 0xffffff };
  }
}

export function fieldsOf(bytes: Bytes, box: Box): Fields {
  return new Fields(bytes, box.body, box.end);
}

// Numbers and texts at offsets of a file, never outside of it: whoever reads past the end gets an EndOfBytes.

/** The file ends before what its own header promises. */
export class EndOfBytes extends Error {
  override readonly name = 'EndOfBytes';
}

/** The same memory, with Buffer's ways to search and decode. */
export function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** A window of a file. Offsets count from its first byte; nothing is copied. */
export class Bytes {
  readonly all: Uint8Array;
  readonly length: number;
  private readonly view: DataView;

  constructor(all: Uint8Array) {
    this.all = all;
    this.length = all.length;
    this.view = new DataView(all.buffer, all.byteOffset, all.length);
  }

  /** @throws EndOfBytes unless `count` bytes stand at `at` */
  need(at: number, count: number): void {
    if (!(at >= 0 && count >= 0 && at + count <= this.length))
      throw new EndOfBytes(`${count} bytes at ${at} of ${this.length}`);
  }

  has(at: number, count: number): boolean {
    return at >= 0 && count >= 0 && at + count <= this.length;
  }

  u8(at: number): number {
    this.need(at, 1);
    return this.view.getUint8(at);
  }

  u16(at: number, littleEndian = false): number {
    this.need(at, 2);
    return this.view.getUint16(at, littleEndian);
  }

  i16(at: number, littleEndian = false): number {
    this.need(at, 2);
    return this.view.getInt16(at, littleEndian);
  }

  u24(at: number, littleEndian = false): number {
    const [first, second, third] = [this.u8(at), this.u8(at + 1), this.u8(at + 2)];
    return littleEndian ? first + second * 0x100 + third * 0x10000 : first * 0x10000 + second * 0x100 + third;
  }

  u32(at: number, littleEndian = false): number {
    this.need(at, 4);
    return this.view.getUint32(at, littleEndian);
  }

  i32(at: number, littleEndian = false): number {
    this.need(at, 4);
    return this.view.getInt32(at, littleEndian);
  }

  /** Above 2⁵³ no file reaches: such numbers only have to stay large. */
  u64(at: number, littleEndian = false): number {
    this.need(at, 8);
    return Number(this.view.getBigUint64(at, littleEndian));
  }

  i64(at: number, littleEndian = false): number {
    this.need(at, 8);
    return Number(this.view.getBigInt64(at, littleEndian));
  }

  f32(at: number, littleEndian = false): number {
    this.need(at, 4);
    return this.view.getFloat32(at, littleEndian);
  }

  f64(at: number, littleEndian = false): number {
    this.need(at, 8);
    return this.view.getFloat64(at, littleEndian);
  }

  /** Whether the text stands at `at`, a byte a character. False past the end. */
  is(text: string, at = 0): boolean {
    if (!this.has(at, text.length)) return false;
    for (let index = 0; index < text.length; index += 1) {
      if (this.all[at + index] !== text.charCodeAt(index)) return false;
    }
    return true;
  }

  /** @throws EndOfBytes */
  latin1(at: number, count: number): string {
    return bufferOf(this.slice(at, count)).toString('latin1');
  }

  /** @throws EndOfBytes */
  utf8(at: number, count: number): string {
    return bufferOf(this.slice(at, count)).toString('utf8');
  }

  /** The same memory. @throws EndOfBytes */
  slice(at: number, count: number): Uint8Array {
    this.need(at, count);
    return this.all.subarray(at, at + count);
  }

  /** As much of `count` bytes as there is. */
  upTo(at: number, count: number): Uint8Array {
    return this.all.subarray(Math.min(at, this.length), Math.min(at + count, this.length));
  }

  window(at: number, count: number): Bytes {
    return new Bytes(this.slice(at, count));
  }

  /** The first offset of the byte at or behind `from`; -1 without one. */
  find(byte: number, from: number): number {
    return this.all.indexOf(byte, from);
  }
}

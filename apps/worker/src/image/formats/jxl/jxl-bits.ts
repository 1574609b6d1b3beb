// A JPEG XL codestream as a row of bits, the lowest of each byte first (ISO/IEC 18181-1, Annex B), wherever in the file its parts are.
import { type Bytes, EndOfBytes } from '../../bytes.ts';

/** A stretch of the file that holds codestream. */
export interface CodestreamPart {
  at: number;
  end: number;
}

/** What one of the four choices of a U32 stands for: `base` plus the next `bits` bits. */
export type Choice = readonly [base: number, bits?: number];

export class JxlBits {
  private readonly bytes: Bytes;
  private readonly parts: readonly CodestreamPart[];
  /** The part that is being read, and which byte of the codestream it begins with. */
  private index = 0;
  private base = 0;
  private at = 0;
  private bit = 0;

  constructor(bytes: Bytes, parts: readonly CodestreamPart[]) {
    this.bytes = bytes;
    this.parts = parts;
  }

  /** Byte of the codestream that is read next. */
  get offset(): number {
    return this.at;
  }

  /** Where in the file a byte is that is not behind the one being read. */
  get fileOffset(): number {
    const part = this.parts[this.index];
    return part === undefined ? 0 : part.at + this.at - this.base;
  }

  /** An unsigned number of up to 32 bits. @throws EndOfBytes */
  read(count: number): number {
    let value = 0;
    for (let got = 0; got < count; ) {
      const take = Math.min(8 - this.bit, count - got);
      value += ((this.byte() >> this.bit) & ((1 << take) - 1)) * 2 ** got;
      got += take;
      this.bit += take;
      if (this.bit === 8) {
        this.bit = 0;
        this.at += 1;
      }
    }
    return value;
  }

  flag(): boolean {
    return this.read(1) === 1;
  }

  u32(first: Choice, second: Choice, third: Choice, fourth: Choice): number {
    const [base, bits = 0] = [first, second, third, fourth][this.read(2)] ?? first;
    return base + this.read(bits);
  }

  u64(): number {
    const selector = this.read(2);
    if (selector === 0) return 0;
    if (selector === 1) return 1 + this.read(4);
    if (selector === 2) return 17 + this.read(8);
    let value = this.read(12);
    for (let shift = 12; this.flag(); shift += 8) {
      if (shift === 60) return value + this.read(4) * 2 ** 60;
      value += this.read(8) * 2 ** shift;
    }
    return value;
  }

  enumeration(): number {
    return this.u32([0], [1], [2, 4], [18, 6]);
  }

  skip(count: number): void {
    const bits = this.bit + count;
    this.at += Math.floor(bits / 8);
    this.bit = bits % 8;
  }

  /** @throws Error where the bits up to the next byte are not 0 */
  toByte(): void {
    if (this.bit !== 0 && this.read(8 - this.bit) !== 0) throw new Error('bits of padding are set');
  }

  /** @throws EndOfBytes unless `count` more bytes are there */
  skipBytes(count: number): void {
    this.at += count;
    if (count > 0) {
      this.at -= 1;
      this.byte();
      this.at += 1;
    }
  }

  private byte(): number {
    for (;;) {
      const part = this.parts[this.index];
      if (part === undefined) throw new EndOfBytes(`byte ${this.at} of a codestream`);
      const offset = part.at + this.at - this.base;
      if (offset < part.end) return this.bytes.u8(offset);
      this.base += part.end - part.at;
      this.index += 1;
    }
  }
}

/** Extensions of a bundle, which only later versions know: their lengths in bits, then that many bits. */
export function skipExtensions(bits: JxlBits): void {
  const present = bits.u64();
  let total = 0;
  for (let index = 0; index < 64; index += 1) {
    if (Math.floor(present / 2 ** index) % 2 === 1) total += bits.u64();
  }
  if (total > 2 ** 32) throw new Error('extensions longer than any file');
  bits.skip(total);
}

/** How many bits a number below `count` takes. */
export function bitsBelow(count: number): number {
  return count <= 1 ? 0 : 32 - Math.clz32(count - 1);
}

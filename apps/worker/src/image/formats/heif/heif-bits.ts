// Bits of AV1 and HEVC headers, the highest of a byte first, with Exp-Golomb numbers (H.265, 9.2).
import { EndOfBytes } from '../../bytes.ts';

export class Bits {
  private readonly bytes: Uint8Array;
  private at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** @throws EndOfBytes */
  bit(): number {
    const byte = this.bytes[this.at >> 3];
    if (byte === undefined) throw new EndOfBytes(`bit ${this.at}`);
    const bit = (byte >> (7 - (this.at & 7))) & 1;
    this.at += 1;
    return bit;
  }

  flag(): boolean {
    return this.bit() === 1;
  }

  /** A number of at most 32 bits. */
  read(count: number): number {
    let value = 0;
    for (let index = 0; index < count; index += 1) value = value * 2 + this.bit();
    return value;
  }

  skip(count: number): void {
    this.at += count;
  }

  /** ue(v); AV1 calls it uvlc(). */
  golomb(): number {
    let zeros = 0;
    while (!this.flag()) {
      zeros += 1;
      if (zeros > 32) throw new Error('an Exp-Golomb number of more than 32 bits');
    }
    return 2 ** zeros - 1 + this.read(zeros);
  }
}

// The ICC profile of a JPEG XL codestream (ISO/IEC 18181-1, Annex E): entropy-coded bytes, which predict a profile.
import type { JxlBits } from './jxl-bits.ts';
import { readEntropyCode } from './jxl-entropy.ts';
import { undoPrediction } from './jxl-icc-prediction.ts';

const CONTEXTS = 41;
/** Bytes in front of which nothing is told apart. */
const HEADER_BYTES = 128;

export class ProfileTooLong extends Error {
  override readonly name = 'ProfileTooLong';
}

/** Reads the profile and steps behind it. @throws EndOfBytes, ProfileTooLong or Error where there is no making sense of it */
export function readIccProfile(bits: JxlBits, maxBytes: number): Uint8Array {
  const length = bits.u64();
  if (length > maxBytes) throw new ProfileTooLong(`${length} bytes of coded profile`);
  const read = readEntropyCode(bits, CONTEXTS);
  const coded = new Uint8Array(length);
  for (let index = 0; index < length; index += 1) {
    const value = read(context(index, coded[index - 1] ?? 0, coded[index - 2] ?? 0));
    if (value > 255) throw new Error('a byte of the profile above 255');
    coded[index] = value;
  }
  return undoPrediction(coded, maxBytes);
}

function context(index: number, last: number, beforeLast: number): number {
  return index <= HEADER_BYTES ? 0 : 1 + kindOfLast(last) + 8 * kindOfBeforeLast(beforeLast);
}

function isLetter(byte: number): boolean {
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}

function isNumeric(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || byte === 0x2e || byte === 0x2c;
}

function kindOfLast(byte: number): number {
  if (isLetter(byte)) return 0;
  if (isNumeric(byte)) return 1;
  if (byte <= 1) return 2 + byte;
  if (byte < 16) return 4;
  if (byte === 255) return 6;
  return byte > 240 ? 5 : 7;
}

function kindOfBeforeLast(byte: number): number {
  if (isLetter(byte)) return 0;
  if (isNumeric(byte)) return 1;
  if (byte < 16) return 2;
  return byte > 240 ? 3 : 4;
}

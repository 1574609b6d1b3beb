// Bytes put together by hand, what a reader says about them, and what every reader must bear: cut files and wrong bytes.
import type { Test } from 'tap';
import { Bytes, EndOfBytes } from '../../../src/image/bytes.ts';
import { emptyHeader, type Header, type HeaderReader } from '../../../src/image/header.ts';

export type Part = string | number | readonly number[] | Uint8Array;

/** Texts a byte a character, single bytes, rows of bytes. */
export function join(...parts: readonly Part[]): Buffer {
  return Buffer.concat(
    parts.map((part) => {
      if (typeof part === 'string') return Buffer.from(part, 'latin1');
      return typeof part === 'number' ? Buffer.from([part]) : Buffer.from(part);
    }),
  );
}

export const zeros = (count: number) => Buffer.alloc(count);

function number(bytes: number, isLittle: boolean) {
  return (...values: readonly number[]): Buffer =>
    Buffer.concat(
      values.map((value) => {
        const unsigned = value < 0 ? value + 2 ** (8 * bytes) : value;
        const written = Buffer.from(unsigned.toString(16).padStart(2 * bytes, '0'), 'hex');
        return isLittle ? written.reverse() : written;
      }),
    );
}

export const le16 = number(2, true);
export const le32 = number(4, true);
export const be16 = number(2, false);
export const be32 = number(4, false);
export const be64 = number(8, false);

export function leFloat(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, index) => {
    bytes.writeFloatLE(value, 4 * index);
  });
  return bytes;
}

/** The same bytes with others at an offset. */
export function patched(file: Uint8Array, ...changes: readonly [at: number, what: Part][]): Buffer {
  const copy = Buffer.from(file);
  for (const [at, what] of changes) join(what).copy(copy, at);
  return copy;
}

/** As the table of readers does it: what is found before the end of the bytes stays. Any other error is the test's. */
export function readWith(reader: HeaderReader, file: Uint8Array): Header {
  const header = emptyHeader();
  try {
    reader(new Bytes(file), header);
  } catch (error) {
    if (!(error instanceof EndOfBytes)) throw error;
    header.truncated = true;
  }
  return header;
}

export const codes = ({ warnings }: Header) => warnings.map(({ code }) => code);
export const messages = ({ warnings }: Header) => warnings.map(({ message }) => message).join(' ');

/** As a pattern, an empty list would match any. */
export const NONE = { length: 0 };

/** Every beginning of a file is read without an error, and says nothing about the size that the whole file does not. */
export function bearsCuts(t: Test, reader: HeaderReader, file: Uint8Array): void {
  const whole = readWith(reader, file).image;
  for (let length = 0; length < file.length; length += 1) {
    const { image } = readWith(reader, file.subarray(0, length));
    for (const name of ['storedWidth', 'storedHeight', 'bitDepth'] as const) {
      if (image[name] !== undefined && image[name] !== whole[name])
        t.fail(`${name} of the first ${length} bytes`);
    }
  }
  t.equal(readWith(reader, file.subarray(0, 1)).truncated, true, 'one byte is a cut file');
}

/** Every byte in turn is made wrong: nothing but an end of bytes may be thrown, and nothing may take long. */
export function bearsNoise(t: Test, reader: HeaderReader, file: Uint8Array): void {
  const begun = performance.now();
  for (let at = 0; at < Math.min(file.length, 400); at += 1) {
    for (const value of [0, 1, 0x7f, 0x80, 0xff]) readWith(reader, patched(file, [at, value]));
  }
  t.ok(performance.now() - begun < 5000, 'in time');
}

// JPEG files for tests, built byte by byte.
import { Bytes } from '../../../../src/image/bytes.ts';
import { readJpeg } from '../../../../src/image/formats/jpeg/jpeg.ts';
import { emptyHeader, type Header } from '../../../../src/image/header.ts';

export type Part = string | number | readonly number[] | Uint8Array;

/** Bytes of texts (a byte a character), numbers (a byte each) and bytes. */
export function join(...parts: readonly Part[]): Buffer {
  return Buffer.concat(
    parts.map((part) => {
      if (typeof part === 'string') return Buffer.from(part, 'latin1');
      return Buffer.from(typeof part === 'number' ? [part] : part);
    }),
  );
}

export const u16 = (value: number) => [(value >> 8) & 255, value & 255];
export const u32 = (value: number) => [...u16(value >>> 16), ...u16(value & 0xffff)];
export const segment = (code: number, ...parts: readonly Part[]) => {
  const body = join(...parts);
  return join(0xff, code, u16(body.length + 2), body);
};

export const SOI = [0xff, 0xd8];
export const EOI = [0xff, 0xd9];
export const JFIF = segment(0xe0, 'JFIF\0', 1, 2, 1, u16(300), u16(150), 0, 0);
export const DATA = [0x12, 0xff, 0x00, 0x34, 0xff, 0xd0, 0x56, 0xff, 0xff, 0xd1, 0x78];
export const adobe = (transform: number) => segment(0xee, 'Adobe', u16(100), u16(0), u16(0), transform);

/** Component by component: name, sampling factors as 0x21. */
export const YCC = [
  [1, 0x22],
  [2, 0x11],
  [3, 0x11],
];
export const GRAY = [[1, 0x11]];

export function frame(
  code: number,
  components: readonly number[][] = GRAY,
  { height = 20, bits = 8 } = {},
): Buffer {
  const list = components.map(([id = 0, sampling = 0], index) => [id, sampling, index === 0 ? 0 : 1]);
  return segment(code, bits, u16(height), u16(30), components.length, ...list);
}

export const scan = (first = 0, last = 63, approximation = 0) =>
  join(segment(0xda, 1, 1, 0, first, last, approximation), DATA);

export const jpeg = (...parts: readonly Part[]) => join(SOI, ...parts, EOI);

export function read(bytes: Uint8Array): Header {
  const header = emptyHeader();
  readJpeg(new Bytes(bytes), header);
  return header;
}

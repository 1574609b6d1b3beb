// JPEG 2000 codestreams by the marker, boxes around them, and what the reader makes of them.
import type { Header } from '../../../../src/image/header.ts';
import { readHeader } from '../../../../src/image/read-header.ts';
import { be16, be32, join, type Part } from '../byte-builder.ts';

/** Depth less one, and the steps between samples. */
export type Component = readonly [depth: number, xStep: number, yStep: number];

export interface Size {
  capabilities?: number;
  width?: number;
  height?: number;
  left?: number;
  top?: number;
  tile?: readonly [width: number, height: number];
  components?: readonly Component[];
}

const GRAY: readonly Component[] = [[7, 1, 1]];
export const RGB: readonly Component[] = [
  [7, 1, 1],
  [7, 1, 1],
  [7, 1, 1],
];

export const SOC = be16(0xff4f);
export const EOC = be16(0xffd9);
export const segment = (marker: number, ...parts: readonly Part[]) => {
  const body = join(...parts);
  return join(be16(marker, body.length + 2), body);
};

export function siz({
  capabilities = 0,
  width = 20,
  height = 10,
  left = 0,
  top = 0,
  ...more
}: Size = {}): Buffer {
  const { tile = [width, height], components = GRAY } = more;
  return segment(
    ...([0xff51, be16(capabilities), be32(left + width, top + height, left, top)] as const),
    ...[be32(...tile, 0, 0), be16(components.length), components.flat()],
  );
}

/** 0: 9-7, 1: 5-3. */
export const cod = (transformation: number) => segment(0xff52, 0, 0, be16(1), 0, 5, 4, 4, 0, transformation);
export const comment = (text: string, kind = 1) => segment(0xff64, be16(kind), text);
export const tilePart = (content: Part, length?: number) => {
  const body = join(be16(0xff93), content);
  return join(segment(0xff90, be16(0), be32(length ?? body.length + 12), 0, 1), body);
};

export const codestream = (size: Size = {}, ...segments: readonly Part[]) =>
  join(SOC, siz(size), ...(segments.length === 0 ? [cod(1)] : segments), tilePart('data'), EOC);

export function box(type: string, ...parts: readonly Part[]): Buffer {
  const body = join(...parts);
  return join(be32(body.length + 8), type, body);
}

export const ihdr = (width = 20, height = 10, components = 1, depth = 7) =>
  box('ihdr', be32(height, width), be16(components), depth, 7, 0, 0);
export const colr = (space: number) => box('colr', 1, 0, 0, be32(space));
export const uuid = (hexadecimal: string, ...parts: readonly Part[]) =>
  box('uuid', Buffer.from(hexadecimal, 'hex'), ...parts);

export const container = (brand: string, ...boxes: readonly Part[]) =>
  join(box('jP  ', [13, 10, 0x87, 10]), box('ftyp', brand, be32(0), brand), ...boxes);
/** A JP2 file of header boxes and a codestream. */
export const jp2 = (headerBoxes: readonly Part[], stream: Part = codestream(), ...behind: readonly Part[]) =>
  container('jp2 ', box('jp2h', ...headerBoxes), box('jp2c', stream), ...behind);

/** As the service does it: what can't be read is a warning. */
export const read = (file: Uint8Array): Header => readHeader(file, 'jp2');

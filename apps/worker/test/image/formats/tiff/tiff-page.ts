// Pages of TIFFs for tests, and the JPEG streams in them.
import { ASCII, type Field, LONG, SHORT } from '../../tiff-builder.ts';

/** A gray picture of 4 × 2 pixels, with its pixels; other fields replace these or join them. */
export function page(...fields: Field[]): Field[] {
  const own: Field[] = [
    [0x0100, SHORT, [4]],
    [0x0101, SHORT, [2]],
    [0x0102, SHORT, [8]],
    [0x0103, SHORT, [1]],
    [0x0106, SHORT, [1]],
    [0x0111, LONG, { data: Buffer.alloc(8) }],
    [0x0117, LONG, [8]],
  ];
  return [...own.filter(([tag]) => !fields.some(([other]) => other === tag)), ...fields].sort(
    ([one], [other]) => one - other,
  );
}

export const without = (fields: Field[], ...tags: number[]) => fields.filter(([tag]) => !tags.includes(tag));

/** SOI, SOF with one to four components and the sampling factors of the first, EOI. */
export function jpeg(
  marker: number,
  width: number,
  height: number,
  components: number,
  firstSampling = 0x11,
): Buffer {
  const size = [height >> 8, height & 255, width >> 8, width & 255];
  const parts = Array.from({ length: components }, (_, index) => [
    index,
    index === 0 ? firstSampling : 0x11,
    0,
  ]);
  return Buffer.from([
    0xff,
    0xd8,
    0xff,
    marker,
    0,
    8 + 3 * components,
    14,
    ...size,
    components,
    ...parts.flat(),
    0xff,
    0xd9,
  ]);
}

export const strip = (data: Buffer): Field[] => [
  [0x0111, LONG, { data }],
  [0x0117, LONG, [data.length]],
];

export const CFA: Field[] = [
  [0x0106, SHORT, [32803]],
  [0x0102, SHORT, [14]],
  [0x0100, LONG, [6000]],
  [0x0101, LONG, [4000]],
];

export const preview = (...fields: Field[]) =>
  page([0x00fe, LONG, [1]], [0x0100, SHORT, [160]], [0x0101, SHORT, [120]], ...fields);
export const make = (name: string): Field => [0x010f, ASCII, name];
export const subs = (...directories: Field[][]): Field => [0x014a, LONG, { directories }];

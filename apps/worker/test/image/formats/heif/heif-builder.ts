// Files of the ISO base media file format for tests, built box by box.
import { readHeif } from '../../../../src/image/formats/heif/heif.ts';
import type { Header, HeaderReader } from '../../../../src/image/header.ts';
import { join, type Part, readWith } from '../byte-builder.ts';

export { join, type Part };

export const u16 = (value: number) => [(value >> 8) & 255, value & 255];
export const u32 = (value: number) => [...u16(value >>> 16), ...u16(value & 0xffff)];
export const u64 = (value: number) => [...u32(Math.floor(value / 2 ** 32)), ...u32(value % 2 ** 32)];

export function box(type: string, ...parts: readonly Part[]): Buffer {
  const body = join(...parts);
  return join(u32(body.length + 8), type, body);
}

export const full = (type: string, version: number, flags: number, ...parts: readonly Part[]) =>
  box(type, u32(version * 2 ** 24 + flags), ...parts);

/** '101 ue(3) 8:255' → bytes: plain bits, Exp-Golomb numbers, numbers of so many bits. */
export function bits(text: string): Buffer {
  const all = text
    .trim()
    .split(/\s+/)
    .map((word) => {
      const [, golomb] = /^ue\((\d+)\)$/.exec(word) ?? [];
      if (golomb !== undefined) {
        const binary = (Number(golomb) + 1).toString(2);
        return '0'.repeat(binary.length - 1) + binary;
      }
      const [, width, value] = /^(\d+):(\d+)$/.exec(word) ?? [];
      return width === undefined ? word : Number(value).toString(2).padStart(Number(width), '0');
    })
    .join('');
  return Buffer.from((all.match(/.{1,8}/g) ?? []).map((byte) => Number.parseInt(byte.padEnd(8, '0'), 2)));
}

export const ispe = (width: number, height: number) => full('ispe', 0, 0, u32(width), u32(height));
export const pixi = (...depths: number[]) => full('pixi', 0, 0, depths.length, depths);
export const nclx = (primaries: number, transfer: number, matrix: number, isFull = true) =>
  box('colr', 'nclx', u16(primaries), u16(transfer), u16(matrix), isFull ? 0x80 : 0);
export const auxC = (type: string) => full('auxC', 0, 0, type, 0);
export const ALPHA = 'urn:mpeg:mpegB:cicp:systems:auxiliary:alpha';
/** Profile and level, then depth and subsampling. */
export const av1C = (first = 0x04, second = 0x0c, ...units: Part[]) =>
  box('av1C', 0x81, first, second, 0, ...units);
export const clap = (...fractions: [number, number][]) =>
  box('clap', ...fractions.map(([above, below]) => [...u32(above >>> 0), ...u32(below)]));
export const irot = (turns: number) => box('irot', turns);
export const imir = (axis: number) => box('imir', axis);
export const dimg = (from: number, ...to: number[]) => reference('dimg', from, ...to);
export const reference = (type: string, from: number, ...to: number[]) =>
  box(type, u16(from), u16(to.length), ...to.map(u16));

/** Of 8 bits, 4:2:0, in sRGB. */
export const PLAIN = [ispe(64, 48), av1C(), pixi(8, 8, 8), nclx(1, 13, 6)];

/** Constraint flags, level, chroma, depth; then the parameter sets. */
export const hvcC = (
  profile: number,
  constraints: number,
  level: number,
  chroma: number,
  depth: number,
  ...units: Part[]
) =>
  box(
    'hvcC',
    [1, profile],
    u32(0),
    u16(constraints),
    u32(0),
    level,
    u16(0xf000),
    0xfc,
    0xfc + chroma,
    0xf8 + depth - 8,
    0xf8,
    u16(0),
    0x0f,
    ...(units.length > 0 ? units : [0]),
  );

export interface ItemParts {
  type?: string;
  isHidden?: boolean;
  properties?: readonly Buffer[];
  data?: Part;
  isInIdat?: boolean;
  mediaType?: string;
  encoding?: string;
}

export const PICTURE: ItemParts = { properties: PLAIN };
export const auxiliary = (type: string): ItemParts => ({
  properties: [ispe(64, 48), av1C(0, 0x1c), auxC(type)],
});

export interface FileParts {
  brands?: readonly string[];
  primary?: number | undefined;
  /** By id, from 1. */
  items?: readonly ItemParts[];
  references?: readonly Buffer[];
  groups?: readonly Buffer[];
  /** Boxes of the file behind meta. */
  more?: readonly Buffer[];
}

export const ftyp = ([major = 'avif', ...others]: readonly string[]) =>
  box('ftyp', major, u32(0), major, ...others);

/** ftyp, meta, further boxes, mdat. */
export function heif(parts: FileParts): Buffer {
  const { brands = ['avif', 'mif1', 'miaf'], items = [{ properties: PLAIN }], more = [] } = parts;
  const outside = items.filter(({ isInIdat }) => !isInIdat).map(({ data = 'data' }) => join(data));
  const head = ftyp(brands);
  const lengthOfMeta = meta({ ...parts, items }, 0).length;
  const dataAt = head.length + lengthOfMeta + join(...more).length + 8;
  return join(head, meta({ ...parts, items }, dataAt), ...more, box('mdat', ...outside));
}

export function meta(
  { primary = 1, items = [], references = [], groups = [] }: FileParts,
  dataAt: number,
): Buffer {
  const properties = items.flatMap((item) => item.properties ?? []);
  const inIdat = items.filter(({ isInIdat }) => isInIdat).map(({ data = 'data' }) => join(data));
  return full(
    'meta',
    0,
    0,
    full('hdlr', 0, 0, u32(0), 'pict', u32(0), u32(0), u32(0), 0),
    primary > 0 ? full('pitm', 0, 0, u16(primary)) : '',
    iloc(items, dataAt),
    full('iinf', 0, 0, u16(items.length), ...items.map(infe)),
    references.length > 0 ? full('iref', 0, 0, ...references) : '',
    box('iprp', box('ipco', ...properties), ipma(items)),
    inIdat.length > 0 ? box('idat', ...inIdat) : '',
    groups.length > 0 ? box('grpl', ...groups) : '',
  );
}

function infe({ type = 'av01', isHidden = false, mediaType, encoding }: ItemParts, index: number): Buffer {
  const media =
    mediaType === undefined ? '' : `${mediaType}\0${encoding === undefined ? '' : `${encoding}\0`}`;
  return full('infe', 2, isHidden ? 1 : 0, u16(index + 1), u16(0), type, 0, media);
}

function iloc(items: readonly ItemParts[], dataAt: number): Buffer {
  const next = { file: dataAt, idat: 0 };
  const entries = items.map(({ data = 'data', isInIdat = false }, index) => {
    const { length } = join(data);
    const place = isInIdat ? 'idat' : 'file';
    const at = next[place];
    next[place] += length;
    return join(u16(index + 1), u16(isInIdat ? 1 : 0), u16(0), u16(1), u32(at), u32(length));
  });
  return full('iloc', 1, 0, u16(0x4400), u16(items.length), ...entries);
}

function ipma(items: readonly ItemParts[]): Buffer {
  let number = 0;
  const entries = items.map(({ properties = [] }, index) =>
    join(u16(index + 1), properties.length, ...properties.map(() => u16(0x8000 + ++number))),
  );
  return full('ipma', 0, 1, u32(items.length), ...entries);
}

/** An Exif item: the offset of the TIFF stream, and the stream. */
export const TIFF = join('II*\0', 8, 0, 0, 0, 0, 0, 0, 0, 0, 0);
export const EXIF: ItemParts = { type: 'Exif', data: join(u32(0), TIFF) };
export const xmp = (data: Part, encoding?: string): ItemParts => ({
  type: 'mime',
  mediaType: 'application/rdf+xml',
  data,
  ...(encoding !== undefined && { encoding }),
});

/** A file of one item. */
export const coded = (item: ItemParts) => read(heif({ brands: ['mif1'], items: [item] }));

export const read = (file: Uint8Array, reader: HeaderReader = readHeif): Header => readWith(reader, file);

// Pictures without a codec: components and depth from cmpd and uncC, general compression from cmpC (ISO/IEC 23001-17).
import type { Bytes } from '../../bytes.ts';
import { type Box, fieldsOf } from '../boxes.ts';
import type { Coding } from './heif-coding.ts';
import { extentsOf, propertyOf } from './heif-properties.ts';

/** Table 1. */
const MONOCHROME = 0;
const LUMA = 1;
const RED = 4;
const ALPHA = 7;
const FILTER_ARRAY = 11;
const PADDING = 12;

/** Types of component from here on are named by a URI. */
const NAMED_TYPES = 0x8000;
const MAX_COMPONENTS = 64;

/** Table 3. */
const SAMPLINGS = ['4:4:4', '4:2:2', '4:2:0', '4:1:1'];

/** Version 1 of uncC names a layout of 8-bit samples and tells no more (table 7). */
const LAYOUTS: Partial<Record<string, number[]>> = {
  rgb3: [RED, RED + 1, RED + 2],
  rgba: [RED, RED + 1, RED + 2, ALPHA],
  abgr: [ALPHA, RED + 2, RED + 1, RED],
};

const COMPRESSIONS: Partial<Record<string, string>> = { defl: 'deflate', zlib: 'deflate', brot: 'brotli' };

export function readUncompressed(bytes: Bytes, properties: readonly Box[]): Coding {
  const box = propertyOf(properties, 'uncC');
  if (box === undefined) return {};
  const fields = fieldsOf(bytes, box);
  const { version } = fields.versionAndFlags();
  const layout = fields.fourCharacters();
  const coded = { method: compressionOf(bytes, properties), lossless: true };
  if (version === 1) {
    const types = LAYOUTS[layout];
    return types === undefined ? coded : { ...coded, ...describe(types), bitDepth: 8 };
  }
  const types = readTypes(bytes, properties);
  const used: number[] = [];
  let bitDepth = 0;
  for (let left = Math.min(fields.u32(), MAX_COMPONENTS); left > 0; left -= 1) {
    const type = types[fields.u16()] ?? PADDING;
    const depth = fields.u8() + 1;
    fields.skip(2);
    if (type === PADDING) continue;
    used.push(type);
    bitDepth = Math.max(bitDepth, depth);
  }
  const sampling = SAMPLINGS[fields.u8()];
  fields.skip(3 + 12); // interleaving, blocks, flags, alignments
  const tiling = tilingOf(extentsOf(bytes, properties), fields.u32() + 1, fields.u32() + 1);
  const chromaSubsampling = used.includes(LUMA) ? sampling : undefined;
  return { ...coded, ...describe(used), chromaSubsampling, bitDepth: bitDepth || undefined, tiling };
}

function compressionOf(bytes: Bytes, properties: readonly Box[]): string | undefined {
  const box = propertyOf(properties, 'cmpC');
  if (box === undefined) return undefined;
  const fields = fieldsOf(bytes, box);
  fields.versionAndFlags();
  return COMPRESSIONS[fields.fourCharacters()];
}

/** cmpd: what the components are, by index. */
function readTypes(bytes: Bytes, properties: readonly Box[]): number[] {
  const box = propertyOf(properties, 'cmpd');
  if (box === undefined) return [];
  const fields = fieldsOf(bytes, box);
  const types: number[] = [];
  for (let left = Math.min(fields.u32(), MAX_COMPONENTS); left > 0; left -= 1) {
    const type = fields.u16();
    if (type >= NAMED_TYPES) fields.text();
    types.push(type);
  }
  return types;
}

function describe(types: number[]): Coding {
  const hasAlpha = types.includes(ALPHA);
  return { channels: types.length - (hasAlpha ? 1 : 0), hasAlpha, model: modelOf(types) };
}

function modelOf(types: number[]): string | undefined {
  if (types.includes(RED)) return 'rgb';
  if (types.includes(LUMA)) return 'ycbcr';
  if (types.includes(FILTER_ARRAY)) return 'cfa';
  return types.includes(MONOCHROME) ? 'gray' : undefined;
}

function tilingOf(
  size: { width: number; height: number } | undefined,
  columns: number,
  rows: number,
): Coding['tiling'] {
  if (size === undefined || columns * rows === 1) return undefined;
  return { width: Math.floor(size.width / columns), height: Math.floor(size.height / rows) };
}

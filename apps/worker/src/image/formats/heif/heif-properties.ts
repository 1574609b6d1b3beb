// Properties of HEIF items and sample entries that are the same for every codec (ISO/IEC 23008-12, 6.5).
import type { Bytes } from '../../bytes.ts';
import type { Cicp } from '../../cicp.ts';
import { type Box, fieldsOf } from '../boxes.ts';

export function propertyOf(properties: readonly Box[], type: string): Box | undefined {
  return properties.find((box) => box.type === type);
}

/** ispe: the size in pixels before any transform (6.5.3). */
export function extentsOf(
  bytes: Bytes,
  properties: readonly Box[],
): { width: number; height: number } | undefined {
  const box = propertyOf(properties, 'ispe');
  if (box === undefined) return undefined;
  const fields = fieldsOf(bytes, box);
  fields.versionAndFlags();
  const size = { width: fields.u32(), height: fields.u32() };
  return size.width > 0 && size.height > 0 ? size : undefined;
}

/** pixi: bits of each channel (6.5.6). */
export function channelBitsOf(bytes: Bytes, properties: readonly Box[]): number[] {
  const box = propertyOf(properties, 'pixi');
  if (box === undefined) return [];
  const fields = fieldsOf(bytes, box);
  fields.versionAndFlags();
  const bits: number[] = [];
  for (let left = fields.u8(); left > 0; left -= 1) bits.push(fields.u8());
  return bits;
}

/** colr with code points (ISO/IEC 14496-12, 12.1.5); nclc is QuickTime's, which tells no range. */
export function cicpOf(bytes: Bytes, properties: readonly Box[]): Cicp | undefined {
  for (const box of properties) {
    if (box.type !== 'colr') continue;
    const fields = fieldsOf(bytes, box);
    const kind = fields.fourCharacters();
    if (kind !== 'nclx' && kind !== 'nclc') continue;
    const cicp = { primaries: fields.u16(), transfer: fields.u16(), matrix: fields.u16() };
    return kind === 'nclx' ? { ...cicp, isFullRange: (fields.u8() & 0x80) !== 0 } : cicp;
  }
  return undefined;
}

/** colr with an ICC profile, restricted or not. */
export function profileOf(bytes: Bytes, properties: readonly Box[]): Uint8Array | undefined {
  for (const box of properties) {
    if (box.type !== 'colr' || box.body + 4 >= box.end) continue;
    const isProfile = bytes.is('prof', box.body) || bytes.is('rICC', box.body);
    if (isProfile) return bytes.slice(box.body + 4, box.end - box.body - 4);
  }
  return undefined;
}

const ALPHA_TYPES = [
  'urn:mpeg:mpegB:cicp:systems:auxiliary:alpha',
  'urn:mpeg:hevc:2015:auxid:1',
  'urn:mpeg:avc:2015:auxid:1',
];

const GAIN_MAP_TYPES: Partial<Record<string, string>> = {
  'urn:com:apple:photo:2020:aux:hdrgainmap': 'apple-gain-map',
  'urn:com:photo:aux:hdrgainmap': 'gain-map',
};

/** What an auxiliary picture is for: auxC of an item, auxi of a track (6.5.8, 7.5.3). */
export function auxiliaryOf(
  bytes: Bytes,
  properties: readonly Box[],
): { isAlpha: boolean; gainMap: string | undefined } | undefined {
  const box = propertyOf(properties, 'auxC') ?? propertyOf(properties, 'auxi');
  if (box === undefined) return undefined;
  const fields = fieldsOf(bytes, box);
  fields.versionAndFlags();
  const type = fields.text();
  return { isAlpha: ALPHA_TYPES.includes(type), gainMap: GAIN_MAP_TYPES[type] };
}

// The layer and mask information of a PSD: only how many layers there are, and whether the merged picture has transparency
// (Adobe Photoshop File Formats Specification, "Layer and Mask Information Section").
import type { Bytes } from '../bytes.ts';
import { MAX_STEPS } from '../header.ts';

export interface Layers {
  count: number;
  /** The first extra channel of the merged picture says what is transparent. */
  isTransparent: boolean;
}

/** Blocks that have a length of 8 bytes in a PSB. */
const LONG_KEYS = new Set([
  ...['LMsk', 'Lr16', 'Lr32', 'Layr', 'Mt16', 'Mt32', 'Mtrn'],
  ...['Alph', 'FMsk', 'lnk2', 'FEid', 'FXid', 'PxSD'],
]);
/** With 16 or 32 bits the layers stand in a block of their own. */
const LAYER_KEYS = new Set(['Lr16', 'Lr32', 'Layr']);
const TRANSPARENCY_KEYS = new Set(['Mtrn', 'Mt16', 'Mt32']);

/** What lies behind the end of the section or of the file is left out. */
export function readLayers(bytes: Bytes, at: number, sectionEnd: number, isLarge: boolean): Layers {
  const lengthBytes = isLarge ? 8 : 4;
  const layers: Layers = { count: 0, isTransparent: false };
  const end = Math.min(sectionEnd, bytes.length);
  if (end - at < lengthBytes) return layers;
  const infoBytes = isLarge ? bytes.u64(at) : bytes.u32(at);
  const info = at + lengthBytes;
  if (infoBytes >= 2 && info + 2 <= end) readCount(bytes, info, layers);
  const globalMask = info + infoBytes;
  if (globalMask + 4 > end) return layers;
  readBlocks(bytes, { at: globalMask + 4 + bytes.u32(globalMask), end, isLarge }, layers);
  return layers;
}

/** Negative: the first extra channel is the transparency of the merged picture ("Layer info"). */
function readCount(bytes: Bytes, at: number, layers: Layers): void {
  const count = bytes.i16(at);
  layers.count = Math.abs(count);
  if (count < 0) layers.isTransparent = true;
}

function readBlocks(
  bytes: Bytes,
  place: { at: number; end: number; isLarge: boolean },
  layers: Layers,
): void {
  let { at } = place;
  for (let step = 0; step < MAX_STEPS && at + 18 <= place.end; step += 1) {
    if (!bytes.is('8BIM', at) && !bytes.is('8B64', at)) return;
    const key = bytes.latin1(at + 4, 4);
    const isLong = place.isLarge && LONG_KEYS.has(key);
    const length = isLong ? bytes.u64(at + 8) : bytes.u32(at + 8);
    const body = at + (isLong ? 16 : 12);
    if (LAYER_KEYS.has(key) && length >= 2) readCount(bytes, body, layers);
    if (TRANSPARENCY_KEYS.has(key)) layers.isTransparent = true;
    // Rounded up to four, whatever the specification says of even numbers.
    at = body + Math.ceil(length / 4) * 4;
  }
}

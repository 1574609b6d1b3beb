// Bytes of an item, by its location: in the file, in idat or in another item (ISO/IEC 14496-12, 8.11.3).
import type { Bytes } from '../../bytes.ts';
import { type Meta, referencesFrom } from './heif-meta.ts';

/** Tags are small; what is larger is not read. */
const MAX_ITEM_BYTES = 16 * 1024 * 1024;

/** The extents of an item as far as the file reaches, none of them copied. Empty for what is in another file. */
function partsOf(bytes: Bytes, meta: Meta, id: number, isNested = false): Uint8Array[] {
  const location = meta.locations.get(id);
  if (location === undefined || location.isElsewhere) return [];
  const whole = surroundings(bytes, meta, id, location.method, isNested);
  if (whole === undefined) return [];
  // A length of 0 means everything from the offset on.
  return location.extents.map(({ offset, length }) =>
    whole.subarray(
      Math.min(offset, whole.length),
      length === 0 ? whole.length : Math.min(offset + length, whole.length),
    ),
  );
}

/** What offsets count in. An item inside an item inside an item is not looked for. */
function surroundings(
  bytes: Bytes,
  meta: Meta,
  id: number,
  method: number,
  isNested: boolean,
): Uint8Array | undefined {
  if (method === 0) return bytes.all;
  if (method === 1) return meta.idat && bytes.slice(meta.idat.body, meta.idat.end - meta.idat.body);
  const source = referencesFrom(meta, 'iloc', id)[0];
  return isNested || source === undefined ? undefined : joined(partsOf(bytes, meta, source, true));
}

/** Undefined for more than 16 MB: extents may overlap, so a small file can promise much. */
function joined(parts: Uint8Array[]): Uint8Array | undefined {
  const total = parts.reduce((sum, part) => sum + part.length, 0);
  if (total > MAX_ITEM_BYTES) return undefined;
  return parts.length === 1 ? parts[0] : Buffer.concat(parts);
}

/** The whole item; undefined where it is too large, elsewhere or empty. */
export function itemData(bytes: Bytes, meta: Meta, id: number): Uint8Array | undefined {
  const data = joined(partsOf(bytes, meta, id));
  return data === undefined || data.length === 0 ? undefined : data;
}

/** The first bytes of the item's first extent, as many as there are. */
export function itemHead(bytes: Bytes, meta: Meta, id: number, count: number): Uint8Array {
  return (partsOf(bytes, meta, id)[0] ?? new Uint8Array()).subarray(0, count);
}

/** Whether some item's data lies behind the end of the file. */
export function isDataMissing(bytes: Bytes, meta: Meta): boolean {
  for (const { method, isElsewhere, extents } of meta.locations.values()) {
    if (method !== 0 || isElsewhere) continue;
    if (extents.some(({ offset, length }) => offset + length > bytes.length)) return true;
  }
  return false;
}

// Tags of a HEIF picture that are items: EXIF and XMP (ISO/IEC 23008-12, annex A).
import type { Bytes } from '../../bytes.ts';
import { type Header, malformed } from '../../header.ts';
import { type Decompression, decompress } from '../decompress.ts';
import { addXmp, findTiff } from '../tag-blocks.ts';
import { itemData } from './heif-item-data.ts';
import { type Item, type Meta, referencesFrom } from './heif-meta.ts';

const XMP_TYPE = 'application/rdf+xml';
/** One picture has one block of each kind; some programs write two. */
const MAX_BLOCKS = 4;

/** @param shown the primary item and what it is made from; what describes other pictures only is left out */
export function collectTagItems(bytes: Bytes, header: Header, meta: Meta, shown: ReadonlySet<number>): void {
  const exif = candidates(meta, shown, ({ type }) => type === 'Exif');
  for (const { id } of exif.slice(0, MAX_BLOCKS)) {
    const stream = header.blocks.exif ?? tiffOf(itemData(bytes, meta, id));
    if (stream !== undefined) header.blocks.exif = stream;
  }
  if (exif.length > 0 && header.blocks.exif === undefined && header.truncated !== true) {
    header.warnings.push(malformed('The EXIF item holds no TIFF stream.', 'exif'));
  }
  const xmp = candidates(
    meta,
    shown,
    ({ type, contentType }) => contentType === XMP_TYPE && (type === 'mime' || type === ''),
  );
  for (const item of xmp.slice(0, MAX_BLOCKS)) {
    const data = itemData(bytes, meta, item.id);
    const packet = data && plain(data, item, header);
    if (packet !== undefined) addXmp(header, packet);
  }
}

/** Items that describe the shown picture, or no picture at all; only without any of these, those of other pictures. */
function candidates(meta: Meta, shown: ReadonlySet<number>, isWanted: (item: Item) => boolean): Item[] {
  const all = [...meta.items.values()].filter(isWanted);
  const own = all.filter(({ id }) => {
    const described = referencesFrom(meta, 'cdsc', id);
    return described.length === 0 || described.some((target) => shown.has(target));
  });
  return own.length > 0 ? own : all.slice(0, 1);
}

/** How far the stream may be from where the item says it is. */
const SEARCHED_BYTES = 64;

/** The item begins with the offset of the TIFF header behind these four bytes (A.2.1); not all programs write it right. */
function tiffOf(data: Uint8Array | undefined): Uint8Array | undefined {
  if (data === undefined || data.length < 8) return undefined;
  const stated = 4 + new DataView(data.buffer, data.byteOffset).getUint32(0);
  if (findTiff(data.subarray(stated), 0) !== undefined) return data.subarray(stated);
  const at = findTiff(data, SEARCHED_BYTES);
  return at === undefined ? undefined : data.subarray(at);
}

const METHODS: Partial<Record<string, Decompression>> = { deflate: 'deflate', gzip: 'gzip', br: 'brotli' };

/** Content encodings are those of HTTP (ISO/IEC 14496-12, 8.11.6.3). */
function plain(data: Uint8Array, { contentEncoding }: Item, header: Header): Uint8Array | undefined {
  if (contentEncoding === '') return data;
  const method = METHODS[contentEncoding];
  return method && decompress(data, method, header, { field: 'xmp' });
}

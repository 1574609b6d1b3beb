// The value of a tag as the document shows it: numbers as numbers, texts decoded, long things only measured, opaque ones left out.
import { MAX_LIST_ITEMS, type Truncated, truncated } from '../truncated.ts';
import { readComment, readText, readUtf16 } from './exif-text.ts';
import { type Entry, numberAt, type Tiff } from './ifd.ts';

/** Null stands in a list for a number that the file marks as unknown (0/0). */
export type TagValue = string | number | (number | null)[] | Truncated;

const TEXT_TYPES: readonly number[] = [2, 129];
const UNDEFINED_TYPE = 7;

/** ExifVersion, FlashpixVersion, InteroperabilityVersion; texts that some write as plain bytes. */
const TEXTS_IN_BYTES: readonly number[] = [
  0x9000, 0xa000, 0x0002, 0x010d, 0x010e, 0x010f, 0x0110, 0x0131, 0x013b, 0x8298,
];
/** UserComment, GPSProcessingMethod, GPSAreaInformation. */
const COMMENTS: readonly number[] = [0x9286, 0x001b, 0x001c];
/** XPTitle, XPComment, XPAuthor, XPKeywords, XPSubject. */
const UTF16_TEXTS: readonly number[] = [0x9c9b, 0x9c9c, 0x9c9d, 0x9c9e, 0x9c9f];
/** ComponentsConfiguration: four numbers of a byte. */
const NUMBERS_IN_BYTES: readonly number[] = [0x9101];

/** Undefined: it has no value, or one that says nothing to a reader. */
export function readValue(tiff: Tiff, entry: Entry): TagValue | undefined {
  const { tag, type, count } = entry;
  if (count === 0) return undefined;
  if (tag >= 0x9c9b && UTF16_TEXTS.includes(tag)) return readUtf16(tiff, entry);
  if (COMMENTS.includes(tag)) return readComment(tiff, entry);
  if (TEXT_TYPES.includes(type)) return readText(tiff, entry);
  if (type === UNDEFINED_TYPE || type === 1) return bytesValue(tiff, entry);
  return numbersValue(tiff, entry);
}

function bytesValue(tiff: Tiff, entry: Entry): TagValue | undefined {
  const { tag, type, count } = entry;
  if (TEXTS_IN_BYTES.includes(tag)) return readText(tiff, entry);
  if (type === UNDEFINED_TYPE && count > 1 && !NUMBERS_IN_BYTES.includes(tag)) return undefined;
  return numbersValue(tiff, entry);
}

function numbersValue(tiff: Tiff, entry: Entry): TagValue | undefined {
  const { count } = entry;
  if (count === 1) return numberAt(tiff, entry, 0);
  if (count > MAX_LIST_ITEMS) return truncated(count);
  const items = Array.from({ length: count }, (_, index) => numberAt(tiff, entry, index) ?? null);
  return items.every((item) => item === null) ? undefined : items;
}

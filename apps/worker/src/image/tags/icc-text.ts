// Texts in ICC profiles: of version 2 in ASCII with Unicode beside it, of version 4 in many languages (ICC.1:2022, 10.15 and 10.24;
// ICC.1:2001-04, 6.5.17).
import type { Bytes } from '../bytes.ts';
import { decodeText, decodeUtf16, untilNul } from '../decode-text.ts';
import { MAX_TEXT_CHARACTERS } from '../truncated.ts';

/** Where a tag stands in the profile, or a text in a tag. */
export interface Place {
  at: number;
  length: number;
}

const MAX_LANGUAGES = 200;
/** Type signature and four reserved bytes. */
const TYPE_BYTES = 8;

/** Undefined where there is none, or none that can be read. */
export function readIccText(bytes: Bytes, { at, length }: Place): string | undefined {
  if (length < TYPE_BYTES) return undefined;
  const tag = bytes.window(at, length);
  const text = READERS[tag.latin1(0, 4)]?.(tag);
  return text === undefined || text === '' ? undefined : text;
}

const READERS: Readonly<Record<string, ((tag: Bytes) => string | undefined) | undefined>> = {
  desc: readDescription,
  mluc: readLanguages,
  text: (tag) => decodeBytes(tag.upTo(TYPE_BYTES, MAX_TEXT_CHARACTERS)),
  utf8: (tag) => decodeBytes(tag.upTo(TYPE_BYTES, MAX_TEXT_CHARACTERS)),
};

/** textDescriptionType: an ASCII text with its length, and the same in UTF-16 behind a language code. */
function readDescription(tag: Bytes): string | undefined {
  if (!tag.has(TYPE_BYTES, 4)) return undefined;
  const asciiBytes = tag.u32(TYPE_BYTES);
  const ascii = decodeBytes(tag.upTo(TYPE_BYTES + 4, Math.min(asciiBytes, MAX_TEXT_CHARACTERS)));
  if (ascii !== '') return ascii;
  const unicode = TYPE_BYTES + 4 + asciiBytes + 4;
  if (!tag.has(unicode, 4)) return undefined;
  return decodeUnits(tag.upTo(unicode + 4, Math.min(2 * tag.u32(unicode), MAX_TEXT_CHARACTERS)));
}

interface Localized {
  language: string;
  country: string;
  place: Place;
}

/** multiLocalizedUnicodeType: American English, else any English, else the first. */
function readLanguages(tag: Bytes): string | undefined {
  if (!tag.has(TYPE_BYTES, 8)) return undefined;
  const count = Math.min(tag.u32(TYPE_BYTES), MAX_LANGUAGES);
  const recordBytes = Math.max(12, tag.u32(TYPE_BYTES + 4));
  const records: Localized[] = [];
  for (let index = 0; index < count; index += 1) {
    const record = TYPE_BYTES + 8 + index * recordBytes;
    if (!tag.has(record, 12)) break;
    const place = { length: tag.u32(record + 4), at: tag.u32(record + 8) };
    records.push({ language: tag.latin1(record, 2), country: tag.latin1(record + 2, 2), place });
  }
  const english = records.filter(({ language }) => language === 'en');
  const chosen = english.find(({ country }) => country === 'US') ?? english[0] ?? records[0];
  return chosen && decodeUnits(tag.upTo(chosen.place.at, Math.min(chosen.place.length, MAX_TEXT_CHARACTERS)));
}

/** ASCII by the specification. */
function decodeBytes(bytes: Uint8Array): string {
  return decodeText(untilNul(bytes)).trim();
}

function decodeUnits(bytes: Uint8Array): string {
  return decodeUtf16(bytes, false).replace(/\0.*$/s, '').trim();
}

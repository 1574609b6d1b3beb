// Texts of EXIF: ASCII that is often UTF-8 or Latin-1, comments that name their own coding, and the UTF-16 of Windows.
import { isUtf8 } from 'node:buffer';
import { decodeText, decodeUtf16, untilNul } from '../decode-text.ts';
import { MAX_TEXT_CHARACTERS, type Truncated, truncated } from '../truncated.ts';
import type { Entry, Tiff } from './ifd.ts';

export type Text = string | Truncated | undefined;

/** Whatever fills this is too long: no coding needs more than three bytes for a UTF-16 unit; eight name the coding. */
const WINDOW_BYTES = 8 + 3 * (MAX_TEXT_CHARACTERS + 1);
const COPYRIGHT = 0x8298;

/** Ends at the first NUL (Exif 3.0, 4.6.2, ASCII and UTF-8). Undefined for blanks: they mean that nothing is known. */
export function readText(tiff: Tiff, entry: Entry): Text {
  const bytes = window(tiff, entry);
  // Photographer, NUL, editor, NUL (Exif 3.0, 4.6.5, Copyright).
  if (entry.tag === COPYRIGHT) return measured(decodeCopyright(bytes), entry);
  return measured(decodeText(untilNul(bytes)), entry);
}

/** UserComment and two GPS texts: the first eight bytes name the coding (Exif 3.0, 4.6.6, table 9). */
export function readComment(tiff: Tiff, entry: Entry): Text {
  const bytes = window(tiff, entry);
  // Writers pad with blanks as well; Ricoh writes "Unicode" before what is ASCII.
  const code = Buffer.from(bytes.subarray(0, 8))
    .toString('latin1')
    .replace(/[\0 ]+$/, '');
  const body = bytes.subarray(8);
  if (code === 'UNICODE') return measured(decodeUnicode(body, tiff.littleEndian), entry);
  if (code === 'JIS') return measured(decodeJis(body), entry);
  if (code === 'ASCII' || code === 'Unicode' || bytes[0] === 0)
    return measured(decodeText(untilNul(body)), entry);
  // No coding is named: some writers leave the eight bytes out.
  return measured(decodeText(untilNul(bytes)), entry);
}

/** XPTitle and its kin: UTF-16, little-endian whatever the order of the file. */
export function readUtf16(tiff: Tiff, entry: Entry): Text {
  return measured(decodeUnits(window(tiff, entry), true), entry);
}

function window({ bytes }: Tiff, entry: Entry): Uint8Array {
  return bytes.upTo(entry.at, Math.min(entry.byteLength, WINDOW_BYTES));
}

function measured(text: string, entry: Entry): Text {
  const trimmed = text.trimEnd();
  if (trimmed.length > MAX_TEXT_CHARACTERS) return truncated(entry.byteLength);
  return trimmed === '' ? undefined : trimmed.normalize('NFC');
}

function decodeCopyright(bytes: Uint8Array): string {
  const photographer = untilNul(bytes);
  const editor = untilNul(bytes.subarray(photographer.length + 1));
  return [photographer, editor]
    .map((part) => decodeText(part).trimEnd())
    .filter((part) => part !== '')
    .join('\n');
}

function decodeUnicode(bytes: Uint8Array, littleEndian: boolean): string {
  const [first, second, third] = bytes;
  if (first === 0xff && second === 0xfe) return decodeUnits(bytes.subarray(2), true);
  if (first === 0xfe && second === 0xff) return decodeUnits(bytes.subarray(2), false);
  if (first === 0xef && second === 0xbb && third === 0xbf) return decodeText(untilNul(bytes.subarray(3)));
  return decodeUnits(bytes, looksLittleEndian(bytes) ?? littleEndian);
}

/** Some write little-endian texts into big-endian blocks. Most texts have zeros on one side only. */
function looksLittleEndian(bytes: Uint8Array): boolean | undefined {
  let even = 0;
  let odd = 0;
  for (let at = 0; at + 1 < bytes.length; at += 2) {
    if (bytes[at] === 0 && bytes[at + 1] === 0) break;
    if (bytes[at] === 0) even += 1;
    if (bytes[at + 1] === 0) odd += 1;
  }
  return even === odd ? undefined : odd > even;
}

function decodeUnits(bytes: Uint8Array, littleEndian: boolean): string {
  return decodeUtf16(bytes, littleEndian).replace(/\0.*$/s, '');
}

/** JIS X 0208 by its escape sequences, or as Japanese writers really do it: Shift JIS or plain ASCII. */
function decodeJis(bytes: Uint8Array): string {
  const text = untilNul(bytes);
  if (text.includes(0x1b)) return new TextDecoder('iso-2022-jp').decode(text);
  return isUtf8(text) ? decodeText(text) : new TextDecoder('shift_jis').decode(text);
}

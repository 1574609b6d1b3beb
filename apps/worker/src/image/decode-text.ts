// Texts whose coding is not told, or not meant: ASCII or Latin-1 by most specifications, UTF-8 and Windows-1252 by most programs.
import { isUtf8 } from 'node:buffer';
import { bufferOf } from './bytes.ts';

/** What Windows-1252 has where Latin-1 has control characters, which nobody means. */
const WINDOWS_80_TO_9F = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';

/** UTF-8 where the bytes are such, which others next to never are by accident; else Windows-1252, of which Latin-1 is a part. */
export function decodeText(bytes: Uint8Array): string {
  return isUtf8(bytes) ? bufferOf(bytes).toString('utf8') : decodeWindows(bytes);
}

/** Not by TextDecoder: some releases of Node read its windows-1252 as Latin-1. */
export function decodeWindows(bytes: Uint8Array): string {
  return bufferOf(bytes)
    .toString('latin1')
    .replace(/[\x80-\x9f]/g, (one) => WINDOWS_80_TO_9F.charAt(one.charCodeAt(0) - 0x80));
}

/** Without a byte-order mark. Half a surrogate pair becomes a replacement character, half a unit at the end is left out. */
export function decodeUtf16(bytes: Uint8Array, littleEndian: boolean): string {
  return new TextDecoder(littleEndian ? 'utf-16le' : 'utf-16be').decode(bytes.subarray(0, bytes.length & ~1));
}

export function untilNul(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(0);
  return end < 0 ? bytes : bytes.subarray(0, end);
}

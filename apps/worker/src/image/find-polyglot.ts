// Files that are images and something else as well: what hides in front of, or behind, the picture.
// Looked for where other programs look: ZIP's directory at the end, the PDF mark in the first kilobyte, anything behind the image.
import { bufferOf } from './bytes.ts';

const TAIL_BYTES = 65_557;
const HEAD_BYTES = 1024;

/** What may begin behind an image. */
const BEHIND: readonly (readonly [name: string, mark: Buffer])[] = (
  [
    ['zip', 'PK\x03\x04'],
    ['rar', 'Rar!\x1a\x07'],
    ['7z', '7z\xbc\xaf\x27\x1c'],
    ['pdf', '%PDF-'],
    ['elf', '\x7fELF'],
    ['exe', 'MZ\x90\x00'],
    ['gzip', '\x1f\x8b\x08'],
    ['html', '<html'],
    ['html', '<script'],
    ['php', '<?php'],
    ['mp4', 'ftypmp4'],
    ['mp4', 'ftypisom'],
  ] as const
).map(([name, mark]) => [name, Buffer.from(mark, 'latin1')]);

const ZIP_END = Buffer.from('PK\x05\x06', 'latin1');

/** @param end offset behind the image, where it is known */
export function findPolyglot(bytes: Uint8Array, end: number | undefined): string | undefined {
  const all = bufferOf(bytes);
  return hasZipDirectory(all) ? 'zip' : (markIn(all.subarray(0, HEAD_BYTES), ['pdf']) ?? behind(all, end));
}

/** The end of a ZIP's central directory, whose comment must reach exactly to the end of the file (APPNOTE.TXT, 4.3.16). */
function hasZipDirectory(all: Buffer): boolean {
  const tail = all.subarray(Math.max(0, all.length - TAIL_BYTES));
  // Forwards: searching backwards is many times slower.
  for (let at = tail.indexOf(ZIP_END); at !== -1; at = tail.indexOf(ZIP_END, at + 1)) {
    if (at + 22 <= tail.length && at + 22 + tail.readUInt16LE(at + 20) === tail.length) return true;
  }
  return false;
}

function behind(all: Buffer, end: number | undefined): string | undefined {
  if (end === undefined || end >= all.length) return undefined;
  return markIn(all.subarray(end, end + TAIL_BYTES));
}

function markIn(bytes: Buffer, only?: readonly string[]): string | undefined {
  return BEHIND.find(([name, mark]) => (only?.includes(name) ?? true) && bytes.indexOf(mark) !== -1)?.[0];
}

// Magic bytes → format. Believes neither a file's name nor what a client declares.
import type { ImageFormat } from '@tintype/core';

/** As many first bytes as any signature here needs. */
export const SNIFF_BYTES = 1024;

type Test = (head: Buffer) => boolean;

const starts =
  (...signature: (string | number[])[]): Test =>
  (head) =>
    signature.some((one) => head.subarray(0, one.length).equals(Buffer.from(one as string, 'latin1')));

const at =
  (offset: number, text: string): Test =>
  (head) =>
    head.toString('latin1', offset, offset + text.length) === text;

/** ISO base media files name their kind in the `ftyp` box: major brand, version, compatible brands (ISO/IEC 14496-12, 4.3). */
const brand =
  (...brands: string[]): Test =>
  (head) => {
    if (!at(4, 'ftyp')(head)) return false;
    const end = Math.min(head.readUInt32BE(0), head.length);
    for (let offset = 8; offset + 4 <= end; offset += offset === 8 ? 8 : 4) {
      if (brands.includes(head.toString('latin1', offset, offset + 4))) return true;
    }
    return false;
  };

/** An XML text whose first element is `svg`, after any declaration, comments and doctype. */
const svg: Test = (head) =>
  /^\uFEFF?\s*(<\?xml[^>]*>\s*)?(<!--[\s\S]*?-->\s*|<!DOCTYPE[^[>]*(\[[\s\S]*?\]\s*)?>\s*)*<(\w+:)?svg[\s>/]/i.test(
    head.toString('utf8'),
  );

const bmp: Test = (head) =>
  at(0, 'BM')(head) && head.length > 18 && [12, 16, 40, 52, 56, 64, 108, 124].includes(head.readUInt32LE(14));

/** Reserved 0, type 1 (icon) or 2 (cursor), at least one picture, whose reserved byte is 0. */
const ico: Test = (head) =>
  head.length >= 22 &&
  head.readUInt16LE(0) === 0 &&
  [1, 2].includes(head.readUInt16LE(2)) &&
  head.readUInt16LE(4) > 0 &&
  head[9] === 0;

/** In order: the narrow signature stands before the wide one that would also match. */
const TESTS: readonly [ImageFormat, Test][] = [
  ['jpeg', starts([0xff, 0xd8, 0xff])],
  ['png', starts([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])],
  ['gif', starts('GIF87a', 'GIF89a')],
  ['webp', (head) => at(0, 'RIFF')(head) && at(8, 'WEBP')(head)],
  ['cr2', (head) => starts('II*\0')(head) && at(8, 'CR')(head)],
  ['orf', starts('IIRO', 'IIRS', 'MMOR')],
  ['rw2', starts('IIU\0')],
  ['tiff', starts('II*\0', 'MM\0*', 'II+\0', 'MM\0+')],
  ['avif', brand('avif', 'avis')],
  ['heic', brand('heic', 'heix', 'hevc', 'hevx', 'heim', 'heis', 'hevm', 'hevs', 'mif1', 'msf1')],
  ['cr3', brand('crx ')],
  ['jxl', starts([0xff, 0x0a], '\0\0\0\x0cJXL \r\n\x87\n')],
  ['jp2', starts('\0\0\0\x0cjP  \r\n\x87\n', [0xff, 0x4f, 0xff, 0x51])],
  ['psd', starts('8BPS\0\x01', '8BPS\0\x02')],
  ['raf', starts('FUJIFILMCCD-RAW')],
  ['qoi', starts('qoif')],
  ['dds', starts('DDS ')],
  ['ppm', (head) => /^P[1-7]\s/.test(head.toString('latin1', 0, 3))],
  ['bmp', bmp],
  ['ico', ico],
  ['svg', svg],
];

/** The format that these first bytes belong to; undefined for what is no image known here. */
export function sniff(head: Uint8Array): ImageFormat | undefined {
  const bytes = Buffer.from(head.buffer, head.byteOffset, Math.min(head.byteLength, SNIFF_BYTES));
  return TESTS.find(([, test]) => test(bytes))?.[0];
}

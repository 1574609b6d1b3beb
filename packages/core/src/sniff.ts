// Magic bytes → format. Believes neither a file's name nor what a client declares. Where the magic is weak (a letter and a digit,
// or none at all), the header behind it must be possible too: what is no image must never be called one.
import type { ImageFormat } from './formats.ts';

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

const matches =
  (pattern: RegExp): Test =>
  (head) =>
    pattern.test(head.toString('latin1'));

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

/** Olympus wrote words in the place of TIFF's 42; the offset behind them is small, and text has no zeros. */
const orf: Test = (head) =>
  (starts('IIRO', 'IIRS')(head) && head[7] === 0) || (starts('MMOR')(head) && head[4] === 0);

/** The version's major number stands behind the minor one, little-endian. */
const x3f: Test = (head) => starts('FOVb')(head) && [2, 3, 4].includes(head[6] ?? 0) && head[7] === 0;

/** Three or four channels, one of two colour spaces; a file that ends before them may still be one (qoiformat.org, 1.0). */
const qoi: Test = (head) =>
  starts('qoif')(head) && [3, 4].includes(head[12] ?? 3) && [0, 1].includes(head[13] ?? 0);

/** The header states its own size. */
const dds: Test = (head) => starts('DDS ')(head) && head.length >= 8 && head.readUInt32LE(4) === 124;

/** A length below 128 MiB, which no four letters make, and a first element that has a length too. */
const icns: Test = (head) => {
  if (!starts('icns')(head) || head.length < 16) return false;
  const [bytes, firstBytes] = [head.readUInt32BE(4), head.readUInt32BE(12)];
  return bytes >= 16 && bytes < 0x0800_0000 && firstBytes >= 8 && firstBytes <= bytes;
};

/** Between the numbers of a PNM's header: blanks, and comments to the end of their line. */
const GAP = String.raw`(?:\s|#[^\r\n]*[\r\n])+`;
const PBM = `[14]${GAP}\\d+${GAP}\\d+(?:\\s|$)`;
const PGM_PPM = `[2356]${GAP}\\d+${GAP}\\d+${GAP}\\d+(?:\\s|#|$)`;
const PAM = `7(?=\\s*[\\r\\n])${GAP}(?:WIDTH|HEIGHT|DEPTH|MAXVAL|TUPLTYPE)\\s`;
const PFM = `[Ff]${GAP}\\d+${GAP}\\d+${GAP}[-+]?[\\d.]+(?:[eE][-+]?\\d+)?\\s`;

/** The comments before the numbers may fill all that is looked at. */
const pnmOfComments: Test = (head) =>
  head.length >= SNIFF_BYTES && matches(/^P[1-6]\s(?:\s|#[^\r\n]*[\r\n])*#[^\r\n]*$/)(head);

/** The sizes that a bitmap's header may have; it states its own. */
const DIB_HEADER_BYTES = [12, 16, 40, 52, 56, 64, 108, 124];

const bmp: Test = (head) =>
  at(0, 'BM')(head) && head.length > 18 && DIB_HEADER_BYTES.includes(head.readUInt32LE(14));

/** Reserved 0, type 1 (icon) or 2 (cursor), pictures; the first lies behind the directory and is a PNG or begins with a bitmap's header. */
const ico: Test = (head) => {
  if (head.length < 22 || head.readUInt16LE(0) !== 0 || ![1, 2].includes(head.readUInt16LE(2))) return false;
  const [pictures, pictureBytes, offset] = [
    head.readUInt16LE(4),
    head.readUInt32LE(14),
    head.readUInt32LE(18),
  ];
  if (pictures === 0 || pictureBytes === 0 || offset < 6 + 16 * pictures || head[9] !== 0) return false;
  if (offset + 4 > head.length) return true;
  return at(offset, '\x89PNG')(head) || DIB_HEADER_BYTES.includes(head.readUInt32LE(offset));
};

/** ZSoft's only mark is its first byte; version, encoding, depth, window and row length must be possible. */
const pcx: Test = (head) => {
  if (head.length < 128 || head[0] !== 0x0a || head[64] !== 0) return false;
  const [version, encoding, bits, planes] = [head[1] ?? 1, head[2] ?? 2, head[3] ?? 0, head[65] ?? 0];
  const width = head.readUInt16LE(8) - head.readUInt16LE(4) + 1;
  const height = head.readUInt16LE(10) - head.readUInt16LE(6) + 1;
  return (
    [0, 2, 3, 4, 5].includes(version) &&
    encoding <= 1 &&
    [1, 2, 4, 8].includes(bits) &&
    planes >= 1 &&
    planes <= 4 &&
    width > 0 &&
    height > 0 &&
    head.readUInt16LE(66) > 0
  );
};

const TGA_DEPTHS: Record<number, readonly number[]> = {
  1: [8, 16],
  2: [15, 16, 24, 32],
  3: [8, 16],
  9: [8, 16],
  10: [15, 16, 24, 32],
  11: [8, 16],
};

/**
 * Truevision's files begin with no mark: every field of the header must be possible. A colour map may be there and unused, but where
 * there is none its fields must be 0 (Truevision TGA 2.0, fields 2 to 5).
 */
const tga: Test = (head) => {
  if (head.length < 18) return false;
  const [mapped, kind, mapDepth] = [head[1], head[2] ?? 0, head[7] ?? 0];
  const [depth, descriptor] = [head[16] ?? 0, head[17] ?? 0];
  const hasMap = mapped === 1 && head.readUInt16LE(5) > 0 && [8, 15, 16, 24, 32].includes(mapDepth);
  const hasNone = mapped === 0 && kind !== 1 && kind !== 9 && head.subarray(3, 8).every((byte) => byte === 0);
  const sized = head.readUInt16LE(12) > 0 && head.readUInt16LE(14) > 0;
  const alphaBits = descriptor & 0x0f;
  return (
    (hasMap || hasNone) &&
    sized &&
    (TGA_DEPTHS[kind]?.includes(depth) ?? false) &&
    descriptor < 0x40 &&
    // KDE's programs state 4 where there are 8.
    ([0, 1, 8].includes(alphaBits) || (alphaBits === 4 && depth === 32))
  );
};

/** XML in UTF-8 or whatever keeps ASCII, or in UTF-16 with its byte order mark. */
function decodeXml(head: Buffer): string {
  if (head[0] === 0xff && head[1] === 0xfe) return head.toString('utf16le', 2);
  if (head[0] !== 0xfe || head[1] !== 0xff) return head.toString('utf8').replace(/^\uFEFF/, '');
  return Buffer.from(head.subarray(2, head.length & ~1))
    .swap16()
    .toString('utf16le');
}

const DOCTYPE_SVG = /<!DOCTYPE\s+(?:[\w.-]+:)?svg[\s[>]/y;
const ELEMENT_SVG = /<(?:[\w.-]+:)?svg[\s>/]/y;

/**
 * An XML text whose doctype or first element is `svg`, after any declaration, instructions and comments. Each of these is stepped
 * over once: a pattern for all of it could be made to try every way of ending a row of comments.
 */
const svg: Test = (head) => {
  const text = decodeXml(head);
  let offset = 0;
  for (;;) {
    while (/\s/.test(text.charAt(offset))) offset += 1;
    const close = text.startsWith('<?', offset) ? '?>' : text.startsWith('<!--', offset) ? '-->' : undefined;
    if (close === undefined) break;
    const end = text.indexOf(close, offset + (close.length === 3 ? 4 : 2));
    if (end < 0) return false;
    offset = end + close.length;
  }
  return [DOCTYPE_SVG, ELEMENT_SVG].some((pattern) => {
    pattern.lastIndex = offset;
    return pattern.test(text);
  });
};

/** In order: the narrow signature stands before the wide one that would also match. */
const TESTS: readonly [ImageFormat, Test][] = [
  ['jpeg', starts([0xff, 0xd8, 0xff])],
  ['png', starts([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])],
  ['gif', starts('GIF87a', 'GIF89a')],
  ['webp', (head) => at(0, 'RIFF')(head) && at(8, 'WEBP')(head)],
  ['cr2', (head) => starts('II*\0')(head) && at(8, 'CR')(head)],
  ['orf', orf],
  ['rw2', starts('IIU\0')],
  ['crw', (head) => starts('II', 'MM')(head) && at(6, 'HEAPCCDR')(head)],
  ['mrw', (head) => starts('\0MRM', '\0MRI')(head) && at(8, '\0PRD')(head)],
  ['x3f', x3f],
  ['jxr', starts([0x49, 0x49, 0xbc, 0], [0x49, 0x49, 0xbc, 1])],
  ['tiff', starts('II*\0', 'MM\0*', 'II+\0', 'MM\0+')],
  ['avif', brand('avif', 'avis')],
  ['heic', brand('heic', 'heix', 'hevc', 'hevx', 'heim', 'heis', 'hevm', 'hevs', 'mif1', 'msf1')],
  ['cr3', brand('crx ')],
  ['jxl', starts([0xff, 0x0a], '\0\0\0\x0cJXL \r\n\x87\n')],
  ['jp2', starts('\0\0\0\x0cjP  \r\n\x87\n', [0xff, 0x4f, 0xff, 0x51])],
  ['psd', starts('8BPS\0\x01', '8BPS\0\x02')],
  ['raf', starts('FUJIFILMCCD-RAW')],
  ['jng', starts([0x8b, 0x4a, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])],
  ['xcf', matches(/^gimp xcf (?:file|v\d{3})\0/)],
  ['fits', matches(/^SIMPLE {2}= {1,20}T[ /]/)],
  ['dpx', (head) => starts('SDPX', 'XPDS')(head) && at(8, 'V')(head)],
  ['qoi', qoi],
  ['dds', dds],
  // There has been no version but 2 (OpenEXR file layout, version field).
  ['exr', starts([0x76, 0x2f, 0x31, 0x01, 2])],
  ['hdr', starts('#?RADIANCE\n', '#?RGBE\n', '#?RADIANCE\r\n', '#?RGBE\r\n')],
  ['icns', icns],
  // Encapsulated PostScript alone: a document of many pages is no image (EPSF 3.0, 2.1).
  ['eps', matches(/^%!PS-Adobe-\d\.\d+ EPSF-\d/)],
  ['eps', starts([0xc5, 0xd0, 0xd3, 0xc6])],
  ['ppm', matches(new RegExp(`^P(?:${PBM}|${PGM_PPM}|${PAM})`))],
  ['ppm', pnmOfComments],
  ['pfm', matches(new RegExp(`^P${PFM}`))],
  ['bmp', bmp],
  ['ico', ico],
  ['svg', svg],
  ['pcx', pcx],
  ['tga', tga],
];

/** The format that these first bytes belong to; undefined for what is no image known here. */
export function sniff(head: Uint8Array): ImageFormat | undefined {
  const bytes = Buffer.from(head.buffer, head.byteOffset, Math.min(head.byteLength, SNIFF_BYTES));
  return TESTS.find(([, test]) => test(bytes))?.[0];
}

import { sniff } from '@tintype/core';
import t from 'tap';
import { pictureIn, pictureOf } from './pictures.ts';

const latin1 = (text: string) => Buffer.from(text, 'latin1');

/** Bytes with something at an offset, the rest zero. */
function at(bytes: number, ...placed: [offset: number, what: string | number[]][]): Buffer {
  const head = Buffer.alloc(bytes);
  for (const [offset, what] of placed) {
    if (typeof what === 'string') head.write(what, offset, 'latin1');
    else Buffer.from(what).copy(head, offset);
  }
  return head;
}

/** A `ftyp` box: major brand, version 0, compatible brands. */
function ftyp(major: string, ...compatible: string[]): Buffer {
  const box = latin1(`....ftyp${major}\0\0\0\0${compatible.join('')}`);
  box.writeUInt32BE(box.length, 0);
  return Buffer.concat([box, latin1('....mdat')]);
}

/** UTF-16 with its byte order mark. */
function utf16(text: string, bigEndian = false): Buffer {
  const bytes = Buffer.from(`\uFEFF${text}`, 'utf16le');
  return bigEndian ? bytes.swap16() : bytes;
}

/** An icon's directory of one picture of 40 bytes right behind it, and how the picture begins. */
function icon(kind: number, picture: string, ...changes: [offset: number, what: number[]][]): Buffer {
  return at(62, [0, [0, 0, kind, 0, 1, 0]], [14, [40]], [18, [22]], [22, picture], ...changes);
}

/** 2 × 2 pixels of 8 bits in one plane, rows of 2 bytes. */
const pcx = (...changes: [offset: number, what: number[]][]) =>
  at(128, [0, [10, 5, 1, 8]], [8, [1, 0, 1, 0]], [65, [1]], [66, [2]], ...changes);

/** 4 × 4 pixels of 24 bits. */
const tga = (...changes: [offset: number, what: number[]][]) =>
  at(60, [2, [2]], [12, [4, 0, 4, 0, 24]], ...changes);

t.test('files made by an encoder', async (t) => {
  for (const format of ['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const) {
    t.equal(sniff(await pictureIn(format)), format, format);
  }
});

t.test('signatures', async (t) => {
  const bitmap = (headerBytes: number) => at(30, [0, 'BM'], [14, [headerBytes]]);
  const table: [expected: string, what: string, head: Buffer][] = [
    ['gif', 'the older GIF', latin1('GIF87a')],
    ['webp', 'WebP', latin1('RIFF\x10\0\0\0WEBPVP8L')],
    ['tiff', 'little-endian TIFF', latin1('II*\0\x08\0\0\0')],
    ['tiff', 'big-endian TIFF', latin1('MM\0*\0\0\0\x08')],
    ['tiff', 'BigTIFF', latin1('II+\0\x08\0')],
    ['tiff', 'big-endian BigTIFF', latin1('MM\0+\0\x08')],
    ['cr2', 'Canon raw, a TIFF with a mark', latin1('II*\0\x10\0\0\0CR\x02\0')],
    ['orf', 'Olympus raw', latin1('IIRO\x08\0\0\0')],
    ['orf', 'Olympus raw of older cameras', latin1('IIRS\x08\0\0\0')],
    ['orf', 'big-endian Olympus raw', latin1('MMOR\0\0\0\x08')],
    ['rw2', 'Panasonic raw', latin1('IIU\0\x18\0\0\0')],
    ['raf', 'Fujifilm raw', latin1('FUJIFILMCCD-RAW 0201')],
    ['cr3', 'Canon raw, ISO base media', ftyp('crx ', 'crx ', 'isom')],
    ['crw', 'Canon raw of heaps', latin1('II\x1a\0\0\0HEAPCCDR')],
    ['mrw', 'Minolta raw', latin1('\0MRM\0\0\x0a\x0c\0PRD')],
    ['x3f', 'Sigma raw', latin1('FOVb\x02\0\x02\0')],
    ['avif', 'AVIF by its major brand', ftyp('avif', 'mif1', 'miaf')],
    ['avif', 'AVIF by a compatible brand', ftyp('mif1', 'avif', 'miaf')],
    ['avif', 'AVIF sequence', ftyp('avis', 'msf1')],
    ['heic', 'HEIC', ftyp('heic', 'mif1', 'heic')],
    ['heic', 'HEIF', ftyp('mif1', 'mif1', 'heic')],
    ['heic', 'HEIC sequence', ftyp('hevc', 'msf1')],
    ['jxl', 'bare JPEG XL', Buffer.from([0xff, 0x0a, 0, 0])],
    ['jxl', 'JPEG XL in its container', latin1('\0\0\0\x0cJXL \r\n\x87\n')],
    ['jp2', 'JPEG 2000', latin1('\0\0\0\x0cjP  \r\n\x87\n')],
    ['jp2', 'bare JPEG 2000', Buffer.from([0xff, 0x4f, 0xff, 0x51, 0])],
    ['psd', 'Photoshop', latin1('8BPS\0\x01')],
    ['psd', 'large Photoshop', latin1('8BPS\0\x02')],
    ['jxr', 'JPEG XR', latin1('II\xbc\x01\x20\0\0\0')],
    ['xcf', 'XCF', latin1('gimp xcf file\0\0\0\0\x10')],
    ['xcf', 'XCF of a later version', latin1('gimp xcf v011\0\0\0\0\x10')],
    ['fits', 'FITS', latin1(`SIMPLE  =${'T'.padStart(21)} / any`)],
    ['dpx', 'DPX', latin1('SDPX\0\0\x08\0V1.0\0')],
    ['dpx', 'little-endian DPX', latin1('XPDS\0\x08\0\0V2.0\0')],
    ['jng', 'JNG', latin1('\x8bJNG\r\n\x1a\n')],
    ['qoi', 'QOI', latin1('qoif\0\0\0\x01\0\0\0\x01\x04\0')],
    ['qoi', 'QOI cut off in its header', latin1('qoif\0\0\0\x01')],
    ['dds', 'DDS', latin1('DDS |\0\0\0')],
    ['exr', 'OpenEXR', at(8, [0, [0x76, 0x2f, 0x31, 1, 2, 2]])],
    ['hdr', 'Radiance', latin1('#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n')],
    ['hdr', 'Radiance by its other name', latin1('#?RGBE\n')],
    ['icns', 'Apple icon', at(40, [0, 'icns\0\0\0\x28is32\0\0\0\x20'])],
    ['eps', 'EPS', latin1('%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n')],
    ['eps', 'EPS with a preview', Buffer.from([0xc5, 0xd0, 0xd3, 0xc6, 30, 0, 0, 0])],
    ['ppm', 'PBM', latin1('P1\n2 2')],
    ['ppm', 'PBM of bits', latin1('P4 2\n2\n\x80\x40')],
    ['ppm', 'PGM', latin1('P5\t2 2 65535\n')],
    ['ppm', 'PPM', latin1('P6\n# comment\n2 2\n255\n')],
    ['ppm', 'PPM with comments wherever they may be', latin1('P3# a\n#b\r\n2 # c\n2 #d\n255#e\n1 2 3')],
    ['ppm', 'PAM', latin1('P7\nWIDTH 2')],
    ['ppm', 'PAM with a comment', latin1('P7\n#\nHEIGHT 2\n')],
    ['ppm', 'PGM with a long comment', latin1(`P5\n# a\n#${'x'.repeat(2000)}\n2 2 255\n`)],
    ['pfm', 'PFM', latin1('PF\n2 2\n-1.0\n')],
    ['pfm', 'gray PFM', latin1('Pf 2 2 1e-3 ')],
    ['bmp', 'BMP of OS/2', bitmap(12)],
    ['bmp', 'BMP of Windows', bitmap(40)],
    ['bmp', 'BMP version 5', bitmap(124)],
    ['ico', 'icon', icon(1, '\x28\0\0\0')],
    ['ico', 'cursor', icon(2, '\x28\0\0\0', [10, [7, 0, 9, 0]])],
    ['ico', 'icon of a PNG', icon(1, '\x89PNG')],
    ['ico', 'icon whose picture lies further on', icon(1, '', [18, [0, 8]])],
    ['svg', 'SVG', latin1('<svg xmlns="http://www.w3.org/2000/svg"/>')],
    [
      'svg',
      'SVG with all that may stand before it',
      latin1('<?xml version="1.0"?>\n<?xml-stylesheet href="a"?><!-- a --><!----><!DOCTYPE svg>\n<svg>'),
    ],
    ['svg', 'SVG with entities', latin1('<!DOCTYPE svg [<!ENTITY a "b">]><svg>')],
    [
      'svg',
      'SVG with more entities than is looked at',
      latin1(`<!DOCTYPE svg PUBLIC "x" [${' '.repeat(2000)}`),
    ],
    ['svg', 'SVG with a prefix and a byte order mark', Buffer.from('\uFEFF<svg:svg xmlns:svg="x">')],
    ['svg', 'SVG in UTF-16', utf16('<?xml version="1.0"?><svg/>')],
    ['svg', 'SVG in big-endian UTF-16', utf16('<svg width="1"/>', true)],
    ['pcx', 'PCX', pcx()],
    ['pcx', 'PCX of four planes', pcx([3, [1]], [65, [4]])],
    ['tga', 'TGA', tga()],
    ['tga', 'TGA, run lengths, top to bottom, alpha', tga([2, [10]], [16, [32, 0x28]])],
    ['tga', 'TGA by a program of KDE', tga([16, [32, 0x24]])],
    ['tga', 'gray TGA with a name', tga([0, [9]], [2, [3]], [16, [8]])],
    ['tga', 'TGA with a palette', tga([1, [1, 1, 0, 0, 0, 1, 24]], [16, [8]])],
    ['tga', 'TGA with a palette it does not use', tga([1, [1, 2, 0, 0, 16, 0, 15]])],
  ];
  for (const [expected, what, head] of table) t.equal(sniff(head), expected, what);
});

t.test('what is no image', async (t) => {
  const table: [what: string, head: Buffer][] = [
    ['nothing', Buffer.alloc(0)],
    ['one byte', Buffer.from([0xff])],
    ['zeros', Buffer.alloc(2000)],
    ['ones', Buffer.alloc(2000, 0xff)],
    ['text', latin1('Hello, I am a photograph.')],
    ['text that begins with a line feed', latin1(`\n${'a line of text\n'.repeat(20)}`)],
    ['text in UTF-16', utf16('P6 of the plan, and GIF89a.')],
    ['JSON', latin1('{"P6": [2, 2, 255]}')],
    ['CSV', latin1('P6,2,2,255\n1,2,3,4\n')],
    ['HTML', latin1('<!DOCTYPE html><html><body><svg></svg></body></html>')],
    ['XML', latin1('<?xml version="1.0"?><rss/>')],
    ['SVG behind text', latin1('look: <svg/>')],
    ['SVG in capitals, which XML tells apart', latin1('<SVG/>')],
    ['an element that begins like SVG', latin1('<svgs/>')],
    ['a comment without an end', latin1('<!-- <svg/>')],
    ['a comment that ends where it begins', latin1('<!--><svg/>')],
    ['PDF', latin1('%PDF-1.7\n')],
    ['PDF behind the mark of PostScript', latin1('%!PS-Adobe-3.0 PDF-1.4\n')],
    ['a PostScript document', latin1('%!PS-Adobe-3.0\n%%BoundingBox: 0 0 595 842\n%%Pages: 12\n')],
    ['zip', latin1('PK\x03\x04')],
    ['ELF', latin1('\x7fELF\x02\x01\x01\0')],
    ['a Windows program', latin1('MZ\x90\0\x03\0\0\0')],
    ['a WAV, RIFF too', latin1('RIFF\x10\0\0\0WAVEfmt ')],
    ['an MP4, ftyp too', ftyp('isom', 'iso2', 'avc1', 'mp41')],
    ['an MP4 that mentions avif after its brands', Buffer.concat([ftyp('isom'), latin1('avif')])],
    ['a ftyp box without brands', latin1('\0\0\0\x08ftyp')],
    ['a TrueType font', at(64, [0, [0, 1, 0, 0, 0, 0x0b, 0, 0x80, 0, 3, 0, 0x30]])],
    ['MPEG', at(64, [0, [0, 0, 1, 0xba, 0x44]])],
    ['a spreadsheet of 1983', at(64, [0, [0, 0, 2, 0, 6, 4, 6, 0, 8, 0]])],
    ['a PNG cut off in its signature', (await pictureIn('png')).subarray(0, 7)],
    ['a JPEG cut off in its signature', Buffer.from([0xff, 0xd8])],
    ['a GIF of no known version', latin1('GIF88a')],
    ['a PNG ruined by a text transfer', latin1('\x89PNG\n\x1a\n')],
    ['text that begins like a bitmap', latin1('BMW makes cars, and this text is long enough.')],
    ['text that begins like a PPM', latin1('P6x')],
    ['a heading that begins like a PGM', latin1('P5 The plan for 2030 and 255 reasons\n')],
    ['a heading that begins like a PBM', latin1('P1\nPriority one: 2 2')],
    ['a heading before a long comment', latin1(`P5 plan\n#${'x'.repeat(2000)}\n`)],
    ['a PGM that is all comment', latin1('P5\n# a comment')],
    ['a thumbnail of XV', latin1('P7 332\n#XVVERSION\n')],
    ['text that begins like a PFM', latin1('PF 100 horse power')],
    ['a heading in an XCF’s words', latin1('gimp xcf is a format')],
    ['text that begins like a FITS', latin1('SIMPLE  = nothing else')],
    ['text that begins like a DPX', latin1('SDPX and its versions')],
    ['text that begins like a Sigma raw', latin1('FOVb is how it begins')],
    ['text that begins like a QOI', latin1('qoif is a format for images')],
    ['text that begins like a DDS', latin1('DDS is how graphics cards like it.')],
    ['text that begins like an Apple icon', latin1('icns\n\n\n\nis the extension of it')],
    ['text that begins like an Olympus raw', latin1('IIRO of the world')],
    ['an OpenEXR of no known version', at(8, [0, [0x76, 0x2f, 0x31, 1, 3]])],
    ['Radiance’s mark and more', latin1('#?RADIANCES\n')],
    ['an icon without pictures', icon(1, '\x28\0\0\0', [4, [0]])],
    ['an icon whose picture is none', icon(1, 'text')],
    ['an icon whose picture lies in its directory', icon(1, '\x28\0\0\0', [18, [6]])],
    ['Photoshop of an unknown version', latin1('8BPS\0\x03')],
    ['a PCX of no known version', pcx([1, [1]])],
    ['a PCX with rows of no bytes', pcx([66, [0]])],
    ['a PCX whose window ends before it begins', pcx([4, [2]])],
    ['a TGA without a palette that needs one', tga([2, [1]], [16, [8]])],
    ['a TGA of a depth that does not exist', tga([16, [23]])],
    ['a TGA of four attribute bits without room for them', tga([16, [24, 0x24]])],
    ['a TGA without a width', tga([12, [0]])],
    ['a TGA whose missing palette has a size', tga([5, [1]])],
  ];
  for (const [what, head] of table) t.equal(sniff(head), undefined, what);
});

t.test('noise is no image', async (t) => {
  // A linear congruential generator: the same noise in every run.
  let state = 20240229;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  };
  const found = Array.from({ length: 3000 }, () => sniff(Buffer.from(Array.from({ length: 160 }, next))));
  t.same(
    found.filter((format) => format !== undefined),
    [],
  );
});

t.test('every part of a long prolog is looked at once', async (t) => {
  const table: [what: string, text: string][] = [
    ['comments', '<!---->'.repeat(200)],
    ['instructions', '<??>'.repeat(300)],
    ['doctypes', '<!DOCTYPE svg[]'.repeat(80).replaceAll('svg', 'x')],
    ['comments of a PPM', `P6${'#\n'.repeat(500)}`],
  ];
  for (const [what, text] of table) {
    const begun = process.cpuUsage();
    t.equal(sniff(latin1(text)), undefined, what);
    t.ok(process.cpuUsage(begun).user < 2_000_000, `${what}: at once, in microseconds of CPU`);
  }
});

t.test('looks at the first bytes alone, wherever they lie in memory', async (t) => {
  const file = pictureOf(100_000);
  const around = Buffer.concat([latin1('..'), file, latin1('..')]);
  t.equal(sniff(new Uint8Array(around.buffer, around.byteOffset + 2, file.length)), 'png');
  t.equal(
    sniff(Buffer.concat([Buffer.alloc(1024, ' '), latin1('<svg/>')])),
    undefined,
    'SVG after 1024 blanks',
  );
});

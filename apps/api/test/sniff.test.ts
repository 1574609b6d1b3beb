import t from 'tap';
import { sniff } from '../src/sniff.ts';
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

t.test('files made by an encoder', async (t) => {
  for (const format of ['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const) {
    t.equal(sniff(await pictureIn(format)), format, format);
  }
});

t.test('signatures', async (t) => {
  const icon = at(22, [0, [0, 0, 1, 0, 1, 0]]);
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
    ['qoi', 'QOI', latin1('qoif\0\0\0\x01')],
    ['dds', 'DDS', latin1('DDS |\0\0\0')],
    ['ppm', 'PBM', latin1('P1\n2 2')],
    ['ppm', 'PPM', latin1('P6\n# comment\n2 2\n255\n')],
    ['ppm', 'PAM', latin1('P7\nWIDTH 2')],
    ['bmp', 'BMP of OS/2', bitmap(12)],
    ['bmp', 'BMP of Windows', bitmap(40)],
    ['bmp', 'BMP version 5', bitmap(124)],
    ['ico', 'icon', icon],
    ['ico', 'cursor', at(22, [0, [0, 0, 2, 0, 1, 0]])],
    ['svg', 'SVG', latin1('<svg xmlns="http://www.w3.org/2000/svg"/>')],
    [
      'svg',
      'SVG with all that may stand before it',
      latin1('<?xml version="1.0"?>\n<!-- a -->\n<!DOCTYPE svg>\n<svg>'),
    ],
    ['svg', 'SVG with entities', latin1('<!DOCTYPE svg [<!ENTITY a "b">]><svg>')],
    ['svg', 'SVG with a prefix and a byte order mark', Buffer.from('\uFEFF<svg:svg xmlns:svg="x">')],
  ];
  for (const [expected, what, head] of table) t.equal(sniff(head), expected, what);
});

t.test('what is no image', async (t) => {
  const table: [what: string, head: Buffer][] = [
    ['nothing', Buffer.alloc(0)],
    ['one byte', Buffer.from([0xff])],
    ['zeros', Buffer.alloc(2000)],
    ['text', latin1('Hello, I am a photograph.')],
    ['HTML', latin1('<!DOCTYPE html><html><body><svg></svg></body></html>')],
    ['XML', latin1('<?xml version="1.0"?><rss/>')],
    ['SVG behind text', latin1('look: <svg/>')],
    ['PDF', latin1('%PDF-1.7\n')],
    ['zip', latin1('PK\x03\x04')],
    ['ELF', latin1('\x7fELF')],
    ['a WAV, RIFF too', latin1('RIFF\x10\0\0\0WAVEfmt ')],
    ['an MP4, ftyp too', ftyp('isom', 'iso2', 'avc1', 'mp41')],
    ['an MP4 that mentions avif after its brands', Buffer.concat([ftyp('isom'), latin1('avif')])],
    ['a ftyp box without brands', latin1('\0\0\0\x08ftyp')],
    ['a PNG cut off in its signature', (await pictureIn('png')).subarray(0, 7)],
    ['a JPEG cut off in its signature', Buffer.from([0xff, 0xd8])],
    ['a GIF of no known version', latin1('GIF88a')],
    ['a PNG ruined by a text transfer', latin1('\x89PNG\n\x1a\n')],
    ['text that begins like a bitmap', latin1('BMW makes cars, and this text is long enough.')],
    ['text that begins like a PPM', latin1('P6 '.slice(0, 2).concat('x'))],
    ['an icon without pictures', at(22, [0, [0, 0, 1, 0, 0, 0]])],
    ['Photoshop of an unknown version', latin1('8BPS\0\x03')],
  ];
  for (const [what, head] of table) t.equal(sniff(head), undefined, what);
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

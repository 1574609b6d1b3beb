import { deflateSync } from 'node:zlib';
import t from 'tap';
import { chunk, idat, iend, ihdr, png, read, rgbWith } from './png-builder.ts';

const hexLines = (block: Buffer) => block.toString('hex').replace(/.{72}/g, '$&\n');
const rawProfile = (name: string, block: Buffer) =>
  `\n${name}\n${String(block.length).padStart(8)}\n${hexLines(block)}\n`;

const TIFF = Buffer.from('II*\0\b\0\0\0\0\0\0\0\0\0', 'latin1');
const EXIF = Buffer.concat([Buffer.from('Exif\0\0'), TIFF]);
const IRB = Buffer.from('8BIM\x04\x04\0\0\0\0\0\0', 'latin1');
const XMP = Buffer.from('<x:xmpmeta/>');

const BLOCKS: [name: string, chunks: Buffer[], blocks: object][] = [
  ['eXIf', [chunk('eXIf', TIFF)], { exif: TIFF }],
  ['eXIf with the mark of APP1', [chunk('eXIf', EXIF)], { exif: TIFF }],
  [
    'a raw profile exif',
    [chunk('zTXt', 'Raw profile type exif\0\0', deflateSync(rawProfile('exif', EXIF)))],
    { exif: TIFF },
  ],
  [
    'eXIf before a raw profile',
    [
      chunk('tEXt', 'Raw profile type APP1\0', rawProfile('generic profile', EXIF)),
      chunk('eXIf', TIFF, 'longer'),
    ],
    { exif: Buffer.concat([TIFF, Buffer.from('longer')]) },
  ],
  [
    'XMP as APP1',
    [
      chunk(
        'tEXt',
        'Raw profile type APP1\0',
        rawProfile('app1', Buffer.concat([Buffer.from('http://ns.adobe.com/xap/1.0/\0'), XMP])),
      ),
    ],
    { xmp: [XMP] },
  ],
  ['XMP', [chunk('iTXt', 'XML:com.adobe.xmp\0\0\0\0\0', XMP)], { xmp: [XMP] }],
  ['XMP, compressed', [chunk('iTXt', 'XML:com.adobe.xmp\0\x01\0en\0x\0', deflateSync(XMP))], { xmp: [XMP] }],
  [
    'IPTC, which is 8BIM',
    [chunk('tEXt', 'Raw profile type iptc\0', rawProfile('IPTC profile', IRB))],
    { photoshop: IRB },
  ],
  [
    'IPTC alone',
    [chunk('tEXt', 'Raw profile type iptc\0', rawProfile('iptc', Buffer.from('\x1c\x02')))],
    { iptc: Buffer.from('\x1c\x02') },
  ],
  [
    'ICC',
    [chunk('tEXt', 'Raw profile type icc\0', rawProfile('icc', Buffer.from('profile')))],
    { icc: Buffer.from('profile') },
  ],
  ['C2PA', [chunk('caBX', 'jumbf')], { c2pa: Buffer.from('jumbf') }],
  [
    'a profile without its checksum',
    [chunk('iCCP', 'any\0\0', deflateSync('a profile').subarray(0, -4))],
    { icc: Buffer.from('a profile') },
  ],
  [
    'texts',
    [
      chunk('tEXt', 'Title\0Caf\xe9'),
      chunk('zTXt', 'Author\0\0', deflateSync('somebody')),
      chunk('iTXt', 'Comment\0\0\0de\0Kommentar\0', Buffer.from('Größe')),
      chunk('tEXt', 'Comment\0', Buffer.from('UTF-8 all the same: ö')),
    ],
    {
      texts: [
        ['Title', 'Café'],
        ['Author', 'somebody'],
        ['Comment', 'Größe'],
        ['Comment', 'UTF-8 all the same: ö'],
      ],
    },
  ],
];

t.test('blocks of tags', (t) => {
  for (const [name, chunks, blocks] of BLOCKS) {
    const before = read(rgbWith(...chunks));
    t.same(before.blocks, blocks, name);
    t.same(before.warnings, [], name);
    t.same(read(png(ihdr(), idat, ...chunks, iend)).blocks, blocks, `${name}, behind the pixels`);
  }
  t.end();
});

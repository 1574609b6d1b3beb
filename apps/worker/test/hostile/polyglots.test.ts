import type { ImageFormat } from '@tintype/core/contract';
import { sniff } from '@tintype/core/contract';
import sharp from 'sharp';
import t from 'tap';
import { join, le16, le32, type Part } from '../image/formats/byte-builder.ts';
import { segment } from '../image/formats/jpeg/jpeg-builder.ts';
import { chunk } from '../image/formats/png/png-builder.ts';
import { faultsOf, openGround } from './proving-ground.ts';

const picture = () => sharp({ create: { width: 24, height: 16, channels: 3, background: '#a35' } });
const JPEG = await picture().jpeg().toBuffer();
const PNG = await picture().png().toBuffer();
const GIF = await picture().gif().toBuffer();
const WEBP = await picture().webp().toBuffer();
const TIFF = await picture().tiff({ compression: 'none' }).toBuffer();
const BMP = join('BM', le32(58, 0, 54, 40, 1, 1), le16(1, 24), le32(0, 4, 0, 0, 0, 0), [1, 2, 3, 0]);

const ENTRY = join('PK\x03\x04', le16(20, 0, 0, 0, 0), le32(0, 0, 0), le16(1, 0), 'a');
/** An archive of one empty file that begins so far behind the beginning of the file. */
const zip = (at: number) =>
  join(
    ENTRY,
    'PK\x01\x02',
    le16(20, 20, 0, 0, 0, 0),
    le32(0, 0, 0),
    le16(1, 0, 0, 0, 0),
    le32(0, at),
    'a',
    'PK\x05\x06',
    le16(0, 0, 1, 1),
    le32(47, at + ENTRY.length),
    le16(0),
  );
const PHP = '<?php system($_GET["c"]); ?>';
const HTML = '<html><script>alert(document.domain)</script></html>';
const PDF = '%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n';
const SVG = '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>';
const behind = (file: Buffer, ...parts: Part[]) => join(file, ...parts);
const inComment = (text: string) => join(JPEG.subarray(0, 2), segment(0xfe, text), JPEG.subarray(2));
const inChunk = (text: string) =>
  join(PNG.subarray(0, 33), chunk('tEXt', 'Comment\0', text), PNG.subarray(33));

/** What the file calls itself, what it is taken for, and what the document says that it can be as well. */
const FILES: [
  name: string,
  file: Buffer,
  fileName: string,
  format: ImageFormat,
  polyglot?: string | RegExp,
][] = [
  ['a JPEG with a PHP tail', behind(JPEG, PHP), 'a.php', 'jpeg', 'php'],
  ['a JPEG with an HTML tail', behind(JPEG, HTML), 'a.html', 'jpeg', 'html'],
  ['a JPEG with a PDF behind it', behind(JPEG, PDF), 'a.pdf', 'jpeg', 'pdf'],
  ['a PDF in the comment of a JPEG', inComment(PDF), 'a.pdf', 'jpeg', 'pdf'],
  ['PHP in the comment of a JPEG', inComment(PHP), 'a.jpg', 'jpeg'],
  ['a PNG with a ZIP behind it', behind(PNG, zip(PNG.length)), 'a.zip', 'png', 'zip'],
  [
    'a PNG with an archive of Java behind it',
    behind(PNG, 'xxxx', zip(PNG.length + 4)),
    'a.jar',
    'png',
    'zip',
  ],
  ['HTML in a text of a PNG', inChunk(HTML), 'a.html', 'png'],
  ['a GIF with HTML behind it', behind(GIF, HTML), 'a.html', 'gif', 'html'],
  ['a GIF that is JavaScript', behind(join('GIF89a/*', GIF.subarray(8)), '*/=1;alert(1)'), 'a.js', 'gif'],
  [
    'a WebP with a program behind it',
    behind(WEBP, '\x7fELF\x02\x01\x01', Buffer.alloc(99)),
    'a',
    'webp',
    'elf',
  ],
  ['a TIFF with a PHAR behind it', behind(TIFF, '<?php __HALT_COMPILER(); ?>'), 'a.phar', 'tiff', 'php'],
  ['a BMP with a RAR behind it', behind(BMP, 'Rar!\x1a\x07\x01\0'), 'a.rar', 'bmp', 'rar'],
  ['two JPEGs', behind(JPEG, JPEG), 'a.jpg', 'jpeg'],
  ['a JPEG in front of a PNG', behind(JPEG, PNG), 'a.png', 'jpeg'],
  ['an SVG named PNG', Buffer.from(SVG), 'a.png', 'svg'],
  ['a JPEG named SVG', JPEG, 'a.svg', 'jpeg'],
];

t.test('files that are two things at once', async (t) => {
  const ground = await openGround(t);
  for (const [name, file, fileName, format, polyglot] of FILES) {
    t.equal(sniff(file), format, `${name}: the door takes it for one of ${format}`);
    const answer = await ground.ask(file, format, { fileName });
    t.same(faultsOf(answer), [], name);
    t.equal(answer.document?.file.format, format);
    t.equal(answer.document?.file.polyglot, polyglot, `${name}: what it can be as well`);
  }
  await ground.proveWell();
});

t.test('what is no image at all never passes the door', async (t) => {
  for (const text of [
    PHP,
    HTML,
    PDF,
    '#!/bin/sh\n',
    'MZ\x90\0',
    '\x7fELF',
    'PK\x03\x04',
    '{}',
    '<html><svg/></html>',
  ])
    t.equal(sniff(Buffer.from(text, 'latin1')), undefined, text.slice(0, 20));
});

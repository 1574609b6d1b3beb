// "Raw profile type …": blocks of tags as lines of hexadecimal digits in a text chunk, the way of ImageMagick and of ExifTool from
// before PNG had eXIf.
import { Bytes } from '../../bytes.ts';
import { malformed, warnOnce } from '../../header.ts';
import { addXmp, setExif } from '../tag-blocks.ts';
import type { Png } from './png-chunk.ts';

const KEYWORD = 'Raw profile type ';
const XMP_MARK = 'http://ns.adobe.com/xap/1.0/\0';

/** Before the digits: a line that names the kind in one way or another, and the number of bytes. */
const HEAD = /^\n?[^\n]{1,64}\n {0,16}(\d{1,10})\n/;

export function isRawProfile(keyword: string): boolean {
  return keyword.startsWith(KEYWORD);
}

export function readRawProfile(keyword: string, text: string, png: Png): void {
  const head = HEAD.exec(text);
  const count = Number(head?.[1]);
  const digits = head === null ? '' : text.slice(head[0].length).replace(/\s+/g, '');
  const block = Buffer.from(digits, 'hex').subarray(0, count);
  if (head === null || block.length === 0 || block.length < count) {
    warnOnce(png.header, malformed('A raw profile is not what it says.'));
  }
  if (block.length > 0) place(keyword.slice(KEYWORD.length).toLowerCase(), block, png);
}

/** A chunk of PNG's own for the same thing counts more. Of what kind a block is, its beginning tells better than its name. */
function place(kind: string, block: Uint8Array, { header }: Png): void {
  const { blocks } = header;
  const bytes = new Bytes(block);
  if (bytes.is(XMP_MARK)) addXmp(header, block.subarray(XMP_MARK.length));
  else if (kind === 'xmp') addXmp(header, block);
  else if (kind === 'exif' || kind === 'app1') {
    if (blocks.exif === undefined) setExif(header, block);
  } else if (bytes.is('8BIM')) blocks.photoshop ??= block;
  else if (kind === 'iptc') blocks.iptc ??= block;
  else if (kind === 'icc' || kind === 'icm') blocks.icc ??= block;
}

// Texts in a PNG: tEXt, zTXt and iTXt (PNG 3rd ed., 11.3.3), with XMP and raw profiles among them.
import type { Bytes } from '../../bytes.ts';
import { decodeText } from '../../decode-text.ts';
import { malformed, textLimit, warnOnce } from '../../header.ts';
import { MAX_TEXT_BYTES } from '../decompress.ts';
import { addXmp } from '../tag-blocks.ts';
import type { ChunkReader, Png } from './png-chunk.ts';
import { inflateText } from './png-inflate.ts';
import { isRawProfile, readRawProfile } from './png-raw-profile.ts';

const MAX_TEXTS = 200;

/** 79 by the specification (11.3.3.2). */
const MAX_KEYWORD_BYTES = 255;

const XMP_KEYWORD = 'XML:com.adobe.xmp';

/** Keyword, NUL, Latin-1. */
export const readText: ChunkReader = (data, png) => {
  const nul = endOfKeyword(data, png);
  if (nul !== undefined) keep(data.latin1(0, nul), data.all.subarray(nul + 1), png);
};

/** Keyword, NUL, method, compressed Latin-1. */
export const readCompressedText: ChunkReader = (data, png) => {
  const nul = endOfKeyword(data, png);
  if (nul === undefined || data.u8(nul + 1) !== 0) return;
  const text = inflateText(data.all.subarray(nul + 2), png);
  if (text !== undefined) place(data.latin1(0, nul), text, png);
};

/** Keyword, NUL, whether compressed, method, language, NUL, translated keyword, NUL, UTF-8. */
export const readInternationalText: ChunkReader = (data, png) => {
  const nul = endOfKeyword(data, png);
  if (nul === undefined) return;
  const isCompressed = data.u8(nul + 1) === 1;
  const endOfLanguage = data.find(0, nul + 3);
  const endOfTranslation = endOfLanguage < 0 ? -1 : data.find(0, endOfLanguage + 1);
  if (endOfTranslation < 0) {
    warnOnce(png.header, malformed('A chunk iTXt is too short.'));
    return;
  }
  const rest = data.all.subarray(endOfTranslation + 1);
  const keyword = data.latin1(0, nul);
  if (!isCompressed) keep(keyword, rest, png);
  else {
    const text = inflateText(rest, png);
    if (text !== undefined) place(keyword, text, png);
  }
};

function endOfKeyword(data: Bytes, png: Png): number | undefined {
  const nul = data.find(0, 0);
  if (nul >= 1 && nul <= MAX_KEYWORD_BYTES) return nul;
  warnOnce(png.header, malformed('A text chunk has no keyword.'));
  return undefined;
}

/** A text that was not compressed: XMP is not copied, and costs nothing. */
function keep(keyword: string, text: Uint8Array, png: Png): void {
  if (keyword !== XMP_KEYWORD) {
    if (text.length > Math.min(MAX_TEXT_BYTES, png.textBytesLeft)) {
      warnOnce(png.header, textLimit('file'));
      return;
    }
    png.textBytesLeft -= text.length;
  }
  place(keyword, text, png);
}

/** Latin-1 by the specification; many programs write UTF-8 all the same. */
function place(keyword: string, text: Uint8Array, png: Png): void {
  const { header } = png;
  if (keyword === XMP_KEYWORD) addXmp(header, text);
  else if (isRawProfile(keyword)) readRawProfile(keyword, decodeText(text), png);
  else {
    header.blocks.texts ??= [];
    if (header.blocks.texts.length < MAX_TEXTS) header.blocks.texts.push([keyword, decodeText(text)]);
    else warnOnce(png.header, textLimit('file'));
  }
}

// How the pixels are coded and compressed, as far as format and libvips tell.
import type { ImageFormat, Metadata } from '@tintype/core/contract';
import type { FileFacts } from './file-facts.ts';
import { known } from './known.ts';
import type { SharpHeader } from './read-header.ts';

/** Formats that know one way only. TIFF, WebP and others say it in headers that libvips does not pass on. */
const ONLY_METHOD: Partial<Record<ImageFormat, { method: string; lossless?: boolean }>> = {
  jpeg: { method: 'jpeg', lossless: false },
  png: { method: 'deflate', lossless: true },
  gif: { method: 'lzw', lossless: true },
  jp2: { method: 'jpeg2000' },
  jxl: { method: 'jxl' },
  qoi: { method: 'qoi', lossless: true },
};

export function describeEncoding(header: SharpHeader | undefined, format: ImageFormat): Metadata['encoding'] {
  const interlaces = format === 'jpeg' || format === 'png';
  return known({
    codec:
      header?.compression ?? (format === 'jpeg' || format === 'png' || format === 'gif' ? format : undefined),
    progressive: interlaces ? header?.isProgressive : undefined,
  });
}

export function describeCompression({
  header,
  image,
  facts,
}: {
  header: SharpHeader | undefined;
  image: Metadata['image'];
  facts: FileFacts;
}): Metadata['compression'] {
  const { method, lossless } = ONLY_METHOD[facts.format] ?? { method: header?.compression };
  const pixels = (image.storedWidth ?? 0) * (image.storedHeight ?? 0) * (image.pages ?? 1);
  const bits = pixels * (image.channels ?? 0) * (image.bitDepth ?? 0);
  return known({
    method,
    lossless,
    ratio: bits > 0 ? round(bits / 8 / facts.bytes) : undefined,
    bitsPerPixel: pixels > 0 ? round((facts.bytes * 8) / pixels) : undefined,
  });
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

// Where own reader and libvips, which decoded the picture, do not agree about it.
import type { ImageFormat, Metadata, MetadataWarning } from '@tintype/core/contract';
import { disagreement } from './disagreement.ts';
import type { PixelReading } from './pixels/read-pixels.ts';

/** libvips enlarges a GIF's screen until all frames fit: its size is not the file's. */
const SIZED_OTHERWISE: ReadonlySet<ImageFormat> = new Set(['gif']);
/** Where libvips counts pages as the format does. APNG it does not know, HEIF's pages are items. */
const PAGED: ReadonlySet<ImageFormat> = new Set(['gif', 'webp', 'tiff']);

/** One warning for each fact that two tools tell differently; both values stand in it. */
export function crossCheck(
  image: Metadata['image'],
  format: ImageFormat,
  { header }: PixelReading,
): MetadataWarning[] {
  if (header === undefined) return [];
  // libvips shows what HEIF wants shown.
  const isTurned = image.transform !== undefined;
  const own = isTurned ? [image.width, image.height] : [image.storedWidth, image.storedHeight];
  const sizes = SIZED_OTHERWISE.has(format)
    ? []
    : [
        ...disagreement('image.storedWidth', own[0], header.width, 'libvips'),
        ...disagreement('image.storedHeight', own[1], header.height, 'libvips'),
      ];
  const pages = PAGED.has(format) ? disagreement('image.pages', image.pages, header.pages, 'libvips') : [];
  return [...sizes, ...pages];
}

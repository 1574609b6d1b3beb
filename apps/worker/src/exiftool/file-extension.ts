// What the file that ExifTool reads is called: a word of our own table, never one from outside.
import { FORMATS, type ImageFormat } from '@tintype/core';

export interface FileHint {
  format: ImageFormat;
  /** Of the name at upload, lower case, without the dot. Believed only where it tells which camera's TIFF this is. */
  extension?: string | undefined;
  /** Size of the file, where it is known: a source that ends early is told from a short file. */
  bytes?: number | undefined;
}

/** Cameras' formats whose files are TIFFs: ExifTool tells some of them apart by nothing but the extension. */
const RAW_IN_TIFF: readonly ImageFormat[] = ['dng', 'nef', 'arw', 'pef', 'srw'];

export function extensionOf({ format, extension }: Pick<FileHint, 'format' | 'extension'>): string {
  if (format !== 'tiff') return FORMATS[format].extensions[0];
  const words: readonly string[] = RAW_IN_TIFF.flatMap((raw) => FORMATS[raw].extensions);
  return words.find((word) => word === extension) ?? FORMATS.tiff.extensions[0];
}

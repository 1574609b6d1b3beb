// Cameras' own formats.
import type { ImageFormat } from '@tintype/core/contract';

/** ExifTool knows more of them than any other reader. */
export const RAW_FORMATS: readonly ImageFormat[] = [
  'dng',
  'nef',
  'arw',
  'pef',
  'srw',
  'cr2',
  'cr3',
  'raf',
  'orf',
  'rw2',
  'crw',
  'mrw',
  'x3f',
];

export function isRaw(format: string): boolean {
  return RAW_FORMATS.some((raw) => raw === format);
}

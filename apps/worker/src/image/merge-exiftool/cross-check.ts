// Where ExifTool and our own readers do not agree about the picture.
import type { Metadata } from '@tintype/core/contract';
import { disagreement } from '../disagreement.ts';
import { isRaw } from '../raw-formats.ts';
import type { ExifToolFacts } from './facts.ts';
import { statedBitDepth, statedFrames, statedSize } from './stated-picture.ts';

const TOOL = 'ExifTool';

/** One warning for each fact that both know and tell differently; both values stand in it. */
export function crossCheckExifTool(document: Metadata, facts: ExifToolFacts): Metadata {
  const { file, image, animation } = document;
  if (isRaw(file.format)) return document;
  const size = statedSize(file.format, facts);
  // Whoever stops early counts fewer.
  const frames = file.truncated === true ? undefined : statedFrames(file.format, facts);
  const warnings = [
    ...disagreement('image.storedWidth', image.storedWidth, size?.width, TOOL),
    ...disagreement('image.storedHeight', image.storedHeight, size?.height, TOOL),
    ...disagreement('image.bitDepth', image.bitDepth, statedBitDepth(file.format, facts), TOOL),
    ...disagreement('image.pages', animation?.frames ?? image.pages, frames, TOOL),
  ];
  return warnings.length === 0 ? document : { ...document, warnings: [...document.warnings, ...warnings] };
}

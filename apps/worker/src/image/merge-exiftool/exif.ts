// EXIF where our reader has none, single fields that it misses, and of raw files every tag.
import type { Metadata } from '@tintype/core/contract';
import { known } from '../known.ts';
import { isRaw } from '../raw-formats.ts';
import { describeExif } from '../tags/exif-describe.ts';
import { exifTagsOf, isDescribed } from './exif-tags.ts';
import { binaryBytes, type ExifToolFacts } from './facts.ts';
import { fillSection } from './fill-section.ts';

export function mergeExif(document: Metadata, facts: ExifToolFacts): Metadata {
  const tags = exifTagsOf(facts);
  if (!isDescribed(tags, document.file.format)) return document;
  const bytes = binaryBytes(facts.value('IFD1:ThumbnailImage'));
  const described = describeExif(tags, bytes === undefined ? undefined : { bytes });
  const theirs = known({ ...described, lensModel: described.lensModel ?? lensOf(facts) });
  const filled = fillSection(document, 'exif', theirs);
  const { exif: own, file } = document;
  if (own === null || filled.exif === null || !isRaw(file.format)) return filled;
  // The tags of a raw file's first directory may be all that our reader saw.
  return { ...filled, exif: { ...filled.exif, tags: { ...tags, ...own.tags } } };
}

/** Some cameras name the lens in their own notes alone. */
function lensOf({ tags, text }: ExifToolFacts): string | undefined {
  const named = tags.find(({ family, name }) => family === 'MakerNotes' && name === 'LensModel');
  return named && text(`${named.group}:${named.name}`);
}

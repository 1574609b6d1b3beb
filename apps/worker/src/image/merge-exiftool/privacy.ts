// What would leak and what lies inside, as makers' notes and blocks that only ExifTool reads tell it.
import type { Metadata } from '@tintype/core/contract';
import { OWNER, SERIAL } from '../personal-tags.ts';
import { binaryBytes, type ExifToolFacts, type ExifToolTag } from './facts.ts';

const PLACE = /^GPS(Latitude|Longitude|Position|Coordinates)$/;
const PREVIEW = /^(ThumbnailImage|PreviewImage|JpgFromRaw|PhotoshopThumbnail)$/;
/** What ExifTool takes for a preview there is the picture itself, coded as JPEG. */
const PREVIEW_IN_TIFF = /^(ThumbnailImage|PhotoshopThumbnail)$/;

/** Of profiles, which are everybody's, and of what is composed or not of the file. */
const IMPERSONAL = new Set(['ICC_Profile', 'Composite', 'File', 'ExifTool']);

export function mergePrivacy(document: Metadata, { tags }: ExifToolFacts): Metadata {
  const { privacy, has } = document;
  const personal = tags.filter(({ family, value }) => !IMPERSONAL.has(family) && says(value));
  const some = (pattern: RegExp) => personal.some(({ name }) => pattern.test(name));
  const preview = document.file.format === 'tiff' ? PREVIEW_IN_TIFF : PREVIEW;
  const hasPreview = tags.some(({ name, value }) => preview.test(name) && binaryBytes(value) !== undefined);
  return {
    ...document,
    has: { ...has, thumbnail: has.thumbnail || hasPreview },
    privacy: {
      ...privacy,
      hasGps:
        privacy.hasGps || document.gps?.latitude !== undefined || (document.gps === null && some(PLACE)),
      hasSerialNumbers: privacy.hasSerialNumbers || some(SERIAL),
      hasOwner: privacy.hasOwner || some(OWNER) || personal.some(isCreator),
    },
  };
}

/** Elsewhere a creator is a program. */
function isCreator({ group, name }: ExifToolTag): boolean {
  return group === 'XMP-dc' && (name === 'Creator' || name === 'Rights');
}

/** Cameras fill what they do not know with blanks and zeros. */
function says(value: unknown): boolean {
  return typeof value === 'string' ? /[^\s0.]/.test(value) : value !== undefined && value !== null;
}

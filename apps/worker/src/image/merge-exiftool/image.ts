// The picture's size, turn, depth and frames where our readers do not know them. Of a raw file, the larger size is the sensor's: ours
// may be a preview's.
import type { ImageFormat, Metadata } from '@tintype/core/contract';
import { describeSize, turned } from '../displayed-size.ts';
import { known } from '../known.ts';
import { isRaw } from '../raw-formats.ts';
import { TURNED_BY_CONTAINER } from '../turned-by-container.ts';
import type { ExifToolFacts } from './facts.ts';
import { area, type RawPicture, rawPictureOf } from './raw-picture.ts';
import { type Size, sizeOf, statedBitDepth, statedFrames, statedSize } from './stated-picture.ts';

type Image = Metadata['image'];

export function mergeImage(document: Metadata, facts: ExifToolFacts): Metadata {
  const { image } = document;
  const picture = pictureOf(document, facts);
  const orientation = image.orientation ?? orientationOf(document, facts);
  const stored = sizeOf([image.storedWidth, image.storedHeight]);
  const isTurned = orientation !== image.orientation && stored !== undefined;
  const merged: Image = known({
    ...image,
    ...(picture.stored !== undefined || isTurned ? sizesOf(picture, stored, orientation) : {}),
    orientation,
    bitDepth: image.bitDepth ?? picture.bitDepth,
    pages: image.pages ?? statedFrames(document.file.format, facts),
  });
  const fields = (Object.keys(merged) as (keyof Image)[]).filter((field) => merged[field] !== image[field]);
  const sources = Object.fromEntries(fields.map((field) => [`image.${field}`, 'exiftool']));
  return { ...document, image: merged, sources: { ...document.sources, ...sources } };
}

/** `stored` only where it is to be put in. */
function pictureOf({ file, image }: Metadata, facts: ExifToolFacts): RawPicture {
  const own = sizeOf([image.storedWidth, image.storedHeight]);
  if (isRaw(file.format)) {
    const { stored, shown, bitDepth } = rawPictureOf(facts);
    const isBetter = stored !== undefined && (own === undefined || area(stored) > area(own));
    return isBetter ? known({ stored, shown, bitDepth }) : known({ bitDepth });
  }
  const stored = own === undefined ? statedSize(file.format, facts) : undefined;
  return known({ stored, bitDepth: statedBitDepth(file.format, facts) });
}

/** Where our reader found EXIF, it found the orientation too; where the container turns the picture, nothing else does. */
function orientationOf({ file, sources }: Metadata, facts: ExifToolFacts): number | undefined {
  const isWanted = isRaw(file.format) || sources.exif === 'exiftool';
  const orientation = facts.number('IFD0:Orientation');
  const isOne = orientation !== undefined && [1, 2, 3, 4, 5, 6, 7, 8].includes(orientation);
  return isWanted && isOne && !TURNED_BY_CONTAINER.has(file.format as ImageFormat) ? orientation : undefined;
}

function sizesOf(
  { stored, shown }: RawPicture,
  own: Size | undefined,
  orientation: number | undefined,
): Partial<Image> {
  const upright = shown ?? stored ?? own;
  if (upright === undefined) return {};
  return known({
    ...describeSize(turned(upright, orientation)),
    storedWidth: stored?.width ?? own?.width,
    storedHeight: stored?.height ?? own?.height,
  });
}

// What would leak if the file were published as it is.
import type { Metadata } from '@tintype/core/contract';
import { OWNER, SERIAL } from './personal-tags.ts';
import { readHeader } from './read-header.ts';
import type { TagReading } from './read-tags.ts';

const OWNER_IPTC = ['byline', 'credit', 'copyright'] as const;

/** Crops of less than this are rounding. */
const ASPECT_TOLERANCE = 0.05;

export function describePrivacy(
  image: Metadata['image'],
  tags: TagReading,
  gps: Metadata['gps'],
): Metadata['privacy'] {
  const names = Object.keys(tags.exif.exif?.tags ?? {});
  return {
    hasGps:
      gps?.latitude !== undefined ||
      names.some((name) => /^GPS(Latitude|Longitude|DestLatitude)$/.test(name)),
    hasSerialNumbers: names.some((name) => SERIAL.test(name)) || tags.xmp.hasSerial === true,
    hasOwner:
      names.some((name) => OWNER.test(name)) ||
      OWNER_IPTC.some((name) => tags.iptc.iptc?.[name] !== undefined) ||
      tags.xmp.hasOwner === true,
    thumbnailLeaks: thumbnailLeaks(image, tags),
  };
}

/** DCF wants previews of this size whatever the picture's shape, with black bars. */
const DCF_PREVIEW = { width: 160, height: 120 };

/** A preview of another shape shows what was cut away; one with tags of its own may tell where. */
function thumbnailLeaks({ storedWidth, storedHeight }: Metadata['image'], { exif }: TagReading): boolean {
  if (exif.thumbnail === undefined || !storedWidth || !storedHeight) return false;
  const { image, blocks } = readHeader(exif.thumbnail, 'jpeg');
  if (blocks.exif !== undefined) return true;
  const { storedWidth: width, storedHeight: height } = image;
  if (!width || !height || (width === DCF_PREVIEW.width && height === DCF_PREVIEW.height)) return false;
  const [preview, picture] = [width / height, storedWidth / storedHeight];
  const isSame = (ratio: number) => Math.abs(ratio - 1) <= ASPECT_TOLERANCE;
  return !isSame(preview / picture) && !isSame(preview * picture);
}

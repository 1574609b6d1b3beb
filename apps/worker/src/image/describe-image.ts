// Size as stored and as displayed, depth, channels, alpha, density, pages.
import type { ImageFormat, Metadata } from '@tintype/core/contract';
import { describeSize, type Sides, turned } from './displayed-size.ts';
import type { Header, HeaderImage } from './header.ts';
import { known } from './known.ts';
import type { TagReading } from './read-tags.ts';
import { TURNED_BY_CONTAINER } from './turned-by-container.ts';

export function describeImage({ image }: Header, format: ImageFormat, tags: TagReading): Metadata['image'] {
  const orientation = image.orientation ?? tags.exif.orientation ?? tags.xmp.orientation;
  const turn = TURNED_BY_CONTAINER.has(format) ? image.orientation : orientation;
  return known({
    ...describeSize(displayedSize(image, turn)),
    storedWidth: image.storedWidth,
    storedHeight: image.storedHeight,
    orientation,
    transform: image.transform,
    bitDepth: image.bitDepth,
    channels: image.channels,
    hasAlpha: image.hasAlpha,
    density: densityOf(image, tags),
    pages: image.pages,
  });
}

/** What the format itself says of the displayed size is the last word. */
function displayedSize(image: HeaderImage, orientation: number | undefined): Sides {
  const { displayWidth, displayHeight, storedWidth: width, storedHeight: height } = image;
  if (displayWidth !== undefined && displayHeight !== undefined)
    return { width: displayWidth, height: displayHeight };
  return turned({ width, height }, orientation);
}

/** libvips invents 72 where a file says nothing: density comes from the file alone. */
function densityOf(
  { density }: HeaderImage,
  { exif, photoshop }: TagReading,
): NonNullable<Metadata['image']['density']> | undefined {
  // JFIF's density is what programs leave there; EXIF knows better. Other formats mean what they say.
  if (density !== undefined && density.source !== 'jfif') return density;
  if (exif.density !== undefined) return { ...exif.density, unit: 'inch', source: 'exif' };
  if (density !== undefined) return density;
  return photoshop.density && { ...photoshop.density, unit: 'inch', source: 'photoshop' };
}

// Which tool, or which block of the file, each part of the document comes from.
import type { Metadata } from '@tintype/core/contract';
import type { Header } from './header.ts';
import { known } from './known.ts';
import type { PixelReading } from './pixels/read-pixels.ts';
import type { TagReading } from './read-tags.ts';

export interface Told {
  header: Header;
  tags: TagReading;
  pixels: PixelReading;
  image: Metadata['image'];
  /** The header told no size, and libvips did. */
  sizedBySharp: boolean;
}

export function sourcesOf({ header, tags, pixels, image, sizedBySharp }: Told): Metadata['sources'] {
  const when = (there: unknown, source: string) =>
    there === undefined || there === null ? undefined : source;
  const { exif, iptc, xmp, icc } = tags;
  const facts = pixels.facts;
  return known({
    file: 'header',
    image: sizedBySharp ? 'sharp' : 'header',
    'image.orientation': when(image.orientation, orientationSource(header, tags)),
    'image.density': image.density?.source,
    'image.isOpaque': when(facts.isOpaque, 'pixels'),
    encoding: 'header',
    compression: 'header',
    color: 'header',
    icc: when(icc.icc, 'icc'),
    animation: when(header.animation, 'header'),
    exif: when(exif.exif, 'exif'),
    gps: exif.gps === null ? when(xmp.gps, 'xmp') : 'exif',
    iptc: when(iptc.iptc, 'iptc'),
    xmp: when(xmp.xmp, 'xmp'),
    'hashes.sha256': 'upload',
    'hashes.phash': when(facts.phash, 'pixels'),
    'hashes.dhash': when(facts.dhash, 'pixels'),
    placeholder: when(facts.placeholder, 'pixels'),
    palette: when(facts.palette, 'pixels'),
    stats: when(facts.stats, 'pixels'),
  }) as Metadata['sources'];
}

function orientationSource({ image }: Header, { exif }: TagReading): string {
  if (image.orientation !== undefined) return 'header';
  return exif.orientation === undefined ? 'xmp' : 'exif';
}

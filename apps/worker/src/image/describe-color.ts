// Colour as the header tells it, and as profile, EXIF and XMP add to it.
import type { Metadata } from '@tintype/core/contract';
import { cicpWords } from './cicp.ts';
import type { Header } from './header.ts';
import { known } from './known.ts';
import type { TagReading } from './read-tags.ts';

/** Names of profiles that are a standard colour space under any of its usual titles. */
const PROFILE_SPACES: readonly [pattern: RegExp, space: string][] = [
  [/^s?rgb (iec61966|built-in)|^srgb\b|^c2$|^uRGB$/i, 'srgb'],
  [/display p3/i, 'display-p3'],
  [/adobe ?rgb/i, 'adobe-rgb'],
  [/prophoto|romm/i, 'prophoto-rgb'],
  [/rec\.? ?2020|bt\.? ?2020/i, 'bt2020'],
];

export function describeColor({ color }: Header, { icc, exif, xmp }: TagReading): Metadata['color'] {
  const profile = icc.icc?.description;
  const named = PROFILE_SPACES.find(([pattern]) => profile !== undefined && pattern.test(profile))?.[1];
  const tagged = exif.exif?.colorSpace === 'uncalibrated' ? undefined : exif.exif?.colorSpace;
  // Matrix and range in a profile are those of its own samples, not of the file's.
  const coded = icc.cicp && cicpWords(icc.cicp);
  const hdr = xmp.gainMap === undefined ? color.hdr : { standard: xmp.gainMap, ...color.hdr, gainMap: true };
  return known({
    ...color,
    space: color.space ?? coded?.space ?? named ?? (icc.icc === null ? tagged : undefined),
    transfer: color.transfer ?? coded?.transfer,
    primaries: color.primaries ?? coded?.primaries,
    hdr,
  });
}

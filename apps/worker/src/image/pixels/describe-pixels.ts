// All facts that one small picture gives.
import type { Metadata } from '@tintype/core/contract';
import { dhashOf, phashOf } from './hashes.ts';
import { paletteOf } from './palette.ts';
import { placeholderOf } from './placeholder.ts';
import { lumaOf, onWhite, type Raster } from './raster.ts';
import { type ChannelName, statsOf } from './statistics.ts';

export type PixelFacts = Pick<Metadata['image'], 'isOpaque'> &
  Pick<Metadata['hashes'], 'phash' | 'dhash'> &
  Pick<Metadata, 'placeholder' | 'dominantColor' | 'palette' | 'stats'>;

/** isOpaque is not among them: a small picture can not tell. A picture that is all transparent has no colours. */
export function describePixels(
  raster: Raster,
  { stats, isGray, hasAlpha }: { stats: boolean; isGray: boolean; hasAlpha: boolean },
): PixelFacts {
  const white = onWhite(raster);
  const luma = lumaOf(white);
  const palette = paletteOf(raster);
  const [dominantColor] = palette;
  return {
    phash: phashOf(luma),
    dhash: dhashOf(luma),
    placeholder: placeholderOf(raster, white),
    ...(dominantColor !== undefined && { dominantColor, palette }),
    ...(stats && { stats: statsOf(raster, luma, channelNames(isGray, hasAlpha)) }),
  };
}

function channelNames(isGray: boolean, hasAlpha: boolean): ChannelName[] {
  const colours: ChannelName[] = isGray ? ['gray'] : ['red', 'green', 'blue'];
  return hasAlpha ? [...colours, 'alpha'] : colours;
}
